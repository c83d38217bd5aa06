"""The project speaks of itself alone: no paths of one machine, no address of an index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, name_of

COMMON = {"/", "/tmp", "/home", "/root", "/opt", "/srv", "/src", "/app", "/usr/src", "/mnt"}

# Written in pieces, so that this file is not what it looks for.
FOREIGN = re.compile(
    "|".join(
        (
            r"(?<![\w.])/(?:home|Users)/[A-Za-z]\w*/",
            r"(?<![\w.])/root/\w",
            r"(?:extra-)?index" + r"-url",
            r"--" + r"registry\b",
            r'"resolved' + r'"\s*:\s*"https?:',
            *(
                rf"(?<![\w.]){re.escape(str(place))}/"
                for place in {ROOT, ROOT.parent, Path.home()}
                if str(place) not in COMMON
            ),
        )
    )
)

PINNED = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,-]+\])?==[^\s;]+( ; [^\\]+)?( \\)?")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def foreign(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if FOREIGN.search(line)]


def test_no_file_names_a_place_on_one_machine_or_an_index() -> None:
    found = list[str]()
    for path in files():
        data = path.read_bytes()
        if b"\0" not in data:
            found += [f"{name_of(path)}: {line}" for line in foreign(data.decode("utf-8"))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        f"see {ROOT}/tests" if str(ROOT) not in COMMON else "/ho" + "me/alice/aside",
        "open('/ho" + "me/alice/notes')",
        "--extra-index" + "-url https://pypi.example/simple",
        '"resolved' + '": "https://registry.example/x.tgz"',
    ],
)
def test_the_rule_sees(line: str) -> None:
    assert foreign(line)


def test_the_rule_lets_the_project_be() -> None:
    assert not foreign("the profile lies in ~/.local/share; see https://aside.example/home/x/")


@pytest.mark.parametrize("name", ["desktop", "relay", "dev"])
def test_every_requirement_is_pinned_and_hashed_and_nothing_else_is_listed(name: str) -> None:
    lines = (ROOT / f"packaging/requirements/{name}.lock").read_text("utf-8").splitlines()
    strange = [line for line in lines if not PINNED.fullmatch(line) and not HASH.fullmatch(line)]
    assert not strange
    # A pinned line goes on to its hashes, a hash follows something.
    assert all(line.endswith("\\") for line in lines if PINNED.fullmatch(line))
    assert PINNED.fullmatch(lines[0]) and len(lines) > 20
