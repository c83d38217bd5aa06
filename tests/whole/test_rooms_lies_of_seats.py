"""A relay that lies of seats: how mine stands, who is there, what the room is.

Its word is shown where nothing better is known, decides nothing, and is gone with the next truth.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.room_errors import RoomNotAllowed
from desktop.core.rooms import Act, Line, Person, Presence, Role
from desktop.engine.rooms.line import standing
from desktop.engine.timings import Timings
from desktop.store.rooms import grants, rooms
from protocol.e2e.rooms.front import Front, seal_front
from protocol.ids import GrantId, RoomId, SeatId
from protocol.wire.frames import Frame, Request
from protocol.wire.frames.rooms import (
    Entered,
    SeatRow,
    SeatsChanged,
    SeatsShown,
    SeatState,
    SeatTold,
    SignedGrant,
)
from protocol.wire.rooms.orders import EVERYTHING, GrantBody, sign_grant
from protocol.wire.rooms.policy import sign_policy
from protocol.wire.rooms.signed import RoomKey, new_room, new_seat, unpack
from tests.whole.crooked import honest
from tests.whole.mutant import the_story_fails
from tests.whole.test_hosting import seat_of
from tests.whole.test_rooms_cheating_relay import DICE, Scene, scene
from tests.whole.world import World

FOR_GOOD = 2**53 - 1
STRANGER = new_room(DICE.randbytes)  # somebody who would like to be the host


def everything(seat: SeatId, room: RoomId, by: RoomKey, now: int) -> SignedGrant:
    body = GrantBody(
        room=room,
        grant=GrantId(DICE.randbytes(16)),
        seat=seat,
        scopes=EVERYTHING,
        made_ms=now,
        expires_ms=now + 3_600_000,
    )
    return sign_grant(by, body)


async def come_again(at: Scene) -> None:
    await at.carol.wire.off()
    at.carol.wire.on()
    await trio.sleep(15)
    assert (await at.carol.engine.room_show(at.room)).line is Line.UP


async def taken_back(at: Scene) -> SignedGrant:
    """A role that carol had, and has no more."""
    me = await seat_of(at.carol, at.room)
    await at.alice.engine.room_act(at.room, me, Act.MAKE_MODERATOR)
    await trio.sleep(5)
    kept = await at.carol.ground.vault.read(lambda db: rooms.find(db, at.room))
    assert kept is not None
    assert kept.grant is not None
    await at.alice.engine.room_act(at.room, me, Act.MAKE_MEMBER)
    await trio.sleep(5)
    assert (await at.carol.engine.room_show(at.room)).role is Role.MEMBER
    return kept.grant


async def my_seat(world: World) -> None:
    """A role that is none, a front of somebody else, a mute that nobody ordered."""
    async with scene(world) as at:
        await at.enter()
        before, me = await at.carol.engine.room_show(at.room), await seat_of(at.carol, at.room)
        host, others = await at.hosts(), await seat_of(at.alice, at.room)
        assert host.key is not None
        link = host.link
        front = seal_front(
            Front(title="Free glazes", host="Mallory"), link.front_key(), at.room, DICE.randbytes
        )
        told = sign_policy(STRANGER, replace(host.body, version=99, front=front))
        roles = (
            await taken_back(at),
            everything(me, at.room, STRANGER, world.now()),
            everything(others, at.room, host.key, world.now()),
            everything(me, STRANGER.room, STRANGER, world.now()),
        )
        for role in roles:

            def cheat(
                frame: Frame, asked: Request[Any] | None, given: SignedGrant = role
            ) -> Iterable[Frame]:
                lie = {"policy": told, "grant": given, "muted_until_ms": FOR_GOOD, "seats": 4_000}
                yield replace(frame, **lie) if isinstance(frame, Entered) else frame

            at.hand.cheat = cheat
            await come_again(at)
            shown = await at.carol.engine.room_show(at.room)
            assert (shown.role, shown.may) == (Role.MEMBER, ())
            assert (shown.title, shown.host) == (before.title, before.host)
            assert (shown.muted, shown.warning) == (True, None)
            with pytest.raises(RoomNotAllowed):
                await at.carol.engine.room_act(at.room, others, Act.MUTE)
        at.hand.cheat = honest
        await come_again(at)
        shown = await at.carol.engine.room_show(at.room)
        assert (shown.muted, shown.people) == (False, 2)
        await at.carol.engine.room_say(at.room, "Here I am")
        await trio.sleep(3)
        assert await at.rows() == ["<order>", "<order>", "Here I am"]


async def who_is_there(world: World) -> None:
    """Somebody with every right whom nobody knows, and one who was put out by nobody."""
    async with scene(world) as at, world.desktop("Bob", at=at.relay) as bob:
        await bob.engine.room_enter(at.link, "quiet-fern")
        bobs = await seat_of(bob, at.room)
        ghost = new_seat(DICE.randbytes).seat
        row = SeatRow(
            seat=ghost,
            state=SeatState.HERE,
            since_ms=1,
            scopes=int(EVERYTHING),
            name=DICE.randbytes(173),
            grant=everything(ghost, at.room, STRANGER, world.now()),
        )

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            if isinstance(frame, SeatsShown):
                rows = [_out(each) if each.seat == bobs else each for each in frame.seats]
                yield replace(frame, seats=(*rows, row))
            else:
                yield frame
            if isinstance(frame, Entered):
                yield SeatsChanged(seats=9_999, came=(ghost,), went=(bobs,))

        at.hand.cheat = cheat
        await at.enter()
        await bob.engine.room_say(at.room, "Still here")
        await trio.sleep(10)
        seen = await people(at)
        assert (seen[ghost].role, seen[ghost].name) == (Role.MEMBER, "")
        assert (seen[bobs].state, seen[bobs].done) == (Presence.REMOVED, None), "ordered by nobody"
        assert [one.name for one in seen.values() if one.role is Role.HOST] == ["Marta Kessler"]
        assert await at.rows() == ["Still here"]
        shown = await at.carol.engine.room_show(at.room)
        assert (shown.host, shown.warning, shown.role) == ("Marta Kessler", None, Role.MEMBER)
        at.hand.cheat = honest
        await come_again(at)
        assert (await people(at))[bobs].state is Presence.HERE


def _out(row: SeatRow) -> SeatRow:
    return replace(row, state=SeatState.REMOVED, muted_until_ms=FOR_GOOD)


async def people(at: Scene) -> dict[SeatId, Person]:
    return {one.seat_id: one for one in await at.carol.engine.people(at.room)}


async def test_what_a_relay_makes_up_of_my_seat_gives_me_nothing_and_stays_nowhere(
    world: World, autojump_clock: MockClock
) -> None:
    await my_seat(world)


async def test_people_whom_a_relay_makes_up_have_no_name_and_no_role(
    world: World, autojump_clock: MockClock
) -> None:
    await who_is_there(world)


@pytest.mark.parametrize("state", [SeatState.REMOVED, SeatState.WAITING])
async def test_who_is_said_to_be_out_and_is_not_comes_in_again_and_misses_nothing(
    world: World, autojump_clock: MockClock, state: SeatState
) -> None:
    async with scene(world) as at:
        await at.enter()
        await at.talk("one")

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            yield replace(frame, state=state) if isinstance(frame, Entered) else frame

        at.hand.cheat = cheat
        await at.carol.wire.off()
        at.carol.wire.on()
        await at.talk("two")
        await trio.sleep(20)
        at.hand.cheat = honest
        await at.carol.wire.off()
        at.carol.wire.on()
        await trio.sleep(20)
        told = 0

        def puts_out(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            nonlocal told
            yield frame
            told += 1
            if told == 1:
                yield SeatTold(state=state)

        at.hand.cheat = puts_out
        await at.talk("three")
        await trio.sleep(Timings().room_undone + 20)
        at.hand.cheat = honest
        await come_again(at)
        await at.carol.engine.room_say(at.room, "four")
        await trio.sleep(5)
        assert await at.rows() == ["one", "two", "three", "four"]
        shown = await at.carol.engine.room_show(at.room)
        assert (shown.removed, shown.warning, shown.complete) == (None, None, True)


async def test_mutant_a_desktop_that_takes_roles_unproven_is_caught(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unproven(signed: SignedGrant, _: RoomId) -> GrantBody:
        return unpack(signed.body, GrantBody)

    monkeypatch.setattr(grants, "read_grant", unproven)
    monkeypatch.setattr(standing, "read_grant", unproven)
    with the_story_fails():
        await my_seat(world)
