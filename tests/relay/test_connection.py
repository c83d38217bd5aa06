"""One desktop's connection, over memory streams and a virtual clock."""

from __future__ import annotations

from typing import Any

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from protocol.ids import CapabilityHash
from protocol.keys import Domain, sign
from protocol.wire import codec, frames
from protocol.wire.codec import Heard
from protocol.wire.frames import (
    Delivery,
    Done,
    Farewell,
    Reason,
    Refused,
    Reply,
    Stored,
)
from protocol.wire.handshake import hello
from relay import unfinished
from relay.collector import WINDOW, WINDOW_BYTES
from relay.rules.clock import HOUR_MS
from relay.rules.deposits import capability_hash
from relay.rules.limits import House, Limits, Terms
from tests.relay.caller import DRAWER, Caller, open_world, some_bytes

BOB_MAY = b"alice gave this to bob".ljust(32)
CAROL_MAY = b"alice gave this to carol".ljust(32)
ROOMY = Terms(stored_bytes=1 << 30)


def reason_of(reply: Heard | None) -> Reason:
    assert isinstance(reply, Refused)
    return reply.reason


async def test_bob_writes_and_alice_collects(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        assert isinstance(await bob.deposit(BOB_MAY, 1), Stored)
        assert isinstance(await bob.deposit(BOB_MAY, 2), Stored)
        first, second = await alice.delivery(), await alice.delivery()
        assert [first.sequence, second.sequence] == [1, 2]
        assert first.body == bob.deposit_frame(BOB_MAY, 1).body
        assert first.mailbox == alice.mailbox
        assert isinstance(await alice.acknowledge(2), Done)
        again = await world.caller(1)
        assert (await again.open()).waiting == 0


async def test_what_came_while_away_comes_first(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        await alice.hang_up()
        for number in range(5):
            await bob.deposit(BOB_MAY, number)
        alice = await world.caller(1)
        opened = await alice.open(after=2)
        assert opened.waiting == 3
        await bob.deposit(BOB_MAY, 9)
        assert [(await alice.delivery()).sequence for _ in range(4)] == [3, 4, 5, 6]


async def test_unacknowledged_comes_again_on_the_next_connection(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        await bob.deposit(BOB_MAY, 1)
        await alice.delivery()
        await alice.hang_up()
        alice = await world.caller(1)
        await alice.open()
        assert (await alice.delivery()).sequence == 1


@pytest.mark.parametrize(("size", "expected"), [(2048, WINDOW), (65_536, WINDOW_BYTES // 65_536)])
async def test_a_window_is_under_way_and_acknowledging_gives_room(
    autojump_clock: MockClock, size: int, expected: int
) -> None:
    async with open_world(House(open=True, terms=ROOMY)) as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        for number in range(expected + 10):
            assert isinstance(await bob.deposit(BOB_MAY, number, size), Stored)
        took = [(await alice.delivery()).sequence for _ in range(expected)]
        assert took == list(range(1, expected + 1))
        with trio.move_on_after(5) as nothing_more:
            await alice.next()
        assert nothing_more.cancelled_caught
        await alice.acknowledge(3)
        assert [(await alice.delivery()).sequence for _ in range(3)] == [
            expected + 1,
            expected + 2,
            expected + 3,
        ]


async def test_a_later_opening_takes_over(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        earlier, bob = await world.caller(1), await world.caller(2)
        await earlier.move_in(BOB_MAY)
        later = await world.caller(1)
        await later.open()
        await bob.deposit(BOB_MAY, 1)
        assert (await later.delivery()).sequence == 1
        assert reason_of(await earlier.acknowledge(0)) is Reason.WRONG_STATE
        assert reason_of(await earlier.ask(earlier.grant_frame(CAROL_MAY))) is Reason.WRONG_STATE
        assert not [frame for frame in earlier.heard if isinstance(frame, Delivery)]
        assert isinstance(await later.acknowledge(1), Done)


async def test_what_was_not_delivered_is_not_acknowledged(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        assert reason_of(await alice.acknowledge(1)) is Reason.WRONG_STATE
        await bob.deposit(BOB_MAY, 1)
        await alice.delivery()
        assert isinstance(await alice.acknowledge(1), Done)


async def test_opening_acknowledging_and_granting_need_no_waiting(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        await bob.deposit(BOB_MAY, 1)
        await bob.deposit(BOB_MAY, 2)
        again = await world.caller(1)
        opening = again.open_frame(after=1)
        acknowledging = frames.Acknowledge(call=again.call(), mailbox=again.mailbox, up_to=1)
        granting = again.grant_frame(CAROL_MAY)
        await again.say(opening, acknowledging, granting)
        said = [type(await again.next()) for _ in range(4)]
        assert sorted(each.__name__ for each in said) == ["Delivery", "Done", "Done", "Opened"]


async def test_only_its_owner_opens_a_mailbox(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, carol = await world.caller(1), await world.caller(3)
        await alice.move_in(BOB_MAY)
        forged = sign(carol.secret, Domain.OPEN_MAILBOX, carol.agreed.transcript)
        replayed = sign(alice.secret, Domain.OPEN_MAILBOX, alice.agreed.transcript)
        other_domain = sign(alice.secret, Domain.CREATE_MAILBOX, carol.agreed.transcript)
        for signature in (forged, replayed, other_domain, bytes(64)):
            asked = frames.OpenMailbox(
                call=carol.call(), mailbox=alice.mailbox, signature=signature
            )
            assert reason_of(await carol.ask(asked)) is Reason.BAD_SIGNATURE
        assert reason_of(await carol.ask(alice.grant_frame(CAROL_MAY))) is Reason.WRONG_STATE


async def test_an_owner_s_words_need_an_open_mailbox(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice = await world.caller(1)
        await alice.move_in()
        stranger = await world.caller(1)
        box = stranger.mailbox
        asked: list[Any] = [
            stranger.grant_frame(BOB_MAY),
            frames.Revoke(call=stranger.call(), mailbox=box, capability=CapabilityHash(bytes(32))),
            frames.Stock(call=stranger.call(), mailbox=box, drawer=DRAWER, bundles=(b"x",)),
            frames.EmptyDrawer(call=stranger.call(), mailbox=box, drawer=DRAWER),
            frames.DeleteMailbox(call=stranger.call(), mailbox=box),
            frames.Acknowledge(call=stranger.call(), mailbox=box, up_to=0),
        ]
        replies: list[Reply] = [await stranger.ask(each) for each in asked]
        assert [reason_of(reply) for reply in replies] == [Reason.WRONG_STATE] * len(asked)


async def test_bundles_are_stocked_and_taken(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        stock = frames.Stock(
            call=alice.call(),
            mailbox=alice.mailbox,
            drawer=DRAWER,
            bundles=(b"one",),
            last_resort=b"last",
        )
        assert isinstance(await alice.ask(stock), frames.Stocked)
        said: list[tuple[bytes, bool]] = []
        for _ in range(2):
            took = await bob.ask(frames.TakeBundle(call=bob.call(), capability=BOB_MAY))
            assert isinstance(took, frames.BundleTaken)
            said.append((took.body, took.last_resort))
        assert said == [(b"one", False), (b"last", True)]


async def test_a_deleted_mailbox_delivers_nothing(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        deleting = frames.DeleteMailbox(call=alice.call(), mailbox=alice.mailbox)
        assert isinstance(await alice.ask(deleting), Done)
        assert reason_of(await bob.deposit(BOB_MAY, 1)) is Reason.UNKNOWN
        assert reason_of(await alice.ask(alice.open_frame())) is Reason.UNKNOWN


async def test_who_was_taken_over_from_gets_nothing_back_by_a_refused_word(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        earlier = await world.caller(1)
        await earlier.move_in(BOB_MAY)
        later = await world.caller(1)
        await later.open()
        deleting = frames.DeleteMailbox(call=earlier.call(), mailbox=earlier.mailbox)
        assert reason_of(await earlier.ask(deleting)) is Reason.WRONG_STATE
        again = frames.DeleteMailbox(call=earlier.call(), mailbox=earlier.mailbox)
        assert reason_of(await earlier.ask(again)) is Reason.WRONG_STATE
        assert reason_of(await earlier.ask(earlier.grant_frame(CAROL_MAY))) is Reason.WRONG_STATE
        assert isinstance(await later.acknowledge(0), Done)


async def test_silence_ends_after_a_minute_and_a_ping_is_no_silence(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice = await world.caller(1)
        for _ in range(5):
            await trio.sleep(50)
            await alice.ping()
        started = trio.current_time()
        assert await alice.next() is None
        assert 58 <= trio.current_time() - started <= 65


async def test_an_unfinished_handshake_ends_after_ten_seconds(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        started = trio.current_time()
        stream = world.stream()
        await stream.send_all(b"GET / HTTP/1.1\r\n")
        assert not await stream.receive_some()
        line = await world.line()
        assert await line.hear() is None
        assert trio.current_time() - started <= 21


async def test_too_much_before_the_handshake_ends_it(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        stream = world.stream()
        await stream.send_all(b"GET / HTTP/1.1\r\nX: " + b"x" * 9000)
        with pytest.raises(trio.BrokenResourceError):
            while await stream.receive_some():
                pass
            raise trio.BrokenResourceError
        line = await world.line()
        await line.say(hello(some_bytes(1)) + bytes(5000))
        assert await line.hear() is None


async def test_no_common_version_is_said(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        line = await world.line()
        await line.say(hello(some_bytes(1), versions=(77,)))
        heard = await line.hear()
        assert heard is not None
        assert codec.load(heard, frames.Side.RELAY) == [
            Farewell(reason=Reason.UNSUPPORTED, retry_ms=0)
        ]
        assert await line.hear() is None


async def test_a_reader_who_stalls_is_cut_off_and_nobody_else_notices(
    autojump_clock: MockClock,
) -> None:
    async with open_world(House(open=True, terms=ROOMY)) as world:
        alice = await world.caller(1, world.narrow_stream())
        bob, carol = await world.caller(2), await world.caller(3)
        await alice.move_in(BOB_MAY)
        await carol.move_in(CAROL_MAY)
        for number in range(40):
            assert isinstance(await bob.deposit(BOB_MAY, number, 65_536), Stored)
        for number in range(3):
            await bob.deposit(CAROL_MAY, number)
            assert (await carol.delivery()).sequence == number + 1
        # Alice reads nothing, and what she might say does not help her.
        with trio.move_on_after(200):
            for _ in range(20):
                await carol.ping()
                await bob.ping()
                await trio.sleep(10)
        with pytest.raises((trio.BrokenResourceError, trio.ClosedResourceError)):
            await alice.line.stream.send_all(b"x")
        fresh = await world.caller(1)
        assert (await fresh.open()).waiting == 40


async def test_a_reader_who_stalls_and_keeps_talking_is_cut_off_as_well(
    autojump_clock: MockClock,
) -> None:
    async with open_world(House(open=True, terms=ROOMY)) as world:
        alice, bob = await world.caller(1, world.narrow_stream()), await world.caller(2)
        await alice.move_in(BOB_MAY)
        for number in range(4):
            assert isinstance(await bob.deposit(BOB_MAY, number, 65_536), Stored)
        for _ in range(8):
            await bob.ping()
            await alice.say(frames.Ping(call=alice.call()))
            await trio.sleep(10)
        with pytest.raises((trio.BrokenResourceError, trio.ClosedResourceError)):
            await alice.line.stream.send_all(b"x")
        fresh = await world.caller(1)
        assert (await fresh.open()).waiting == 4
        assert [(await fresh.delivery()).sequence for _ in range(4)] == [1, 2, 3, 4]


async def test_a_slow_reader_is_no_stalled_one(autojump_clock: MockClock) -> None:
    async with open_world(House(open=True, terms=ROOMY)) as world:
        alice, bob = await world.caller(1, world.narrow_stream()), await world.caller(2)
        await alice.move_in(BOB_MAY)
        for number in range(6):
            assert isinstance(await bob.deposit(BOB_MAY, number, 65_536), Stored)
        for number in range(1, 7):
            await trio.sleep(40)
            await alice.say(frames.Ping(call=alice.call()))
            while not isinstance(said := await alice.next(), Delivery):
                assert said is not None
            assert said.sequence == number


async def test_what_lines_do_not_take_is_bounded_in_all(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "MOST_UNSENT", 400_000)
    async with open_world(House(open=True, terms=ROOMY)) as world:
        bob = await world.caller(9)
        stalled: list[Caller] = []
        for number in range(3):
            one = await world.caller(number, world.narrow_stream())
            may = bytes([number]) * 32
            await one.move_in(may)
            for deposit in range(3):
                assert isinstance(await bob.deposit(may, deposit, 65_536), Stored)
            stalled.append(one)
            await trio.testing.wait_all_tasks_blocked()
        with pytest.raises((trio.BrokenResourceError, trio.ClosedResourceError)):
            await stalled[0].line.stream.send_all(b"x")
        for one in stalled[1:]:
            assert (await one.delivery()).sequence == 1, "the first was enough"


async def test_whoever_was_turned_away_is_told_when_there_is_room(
    autojump_clock: MockClock,
) -> None:
    async with open_world(House(open=True)) as world:
        alice, bob, carol = [await world.caller(number) for number in (1, 2, 3)]
        await alice.move_in(pending=16)
        for capability in (BOB_MAY, CAROL_MAY):
            await alice.ask(alice.grant_frame(capability, pending=16))
        for number in range(16):
            assert isinstance(await bob.deposit(BOB_MAY, number), Stored)
            await carol.deposit(CAROL_MAY, 100 + number)
        for _ in range(3):
            refused = await bob.deposit(BOB_MAY, 16)
            assert isinstance(refused, Refused)
            assert refused.reason is Reason.QUOTA
        await alice.acknowledge(2)
        await bob.ping()
        assert bob.heard == [], "room for one would only call for more than there is room for"
        await alice.acknowledge(4)
        room = frames.Continue(capability=capability_hash(BOB_MAY))
        assert await bob.next() == room
        assert isinstance(await bob.deposit(BOB_MAY, 16), Stored)
        await alice.acknowledge(8)
        for somebody in (bob, carol):
            await somebody.ping()
            assert somebody.heard == [], "once, and only to whom was turned away"


async def test_who_was_turned_away_and_has_gone_is_told_nothing(autojump_clock: MockClock) -> None:
    async with open_world(House(open=True)) as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY, pending=1)
        await bob.deposit(BOB_MAY, 1)
        assert isinstance(await bob.deposit(BOB_MAY, 2), Refused)
        await bob.hang_up()
        await trio.testing.wait_all_tasks_blocked()
        again = await world.caller(2)
        await alice.acknowledge(1)
        await again.ping()
        assert again.heard == []


async def test_calls_of_one_connection_wait_for_each_other(autojump_clock: MockClock) -> None:
    house = House(open=True, terms=ROOMY, limits=Limits(calls_in_flight=2))
    async with open_world(house) as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        await bob.say(*(bob.deposit_frame(BOB_MAY, number) for number in range(50)))
        replies = [await bob.next() for _ in range(50)]
        assert all(isinstance(reply, Stored) for reply in replies)


async def test_connections_are_bounded(autojump_clock: MockClock) -> None:
    async with open_world(House(open=True, limits=Limits(connections=2))) as world:
        first, second = await world.caller(1), await world.caller(2)
        third = world.stream()
        with pytest.raises(trio.BrokenResourceError):
            await third.send_all(b"GET / HTTP/1.1\r\n")
            if not await third.receive_some():
                raise trio.BrokenResourceError
        await first.ping()
        await second.hang_up()
        await trio.testing.wait_all_tasks_blocked()
        await (await world.caller(3)).ping()


async def test_who_only_guesses_is_sent_away(autojump_clock: MockClock) -> None:
    async with open_world(House(open=True, limits=Limits(failed_attempts=5))) as world:
        carol, bob = await world.caller(3), await world.caller(2)
        for number in range(5):
            assert reason_of(await carol.deposit(bytes([number]) * 32, 1)) is Reason.UNKNOWN
        await carol.say(carol.deposit_frame(bytes(32), 1))
        farewell = await carol.farewell()
        assert farewell is not None
        assert farewell.reason is Reason.QUOTA
        await bob.ping()


async def test_failures_are_forgiven_with_time(autojump_clock: MockClock) -> None:
    async with open_world(House(open=True, limits=Limits(failed_attempts=2))) as world:
        carol = await world.caller(3)
        for number in range(10):
            assert reason_of(await carol.deposit(bytes([number]) * 32, 1)) is Reason.UNKNOWN
            await trio.sleep(2)


async def test_a_clock_that_is_set_forgives_nothing(autojump_clock: MockClock) -> None:
    async with open_world(House(open=True, limits=Limits(failed_attempts=2))) as world:
        carol = await world.caller(3)
        for number in range(2):
            assert reason_of(await carol.deposit(bytes([number]) * 32, 1)) is Reason.UNKNOWN
        world.clock.set_ms += HOUR_MS // 2
        await carol.say(carol.deposit_frame(bytes(32), 1))
        farewell = await carol.farewell()
        assert farewell is not None and farewell.reason is Reason.QUOTA


async def test_open_mailboxes_of_a_connection_are_bounded(autojump_clock: MockClock) -> None:
    async with open_world(House(open=True, limits=Limits(open_mailboxes=1))) as world:
        alice = await world.caller(1)
        await alice.move_in()
        await alice.open()
        other = Caller(alice.line, alice.agreed, seed=9)
        other.calls = alice.calls
        assert reason_of(await other.ask(other.open_frame())) is Reason.QUOTA


async def test_a_stopping_relay_answers_and_says_farewell(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        started = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(world.relay.stop)
            farewells = [await alice.farewell(), await bob.farewell()]
        assert trio.current_time() - started < 8
        assert all(f is not None and f.reason is Reason.TRY_LATER for f in farewells)
        assert len({f.retry_ms for f in farewells if f is not None}) == 2, "spread"
        late = world.stream()
        with pytest.raises(trio.BrokenResourceError):
            await late.send_all(b"x")
            if not await late.receive_some():
                raise trio.BrokenResourceError


async def test_a_stopping_relay_waits_for_nobody_for_long(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        stalled = await world.caller(1, world.narrow_stream())
        started = trio.current_time()
        await world.relay.stop()
        assert trio.current_time() - started <= 8
        assert stalled.heard == []
