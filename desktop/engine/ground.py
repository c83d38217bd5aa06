"""What the open profile's tasks stand on, and the order of every step: save, then speak (law 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.events import Event, MessageReceived
from desktop.engine.doorbell import Doorbell
from desktop.engine.lines.nudges import Nudges
from desktop.engine.lines.outward import Outward
from desktop.engine.presence.presences import Presences
from desktop.engine.relays.unanswered import Unanswered
from desktop.engine.relays.ways import Ways
from desktop.engine.rooms.line.clocks import RoomClocks
from desktop.engine.timings import Timings
from desktop.engine.vault_door import VaultDoor
from desktop.engine.witness import Witness
from desktop.store.me import Me
from protocol.keys import Rng

T = TypeVar("T")


class Bell(Enum):
    """Whose work a transaction may have made."""

    SEAL = "seal"  # contents wait to be sealed
    POST = "post"  # envelopes wait to be deposited
    RECEIPTS = "receipts"  # receipts are owed
    REPAIR = "repair"  # something has to be asked for again
    TELL = "tell"  # a relay has to be told of a capability
    SESSION = "session"  # something waits for a device with which there is no session
    LOOK = "look"  # what was handed on is to be looked at after a while
    ROOM = "room"  # another relay refused a packet for want of room
    ORDERS = "orders"  # a room's relay has to be told of an order, a policy, an epoch or wraps
    COUNT = "count"  # something came to a desk that the stage has yet to see
    LETTERS = "letters"  # a letter to a room's seat waits to be left
    ASIDES = "asides"  # a letter was left or refused, an answer came, or somebody came with a link
    PUBLISH = "publish"  # contacts have to be told where my presence stands, or a relay is there
    WATCH = "watch"  # contacts told where theirs stands
    ROOMS = "rooms"  # something is to be ordered, counted or written in a room
    STAGE = "stage"  # something is to be said on a room's stage, or what I said was heard
    DESK = "desk"  # the same of its desk


@dataclass
class Said:
    """What a transaction wants said once it is on disk: events outward, bells inward."""

    events: list[Event] = field(default_factory=list[Event])
    bells: set[Bell] = field(default_factory=set[Bell])


class Ground(Struct, frozen=True):
    """The vault, and what is passed in because it is not ours to invent: clock, chance, streams."""

    vault: VaultDoor
    me: Me
    now: Callable[[], int]
    rng: Rng
    chance: Callable[[], float]
    outward: Outward
    timings: Timings
    emit: Callable[[Event], None]
    bells: dict[Bell, Doorbell]
    nudges: Nudges
    unanswered: Unanswered
    ways: Ways
    witness: Witness
    presences: Presences
    room_clocks: RoomClocks

    async def do(self, work: Callable[[Connection, Said], T]) -> T:
        """Do ``work`` in the next transaction; when it is on disk, say what it wants said."""

        def run(db: Connection) -> tuple[T, Said]:
            said = Said()
            return work(db, said), said

        value, said = await self.vault.transact(run)
        for event in said.events:
            self.emit(event)
            if isinstance(event, MessageReceived):
                self.presences.wrote(event.message.sender_id)
        for bell in said.bells:
            self.bells[bell].ring()
        return value
