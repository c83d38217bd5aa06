"""Every room that an engine knows, followed for one client of ``aside rpc``.

Law: what was there when a client came, or when its profile was opened, is for the client to ask
for; everything after that is told. Between the two there is nothing: no answer is given before the
places of all rooms are known (:meth:`Hall.begun`). A room first heard of later is told from its
beginning.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, TypeAlias, assert_never

import trio

from desktop.core.errors import AsideError
from desktop.core.events import Event, ProfileChanged
from desktop.core.refused_orders import OrderRefused
from desktop.core.requests import Request, RequestId
from desktop.core.room_facade import (
    BoardChanged,
    DeskChanged,
    PeopleChanged,
    RequestsChanged,
    RoomChanged,
    RoomEvent,
    Rooms,
    RoomsChanged,
    StageMoved,
)
from desktop.core.rooms import RoomRow
from desktop.rpc.bugs import where
from desktop.rpc.rooms.reader import RoomReader
from desktop.rpc.rooms.shapes import shown
from desktop.rpc.rooms.telling import Tell, differing
from desktop.rpc.shapes import text_of
from protocol.ids import EntryId, RoomId

MOST_CHANGED: Final = 4096  # entries of one room that are something else now, while nobody reads

Knock: TypeAlias = RoomEvent | ProfileChanged


log = logging.getLogger(__name__)


@contextmanager
def _going_on(what: str) -> Generator[None]:
    """What was locked or forgotten meanwhile is not told of; a bug that one room met ends no other
    one's telling."""
    try:
        yield
    except AsideError:
        pass
    except Exception as exc:  # noqa: BLE001 -- said in the log, as for a request
        log.error("%s: %s at %s", what, type(exc).__name__, where(exc))  # noqa: TRY400


class Hall:
    """Heard by :meth:`hear`, read and told by one :meth:`run`."""

    def __init__(self, rooms: Rooms, tell: Tell) -> None:
        self._rooms, self._tell = rooms, tell
        self._readers: dict[RoomId, RoomReader] = {}
        self._rows: dict[RoomId, RoomRow] = {}
        self._requests: dict[RequestId, Request] = {}
        self._waiting: dict[Knock, None] = {}  # in the order of the first of each
        self._changed: dict[RoomId, dict[EntryId, None]] = {}
        self._knocked = trio.Event()
        self._begun = trio.Event()
        self._begun.set()

    def hear(self, event: Event | RoomEvent) -> None:
        """On the engine's thread, at any time. Knocks of one kind and room are one."""
        match event:
            case StageMoved(room_id, changed):
                names = self._changed.setdefault(room_id, {})
                names.update(dict.fromkeys(changed[: MOST_CHANGED - len(names)]))
                self._waiting[StageMoved(room_id)] = None
            case ProfileChanged():
                if self._begun.is_set():
                    self._begun = trio.Event()
                self._waiting.clear()
                self._changed.clear()
                self._waiting[event] = None
            case (
                RoomsChanged()
                | RoomChanged()
                | BoardChanged()
                | PeopleChanged()
                | DeskChanged()
                | RequestsChanged()
                | OrderRefused()
            ):
                self._waiting[event] = None
            case _:
                return
        self._knocked.set()

    async def begin(self) -> None:
        """From now on everything is told. While the profile is locked there is nothing to tell."""
        self._readers, self._rows, self._requests = {}, {}, {}
        with _going_on("begin"):
            self._rows = {row.room_id: row for row in await self._rooms.rooms()}
            self._requests = {one.request_id: one for one in await self._rooms.requests()}
        for row in self._rows.values():
            with _going_on("begin"):
                await self._reader(row.room_id).begin_here(inside=row.inside)
        if not any(isinstance(knock, ProfileChanged) for knock in self._waiting):
            self._begun.set()

    async def begun(self) -> None:
        """Until the places are known from which on everything is told."""
        await self._begun.wait()

    async def run(self) -> None:
        while True:
            await self._knocked.wait()
            self._knocked = trio.Event()
            while self._waiting:
                knock = next(iter(self._waiting))
                del self._waiting[knock]
                with _going_on(type(knock).__name__):
                    await self._read(knock)

    async def _read(self, knock: Knock) -> None:
        match knock:
            case ProfileChanged():
                await self.begin()
            case StageMoved(room_id):
                changed = self._changed.pop(room_id, {})
                await self._reader(room_id).stage.read(tuple(changed))
            case RoomChanged(room_id):
                await self._reader(room_id).read_room()
            case BoardChanged(room_id):
                await self._reader(room_id).read_board()
            case PeopleChanged(room_id):
                await self._reader(room_id).read_people()
            case DeskChanged(room_id):
                await self._reader(room_id).read_desk()
            case OrderRefused():
                await self._tell({"type": "room.order_refused", **shown(knock)})
            case RoomsChanged():
                await self._read_rooms()
            case RequestsChanged():
                await self._read_requests()
            case _:
                assert_never(knock)

    def _reader(self, room_id: RoomId) -> RoomReader:
        if room_id not in self._readers:
            self._readers[room_id] = RoomReader(self._rooms, room_id, self._tell)
        return self._readers[room_id]

    async def _read_rooms(self) -> None:
        rows = {row.room_id: row for row in await self._rooms.rooms()}
        news, gone = differing(self._rows, rows)
        self._rows = rows
        for room_id in gone:
            self._readers.pop(room_id, None)
        if news or gone:
            await self._tell(
                {
                    "type": "room.rooms",
                    "rooms": [shown(row) for row in news],
                    "gone": [text_of(room_id) for room_id in gone],
                }
            )

    async def _read_requests(self) -> None:
        requests = {one.request_id: one for one in await self._rooms.requests()}
        news = [one for name, one in requests.items() if name not in self._requests]
        self._requests = requests
        for request in reversed(news):
            await self._tell({"type": "request.received"} | shown(request))
