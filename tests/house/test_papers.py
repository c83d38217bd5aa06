"""What the papers of the project name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, name_of

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
QUOTED = re.compile(r"`([^`\n]+)`")
LOOKS_LIKE_A_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?:/|\.(?:py|md|toml|sh|lock|sql|png|svg))")
MAKE = re.compile(r"`make ([a-z]+)")


def read(path: Path) -> str:
    """Without comments, which nobody sees."""
    return re.sub(r"<!--.*?-->", "", path.read_text("utf-8"), flags=re.DOTALL)


def linked(text: str) -> set[str]:
    return {to for to in LINK.findall(text) if "://" not in to and not to.startswith("mailto:")}


def quoted_files(text: str) -> set[str]:
    return {word for word in QUOTED.findall(text) if LOOKS_LIKE_A_FILE.fullmatch(word)}


@pytest.mark.parametrize("path", files("*.md"), ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    lost = {to for to in linked(read(path)) if not (path.parent / to).exists()}
    assert not lost


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "packaging/README.md"])
def test_files_and_targets_that_are_named_exist(name: str) -> None:
    path = ROOT / name
    text = read(path)
    made = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    lost = {
        file
        for file in quoted_files(text)
        if file not in made and not (ROOT / file).exists() and not (path.parent / file).exists()
    }
    assert not lost
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert {t for t in MAKE.findall(text) if not re.search(rf"^{t}:", makefile, re.M)} == set()


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"])
def test_the_papers_are_there(name: str) -> None:
    assert (ROOT / name).read_text("utf-8").strip()


def test_the_front_page_shows_a_picture_and_the_two_commands() -> None:
    text = read(ROOT / "README.md")
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+\.png)\)|<img[^>]+src=\"([^\"]+\.png)\"", text)
    assert [to for pair in pictures for to in pair if to and (ROOT / to).is_file()]
    for command in ("make demo", "make test"):
        assert re.search(rf"^\s*{command}\b", text, re.MULTILINE)


def test_every_promised_target_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("demo", "test", "lint", "bench", "faults", "screenshots"):
        assert re.search(rf"^{target}: setup$", makefile, re.MULTILINE)


def test_the_readers_of_papers_see() -> None:
    assert linked("[a](b/c.md#d) and [e](https://example.org)") == {"b/c.md"}
    assert quoted_files("`tests/house/` and `a.py`, not `make test` or `DIR`") == {
        "tests/house/",
        "a.py",
    }
