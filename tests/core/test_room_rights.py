"""What is offered to whom in a room: what the relay would carry out, and nothing else."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop.core.room_rights import (
    CHOICES,
    COHOST,
    EVERYTHING,
    USUAL,
    can_be_given,
    may_act,
    offered,
)
from desktop.core.rooms import Act, May, Person, Presence, Role, Room
from desktop.engine.rooms.order import roles
from protocol.ids import EntryId, SeatId
from protocol.wire.rooms import orders
from protocol.wire.rooms.authority import Standing, fault_of
from protocol.wire.rooms.orders import OrderBody, Scope, What
from tests.fakes.rooms import FakeRooms, seat
from tests.protocol.cast import NOW_MS
from tests.protocol.room_cast import BOB, CAROL, ROOM, grant, order

WHATS = {
    Act.MUTE: What.MUTE,
    Act.UNMUTE: What.UNMUTE,
    Act.TIME_OUT: What.TIME_OUT,
    Act.REMOVE: What.REMOVE,
    Act.BAN: What.BAN,
    Act.LET_BACK: What.UNBAN,
    Act.LET_IN: What.ADMIT,
    Act.HIDE: What.HIDE,
}
OTHERS = {
    Role.MEMBER: Scope(0),
    Role.GUEST: Scope.SPEAK,
    Role.MODERATOR: roles.MODERATOR,
    Role.HOST: orders.EVERYTHING,
}


def nothing(_: object) -> list[OrderBody]:
    return []


def of(may: tuple[May, ...]) -> Room:
    return FakeRooms().host("Office hours", role=Role.MODERATOR, may=may)


@pytest.mark.parametrize("may", [(), *((one,) for one in CHOICES), USUAL, CHOICES, COHOST])
def test_what_is_offered_is_what_the_relay_carries_out(may: tuple[May, ...]) -> None:
    scopes = orders.EVERYTHING if may == COHOST else roles.covering(may)
    assert roles.may_of(scopes) == may
    for act, what in WHATS.items():
        for role, theirs in OTHERS.items():

            def scopes_of(_: SeatId, theirs: Scope = theirs) -> Scope:
                return theirs

            entry = EntryId(bytes(16)) if act is Act.HIDE else None
            said = order(
                what,
                BOB.seat,
                about=CAROL.seat,
                seconds=60,
                entry=entry,
                grant=grant(BOB, int(scopes)),
            )
            fault = fault_of(
                said, ROOM.room, Standing(NOW_MS, (), scopes_of, lambda _: None, nothing, nothing)
            )
            assert may_act(of(may), act, role) is (fault is None), (act, role, fault)


@pytest.mark.parametrize("may", [USUAL, CHOICES, COHOST])
@pytest.mark.parametrize(
    ("state", "done", "act"),
    [
        (Presence.MUTED, What.MUTE, Act.UNMUTE),
        (Presence.TIMED_OUT, What.TIME_OUT, Act.UNMUTE),
        (Presence.REMOVED, What.BAN, Act.LET_BACK),
    ],
)
def test_what_a_host_did_is_offered_to_hosts_to_lift(
    may: tuple[May, ...], state: Presence, done: What, act: Act
) -> None:
    scopes = orders.EVERYTHING if may == COHOST else roles.covering(may)
    shown = grant(BOB, int(scopes))
    lift = order(WHATS[act], BOB.seat, about=CAROL.seat, grant=shown)
    by_bob = order(done, BOB.seat, about=CAROL.seat, seconds=60, grant=grant(BOB, 3))
    by_room = order(done, about=CAROL.seat, seconds=60)
    for given, by_host in ((by_bob, False), (by_room, True)):
        person = Person(seat("tallow"), "tallow", Role.MEMBER, state, by_host=by_host)

        def about(seat: SeatId, given: OrderBody = given) -> list[OrderBody]:
            return [given] if given.about == seat else []

        def member(_: SeatId) -> Scope:
            return Scope(0)

        known = Standing(NOW_MS, (), member, lambda _: None, about, nothing)
        fault = fault_of(lift, ROOM.room, known)
        assert (act in offered(of(may), person)) is (fault is None), (given.what, by_host, fault)


def test_the_host_may_everything_and_nobody_gives_parts_but_the_host() -> None:
    own = of(EVERYTHING)
    for act in Act:
        assert all(may_act(own, act, role) for role in Role)
    assert not may_act(of(COHOST), Act.MAKE_MODERATOR)
    assert not may_act(replace(own, ended=True), Act.MUTE)
    assert can_be_given(USUAL) and can_be_given(CHOICES)
    assert not can_be_given(()) and not can_be_given((May.MODERATE, May.END))
    assert not can_be_given((May.OWN,))


def test_what_is_offered_fits_how_somebody_stands() -> None:
    room = of(EVERYTHING)
    plain = Person(seat("tallow"), "tallow", Role.MEMBER, Presence.HERE)
    here = offered(room, plain)
    assert here[:2] == (Act.MUTE, Act.TIME_OUT) and here[-2:] == (Act.REMOVE, Act.BAN)
    assert Act.MAKE_MEMBER not in here
    assert Act.MAKE_MODERATOR in offered(room, replace(plain, role=Role.MODERATOR))
    assert offered(room, replace(plain, state=Presence.REMOVED)) == (Act.LET_BACK,)
    assert offered(room, replace(plain, state=Presence.MUTED))[0] is Act.UNMUTE
    assert offered(room, replace(plain, state=Presence.AT_THE_DOOR))[0] is Act.LET_IN
    assert offered(room, replace(plain, me=True)) == ()
    assert offered(of((May.ADMIT,)), plain) == ()
