"""Saying that I am there: each contact's slot by itself, again and again, while it is switched on.

Every slot has its own moments, so that those who compare notes see no more than that. What stands
in a slot ends by itself when nothing comes any more; where there is still a line, it is emptied at
once: when this is switched off, when the profile is locked, when a contact is removed.
"""

from __future__ import annotations

from dataclasses import dataclass

import trio
from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.presence import slot_news
from desktop.engine.relays.ways import Via
from desktop.store import relays, settings, slots
from desktop.store.relays import MyRelay
from desktop.store.slots import OwnSlot
from protocol.e2e.presence import Here, Seen, seal_presence
from protocol.errors import MalformedLink
from protocol.ids import Fingerprint
from protocol.keys import Secret
from protocol.wire.address import parse_address
from protocol.wire.frames import MAX_UPDATES, Noted, Publish, Reason, SlotUpdate
from protocol.wire.slots import watch_of

SHUT = (Reason.UNSUPPORTED, Reason.NOT_ALLOWED, Reason.UNKNOWN)


@dataclass
class _Written:
    """A slot that was written on this line, and when it is due again."""

    relay: Fingerprint
    line: Line
    due: float


class Publisher:
    """My slots, as they stand at my relays."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._written: dict[Secret, _Written] = {}
        self._shut: dict[Fingerprint, float] = {}
        self._relays: dict[Fingerprint, MyRelay] = {}

    async def run(self, ground: Ground) -> None:
        """Until the profile is locked."""
        bell, rung = ground.bells[Bell.PUBLISH], True
        while True:
            if rung:
                await ground.do(lambda db, said: slot_news.tell_some(db, said, ground))
            wanted, self._relays = await ground.vault.read(_wanted)
            try:
                await self._empty({each.write for each in wanted})
                wait = await self._write(wanted)
            except LineLost:
                wait = ground.timings.presence_again
            rung = await bell.wait(wait)
            if rung:
                # What rings often rings once more soon.
                await trio.sleep(ground.timings.presence_pause * (0.5 + ground.chance()))

    async def withdraw(self) -> None:
        """Empty all, as far as there is a line; nobody waits long for it."""
        with trio.move_on_after(self._ground.timings.presence_goodbye):
            try:
                await self._empty(set())
            except LineLost:
                return

    async def _write(self, wanted: list[OwnSlot]) -> float:
        """Write what is due; in how many seconds something will be."""
        ground, now = self._ground, trio.current_time()
        again = ground.timings.presence_again
        due: dict[Fingerprint, list[OwnSlot]] = {}
        soonest = again * 1.25
        for slot in wanted:
            via = self._via(slot.relay)
            if via is None or now < self._shut.get(via.relay.relay_id, 0.0):
                continue
            known = self._written.get(slot.write)
            if known is None or known.line is not via.line:
                spread = ground.timings.presence_pause * ground.chance()
                known = _Written(via.relay.relay_id, via.line, now + spread)
                self._written[slot.write] = known
            if known.due <= now:
                due.setdefault(via.relay.relay_id, []).append(slot)
            else:
                soonest = min(soonest, known.due - now)
        for batch in due.values():
            for start in range(0, len(batch), MAX_UPDATES):
                await self._say(batch[start : start + MAX_UPDATES])
                soonest = min(soonest, *(self._next(slot, now) for slot in batch))
        return max(soonest, 0.05)

    def _next(self, slot: OwnSlot, now: float) -> float:
        return self._written[slot.write].due - now

    async def _say(self, batch: list[OwnSlot]) -> None:
        ground = self._ground
        timings, now = ground.timings, trio.current_time()
        lasts = int(timings.presence_lasts)
        updates = tuple(
            SlotUpdate(
                write=slot.write,
                blob=seal_presence(
                    slot.key,
                    watch_of(slot.write),
                    Seen(ground.now(), Here.ONLINE, lasts),
                    ground.rng,
                ),
                lasts_s=lasts,
            )
            for slot in batch
        )
        for slot in batch:
            jitter = 0.75 + 0.5 * ground.chance()
            self._written[slot.write].due = now + timings.presence_again * jitter
        via = self._via(batch[0].relay)
        if via is not None:
            await self._publish(via, updates)

    async def _empty(self, wanted: set[Secret]) -> None:
        """What was written and is not wanted any more."""
        gone: dict[Fingerprint, list[SlotUpdate]] = {}
        for write in [each for each in self._written if each not in wanted]:
            relay = self._written.pop(write).relay
            gone.setdefault(relay, []).append(SlotUpdate(write=write))
        for relay, updates in gone.items():
            via = self._through(relay)
            if via is None:
                continue
            for start in range(0, len(updates), MAX_UPDATES):
                await self._publish(via, tuple(updates[start : start + MAX_UPDATES]))

    async def _publish(self, via: Via, updates: tuple[SlotUpdate, ...]) -> None:
        line = via.line
        asked = Publish(call=line.call(), pass_secret=via.relay.pass_secret, slots=updates)
        reply = await line.ask(asked)
        if not isinstance(reply, Noted) and reply.reason in SHUT:
            shut = trio.current_time() + self._ground.timings.way_shut
            self._shut[via.relay.relay_id] = shut

    def _via(self, relay: str) -> Via | None:
        try:
            return self._through(parse_address(relay).fingerprint)
        except MalformedLink:
            return None

    def _through(self, relay_id: Fingerprint) -> Via | None:
        line, relay = self._ground.ways.line(relay_id), self._relays.get(relay_id)
        return None if line is None or relay is None else Via(relay, line)


def _wanted(db: Connection) -> tuple[list[OwnSlot], dict[Fingerprint, MyRelay]]:
    mine = {one.relay_id: one for one in relays.collected(db) if one.ready}
    return slots.own(db) if settings.load(db).presence else [], mine
