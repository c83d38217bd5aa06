"""Keeping one room that I sit in: its line, the seat on it, and the next try when it is lost."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import trio

from desktop.core.backoff import Schedule, pause
from desktop.core.errors import (
    AsideError,
    ProxyUnavailable,
    RelayKeyWrong,
    RelayUnavailable,
    RelayVersion,
    VaultFull,
)
from desktop.core.room_errors import RoomEnded, RoomKeyWrong, RoomRemoved
from desktop.core.room_facade import RoomChanged, RoomsChanged
from desktop.core.rooms import Line as Way
from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line, LineLost, ProxyLost
from desktop.engine.rooms.door import opening
from desktop.engine.rooms.line import standing
from desktop.engine.rooms.line.sitting import Sitting
from desktop.store.rooms import rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.errors import NoCommonVersion, RemoteProtocolError, WrongRelay
from protocol.ids import RoomId
from protocol.wire.frames.rooms import LeaveRoom, SeatState

_FOR_GOOD = (RoomEnded, RoomRemoved, RoomKeyWrong)


class RoomKeeper:
    """One room, from sitting down until I get up or am put out."""

    def __init__(self, ground: Ground, room_id: RoomId) -> None:
        self._ground = ground
        self.room_id = room_id
        self.way = Way.CONNECTING
        self.sitting: Sitting | None = None
        self.settled = trio.Event()  # sitting, waiting at the door, or turned away
        self.fault: AsideError | None = None  # why I was turned away last
        self.put_out = False  # and not asked yet whether it was taken back
        self.ended = trio.Event()
        self.scope = trio.CancelScope()

    @property
    def line(self) -> Line | None:
        """The room's own line, while my seat is on it."""
        return None if self.sitting is None else self.sitting.line

    async def run(self) -> None:
        """Until the room is left."""
        ground, timings = self._ground, self._ground.timings
        schedule = Schedule(timings.room_cap, timings.room_fresh, timings.retry_cap)
        attempts, lost = 0, trio.current_time()
        try:
            with self.scope:
                while True:
                    began = trio.current_time()
                    self._say(Way.CONNECTING if attempts == 0 else self.way)
                    after = await self._attempt()
                    if after is None:
                        return
                    if trio.current_time() - began > timings.steady:
                        attempts, lost = 0, trio.current_time()
                    if self.put_out:
                        self._say(Way.NONE)
                        await trio.sleep(timings.room_undone)
                        continue
                    self._say(Way.DOWN)
                    away = trio.current_time() - lost
                    wait = max(after, pause(schedule, attempts, away, ground.chance))
                    attempts += 1
                    await ground.nudges.pause(wait)
        finally:
            self.ended.set()
            self.settled.set()
            self._say(Way.DOWN)

    def hurry(self) -> trio.Event:
        """Somebody waits: set when the next try has an outcome, which is not put off."""
        if self.sitting is None and self.settled.is_set() and not self.ended.is_set():
            self.settled = trio.Event()
            self._ground.nudges.nudge()
        return self.settled

    async def leave(self, *, for_good: bool = False) -> None:
        """Get up, and tell the relay if it is there."""
        line = self.line
        try:
            if line is not None:
                with trio.move_on_after(self._ground.timings.patience), suppress(LineLost):
                    await line.ask(LeaveRoom(call=line.call(), for_good=for_good))
        finally:
            self.scope.cancel()
        await self.ended.wait()

    async def _attempt(self) -> float | None:
        """One line from beginning to end: seconds to stay away at least; None: it is over. Who was
        put out comes once more, when that cannot be undone any longer: the relay knows."""
        from desktop.engine.lines.dial import open_line  # noqa: PLC0415

        ground = self._ground
        room = await ground.vault.read(lambda db: rooms.find(db, self.room_id))
        if room is None or not (room.wanted or self.put_out):
            return None
        try:
            async with open_line(
                ground.outward.to_room(self.room_id),
                room.link.address,
                ground.timings,
                ground.rng,
                sits=True,
            ) as line:
                ground.room_clocks.heard(self.room_id, line.agreed.clock_ms)
                await self._sit(room, line)
        except LineLost as exc:
            self.fault = ProxyUnavailable() if isinstance(exc, ProxyLost) else RelayUnavailable()
            self.settled.set()
            return exc.after
        except _FOR_GOOD as exc:
            await self._turned_away(room, exc)
            return None
        except (AsideError, WrongRelay, NoCommonVersion, RemoteProtocolError) as exc:
            if isinstance(exc, VaultFull):
                return ground.timings.full_retry
            self.fault = _fault(exc)
            self.settled.set()
            return 0.0
        finally:
            if self.sitting is not None:
                await self._remember(room.row, self.sitting)
            self.sitting = None
        self.put_out = True
        return 0.0

    async def _sit(self, room: KeptRoom, line: Line) -> None:
        if room.opening:
            await opening.open_at(self._ground, room, line)
        sitting = Sitting(self._ground, room, line)
        await sitting.enter()
        self.sitting, self.fault, self.put_out = sitting, None, False
        self._say(Way.UP)
        self.settled.set()
        await sitting.run()

    async def _turned_away(self, room: KeptRoom, exc: AsideError) -> None:
        self.fault = exc
        ended = self._ground.now() if isinstance(exc, RoomEnded) else None
        state = SeatState.REMOVED if isinstance(exc, RoomRemoved) else SeatState.AWAY
        if state is SeatState.REMOVED and room.state in standing.OUT:
            state = room.state
        await self._ground.do(
            partial(standing.turned_away, row=room.row, state=state, ended_ms=ended)
        )

    async def _remember(self, row: int, sitting: Sitting) -> None:
        """How many there were, for the list of rooms."""
        with trio.CancelScope(shield=True):
            await self._ground.vault.transact(
                partial(rooms.put, row=row, people=sitting.people, waiting=sitting.waiting)
            )

    def _say(self, way: Way) -> None:
        if way is not self.way or way is Way.UP:
            self.way = way
            self._ground.emit(RoomChanged(self.room_id))
            self._ground.emit(RoomsChanged())


def _fault(exc: Exception) -> AsideError:
    """What is told to whoever waits for a seat."""
    match exc:
        case AsideError():
            return exc
        case WrongRelay():
            return RelayKeyWrong()
        case NoCommonVersion():
            return RelayVersion()
        case _:
            return RelayUnavailable()
