"""Words of strangers as they may be shown: without controls and without what turns text around.

What they mean stays: ``<img src=…>`` and addresses are plain text here, and the screens show them
as that.
"""

from __future__ import annotations

from protocol.e2e.names import may_stay

MOST_BREAKS = 20


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
