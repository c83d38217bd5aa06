"""Words of strangers as they may be shown: without controls and without what turns text around.

What they mean stays: ``<img src=…>`` and addresses are plain text here, and the screens show them
as that.
"""

from __future__ import annotations

import unicodedata

from protocol.e2e.names import may_stay

MOST_BREAKS = 20
MAX_SIGN = 16
_JOINS = "\ufe0f\u200d\u20e3"  # what makes one picture of several


def line(text: str, most: int) -> str:
    """One line of visible characters."""
    visible = "".join(char for char in " ".join(text.split()) if may_stay(char))
    return " ".join(visible.split())[:most].rstrip()


def lines(text: str, most: int) -> str:
    """Several lines, so many at most; what has more becomes one more line."""
    kept = [line(each, most) for each in text.splitlines()]
    if len(kept) > MOST_BREAKS:
        kept = [*kept[:MOST_BREAKS], line(" ".join(kept[MOST_BREAKS:]), most)]
    return "\n".join(kept).strip("\n")[:most].rstrip()


def sign(text: str) -> str:
    """A reaction's sign, if it is a picture; nothing where it is words: a stranger's words are not
    to stand under somebody else's entry."""
    drawn = [unicodedata.category(char) in ("So", "Sk") for char in text if char not in _JOINS]
    return text if drawn and all(drawn) and len(text) <= MAX_SIGN else ""
