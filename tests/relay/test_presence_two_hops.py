"""Watching a slot at another relay, and a signal to it: over two hops, on no disk, sealed."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from protocol.ids import CallId
from protocol.wire.frames import (
    PACKET_SIZES,
    Carried,
    Carry,
    LetGo,
    Noted,
    PassOn,
    Publish,
    Reason,
    Refused,
    Reply,
    Request,
    Signal,
    Signalled,
    SlotUpdate,
    Told,
    Watch,
    Watching,
)
from protocol.wire.packet import CARRIED, hash_of, open_answer, seal_packet
from protocol.wire.slots import watch_of
from relay.asked import by_relays
from relay.rules.federation import Federation, Openness
from relay.rules.limits import House, Terms
from relay.two_hops import fleeting as passing
from tests.relay.caller import Caller
from tests.relay.test_two_hops import FROM_BOB, alice_and_bob
from tests.relay.town import ANSWER_KEY, Post, handed_in, open_town
from tests.whole.mutant import the_story_fails

WRITE = b"alice's slot for bob".ljust(32)
BLOB = b"b" * 64
NO_CALL = CallId(0)


class Way:
    """One packet that bob had passed on to alice's relay."""

    def __init__(self, by: Caller, to: Post, asked: Request[Reply]) -> None:
        self.by = by
        self.to = to
        self.call = by.call()
        self.packet = seal_packet(asked, to.card, ANSWER_KEY)

    async def ask(self) -> Reply:
        asked = PassOn(
            call=self.call,
            pass_secret=bytes(self.by.secret)[::-1],
            destination=str(self.to.address),
            packet=self.packet,
        )
        return await self.by.ask(asked)

    def opened(self, sealed: bytes) -> Reply:
        return open_answer(sealed, ANSWER_KEY, hash_of(self.packet))

    async def told(self) -> Reply | None:
        """What is told next; None where it is over."""
        frame = await self.by.next()
        assert isinstance(frame, Told) and frame.watch == self.call
        return None if frame.over else self.opened(frame.answer)


def watch(by: Caller, to: Post) -> Way:
    return Way(by, to, Watch(call=NO_CALL, slot=watch_of(WRITE)))  # type: ignore[arg-type]


async def begun(way: Way) -> Reply:
    reply = await way.ask()
    assert isinstance(reply, Carried)
    return way.opened(reply.answer)


async def publish(by: Caller, blob: bytes = BLOB) -> None:
    slots = (SlotUpdate(write=WRITE, blob=blob, lasts_s=300),)
    secret = bytes(by.secret)[::-1]
    reply = await by.ask(Publish(call=by.call(), pass_secret=secret, slots=slots))
    assert isinstance(reply, Noted)


def watches(post: Post) -> int:
    assert post.relay is not None
    return post.relay.premises.presence.watches


