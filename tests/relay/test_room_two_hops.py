"""Watching for room in a full queue, here and at another relay: told once, sealed, and bounded."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from protocol.wire.frames import (
    LetGo,
    Noted,
    Reason,
    Refused,
    Reply,
    Request,
    Told,
    Watching,
    WatchRoom,
)
from relay.asked import fleeting
from tests.relay.caller import Caller
from tests.relay.test_presence_two_hops import NO_CALL, Way, begun
from tests.relay.test_two_hops import FROM_BOB, alice_and_bob
from tests.relay.town import Post, Town, answered, handed_in, open_town, said_in

TOLD = Watching(call=NO_CALL)
MOST = 8


def room(by: Caller, to: Post, capability: bytes = FROM_BOB) -> Way:
    asked: Request[Reply] = WatchRoom(call=NO_CALL, capability=capability)  # type: ignore[assignment]
    return Way(by, to, asked)


async def full(town: Town) -> tuple[Post, Caller, Caller]:
    """Alice's queue takes eight from bob, and he has found it full."""
    _, there, alice, bob = await alice_and_bob(town)
    await alice.ask(alice.grant_frame(FROM_BOB, MOST))
    said: list[Reply] = []
    for number in range(MOST + 1):
        packet = there.packet(number, FROM_BOB)
        await handed_in(bob, number, packet, there)
        said.append(said_in(await answered(bob), packet))
    assert said[-1] == Refused(call=NO_CALL, reason=Reason.QUOTA)
    return there, alice, bob


def waiting(post: Post) -> int:
    assert post.relay is not None
    return len(post.relay.premises.switchboard.__dict__["_waiting"])


async def test_room_at_the_other_relay_is_told_once_and_sealed(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        there, alice, bob = await full(town)
        way = room(bob, there)
        assert await begun(way) == TOLD, "as for a slot in which nothing stands"
        await alice.acknowledge(1)
        assert await way.told() == TOLD
        await alice.acknowledge(2)
        await trio.sleep(1)
        await bob.ping()
        assert bob.heard == []
        assert isinstance(await bob.ask(LetGo(call=bob.call(), watch=way.call)), Noted)


async def test_every_capability_is_answered_alike(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        there, _, bob = await full(town)
        assert [await begun(room(bob, there, one)) for one in (FROM_BOB, b"?" * 32)] == [TOLD] * 2


async def test_who_lets_go_or_goes_waits_no_more(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        there, _, bob = await full(town)
        way = room(bob, there)
        await begun(way)
        assert waiting(there) == 1
        await bob.ask(LetGo(call=bob.call(), watch=way.call))
        await trio.sleep(1)
        assert waiting(there) == 0
        await begun(room(bob, there))
        await bob.hang_up()
        await trio.sleep(1)
        assert waiting(there) == 0


async def test_as_many_as_one_connection_may_watch(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleeting, "ROOMS_OF_A_RELAY", 2)
    monkeypatch.setattr(fleeting, "ROOMS", 1)
    async with open_town() as town:
        there, alice, bob = await full(town)
        said = [await begun(room(bob, there, bytes([number]) * 32)) for number in range(3)]
        assert said == [TOLD, TOLD, Refused(call=NO_CALL, reason=Reason.QUOTA)]
        carol = await there.caller(3)
        one, other = (WatchRoom(call=carol.call(), capability=FROM_BOB) for _ in range(2))
        assert await carol.ask(one) == Watching(call=one.call)
        assert await carol.ask(other) == Refused(call=other.call, reason=Reason.QUOTA)
        await alice.acknowledge(1)
        assert await carol.next() == Told(watch=one.call)
