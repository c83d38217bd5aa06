"""Presence and signals at one relay: told to who watches, kept nowhere, and never in the way."""

from __future__ import annotations

import logging
from itertools import count, takewhile

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from protocol.ids import CallId
from protocol.wire import frames
from protocol.wire.frames import (
    Noted,
    Publish,
    Reason,
    Refused,
    Reply,
    Signal,
    Signalled,
    SlotUpdate,
    Stored,
    Told,
    Watch,
    Watching,
)
from protocol.wire.slots import SlotName, watch_of
from relay import neighbours
from relay.asked import fleeting
from relay.fleeting import presence, signals
from relay.fleeting.presence import News, Presence, Watcher
from relay.neighbours import GUESSES, Neighbour, place_of
from relay.rules.clock import Now
from relay.rules.deposits import capability_hash
from relay.rules.limits import House, Limits
from relay.rules.office import AnyRequest
from relay.rules.slots import Slots
from relay.store.memory import MemoryStore
from relay.store.storage import Answered, Inline
from tests.relay.caller import Caller, World, open_world
from tests.relay.test_shares import from_place

FROM_BOB = b"alice gave this to bob".ljust(32)
BLOB, OTHER = b"b" * 64, b"o" * 64
SIGNAL = b"s" * 2048


def token(number: int) -> bytes:
    return number.to_bytes(32, "big")


def updates(blob: bytes, *numbers: int) -> tuple[SlotUpdate, ...]:
    return tuple(SlotUpdate(write=token(each), blob=blob, lasts_s=300) for each in numbers)


def as_told(blob: bytes) -> Told:
    return Told(watch=CallId(0), answer=blob)


class Crowd:
    """Many connections that watch; counts what they are told, and in how many writes."""

    def __init__(self) -> None:
        self.told = self.writes = 0
        self._known: dict[int, Watcher] = {}

    def someone(self, number: int) -> Watcher:
        return self._known.setdefault(number, One(self))


class One:
    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self.neighbour = Neighbour(Limits())

    def tell(self, news: News) -> None:
        self._crowd.told += len(news)
        self._crowd.writes += 1


async def publish(by: Caller, blob: bytes, *numbers: int) -> Reply:
    slots = updates(blob, *numbers)
    return await by.ask(Publish(call=by.call(), pass_secret=bytes(by.secret)[::-1], slots=slots))


async def watch(by: Caller, number: int) -> tuple[CallId, Reply]:
    call = by.call()
    return call, await by.ask(Watch(call=call, slot=watch_of(token(number))))


async def signal(by: Caller, capability: bytes = FROM_BOB, body: bytes = SIGNAL) -> Reply:
    return await by.ask(Signal(call=by.call(), capability=capability, body=body))


async def alice_and_bob(world: World) -> tuple[Caller, Caller]:
    alice, bob = await world.caller(1), await world.caller(2)
    await alice.move_in(FROM_BOB)
    await bob.move_in()
    return alice, bob