async def test_what_changes_at_the_other_relay_comes_back_sealed(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, alice, bob = await alice_and_bob(town)
        way = watch(bob, there)
        assert await begun(way) == Watching(call=NO_CALL)
        await publish(alice)
        assert await way.told() == Watching(call=NO_CALL, blob=BLOB)
        await publish(alice, b"")
        assert await way.told() == Watching(call=NO_CALL)


async def test_a_watch_keeps_the_line_and_ends_with_let_go(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, alice, bob = await alice_and_bob(town)
        way = watch(bob, there)
        await begun(way)
        for _ in range(20):
            await trio.sleep(30)
            await bob.ping()
            await alice.ping()
        await publish(alice)
        assert await way.told() == Watching(call=NO_CALL, blob=BLOB)
        assert len(there.calls) == 1, "on one connection all the time"
        assert isinstance(await bob.ask(LetGo(call=bob.call(), watch=way.call)), Noted)
        await trio.sleep(1)
        assert watches(there) == 0


async def test_who_goes_is_let_go_of_at_the_other_relay(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        await begun(watch(bob, there))
        assert watches(there) == 1
        await bob.hang_up()
        await trio.sleep(1)
        assert watches(there) == 0


async def test_who_watches_hears_that_the_line_is_lost_and_watches_anew(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        _, there, alice, bob = await alice_and_bob(town)
        way = watch(bob, there)
        await begun(way)
        await there.off()
        assert await way.told() is None
        reply = await watch(bob, there).ask()
        assert isinstance(reply, Refused) and reply.reason is Reason.TRY_LATER
        await there.on()
        await trio.sleep(30)
        await bob.ping()
        alice = await there.caller(1)
        await alice.open()
        again = watch(bob, there)
        assert await begun(again) == Watching(call=NO_CALL), "memory only: it went with the relay"
        await publish(alice)
        assert await again.told() == Watching(call=NO_CALL, blob=BLOB)


async def test_a_signal_takes_two_hops_and_no_disk(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, alice, bob = await alice_and_bob(town)
        asked = Signal(call=NO_CALL, capability=FROM_BOB, body=b"s" * 2048)
        way = Way(bob, there, asked)  # type: ignore[arg-type]
        assert await begun(way) == Noted(call=NO_CALL)
        said = await alice.next()
        assert isinstance(said, Signalled) and said.body == b"s" * 2048
        for post in (here, there):
            held = post.store.totals()
            assert held.envelopes == held.packets == held.answers == 0


async def test_what_does_not_wait_is_given_back_where_nobody_is(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await there.off()
        for _ in range(3):
            reply = await watch(bob, there).ask()
            assert isinstance(reply, Refused) and reply.reason is Reason.TRY_LATER
        assert here.waiting == 0
        assert len(there.calls) <= 2, "one probe for a back-off, not one for a packet"


async def test_packets_that_wait_go_beside_those_that_do_not(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, alice, bob = await alice_and_bob(town)
        ways = [watch(bob, there) for _ in range(10)]
        for way in ways:
            await begun(way)
        await handed_in(bob, 1, there.packet(1, FROM_BOB), there)
        assert (await alice.delivery()).sequence == 1
        assert here.waiting == 0


async def test_only_where_the_pass_may_send_and_to_who_is_met(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        closed = Federation(Openness.ALLOW)
        alone = await town.post("alone.example", House(open=True, federation=closed))
        carol = await alone.caller(3)
        await carol.move_in()
        reply = await watch(carol, there).ask()
        assert isinstance(reply, Refused) and reply.reason is Reason.NOT_ALLOWED
        mean = await town.post("mean.example", House(open=True, terms=Terms(forwards=0)))
        dave = await mean.caller(4)
        await dave.move_in()
        reply = await watch(dave, there).ask()
        assert isinstance(reply, Refused) and reply.reason is Reason.NOT_ALLOWED
        stranger = Way(bob, there, Watch(call=NO_CALL, slot=WRITE))  # type: ignore[arg-type]
        stranger.by.secret = type(bob.secret)(b"another".ljust(32))
        reply = await stranger.ask()
        assert isinstance(reply, Refused) and reply.reason is Reason.UNKNOWN


async def test_a_packet_that_does_not_open_is_refused_as_such(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        way = watch(bob, there)
        way.packet = way.packet[:-1] + bytes([way.packet[-1] ^ 1])
        reply = await way.ask()
        assert isinstance(reply, Refused) and reply.reason is Reason.UNKNOWN
        assert isinstance(await begun(watch(bob, there)), Watching)


async def test_a_larger_packet_waits_like_all_others_or_not_at_all(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        way = watch(bob, there)
        way.packet += bytes(PACKET_SIZES[3] - len(way.packet))
        reply = await way.ask()
        assert isinstance(reply, Refused) and reply.reason is Reason.NOT_ALLOWED
        assert there.calls == []


def _unmarked(packet: bytes, call: CallId) -> Carry:
    """As an older relay says it."""
    return Carry(call=call, packet=packet)


async def nothing_comes_by_what_does_not_count() -> None:
    """A deposit of the smallest size is as long as a watch."""
    async with open_town() as town:
        there = await town.post("there.example")
        here = await town.post("here.example", House(open=True, terms=Terms(forwards=1)))
        alice, bob = await there.caller(1), await here.caller(2)
        await alice.move_in(FROM_BOB)
        await bob.move_in()
        for number in range(1, 101):
            way = watch(bob, there)
            way.packet = there.packet(number, FROM_BOB)
            assert await begun(way) == Refused(call=NO_CALL, reason=Reason.NOT_ALLOWED)
        assert there.store.totals().envelopes == 0
        assert await begun(watch(bob, there)) == Watching(call=NO_CALL)
        await handed_in(bob, 1, there.packet(1, FROM_BOB), there)
        assert (await alice.delivery()).sequence == 1


async def test_a_deposit_is_not_passed_on_past_the_quota(autojump_clock: MockClock) -> None:
    await nothing_comes_by_what_does_not_count()


async def test_mutant_that_does_not_mark_what_it_passes_on(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "_carry", _unmarked)
    with the_story_fails():
        await nothing_comes_by_what_does_not_count()


async def test_mutant_that_takes_whatever_was_passed_on(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_relays, "FLEETING", CARRIED)
    with the_story_fails():
        await nothing_comes_by_what_does_not_count()


async def test_an_older_relay_marks_nothing_and_is_understood(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "_carry", _unmarked)
    async with open_town() as town:
        _, there, alice, bob = await alice_and_bob(town)
        way = watch(bob, there)
        await begun(way)
        await publish(alice)
        assert await way.told() == Watching(call=NO_CALL, blob=BLOB)


async def a_pass_has_its_share() -> None:
    """Of a line with room for sixteen watches; however many connections its member has."""
    with pytest.MonkeyPatch.context() as small:
        small.setattr(passing, "MOST_WATCHING", 16)
        async with open_town() as town:
            here, there, _, bob = await alice_and_bob(town)
            again, carol = await here.caller(2), await here.caller(3)
            await carol.move_in()
            assert [await passed_on(by, there) for by in (bob, again, bob)] == [True, True, False]
            assert not await passed_on(again, there)
            assert [await passed_on(carol, there) for _ in range(3)] == [True, True, False]
            await bob.hang_up()
            await trio.sleep(1)
            assert await passed_on(again, there)
            await there.off()
            await there.on()
            await trio.sleep(30)
            await again.ping()
            assert [await passed_on(again, there) for _ in range(3)] == [True, True, False]


async def passed_on(by: Caller, to: Post) -> bool:
    return isinstance(await watch(by, to).ask(), Carried)


async def test_a_pass_has_a_share_of_what_is_watched_there(autojump_clock: MockClock) -> None:
    await a_pass_has_its_share()


async def test_a_pass_has_its_own_rate_on_a_line(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "IN_A_ROW", 3)
    monkeypatch.setattr(passing, "EACH_MS", 10_000)
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        again, carol = await here.caller(2), await here.caller(3)
        await carol.move_in()
        ways = [await passed_on(by, there) for by in (bob, again, bob, again, bob)]
        assert ways == [True] * 3 + [False] * 2
        assert await passed_on(carol, there)
        await trio.sleep(10)
        assert [await passed_on(again, there) for _ in range(2)] == [True, False]
