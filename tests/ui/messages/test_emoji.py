"""Emoji are seen as large as letters; a few alone are large."""

from __future__ import annotations

import pytest

from desktop.ui.messages.emoji import emoji, times
from desktop.ui.messages.typeset import Typesetter
from desktop.ui.theme import Theme

TEA, WORKER, THUMB, FLAG = "🍵", "👩\u200d🏭", "👍🏽", "🇵🇹"


@pytest.mark.parametrize("one", [TEA, WORKER, THUMB, FLAG, "☕", "❤\ufe0f"])
def test_one_is_one_however_many_signs_it_has(one: str) -> None:
    said = f"So {one}!"
    (span,) = emoji(said)
    assert span == (3, len(one.encode("utf-16-le")) // 2)


@pytest.mark.parametrize("text", ["", "plain", "→ ✓ ❤ 4 © 明天 ①", "a\ufe0f"])
def test_signs_of_a_text_are_text(text: str) -> None:
    assert emoji(text) == []


def test_a_few_alone_are_large() -> None:
    assert times(TEA) == times(f"{TEA} {WORKER} {FLAG}") > 2
    assert times(f"And {TEA}") == times(TEA * 4) < 1.5


def test_lines_with_emoji_keep_the_rhythm(theme: Theme) -> None:
    body = Typesetter(theme.font("body"), theme.line("body"))
    assert body.measure(f"tea {TEA}", 400).height == body.measure("tea", 400).height
    assert body.measure(TEA, 400).height > 1.5 * body.measure("tea", 400).height
    assert body.measure(f"tea {TEA}", 400) == body.lines(b"1", f"tea {TEA}", 400).extent
