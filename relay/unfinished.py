"""What is half-way: messages heard in part, and bytes that a line does not take.

Nobody has to finish theirs, so either is bounded in all. When all connections together hold too
much, those who have been at it the longest are cut off; who finishes soon never notices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

MOST_HEARD = 64 * 1024 * 1024
MOST_UNSENT = 128 * 1024 * 1024

CutOff: TypeAlias = Callable[[], None]


class Unfinished:
    """How much each holds, in the order in which they began; each by what cuts it off."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._sizes: dict[CutOff, int] = {}
        self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes held in all."""
        return self._bytes

    def hold(self, who: CutOff, size: int) -> None:
        """So much of something unfinished is held now; 0 when it is finished or gone."""
        self._bytes += size - self._sizes.get(who, 0)
        if size:
            self._sizes[who] = size
        else:
            self._sizes.pop(who, None)
        while self._bytes > self._most_bytes:
            longest = next(iter(self._sizes))
            self._bytes -= self._sizes.pop(longest)
            longest()
