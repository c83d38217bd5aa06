"""Watching contacts' slots: through a relay of mine where there is one, sealed for theirs.

One slot in a packet and each begun at a moment of its own: their relay is not told which slots one
device watches. What a slot says lasts as long as it says, counted here from when it was heard.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

import trio
from sqlcipher3 import Connection

from desktop.core.models import Presence
from desktop.core.ways import Direct
from desktop.engine.ground import Bell, Ground
from desktop.engine.lines.line import LineLost
from desktop.engine.presence.directs import Directs
from desktop.engine.relays.passing_on import NO_CALL, let_go, passed_on
from desktop.engine.relays.ways import Via
from desktop.store import settings, slots
from desktop.store.slots import TheirSlot
from protocol.e2e.presence import Here, open_presence
from protocol.errors import MalformedLink, RemoteProtocolError, Unopenable
from protocol.wire.address import RelayAddress, parse_address
from protocol.wire.frames import Told, Watch, Watching

log = logging.getLogger(__name__)

_Opened: TypeAlias = Callable[[bytes], bytes]


class _Sight:
    """What one slot says, as far as it is known here."""

    def __init__(self, ground: Ground, slot: TheirSlot) -> None:
        self._ground = ground
        self.slot = slot
        self.until = math.inf
        self._made_ms = -1
        self._ends = -math.inf

    def see(self, blob: bytes) -> None:
        """What stands there now. A blob that is not later than the last one says nothing: a relay
        can repeat it, and so make nobody stay longer than they said."""
        presence = Presence.OFFLINE
        if blob:
            try:
                seen = open_presence(self.slot.key, self.slot.watch, blob)
            except Unopenable as exc:
                log.info("a slot says what does not open: %s", type(exc).__name__)
                return
            if seen.made_ms < self._made_ms:
                return
            if seen.made_ms > self._made_ms:
                there = seen.state is Here.ONLINE
                self._ends = trio.current_time() + seen.lasts_s * there
            self._made_ms = seen.made_ms
            if trio.current_time() < self._ends:
                presence, self.until = Presence.ONLINE, self._ends
        if presence is Presence.OFFLINE:
            self.until = math.inf
        self._say(presence)

    def lose(self) -> None:
        """Nobody can tell any more."""
        self.until = math.inf
        self._say(Presence.UNKNOWN)

    def _say(self, presence: Presence) -> None:
        self._ground.presences.see(self.slot.member_id, self.slot.device_id, presence)


async def keep_watching(ground: Ground, directs: Directs) -> None:
    """Every slot that a contact told of, while it is switched on."""
    watched: dict[TheirSlot, trio.CancelScope] = {}
    async with trio.open_nursery() as nursery:
        while True:
            wanted = set(await ground.vault.read(_wanted))
            for slot in set(watched) - wanted:
                watched.pop(slot).cancel()
            for slot in wanted - set(watched):
                watched[slot] = trio.CancelScope()
                nursery.start_soon(_keep, ground, directs, slot, watched[slot])
            await ground.bells[Bell.WATCH].wait()


def _wanted(db: Connection) -> list[TheirSlot]:
    return slots.theirs(db) if settings.load(db).presence else []


async def _keep(ground: Ground, directs: Directs, slot: TheirSlot, scope: trio.CancelScope) -> None:
    """One of them, on one line after the other."""
    timings, failures = ground.timings, 0
    sight = _Sight(ground, slot)
    with scope:
        try:
            address = parse_address(slot.relay)
            while True:
                await trio.sleep(timings.presence_pause * ground.chance())
                began = trio.current_time()
                with suppress(LineLost, RemoteProtocolError, Unopenable):
                    await _once(ground, directs, address, sight)
                sight.lose()
                held = trio.current_time() - began > timings.steady
                failures = 0 if held else failures + 1
                wait = min(timings.watch_again * 2.0 ** min(failures, 16), timings.retry_cap)
                await ground.ways.news(wait * (0.5 + ground.chance()))
        except MalformedLink:
            log.info("a slot that is nowhere")
        finally:
            sight.lose()


async def _once(ground: Ground, directs: Directs, address: RelayAddress, sight: _Sight) -> None:
    match await ground.ways.choose(ground.vault, address):
        case Via() as via:
            await _watch_through(ground, via, address, sight)
        case Direct():
            async with directs.line(address) as line:
                call = line.call()
                with line.told(call) as told:
                    reply = await line.ask(Watch(call=call, slot=sight.slot.watch))
                    if isinstance(reply, Watching):
                        sight.see(reply.blob)
                        try:
                            await _listen(told, sight, bytes)
                        finally:
                            let_go(line, call)
        case _:
            pass


async def _watch_through(ground: Ground, via: Via, address: RelayAddress, sight: _Sight) -> None:
    asked = Watch(call=NO_CALL, slot=sight.slot.watch)
    async with passed_on(ground, via, address, asked) as passed:
        if passed is None:
            return
        opened = passed.opened

        def blob(answer: bytes) -> bytes:
            reply = opened(answer)
            return reply.blob if isinstance(reply, Watching) else b""

        sight.see(passed.first.blob if isinstance(passed.first, Watching) else b"")
        await _listen(passed.told, sight, blob)


async def _listen(
    told: trio.MemoryReceiveChannel[Told],
    sight: _Sight,
    opened: _Opened,
) -> None:
    """Until it is over or the line is; what is not said again in time has ended."""
    while True:
        heard: Told | None = None
        with trio.move_on_at(sight.until):
            try:
                heard = await told.receive()
            except trio.EndOfChannel:
                return
        if heard is None:
            sight.see(b"")
        elif heard.over:
            return
        else:
            sight.see(opened(heard.answer) if heard.answer else b"")
