"""Room in a queue at another relay: whoever was refused over two hops watches for it there.

On a line of its own a relay says ``continue``; here it cannot, since no connection is the
depositor's. So one ``watch_room`` for each capability that was turned away is passed on, and what
was put off is offered when it is told. Nothing of it is saved: who is not told asks again by and
by, as before.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import islice

import trio
from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.relays.ways import Via
from desktop.store import refused
from desktop.store.refused import Queue
from protocol.errors import MalformedLink, RemoteProtocolError, Unopenable
from protocol.wire.address import parse_address

MOST_WATCHED = 64


async def keep_watching_room(ground: Ground) -> None:
    """One watch for each queue that refused something of mine."""
    watched: set[Queue] = set()
    async with trio.open_nursery() as nursery:

        async def watch(queue: Queue) -> None:
            try:
                await _watch(ground, queue)
            finally:
                watched.discard(queue)
                ground.bells[Bell.ROOM].ring()

        while True:
            await ground.bells[Bell.ROOM].wait()
            full = await ground.vault.read(partial(refused.turned_away, now_ms=ground.now()))
            unwatched = (queue for queue in full if queue not in watched)
            for queue in list(islice(unwatched, MOST_WATCHED - len(watched))):
                watched.add(queue)
                nursery.start_soon(watch, queue)


async def _watch(ground: Ground, queue: Queue) -> None:
    """Until there is room, or for as long as the longest pause; then it is seen whether anything
    still waits. A relay that tells of room all the time is heeded now and then."""
    from desktop.engine.lines.line import LineLost  # noqa: PLC0415

    timings, told = ground.timings, False
    with suppress(LineLost, MalformedLink, RemoteProtocolError, Unopenable):
        with trio.move_on_after(timings.full_retry_cap):
            told = await _told(ground, queue)
        if told:
            await ground.do(partial(_go_on, queue=queue))
    await trio.sleep(timings.room_again if told else timings.full_retry)


async def _told(ground: Ground, queue: Queue) -> bool:
    """Whether the relay told of room, before the line was lost."""
    from desktop.engine.relays.passing_on import NO_CALL, passed_on  # noqa: PLC0415
    from protocol.wire.frames import Watching, WatchRoom  # noqa: PLC0415

    address = parse_address(queue.relay)
    via = await ground.ways.choose(ground.vault, address)
    if not isinstance(via, Via):
        return False
    asked = WatchRoom(call=NO_CALL, capability=queue.capability)
    async with passed_on(ground, via, address, asked) as passed:
        if passed is None or not isinstance(passed.first, Watching):
            return False
        async for told in passed.told:
            return not told.over and isinstance(passed.opened(told.answer), Watching)
    return False


def _go_on(db: Connection, said: Said, queue: Queue) -> None:
    refused.go_on(db, queue.relay, queue.capability)
    said.bells.add(Bell.POST)
