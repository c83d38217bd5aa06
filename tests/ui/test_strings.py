"""Every error a person can meet has a sentence of its own, and the sentences need no Qt."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.core import errors
from desktop.core.errors import AsideError
from desktop.ui.conversation import strings as conversation_words
from desktop.ui.strings import sentence

LEAVES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, AsideError) and not kind.__subclasses__()
]


def instance(kind: type[AsideError]) -> AsideError:
    return errors.TextTooLong(60_000) if kind is errors.TextTooLong else kind()


@pytest.mark.parametrize("kind", LEAVES)
def test_every_leaf_has_a_sentence(kind: type[AsideError]) -> None:
    said = sentence(instance(kind))
    assert said.endswith(".")
    assert len(said) < 240
    for word in ("mailbox", "envelope", "E2EE", "fingerprint", "capability", "Error"):
        assert word.casefold() not in said.casefold()


def test_no_two_leaves_say_the_same() -> None:
    assert len({sentence(instance(kind)) for kind in LEAVES}) == len(LEAVES)


def test_the_limit_is_named() -> None:
    assert "60,000" in sentence(errors.TextTooLong(60_000))


def test_the_sentences_come_without_a_window() -> None:
    found = [path.with_suffix("").parts for path in Path("desktop/ui").rglob("strings.py")]
    assert len(found) > 5
    modules = ", ".join(".".join(parts) for parts in found)
    code = f"import sys, {modules}; sys.exit(any('PySide6' in m for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("letter", ["a", "é", "字", "🎉"])
def test_what_is_too_long_is_said_in_the_letters_of_whoever_wrote_it(letter: str) -> None:
    size = len(letter.encode())
    text = letter * (1200 // size + 7)
    said = conversation_words.too_long(text, 1200)
    assert f"{1200 // size:,} fit, 7 do not" in said
