"""Bytes to lines, with a bound: what is longer is skipped up to its end and said to be too long."""

from __future__ import annotations

from enum import Enum, auto
from typing import TypeAlias

MAX_LINE = 1024 * 1024


class TooLong(Enum):
    """In place of a line over the bound."""

    LINE = auto()


Line: TypeAlias = bytes | TooLong


class Lines:
    """Feed it what comes; it holds one unfinished line at most, and never more than the bound."""

    def __init__(self, bound: int = MAX_LINE) -> None:
        self._bound = bound
        self._rest = bytearray()
        self._skipping = False

    def feed(self, chunk: bytes | bytearray) -> list[Line]:
        """The lines that are complete now, without their ends."""
        *ends, rest = chunk.split(b"\n")
        complete = [line for end in ends for line in self._end(end)]
        complete += self._more(rest)
        return complete

    def finish(self) -> list[Line]:
        """Nothing more will come: what stands without an end is the last line."""
        rest, self._rest = bytes(self._rest), bytearray()
        return [rest] if rest else []

    def _end(self, end: bytes | bytearray) -> list[Line]:
        found = self._more(end)
        if self._skipping:
            self._skipping = False
            return found
        line, self._rest = bytes(self._rest), bytearray()
        return [line]

    def _more(self, part: bytes | bytearray) -> list[Line]:
        if self._skipping:
            return []
        if len(self._rest) + len(part) <= self._bound:
            self._rest += part
            return []
        self._rest = bytearray()
        self._skipping = True
        return [TooLong.LINE]
