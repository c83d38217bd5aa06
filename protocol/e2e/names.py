"""Names that people tell of themselves, as they may be shown beside somebody else's.

A name is one line of visible characters. Controls and what turns the direction of the text around
are left out: they could make a name look like another's, or reach beyond it.
"""

from __future__ import annotations

import unicodedata

MAX_NAME = 64
_JOINERS = "\u200c\u200d"  # of Persian and Indic words, and of emoji


def clean(name: str) -> str:
    """What of a name may be shown; empty where that is nothing."""
    visible = "".join(char for char in " ".join(name.split()) if may_stay(char))
    line = " ".join(visible.split())[:MAX_NAME]
    return line if line.strip(_JOINERS + " ") else ""


def may_stay(char: str) -> bool:
    """Whether a stranger's character may be shown at all."""
    return char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
