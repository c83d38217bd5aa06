"""Where a text has emoji, and how large they are drawn.

A font's emoji fill their square; letters of the same size stand above it. So they are a little
larger than the letters beside them, and a message of nothing but one to three is large.
"""

from __future__ import annotations

import re

from PySide6.QtGui import QTextCharFormat, QTextFormat, QTextLayout

from desktop.ui.messages.words import Span, units

_BESIDE, _ALONE = 1.25, 2.4
_FEW = 3
_MOST = 200  # stretches of them in one text; what comes after is as large as letters are

# What is shown in colour by itself, and what is after the sign that asks for it (U+FE0F).
_COLOURED = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1"
    "\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a"
    "\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201\U0001f21a\U0001f22f"
    "\U0001f232-\U0001f236\U0001f238-\U0001f23a\U0001f250\U0001f251\U0001f300-\U0001faff"
)
_ASKED = "[\u2190-\u2bff\u3030\u303d\u3297\u3299]\ufe0f"
_ONE = f"(?:[{_COLOURED}]\ufe0f?|{_ASKED})[\U0001f3fb-\U0001f3ff]?"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_EMOJI = re.compile(f"(?:{_FLAG}|{_ONE}(?:\u200d{_ONE})*)")
_FIRST = "\u2190"  # nothing below it is one


def emoji(text: str) -> list[Span]:
    """Where they stand, in UTF-16 units."""
    if not text or max(text) < _FIRST:
        return []
    found: list[Span] = []
    read = place = 0
    for hit in _EMOJI.finditer(text):
        place += units(text[read : hit.start()])
        found.append(Span(place, units(hit.group())))
        read, place = hit.end(), place + found[-1].length
    return found


def larger(text: str, size: int, most: float = _ALONE) -> list[QTextLayout.FormatRange]:
    """The look they have in a text whose letters have this size in pixels."""
    found = emoji(text)
    if not found:
        return []
    look = QTextCharFormat()
    look.setProperty(QTextFormat.Property.FontPixelSize, round(size * min(times(text), most)))
    made: list[QTextLayout.FormatRange] = []
    for start, length in found:
        if made and made[-1].start + made[-1].length == start:
            made[-1].length += length
        elif len(made) < _MOST:
            one = QTextLayout.FormatRange()
            one.start, one.length, one.format = start, length, look
            made.append(one)
    return made


def beside(text: str, size: int) -> list[QTextLayout.FormatRange]:
    """The same in one line among others, where a text of nothing else is no larger."""
    return larger(text, size, _BESIDE)


def times(text: str) -> float:
    """How many times as large as the letters they are in this text."""
    alone = len(text) <= 64 and not _EMOJI.sub("", text).strip()
    return _ALONE if alone and len(_EMOJI.findall(text)) <= _FEW else _BESIDE
