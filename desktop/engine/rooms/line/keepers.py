"""The rooms I sit in: which there are, and the task that runs them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import trio

from desktop.engine.ground import Bell, Ground
from desktop.store.rooms.wanted import wanted
from protocol.ids import RoomId
from protocol.wire.frames.room_entries import Lane

if TYPE_CHECKING:
    from desktop.engine.lines.line import Line
    from desktop.engine.rooms.asides.letterbox import Letterbox
    from desktop.engine.rooms.line.keeper import RoomKeeper

# Which lane of a room each concerns; all that is done for it, where it is none.
_BELLS = {Bell.ROOMS: None, Bell.STAGE: Lane.STAGE, Bell.DESK: Lane.DESK}


class RoomKeepers:
    """Of one open profile."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._by_id: dict[RoomId, RoomKeeper] = {}
        self._start, self._to_start = trio.open_memory_channel["RoomKeeper"](math.inf)

    async def run(self) -> None:
        """Sit down where I sat, and wherever I sit down next."""
        async with trio.open_nursery() as nursery:
            for bell in _BELLS:
                nursery.start_soon(self._pass_on, bell)
            for room_id in await self._ground.vault.read(wanted):
                self.sit(room_id)
            async for keeper in self._to_start:
                nursery.start_soon(self._keep, keeper)

    def sit(self, room_id: RoomId) -> RoomKeeper:
        """Keep a line to this room, which is in the vault and wanted."""
        from desktop.engine.rooms.line.keeper import RoomKeeper  # noqa: PLC0415 - few starts need it

        keeper = self._by_id.get(room_id)
        if keeper is None:
            keeper = self._by_id[room_id] = RoomKeeper(self._ground, room_id)
            self._start.send_nowait(keeper)
        return keeper

    def find(self, room_id: RoomId) -> RoomKeeper | None:
        """One that I sit in, or am about to."""
        return self._by_id.get(room_id)

    def line_of(self, room_id: RoomId) -> Line | None:
        """Its line, if there is one at this moment."""
        keeper = self._by_id.get(room_id)
        return None if keeper is None else keeper.line

    def every(self) -> list[RoomKeeper]:
        """All of them."""
        return list(self._by_id.values())

    def boxes(self) -> list[Letterbox]:
        """Those on lines of their own rooms."""
        return [one.sitting.box for one in self._by_id.values() if one.sitting is not None]

    async def _keep(self, keeper: RoomKeeper) -> None:
        try:
            await keeper.run()
        finally:
            if self._by_id.get(keeper.room_id) is keeper:
                del self._by_id[keeper.room_id]

    async def _pass_on(self, bell: Bell) -> None:
        while True:
            await self._ground.bells[bell].wait()
            for keeper in self._by_id.values():
                if keeper.sitting is not None:
                    keeper.sitting.ring(_BELLS[bell])
