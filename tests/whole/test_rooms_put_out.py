"""A moderator who was put out, and has the old seat's key and role still: over a real relay."""

from __future__ import annotations

import os
from functools import partial

import pytest
import trio
from msgspec.structs import replace
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.rooms import Act, Presence, Role, Room, Speak, Way
from desktop.engine.ground import Bell, Said
from desktop.engine.rooms.keys import admission
from desktop.store.rooms import epochs, grants, ordered, outgoing, rooms
from desktop.store.rooms.outgoing import NextEpoch
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.epochs import new_epoch
from protocol.ids import OrderId, RoomId, SeatId
from protocol.wire.rooms.epochs import EpochBody, sign_epoch
from protocol.wire.rooms.items import sign_order
from protocol.wire.rooms.orders import OrderBody, Scope, What
from tests.whole.mutant import the_story_fails
from tests.whole.test_hosting import epochs_of, seat_of, states
from tests.whole.test_rooms import POTTERY
from tests.whole.world import Desktop, World

FRESH = "new-newt"
_deputises = admission.deputises


def fresh_deputises(db: Connection, room: KeptRoom, scope: Scope, now: int) -> bool:
    """Bob's app is changed to offer keys that are not its to offer."""
    return room.seat.pseudonym == FRESH or _deputises(db, room, scope, now)


def forge(
    db: Connection, said: Said, *, room: RoomId, old: SeatId, about: SeatId, now: int
) -> None:
    """Queue orders and an epoch by the old seat's key, behind the app's back."""
    kept = rooms.find(db, room)
    assert kept is not None
    key = next(one.key for one in rooms.seats(db, kept.row) if one.key.seat == old)
    given = grants.all_of(db, kept.row, old)[-1].signed
    for what, whom in ((What.MUTE, about), (What.UNBAN, old), (What.SPEAK_HOSTS, None)):
        order = OrderBody(
            order=OrderId(os.urandom(16)),
            by=old,
            what=what,
            made_ms=now,
            expires_ms=now + 3_600_000,
            about=whom,
            grant=given,
        )
        ordered.send(db, kept.row, order, sign_order(key, room, order))
    newest = epochs.newest(db, kept.row)
    assert newest is not None
    made = new_epoch(room, newest.epoch + 1, os.urandom)
    body = EpochBody(
        room=room, epoch=made.epoch, commitment=made.commitment(), by=old, made_ms=now, grant=given
    )
    outgoing.put_epoch(db, kept.row, NextEpoch(made, sign_epoch(key, body)))
    said.bells.add(Bell.ROOMS)


async def came_in(host: Desktop, guest: Desktop, link: str, name: str, room: RoomId) -> None:
    await guest.engine.room_enter(link, name)
    await trio.sleep(5)
    for seat in [one for one in await host.engine.people(room) if one.name == name]:
        if seat.state is Presence.AT_THE_DOOR:
            await host.engine.room_act(room, seat.seat_id, Act.LET_IN)
    await trio.sleep(5)


async def put_out(world: World, monkeypatch: pytest.MonkeyPatch, way: Way) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(replace(POTTERY, way=way))
        room = opened.room_id
        await came_in(alice, bob, opened.link, "quiet-fern", room)
        await came_in(alice, carol, opened.link, "slow-otter", room)
        old, about = await seat_of(bob, room), await seat_of(carol, room)
        await alice.engine.room_act(room, old, Act.MAKE_MODERATOR)
        await trio.sleep(10)
        await alice.engine.room_act(room, old, Act.BAN, 0, "out")
        await trio.sleep(15)
        await came_in(alice, bob, opened.link, FRESH, room)
        before = await epochs_of(carol, room)
        monkeypatch.setattr(admission, "deputises", fresh_deputises)
        forged = partial(forge, room=room, old=old, about=about, now=world.now())
        await bob.ground.do(forged)
        await trio.sleep(10)
        for one in (alice, carol):
            seen: Room = await one.engine.room_show(room)
            assert (seen.speak, seen.muted, seen.warning) == (Speak.ALL, False, None)
            assert (await states(one, room))["slow-otter"] is Presence.HERE
            assert await epochs_of(one, room) == before
        (shown,) = [one for one in await alice.engine.people(room) if one.seat_id == old]
        assert (shown.state, shown.role) == (Presence.REMOVED, Role.MEMBER)
        assert (await bob.engine.room_show(room)).role is Role.MEMBER


@pytest.mark.parametrize("way", [Way.LINK, Way.APPROVAL])
async def test_a_banned_moderator_gets_nothing_done_with_the_old_seats_key(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    await put_out(world, monkeypatch, way)


async def test_mutant_that_never_sees_who_is_out_is_caught(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_the_room(_: object) -> bool:
        return False

    monkeypatch.setattr("protocol.wire.rooms.authority.is_out", in_the_room)
    with the_story_fails():
        await put_out(world, monkeypatch, Way.LINK)
