"""Chunks over two hops: put and got in packets, behind the letters, within the room set aside."""

from __future__ import annotations

import pytest
from trio.testing import MockClock, wait_all_tasks_blocked

from protocol.ids import CallId
from protocol.keys import Rng
from protocol.wire import frames
from protocol.wire.frames import (
    ANSWER_SIZES,
    CHUNK_BYTES,
    Answered,
    BlobShown,
    Chunk,
    Outcome,
    Reason,
    Refused,
    Reply,
    Stored,
    chunks_in,
)
from protocol.wire.packet import AnyRequest, Packet, seal_packet, ticket_of
from relay.asked import by_relays
from relay.rules.records import TICKET_BYTES, WaitingPacket
from relay.store.memory_packets import MemoryPackets
from relay.two_hops import route
from tests.relay.caller import Caller
from tests.relay.test_chunks import FROM_BOB, NAME, WRITER, Slow, body, opened
from tests.relay.town import (
    ANSWER_KEY,
    Post,
    Town,
    answered,
    handed_in,
    open_town,
    said_in,
    secret_of,
)
from tests.whole.mutant import the_story_fails

NOBODYS = CallId(0)


def put(number: int) -> frames.PutChunk:
    return frames.PutChunk(call=NOBODYS, writer=WRITER, number=number, body=body(number))


def get(number: int, name: bytes = NAME) -> frames.GetChunk:
    return frames.GetChunk(call=NOBODYS, name=name, number=number)


async def alice_and_bob(town: Town) -> tuple[Post, Post, Caller, Caller]:
    """Bob's own relay; alice's, where she has a mailbox and an open blob; both connected."""
    here, there = await town.post("own.example"), await town.post("other.example")
    alice, bob = await there.caller(1), await here.caller(2)
    await alice.move_in(FROM_BOB)
    await bob.move_in()
    assert isinstance(await opened(alice, chunks=20), BlobShown)
    return here, there, alice, bob


async def asked(by: Caller, number: int, what: AnyRequest, to: Post) -> Reply:
    """Ask over two hops, and read what comes back."""
    packet = seal_packet(what, to.card, ANSWER_KEY)
    await handed_in(by, number, packet, to)
    return said_in(await answered(by), packet)


async def test_chunks_are_put_and_got_over_two_hops(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        assert await asked(bob, 1, put(3), there) == Stored(call=NOBODYS)
        shown = await asked(bob, 2, frames.ShowBlob(call=NOBODYS, name=NAME), there)
        assert isinstance(shown, BlobShown)
        assert chunks_in(shown.there) == {3}
        assert await asked(bob, 3, get(3), there) == Chunk(call=NOBODYS, body=body(3))
        assert here.waiting == 0


async def test_what_is_not_there_is_told_to_who_asked_and_to_nobody_between(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        unknown = await asked(bob, 1, get(3, b"a guess".ljust(32)), there)
        assert unknown == Refused(call=NOBODYS, reason=Reason.UNKNOWN)
        not_yet = await asked(bob, 2, get(3), there)
        assert not_yet == Refused(call=NOBODYS, reason=Reason.WRONG_STATE)
        kept = [answer.said.answer for answer in here.store.packets.answers.values()]
        assert [len(answer) for answer in kept] == [ANSWER_SIZES[-1]] * 2


async def test_letters_go_before_chunks(autojump_clock: MockClock) -> None:
    """Twelve chunks were asked for before a message was written; it is not the thirteenth."""
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        await asked(bob, 99, put(0), there)
        await there.off()
        for number in range(12):
            packet = seal_packet(get(0), there.card, ANSWER_KEY)
            await handed_in(bob, number, packet, there)
        await handed_in(bob, 50, there.packet(7, FROM_BOB), there)
        await there.on()
        order = [(await answered(bob)).ticket for _ in range(13)]
        assert order[0] == ticket_of(secret_of(50))


async def test_mutant_that_carries_in_the_order_of_coming(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = MemoryPackets.waiting

    def all_of_them(
        self: MemoryPackets,
        address: str,
        after: int,
        most: int,
        size: int,
        *,
        bulky: bool | None = None,
    ) -> list[WaitingPacket]:
        return [] if bulky else waiting(self, address, after, most, size)

    def never(packet_bytes: int) -> bool:
        return False

    monkeypatch.setattr(MemoryPackets, "waiting", all_of_them)
    monkeypatch.setattr(route, "is_bulky", never)
    with the_story_fails():
        await test_letters_go_before_chunks(autojump_clock)


async def test_an_answer_without_room_is_none(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A destination answers a deposit with the bytes of a chunk."""

    def enormous(packet: Packet, reply: Reply, rng: Rng) -> bytes:
        return bytes(ANSWER_SIZES[-1])

    monkeypatch.setattr(by_relays, "seal_answer", enormous)
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await handed_in(bob, 1, there.packet(7, FROM_BOB), there)
        said = await answered(bob)
        assert said == Answered(ticket=ticket_of(secret_of(1)), outcome=Outcome.REFUSED)
        assert here.store.held_bytes == TICKET_BYTES


async def test_what_comes_back_is_bounded_on_the_line(autojump_clock: MockClock) -> None:
    """However many chunks are asked for, a few are under way at a time."""
    async with open_town() as town:
        here, there = await town.post("own.example"), await town.post("other.example")
        await there.off()
        slow = Slow(shut=False)
        there.storage = lambda _: slow
        await there.on()
        alice, bob = await there.caller(1), await here.caller(2)
        await alice.move_in()
        await bob.move_in()
        assert isinstance(await opened(alice), BlobShown)
        await asked(bob, 99, put(0), there)
        slow.shut = True
        for number in range(20):
            packet = seal_packet(get(0), there.card, ANSWER_KEY)
            await handed_in(bob, number, packet, there)
        await wait_all_tasks_blocked()
        assert there.relay is not None
        came = there.relay.premises.counters.requests[frames.Carry] - 1
        assert came == route.BULKY_BYTES // CHUNK_BYTES == 3
        slow.let(20)
        for _ in range(20):
            assert (await answered(bob)).outcome is Outcome.ANSWERED
