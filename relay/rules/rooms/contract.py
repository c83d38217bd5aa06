"""What rooms need from a disk; see :mod:`relay.rules.store`, whose transaction is around it."""

from __future__ import annotations

from typing import Protocol

from protocol.ids import LetterId, RoomId
from protocol.wire.frames.letters import BoxedLetter
from protocol.wire.frames.rooms import SignedCard, SignedPolicy
from relay.rules.rooms.asking import (
    FindItem,
    LoadRoom,
    ReadBox,
    ReadCards,
    ReadItems,
    RoomLoaded,
)
from relay.rules.rooms.changes import (
    Change,
)
from relay.rules.rooms.records import (
    KeptItem,
)


class Rooms(Protocol):
    """Rooms with all that is kept of them."""

    def owners(self) -> dict[RoomId, tuple[bytes, bool]]:
        """Of every room whose it is, and whether it has ended."""
        ...

    def add(
        self, room: RoomId, owner: bytes, policy: SignedPolicy, keeps_ms: int, age_ms: int
    ) -> None: ...

    def load(self, asked: LoadRoom, age_ms: int) -> RoomLoaded | None:
        """What has to be at hand of it; it was used at this age. A run that begins is kept."""
        ...

    def change(self, row: int, change: Change) -> None:
        """One of a room's; of one that is gone, nothing happens."""
        ...

    def items(self, asked: ReadItems) -> tuple[KeptItem, ...]:
        """Those behind a number, as many as asked for and as fit into a message."""
        ...

    def find_item(self, asked: FindItem) -> tuple[int, int] | None:
        """Run and number."""
        ...

    def cards(self, asked: ReadCards) -> tuple[tuple[int, SignedCard], ...]:
        """With the numbers of their seats."""
        ...

    def box(self, asked: ReadBox) -> tuple[BoxedLetter, ...]:
        """The next ones of a box, in order."""
        ...

    def has_letter(self, row: int, letter: LetterId) -> bool:
        """Whether it is or was here."""
        ...

    def expire(self, age_ms: int, idle_before_ms: int, boxes_ms: int, most: int) -> int:
        """Forget what at most so many rooms kept beyond their end, and then the rooms; how many
        they were. A room is over once it was not used since ``idle_before_ms``; boxes are kept
        for ``boxes_ms`` at least."""
        ...
