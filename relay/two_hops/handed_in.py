"""Who hears at once what became of a packet: the connection that handed it in, while it is there.

A hint and no more: the answer is in the store until its sender says that it has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from protocol.wire.frames import Answered

Told: TypeAlias = Callable[[Answered], None]


class HandedIn:
    """Connections by the tickets they wait for."""

    def __init__(self) -> None:
        self._told: dict[bytes, Told] = {}

    def note(self, ticket: bytes, told: Told) -> None:
        """Whoever handed it in last is told."""
        self._told[ticket] = told

    def leave(self, ticket: bytes, told: Told) -> None:
        """It is not told any more."""
        if self._told.get(ticket) == told:
            del self._told[ticket]

    def tell(self, answered: Answered) -> None:
        """To whom it concerns, once."""
        told = self._told.pop(answered.ticket, None)
        if told is not None:
            told(answered)

    def __len__(self) -> int:
        return len(self._told)
