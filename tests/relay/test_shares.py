"""What one connection, one address and all of them together may take up, in memory."""

from __future__ import annotations

import ssl

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from protocol.wire import codec, frames
from protocol.wire.codec import MAX_MESSAGE
from protocol.wire.frames import Reason, Redeemed, Refused
from relay import neighbours, unfinished
from relay.neighbours import (
    HANDSHAKE_EACH_MS,
    KEY_LASTS_MS,
    NEWCOMER_EACH_MS,
    NEWCOMERS,
    Neighbour,
    Neighbours,
    place_of,
)
from relay.rules.clock import Now
from relay.rules.limits import Allowance, House, Limits
from relay.rules.office import AnyRequest
from relay.store.memory import MemoryStore
from relay.store.storage import Answered, Inline
from relay.unfinished import Unfinished
from tests.relay.caller import Caller, Line, World, open_world, some_bytes

BOB_MAY = b"alice gave this to bob".ljust(32)


def redeem(caller: Caller, number: int) -> frames.Redeem:
    secret = number.to_bytes(32, "big")
    return frames.Redeem(call=caller.call(), code=b"", pass_secret=secret)


async def test_one_place_takes_so_many_passes_of_an_open_relay(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        place = place_of("192.0.2.7")
        carol = await from_place(world, 3, place)
        said: list[Redeemed | Refused] = []
        for number in range(NEWCOMERS + 3):
            reply = await carol.ask(redeem(carol, number))
            said.append(reply)
        assert [type(each) for each in said[:NEWCOMERS]] == [Redeemed] * NEWCOMERS
        assert {e.reason for e in said[NEWCOMERS:] if isinstance(e, Refused)} == {Reason.QUOTA}
        await carol.hang_up()
        carol = await from_place(world, 3, place)
        assert isinstance(await carol.ask(redeem(carol, 500)), Refused), "on any connection"
        bob = await from_place(world, 2, place_of("192.0.2.8"))
        assert isinstance(await bob.ask(redeem(bob, 600)), Redeemed)
        await trio.sleep(NEWCOMER_EACH_MS / 1000)
        assert isinstance(await carol.ask(redeem(carol, 501)), Redeemed)
        assert isinstance(await carol.ask(redeem(carol, 502)), Refused)


async def from_place(world: World, seed: int, place: neighbours.Place | None) -> Caller:
    ours, theirs = trio.testing.memory_stream_pair()
    world.nursery.start_soon(world.relay.serve_stream, theirs, place)
    return await world.caller(seed, ours)


async def test_connections_of_one_place_are_bounded(autojump_clock: MockClock) -> None:
    limits = Limits(connections_per_address=2)
    async with open_world(House(open=True, limits=limits)) as world:
        place = place_of("2001:db8:1:2::7")
        first = await from_place(world, 1, place)
        await from_place(world, 2, place_of("2001:db8:1:2:ffff::9"))
        ours, theirs = trio.testing.memory_stream_pair()
        world.nursery.start_soon(world.relay.serve_stream, theirs, place)
        assert await ours.receive_some() == b""
        await from_place(world, 3, place_of("2001:db8:1:3::7"))
        for _ in range(3):
            await from_place(world, 3, place_of("127.0.0.1"))
        await first.hang_up()
        await trio.testing.wait_all_tasks_blocked()
        await from_place(world, 1, place)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_a_place(one: str, other: str, same: bool) -> None:
    assert (place_of(one) == place_of(other)) is same


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_no_place(host: str) -> None:
    assert place_of(host) is None


def come(known: Neighbours, number: int, now_ms: int = 0) -> Neighbour:
    neighbour = known.come(place_of(f"192.0.2.{number}"), now_ms)
    assert neighbour is not None
    return neighbour


def some_neighbours(**limits: int) -> Neighbours:
    return Neighbours(Limits(**limits), some_bytes(1))


def test_neighbours_are_forgotten_when_gone_and_forgiven() -> None:
    known = some_neighbours()
    for number in range(5):
        neighbour = come(known, number)
        neighbour.newcomers.another(0)
        if number:
            known.leave(neighbour, 0, greeted=True)
    known.forget_some(NEWCOMER_EACH_MS - 1)
    assert len(known) == 5
    known.forget_some(NEWCOMER_EACH_MS)
    assert len(known) == 1, "one is still here"


def test_handshakes_of_a_place_are_bounded_in_a_time() -> None:
    known = some_neighbours(handshakes_per_address=3)
    for _ in range(3):
        known.leave(come(known, 1), 0, greeted=True)
    assert known.come(place_of("192.0.2.1"), HANDSHAKE_EACH_MS - 1) is None
    come(known, 2)
    come(known, 1, HANDSHAKE_EACH_MS)
    assert known.come(place_of("192.0.2.1"), HANDSHAKE_EACH_MS) is None


def test_a_handshake_that_comes_to_nothing_counts_as_five() -> None:
    known = some_neighbours(handshakes_per_address=20)
    for _ in range(4):
        known.leave(come(known, 1), 0, greeted=False)
    assert known.come(place_of("192.0.2.1"), 0) is None
    later_ms = 20 * HANDSHAKE_EACH_MS
    for _ in range(20):
        known.leave(come(known, 1, later_ms), later_ms, greeted=True)


def test_this_machine_may_shake_hands_as_often_as_it_likes() -> None:
    known = some_neighbours(handshakes_per_address=1)
    for _ in range(50):
        neighbour = known.come(None, 0)
        assert neighbour is not None
        known.leave(neighbour, 0, greeted=False)


def memory_of(known: Neighbours) -> set[bytes]:
    """Every name there is."""
    return {*known._known, *known._known_before}  # pyright: ignore[reportPrivateUsage]


def test_no_address_is_kept_and_no_name_outlives_a_day() -> None:
    known = some_neighbours()
    staying = come(known, 1)
    first = memory_of(known)
    assert all(len(name) == 16 for name in first)
    assert not any(b"192" in name for name in first)
    assert come(known, 1, KEY_LASTS_MS) is staying, "known by another name"
    assert not memory_of(known) & first
    come(known, 2, KEY_LASTS_MS)
    second = memory_of(known)
    known.forget_some(2 * KEY_LASTS_MS)
    assert memory_of(known) == second
    known.forget_some(3 * KEY_LASTS_MS)
    assert memory_of(known) == set()
    assert come(known, 1, 3 * KEY_LASTS_MS) is not staying


def test_two_relays_have_other_names_for_one_place() -> None:
    one, other = Neighbours(Limits(), some_bytes(1)), Neighbours(Limits(), some_bytes(2))
    come(one, 1)
    come(other, 1)
    assert not memory_of(one) & memory_of(other)


def test_places_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_KNOWN", 3)
    known = some_neighbours()
    for number in range(10):
        come(known, number)
    assert len(known) == 3


async def knock(world: World, place: neighbours.Place | None, *, tls: bool) -> bytes | None:
    """Junk instead of a handshake; None where nobody listens to it any more."""
    ours, theirs = trio.testing.memory_stream_pair()
    stream: trio.abc.Stream = theirs
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        stream = trio.SSLStream(theirs, context, server_side=True, https_compatible=True)
    world.nursery.start_soon(world.relay.serve_stream, stream, place)
    await trio.testing.wait_all_tasks_blocked()
    try:
        await ours.send_all(b"\x00\x01 no handshake of any kind\r\n\r\n")
        return bytes(await ours.receive_some())
    except trio.BrokenResourceError:
        return None
    finally:
        await trio.aclose_forcefully(ours)
        await trio.testing.wait_all_tasks_blocked()


@pytest.mark.parametrize("tls", [False, True])
async def test_failed_handshakes_shut_the_door_for_a_while(
    autojump_clock: MockClock, tls: bool
) -> None:
    house = House(open=True, limits=Limits(handshakes_per_address=15))
    async with open_world(house) as world:
        place = place_of("192.0.2.7")
        for _ in range(3):
            assert await knock(world, place, tls=tls) is not None
        assert await knock(world, place, tls=tls) is None
        await from_place(world, 2, place_of("192.0.2.8"))
        await trio.sleep(HANDSHAKE_EACH_MS / 1000)
        await from_place(world, 1, place)


def test_an_allowance_does_not_count_what_it_refused() -> None:
    allowance = Allowance(2, 1_000)
    assert [allowance.another(0) for _ in range(50)] == [False, False] + [True] * 48
    assert [allowance.another(1_000) for _ in range(2)] == [False, True]


class Unhurried(Inline):
    """Answers deposits when the test says so."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.late: list[tuple[AnyRequest, Now, Answered]] = []

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if isinstance(asked, frames.Deposit):
            self.late.append((asked, now, answered))
        else:
            super().submit(asked, now, answered)

    def answer_late(self) -> None:
        late, self.late = self.late, []
        for asked, now, answered in late:
            super().submit(asked, now, answered)


async def test_calls_in_flight_are_bounded_also_within_one_read(autojump_clock: MockClock) -> None:
    storage = Unhurried()
    async with open_world(House(open=True, limits=Limits(calls_in_flight=4)), storage) as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        for number in range(20):
            bob.line.websocket.send_binary(codec.dump([bob.deposit_frame(BOB_MAY, number)]))
        await bob.say(frames.Ping(call=bob.call()))
        seen: list[int] = []
        while len(seen) < 5:
            await trio.testing.wait_all_tasks_blocked()
            seen.append(len(storage.late))
            storage.answer_late()
        assert seen == [4] * 5


async def half_a_message(world: World, seed: int, size: int) -> Caller:
    caller = await world.caller(seed)
    await more_of_it(caller.line, size, first=True)
    return caller


async def more_of_it(line: Line, size: int, *, first: bool = False) -> None:
    """The beginning of a message of the largest size, or what follows it; never its end."""
    opening = b"\x82\xff" + MAX_MESSAGE.to_bytes(8, "big") + bytes(4) if first else b""
    await line.stream.send_all(opening + bytes(size))
    await trio.testing.wait_all_tasks_blocked()


async def test_who_is_longest_at_an_unfinished_message_is_cut_off(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "MOST_HEARD", 1_000_000)
    async with open_world(House(open=True)) as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        slow = [await half_a_message(world, 10 + n, 300_000) for n in range(3)]
        for number in range(5):
            big = bob.deposit_frame(BOB_MAY, number, 65_536)
            assert isinstance(await bob.ask(big), frames.Stored)
        await more_of_it(slow[2].line, 150_000)
        await more_of_it(slow[1].line, 1_000)
        assert await slow[0].next() is None
        with trio.move_on_after(5) as waited:
            await slow[1].next()
        assert waited.cancelled_caught
        await alice.ping()


def test_what_is_unfinished_is_summed_up() -> None:
    cut: list[str] = []
    alice, bob, carol = (lambda: cut.append("alice"), lambda: cut.append("bob"), lambda: None)
    held = Unfinished(100)
    held.hold(alice, 40)
    held.hold(bob, 40)
    held.hold(alice, 0)
    held.hold(alice, 50)
    held.hold(carol, 10)
    assert cut == []
    held.hold(carol, 30)
    assert cut == ["bob"], "alice began anew"
    held.hold(bob, 0)
    held.hold(carol, 101)
    assert cut == ["bob", "alice"]
