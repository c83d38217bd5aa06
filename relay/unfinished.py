"""Messages that were heard in part: bounded in all, since nobody has to finish theirs.

Each connection may be in the middle of a large one. When all of them together hold too much, those
who have been at theirs the longest are cut off; who finishes soon never notices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

MOST_BYTES = 64 * 1024 * 1024

CutOff: TypeAlias = Callable[[], None]


class Unfinished:
    """How much each holds, in the order in which they began; each by what cuts it off."""

    def __init__(self) -> None:
        self._sizes: dict[CutOff, int] = {}
        self._bytes = 0

    def hold(self, who: CutOff, size: int) -> None:
        """So much of an unfinished message is held now; 0 when it is finished or gone."""
        self._bytes += size - self._sizes.get(who, 0)
        if size:
            self._sizes[who] = size
        else:
            self._sizes.pop(who, None)
        while self._bytes > MOST_BYTES:
            longest = next(iter(self._sizes))
            self._bytes -= self._sizes.pop(longest)
            longest()
