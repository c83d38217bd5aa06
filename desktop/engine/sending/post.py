"""Transaction 3 seen from here: deposit what was sealed, and keep at it until a relay has it.

One task per relay that something waits for. By a relay of mine as packets; directly only where
nobody learns anything from it (``core/ways.py``), and then on a line of its own: the relay does not
learn from it whose mailbox is read on another. What is offered repeats the same bytes every time.
What only a line needs is loaded with the first one.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

import trio
from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.backoff import Schedule, pause
from desktop.core.errors import VaultFull
from desktop.core.ways import Direct, Wait
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines import nearby
from desktop.engine.relays.ways import Via
from desktop.engine.sending import elsewhere
from desktop.store import capabilities, copies, refused, relays
from desktop.store.copies import Copy
from desktop.store.relays import MyRelay
from protocol.errors import MalformedLink, RemoteProtocolError
from protocol.ids import CapabilityHash
from protocol.wire.address import RelayAddress, parse_address

if TYPE_CHECKING:
    from desktop.engine.lines.line import Line, Pending
    from desktop.engine.sending.posted import Answer
    from protocol.wire.frames import Stored

BATCH = 32


async def keep_posting(ground: Ground) -> None:
    """Deposit whatever waits, wherever it goes."""
    posts: dict[str, Doorbell] = {}
    # There may be room by now, and nobody to tell of it.
    await ground.vault.transact(refused.go_on_all)
    async with trio.open_nursery() as nursery:

        async def serve(relay: str) -> None:
            try:
                await _serve(ground, relay, posts[relay])
            finally:
                del posts[relay]
                ground.bells[Bell.POST].ring()

        while True:
            for bell in posts.values():
                bell.ring()
            for relay in await ground.vault.read(copies.relays):
                if relay not in posts:
                    posts[relay] = Doorbell()
                    nursery.start_soon(serve, relay)
            await ground.bells[Bell.POST].wait()


async def _serve(ground: Ground, relay: str, bell: Doorbell) -> None:
    """Until nothing waits for this relay any more, and a while longer."""
    try:
        address = parse_address(relay)
    except MalformedLink:
        # Told when more was taken for an address.
        await ground.nudges.pause(ground.timings.retry_cap)
        return
    direct = _Direct(ground, relay, address, bell)
    while True:
        seen = await ground.vault.read(partial(_look, relay=relay, now=ground.now()))
        batch = _same_way(seen.batch)
        if not batch:
            if seen.due is None:
                return
            await bell.wait((seen.due - ground.now()) / 1000)
            continue
        match ground.ways.choose_of(seen.mine, address, batch[0].avoid):
            case Via() as way:
                await _hand_in(ground, way, address, batch)
            case Wait():
                if ground.ways.online:
                    await ground.do(partial(elsewhere.spread, ground=ground, relay=relay))
                await bell.wait(ground.ways.until(address.fingerprint))
            case Direct():
                await direct.once()


def _same_way(batch: list[Copy]) -> list[Copy]:
    """The first, and those behind it that go as it does."""
    return list(takewhile(lambda one: one.avoid == batch[0].avoid, batch))


async def _hand_in(ground: Ground, via: Via, address: RelayAddress, batch: list[Copy]) -> None:
    from desktop.engine.lines.line import LineLost  # noqa: PLC0415
    from desktop.engine.sending.handing import hand_in  # noqa: PLC0415

    try:
        await hand_in(ground, via, address, batch)
    except LineLost:
        ground.ways.went(via.relay.relay_id)  # whoever keeps it notices in a moment as well
    except VaultFull:
        await ground.nudges.pause(ground.timings.full_retry)


class _Direct:
    """Lines to one relay, one after the other, and how long to wait between two."""

    def __init__(self, ground: Ground, relay: str, address: RelayAddress, bell: Doorbell) -> None:
        self._ground = ground
        self._relay = relay
        self._address = address
        self._bell = bell
        timings = ground.timings
        self._schedule = Schedule(
            timings.retry_first_cap, timings.retry_first_span, timings.retry_cap
        )
        self._attempt = 0
        self._lost_at = trio.current_time()

    async def once(self) -> None:
        """One line from beginning to end; then the pause before the next, unless all is done."""
        from desktop.engine.lines.dial import open_line  # noqa: PLC0415
        from desktop.engine.lines.line import LineLost  # noqa: PLC0415

        ground, timings = self._ground, self._ground.timings
        began, at_least = trio.current_time(), 0.0
        try:
            nearest = await ground.vault.read(partial(nearby.nearest, relay=self._relay))
            async with open_line(
                ground.outward.beside, self._address, timings, ground.rng, nearest=nearest
            ) as line:
                await self._deposit_all(line)
                return
        except LineLost as exc:
            at_least = exc.after
        except (RemoteProtocolError, VaultFull):
            at_least = timings.full_retry
        await ground.do(partial(elsewhere.spread, ground=ground, relay=self._relay))
        if trio.current_time() - began > timings.steady:
            self._attempt = 0
        if self._attempt == 0:
            self._lost_at = trio.current_time()
        lost_for = trio.current_time() - self._lost_at
        wait = pause(self._schedule, self._attempt, lost_for, ground.chance)
        await ground.nudges.pause(max(at_least, wait))
        self._attempt += 1
        # Of room that there is meanwhile the relay tells on a line that something was refused on.
        await ground.vault.transact(partial(refused.go_on_all, relay=self._relay))

    async def _deposit_all(self, line: Line) -> None:
        """As long as anything comes, and nothing better than this line does."""
        ground = self._ground
        line.on_room, heed_at = self._bell.ring, -math.inf
        while True:
            if line.room and trio.current_time() >= heed_at:
                heed_at = trio.current_time() + ground.timings.room_again
                hashes, line.room = line.room, set()
                go_on = partial(_go_on, relay=self._relay, hashes=hashes, now=ground.now())
                await ground.do(go_on)
            seen = await ground.vault.read(partial(_look, relay=self._relay, now=ground.now()))
            if not isinstance(ground.ways.choose_of(seen.mine, self._address), Direct):
                return
            if seen.batch:
                await _deposit(ground, line, seen.batch)
                continue
            due = seen.due
            patience = math.inf if due is None else max(0.0, (due - ground.now()) / 1000)
            if line.room:
                patience = min(patience, heed_at - trio.current_time())
            if not await self._bell.wait(min(ground.timings.linger, patience)) and due is None:
                return


class _Seen(Struct, frozen=True):
    """What may be offered to a relay now, or when there will be something; and my own relays."""

    batch: list[Copy]
    due: int | None
    mine: list[MyRelay]


def _look(db: Connection, relay: str, now: int) -> _Seen:
    batch = copies.waiting(db, relay, now, BATCH)
    return _Seen(batch, None if batch else copies.due(db, relay), relays.every(db))


def _go_on(db: Connection, said: Said, relay: str, hashes: set[CapabilityHash], now: int) -> None:
    """A relay has room again for these: what was put off for them is offered at once."""
    for capability in refused.put_off_for(db, relay, now):
        if capabilities.hash_of(capability) in hashes:
            refused.go_on(db, relay, capability)


async def _deposit(ground: Ground, line: Line, batch: list[Copy]) -> None:
    """Offer these, and write down what came of them, also where the line broke in the middle."""
    from desktop.engine.sending.posted import record  # noqa: PLC0415
    from protocol.wire.frames import Deposit  # noqa: PLC0415

    pending: list[Pending[Stored]] = []
    answers: list[tuple[Copy, Answer]] = []
    try:
        for copy in batch:
            asked = Deposit(
                call=line.call(),
                capability=copy.capability,
                envelope_id=copy.envelope_id,
                body=copy.body,
            )
            pending.append(line.submit(asked))
        for copy, one in zip(batch, pending, strict=True):
            answers.append((copy, await one.reply()))
    finally:
        with trio.CancelScope(shield=True):
            if answers:
                await ground.do(partial(record, ground=ground, answers=answers))
