"""A room's limits by address, over real addresses: ``unshare -Urn python -m ... FOLDER``.

In a network of its own, where nobody else is, all of 10.0.0.0/8 is this machine: so one process is
many neighbours of a real relay's sockets, and needs no root for it. It touches no other network.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from protocol.keys import Secret, public_key
from protocol.wire.frames import Reason, Refused
from protocol.wire.frames.room_entries import Said
from protocol.wire.frames.rooms import Entered, EnterRoom, LeaveRoom
from protocol.wire.handshake import agree, fingerprint, hello
from protocol.wire.rooms.orders import What
from protocol.wire.rooms.policy import PolicyBody
from relay import server
from relay.certificate import Served
from relay.rules.limits import House
from relay.server import Relay, serve_relay
from relay.store import database
from relay.store.committing import CommittingThread
from tests.relay.caller import Caller, Line
from tests.relay.rooms_cast import BOB, a_seat, entering, order
from tests.relay.test_hall import give, open_room

SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, IFF_UP = 0x8914, 0x8916, 0x891C, 0x1
PORT = 7443
RELAY, HOST = "10.0.0.1", "10.0.0.2"
CROWD, SECOND, FULL = "10.1.1.1", "10.1.1.2", "10.1.1.3"
BOBS, NEXT_DOOR = "10.2.2.2", "10.2.2.3"
SEED = Secret(b"the relay's seed".ljust(32))
JOINS = 1_000
LOOPBACK_ONLY = ["lo"]


def widen_loopback() -> None:
    """All of 10/8 is this machine. Only where there is nothing but a loopback that is down."""
    assert [name for _, name in socket.if_nameindex()] == LOOPBACK_ONLY, "not alone here"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for name, address in ((b"lo", "127.0.0.1"), (b"lo:1", RELAY)):
            for request, value in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, "255.0.0.0")):
                packed = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(value))
                fcntl.ioctl(asking, request, struct.pack("16s16s8x", name, packed))
        fcntl.ioctl(asking, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))


@asynccontextmanager
async def serving(store: Path) -> AsyncGenerator[None]:
    """A relay at work on this store; gone afterwards with all that it only remembered."""
    relay = Relay(House(open=True), CommittingThread(store), SEED)
    stopping = trio.Event()
    listeners = await trio.open_tcp_listeners(PORT, host=RELAY)
    async with trio.open_nursery() as nursery:
        await nursery.start(serve_relay, relay, listeners, lambda: Served(None, b""), stopping)
        yield
        stopping.set()


@asynccontextmanager
async def line_from(address: str) -> AsyncGenerator[Caller]:
    """Somebody there."""
    async with await trio.open_tcp_stream(RELAY, PORT, local_address=address) as stream:
        line = Line(stream)
        await line.upgrade()
        said = hello(os.urandom)
        await line.say(said)
        heard = await line.hear()
        assert heard is not None
        yield Caller(line, agree(said, heard, fingerprint(public_key(SEED)), b""), 9)


async def why_not(address: str, number: int) -> Reason | None:
    """Why a new seat is refused to somebody there."""
    async with line_from(address) as caller:
        asked = entering(a_seat(number), transcript=caller.agreed.transcript)
        reply = await caller.ask(asked)
        assert isinstance(reply, Entered | Refused)
        return reply.reason if isinstance(reply, Refused) else None


async def join_often(caller: Caller, numbers: range, most: int) -> Counter[Reason | None]:
    """One seat after another on one line; each that is given is left again for the next. Given so
    many at most."""
    found = Counter[Reason | None]()
    for number in numbers:
        asked: EnterRoom = entering(a_seat(number), transcript=caller.agreed.transcript)
        reply = await caller.ask(asked)
        found[reply.reason if isinstance(reply, Refused) else None] += 1
        assert found[None] <= most, "too many were given"
        if isinstance(reply, Entered):
            await caller.ask(LeaveRoom(call=caller.call(), for_good=True))
    return found


async def a_thousand_joins(policy: PolicyBody) -> None:
    """Of one address so many get a seat in a minute; a second address is not concerned."""
    async with line_from(CROWD) as caller:
        found = await join_often(caller, range(1_000, 1_000 + JOINS), policy.per_minute)
    assert found == {None: policy.per_minute, Reason.QUOTA: JOINS - policy.per_minute}, found
    assert await why_not(SECOND, 5_000) is None


async def no_more_than_so_many_sit(policy: PolicyBody) -> None:
    """At once, of another address, until one gets up."""
    async with trio.open_nursery() as nursery, line_from(FULL) as last:
        gone = trio.Event()

        async def sit(number: int, *, task_status: trio.TaskStatus[Caller]) -> None:
            async with line_from(FULL) as caller:
                asked = entering(a_seat(number), transcript=caller.agreed.transcript)
                assert isinstance(await caller.ask(asked), Entered)
                task_status.started(caller)
                await gone.wait()

        for number in range(policy.per_address):
            await nursery.start(sit, 5_001 + number)
        asked = entering(a_seat(5_000), transcript=last.agreed.transcript)
        refused = await last.ask(asked)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.QUOTA
        assert await why_not(NEXT_DOOR, 5_020) is None
        gone.set()


async def put_out(host: Caller, removal: bytes) -> None:
    async with line_from(BOBS) as bob:
        asked = entering(BOB, transcript=bob.agreed.transcript)
        assert isinstance(await bob.ask(asked), Entered)
        item = order(What.REMOVE, BOB.seat, order_id=removal)
        assert isinstance(await give(host, item), Said)


async def story(folder: Path) -> None:
    """All of it, and the relay begins anew once."""
    store = folder / "store.db"
    database.create(store)
    removal = b"bob is put out".ljust(16)
    async with serving(store), line_from(HOST) as host:
        policy = await open_room(host)
        await a_thousand_joins(policy)
        await no_more_than_so_many_sit(policy)
        await put_out(host, removal)
        assert await why_not(BOBS, 6_000) is Reason.REMOVED
        assert await why_not(NEXT_DOOR, 6_001) is None
    async with serving(store), line_from(HOST) as host:
        assert await why_not(BOBS, 6_002) is Reason.REMOVED, "a restart cools nobody"
        assert await why_not(NEXT_DOOR, 6_003) is None
        assert isinstance(await give(host, order(What.UNDO, undoes=removal)), Said)
        assert await why_not(BOBS, 6_004) is None


def no_place(_host: str) -> None:
    """As if everybody came from this machine, where a proxy may stand for many."""


def main() -> None:
    """In the folder that is given; ``exempt`` after it: a relay to which everybody is at home."""
    widen_loopback()
    if sys.argv[2:] == ["exempt"]:
        server.__dict__["place_of"] = no_place
    trio.run(story, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
