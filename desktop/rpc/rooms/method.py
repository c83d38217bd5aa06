"""What the methods about rooms have in common, and how what they name is read."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from desktop.core.room_facade import Rooms
from desktop.rpc.method import Method
from desktop.rpc.shapes import Shape, id_of
from protocol.ids import EntryId, RoomId, SeatId

Place: TypeAlias = Annotated[int, Meta(ge=-1, le=2**62)]  # -1 stands before the first
Seconds: TypeAlias = Annotated[int, Meta(ge=0, le=366 * 86_400)]


class RoomMethod(Method, frozen=True):
    """One call that needs no more of an engine than its rooms."""

    async def answer(self, engine: Rooms) -> Shape:
        raise NotImplementedError


class InRoom(RoomMethod, frozen=True):
    """A call that names a room."""

    room_id: str

    @property
    def room(self) -> RoomId:
        return RoomId(id_of(self.room_id))


def entry_of(name: str) -> EntryId:
    return EntryId(id_of(name))


def seat_of(name: str) -> SeatId:
    return SeatId(id_of(name))
