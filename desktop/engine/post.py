"""Transaction 3 seen from here: deposit what was sealed, and keep at it until a relay has it.

One task per relay that something waits for, on a line of its own: the relay does not learn from
it whose mailbox is read on another. What is offered repeats the same bytes every time. What only
such a line needs is loaded with the first one.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import trio
from sqlcipher3 import Connection

from desktop.core.backoff import Schedule, pause
from desktop.core.errors import VaultFull
from desktop.engine import nearby
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground, Said
from desktop.store import capabilities, copies
from desktop.store.copies import Copy
from protocol.errors import MalformedLink, RemoteProtocolError
from protocol.ids import CapabilityHash
from protocol.wire.address import parse_address

if TYPE_CHECKING:
    from desktop.engine.line import Line, Pending
    from desktop.engine.posted import Answer
    from protocol.wire.frames import Stored

BATCH = 32


async def keep_posting(ground: Ground) -> None:
    """Deposit whatever waits, wherever it goes."""
    posts: dict[str, Doorbell] = {}
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
    from desktop.engine.dial import open_line  # noqa: PLC0415
    from desktop.engine.line import LineLost  # noqa: PLC0415

    timings = ground.timings
    schedule = Schedule(timings.retry_first_cap, timings.retry_first_span, timings.retry_cap)
    attempt, lost_at = 0, trio.current_time()
    while await ground.vault.read(lambda db: copies.due(db, relay)) is not None:
        began, at_least = trio.current_time(), 0.0
        try:
            address = parse_address(relay)
            nearest = await ground.vault.read(partial(nearby.nearest, relay=relay))
            async with open_line(
                ground.connector, address, timings, ground.rng, nearest=nearest
            ) as line:
                await _deposit_all(ground, relay, line, bell)
                return
        except LineLost as exc:
            at_least = exc.after
        except MalformedLink:
            at_least = timings.retry_cap  # told when more was taken for an address
        except (RemoteProtocolError, VaultFull):
            at_least = timings.full_retry
        if trio.current_time() - began > timings.steady:
            attempt = 0
        if attempt == 0:
            lost_at = trio.current_time()
        wait = pause(schedule, attempt, trio.current_time() - lost_at, ground.chance)
        await ground.nudges.pause(max(at_least, wait))
        attempt += 1


async def _deposit_all(ground: Ground, relay: str, line: Line, bell: Doorbell) -> None:
    line.on_room, heed_at = bell.ring, -math.inf
    while True:
        if line.room and trio.current_time() >= heed_at:
            heed_at = trio.current_time() + ground.timings.room_again
            hashes, line.room = line.room, set()
            await ground.do(partial(_go_on, relay=relay, hashes=hashes, now=ground.now()))
        batch, due = await ground.vault.read(partial(_look, relay=relay, now=ground.now()))
        if batch:
            await _deposit(ground, line, batch)
            continue
        patience = math.inf if due is None else max(0.0, (due - ground.now()) / 1000)
        if line.room:
            patience = min(patience, heed_at - trio.current_time())
        if not await bell.wait(min(ground.timings.linger, patience)) and due is None:
            return


def _look(db: Connection, relay: str, now: int) -> tuple[list[Copy], int | None]:
    """What may be offered now; and if nothing, when there will be something."""
    batch = copies.waiting(db, relay, now, BATCH)
    return batch, None if batch else copies.due(db, relay)


def _go_on(db: Connection, said: Said, relay: str, hashes: set[CapabilityHash], now: int) -> None:
    """A relay has room again for these: what was put off for them is offered at once."""
    for capability in copies.put_off_for(db, relay, now):
        if capabilities.hash_of(capability) in hashes:
            copies.go_on(db, relay, capability)


async def _deposit(ground: Ground, line: Line, batch: list[Copy]) -> None:
    """Offer these, and write down what came of them, also where the line broke in the middle."""
    from desktop.engine.posted import record  # noqa: PLC0415
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