async def test_who_watches_is_told_at_once_and_as_it_changes(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        call, seen = await watch(bob, 7)
        assert seen == Watching(call=call), "what is not there looks like what is empty"
        assert isinstance(await publish(alice, BLOB, 7), Noted)
        assert await bob.next() == Told(watch=call, answer=BLOB)
        again, seen = await watch(bob, 7)
        assert seen == Watching(call=again, blob=BLOB)
        await publish(alice, b"", 7)
        assert await bob.next() == Told(watch=call)
        assert await bob.next() == Told(watch=again)


async def test_nobody_is_told_of_a_slot_that_they_let_go_of(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        first, _ = await watch(bob, 1)
        second, _ = await watch(bob, 2)
        assert isinstance(await bob.ask(frames.LetGo(call=bob.call(), watch=first)), Noted)
        await publish(alice, BLOB, 1, 2)
        assert await bob.next() == Told(watch=second, answer=BLOB)
        await bob.hang_up()
        await trio.sleep(1)
        assert world.relay.premises.presence.watches == 0


async def test_a_slot_ends_by_itself_and_who_watches_hears_of_it(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        await publish(alice, BLOB, 1)
        call, _ = await watch(bob, 1)
        began = trio.current_time()
        while (frame := await bob_hears(bob)) != Told(watch=call):
            assert isinstance(frame, frames.Pong) and trio.current_time() - began < 320
        assert 300 <= trio.current_time() - began < 320
        assert world.relay.premises.presence.slots == 0


async def bob_hears(bob: Caller) -> object:
    """The next frame; he pings meanwhile, so that his line stays."""
    with trio.move_on_after(20):
        return await bob.next()
    await bob.say(frames.Ping(call=bob.call()))
    return await bob.next()


async def test_only_who_has_a_pass_writes(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        stranger = await world.caller(3)
        assert await publish(stranger, BLOB, 1) == Refused(call=CallId(1), reason=Reason.UNKNOWN)
        redeem = frames.Redeem(
            call=stranger.call(), code=b"", pass_secret=bytes(stranger.secret)[::-1]
        )
        await stranger.ask(redeem)
        reply = await publish(stranger, BLOB, 1)
        assert isinstance(reply, Refused) and reply.reason is Reason.NOT_ALLOWED
        assert world.relay.premises.presence.slots == 0


async def test_watches_are_bounded(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleeting, "WATCHES", 3)
    async with open_world() as world:
        one, other = await world.caller(1), await world.caller(2)
        assert await watched(one, 4) == 3
        assert await watched(other, 4) == 3


async def watched(by: Caller, most: int) -> int:
    """How many slots they may watch of so many."""
    got = [(await watch(by, number))[1] for number in range(most)]
    return [type(each) for each in got].count(Watching)


async def test_all_from_one_place_have_a_share_of_the_watches(autojump_clock: MockClock) -> None:
    async with open_world(House(open=True, limits=Limits(watches=16))) as world:
        crowded, other = place_of("192.0.2.7"), place_of("192.0.2.8")
        one, two = await from_place(world, 1, crowded), await from_place(world, 2, crowded)
        assert (await watched(one, 16), await watched(two, 16)) == (2, 0)
        assert await watched(await from_place(world, 3, other), 16) == 2
        await one.hang_up()
        await trio.testing.wait_all_tasks_blocked()
        assert await watched(two, 16) == 2, "what is let go of is given back"


def test_no_number_of_places_takes_all_watches() -> None:
    here = Presence(Slots(1), 10_000, lambda: Now(0, 0))
    crowd = Crowd()

    def greedy(number: int) -> int:
        names = (SlotName(each.to_bytes(16, "big")) for each in count(number * 10_000))
        who = crowd.someone(number)
        return sum(1 for _ in takewhile(lambda name: here.watch(name, who, as_told), names))

    assert greedy(0) >= 1_000
    taken = [greedy(number) for number in range(1, 20)]
    assert taken == sorted(taken, reverse=True) and taken[-1] >= 100
    assert greedy(0) == 0


async def test_who_guesses_capabilities_uses_up_the_signals_of_nobody_else(
    autojump_clock: MockClock,
) -> None:
    looked: list[str] = []

    class Watched(Inline):
        def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
            looked.append(type(asked).__name__)
            super().submit(asked, now, answered)

    async with open_world(storage=Watched(MemoryStore())) as world:
        alice, bob = await alice_and_bob(world)
        carol = await from_place(world, 3, place_of("192.0.2.7"))
        dave = await from_place(world, 4, place_of("192.0.2.7"))
        looked.clear()
        for number in range(2 * GUESSES):
            await signal(carol if number % 2 else dave, token(number))
        assert looked == ["Whose"] * GUESSES, "on all of its connections"
        await signal(bob)
        assert (await signalled(alice)).capability == capability_hash(FROM_BOB)
        known = world.relay.premises.signals.__dict__["_known"]
        assert known.keys() == {capability_hash(FROM_BOB)}, "of guesses nothing is remembered"
        await signal(carol)
        assert await signalled(alice), "what is known already is no guess"


async def test_capabilities_that_are_good_are_no_guesses(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "GUESSES", 2)
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        for number in range(6):
            await alice.ask(alice.grant_frame(token(number)))
            await signal(bob, token(number))
            await signalled(alice)


async def test_a_slot_is_for_a_few_and_a_crowd_is_turned_away(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        bob = await world.caller(2)
        got = [(await watch(bob, 1))[1] for _ in range(presence.WATCHERS_OF_A_SLOT + 1)]
        assert [type(each) for each in got] == [Watching] * presence.WATCHERS_OF_A_SLOT + [Refused]


async def test_the_latest_wins_and_nothing_gathers(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        call, _ = await watch(bob, 1)
        many = tuple(update for number in range(32) for update in updates(bytes([number]) * 64, 1))
        secret = bytes(alice.secret)[::-1]
        await alice.ask(Publish(call=alice.call(), pass_secret=secret, slots=many))
        assert await bob.next() == Told(watch=call, answer=bytes([31]) * 64)
        await bob.ping()
        assert bob.heard == []


async def test_deposits_come_first_while_presence_floods(autojump_clock: MockClock) -> None:
    """Ten thousand slots change at once; a deposit waits for one piece of them, not for all."""
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        crowd = Crowd()
        here = world.relay.premises.presence
        for number in range(10_000):
            update = SlotUpdate(write=token(number), blob=BLOB, lasts_s=300)
            assert not here.publish(number.to_bytes(2, "big"), ())
            name = Slots(1).publish(b"", update, 0)
            assert not isinstance(name, Reason)
            here.watch(name, crowd.someone(number % 250), as_told)
            assert here.publish(number.to_bytes(2, "big"), (update,)) is None
        assert isinstance(await bob.deposit(FROM_BOB, 1), Stored)
        assert (await alice.delivery()).sequence == 1
        assert crowd.told <= 1_000
        await trio.sleep(10)
        assert crowd.told == 10_000, "and all are told in the end"
        assert crowd.writes <= 500, "each connection in one write"


async def test_presence_rests_for_twice_the_time_that_it_took(autojump_clock: MockClock) -> None:
    """On a machine where a piece takes a second, it has a third of the time and no more; that it
    had nothing to do before makes up for next to nothing."""
    crowd = Crowd()

    def spent() -> float:
        return (crowd.told + presence.A_WRITE * crowd.writes) / presence.EACH_PIECE

    here = Presence(Slots(10_000), 10_000, lambda: Now(0, 0), spent)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(here.run)
        await trio.sleep(30)
        for number in range(10 * presence.EACH_PIECE):
            update = SlotUpdate(write=token(number), blob=BLOB, lasts_s=300)
            name = Slots(1).publish(b"", update, 0)
            assert not isinstance(name, Reason)
            here.watch(name, crowd.someone(number % 250), as_told)
            here.publish(token(number), (update,))
        await trio.sleep(9.5)
        nursery.cancel_scope.cancel()
    assert 2.5 <= spent() <= 4.5


async def test_a_signal_reaches_an_open_mailbox_and_is_kept_nowhere(
    autojump_clock: MockClock,
) -> None:
    store = MemoryStore()
    async with open_world(storage=Inline(store)) as world:
        alice, bob = await alice_and_bob(world)
        assert isinstance(await signal(bob), Noted)
        said = await alice.next()
        assert said == Signalled(
            mailbox=alice.mailbox, capability=capability_hash(FROM_BOB), body=SIGNAL
        )
        assert store.totals().envelopes == store.totals().packets == 0
        await alice.hang_up()
        await trio.sleep(1)
        assert isinstance(await signal(bob), Noted), "the answer does not say which"
        back = await world.caller(1)
        assert (await back.open()).waiting == 0
        await back.ping()
        assert back.heard == []


async def test_the_answer_to_a_signal_never_tells_anything(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        revoked = b"given and taken back".ljust(32)
        await alice.ask(alice.grant_frame(revoked))
        assert isinstance(await signal(bob, revoked), Noted)
        assert isinstance(await alice.next(), Signalled)
        hashed = capability_hash(revoked)
        await alice.ask(frames.Revoke(call=alice.call(), mailbox=alice.mailbox, capability=hashed))
        for capability in (revoked, b"nobody's".ljust(32), FROM_BOB):
            assert isinstance(await signal(bob, capability), Noted)
        assert (await signalled(alice)).capability == capability_hash(FROM_BOB)
        await alice.ping()
        assert alice.heard == [], "a revoked one is good for nothing, at once"


async def signalled(by: Caller) -> Signalled:
    frame = await by.next()
    assert isinstance(frame, Signalled)
    return frame


async def test_a_capability_is_good_for_a_few_signals_at_a_time(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        for _ in range(3 * signals.IN_A_ROW):
            await signal(bob)
        await alice.ping()
        assert len(alice.heard) == signals.IN_A_ROW
        alice.heard.clear()
        await trio.sleep(signals.EACH_MS / 1000)
        await signal(bob)
        await signalled(alice)


async def test_who_does_not_read_misses_signals_and_nothing_gathers(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        collector = world.relay.premises.switchboard.collector(alice.mailbox)
        assert collector is not None
        outbox = collector.__dict__["_outbox"]
        outbox.size = 1 << 30
        await signal(bob)
        outbox.size = 0
        await alice.ping()
        assert alice.heard == []


async def test_the_store_is_asked_seldom(autojump_clock: MockClock) -> None:
    """Two hundred updates and signals in a minute: one look at the pass, one at the capability."""
    looked: list[str] = []

    class Watched(Inline):
        def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
            looked.append(type(asked).__name__)
            super().submit(asked, now, answered)

    async with open_world(storage=Watched(MemoryStore())) as world:
        alice, bob = await alice_and_bob(world)
        looked.clear()
        for number in range(100):
            await publish(alice, BLOB, number)
            await signal(bob)
        assert sorted(looked) == ["Vouch", "Whose"]


async def test_nothing_of_it_is_logged(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)
        await watch(bob, 1)
        await publish(alice, BLOB, 1)
        await signal(bob)
        await bob.next()
        await alice.next()
    assert [each.getMessage() for each in caplog.records if each.name.startswith("relay")] == []


async def test_a_bug_in_telling_one_does_not_end_it_for_all(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_world() as world:
        alice, bob = await alice_and_bob(world)

        class Broken:
            neighbour = Neighbour(Limits())

            def tell(self, news: News) -> None:
                raise RuntimeError

        call, _ = await watch(bob, 1)
        here = world.relay.premises.presence
        name = Slots(1).publish(b"", updates(BLOB, 1)[0], 0)
        assert not isinstance(name, Reason)
        here.watch(name, Broken(), as_told)
        await publish(alice, BLOB, 1)
        assert await bob.next() == Told(watch=call, answer=BLOB)
        await publish(alice, OTHER, 1)
        assert await bob.next() == Told(watch=call, answer=OTHER)
    caplog.clear()
