"""What one seat can use up of a room, and that nobody is gone before they can be answered."""

from __future__ import annotations

import pytest

from protocol.ids import GrantId
from protocol.wire.frames import Reason
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.entering import token_hash
from protocol.wire.rooms.orders import Scope, What, read_grant
from relay.rules.clock import DAY_MS
from relay.rules.rooms import letters, orders, seats
from relay.rules.rooms.seats import ANSWERABLE_MS, DESK_BURST
from tests.relay.rooms_cast import ALICE, BOB, CAROL, ROOM, Stage, a_seat, letter, order, policy
from tests.relay.rules_cast import Office

HERE = b"a place"


@pytest.fixture
def stage(office: Office) -> Stage:
    stage = Stage(office)
    for key in (BOB, CAROL):
        stage.sit(key, HERE)
    return stage


def pass_ms(stage: Stage, ms: int) -> None:
    stage.office.pass_days(ms / DAY_MS)


def leaves(stage: Stage) -> bool:
    """Bob, for good; whether he is forgotten."""
    seat = stage.room.seats.find(BOB.seat)
    assert seat is not None
    stage.keep(stage.room.forget(seat, stage.now))
    return not knows(stage)


def knows(stage: Stage) -> bool:
    return stage.room.seats.find(BOB.seat) is not None


# Orders


def test_whoever_has_a_grant_orders_at_a_pace_and_the_host_does_not(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "BURST", 3)
    for key in (ALICE, CAROL):
        given = stage.make(key, Scope.MODERATE)
        told = [stage.order(order(What.MUTE, BOB.seat, key, grant=given)) for _ in range(4)]
        assert [isinstance(one, int) for one in told] == [True, True, True, False]
        assert told[-1] is Reason.SLOW
    pass_ms(stage, orders.EACH_MS)
    again = order(What.UNMUTE, BOB.seat, CAROL, grant=given)
    assert isinstance(stage.order(again), int)
    assert stage.order(order(What.MUTE, BOB.seat, CAROL, grant=given)) is Reason.SLOW
    assert all(isinstance(stage.order(order(What.SLOW, seconds=n)), int) for n in range(1, 9))


def test_what_does_not_count_costs_nobody_their_pace(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "BURST", 1)
    given = stage.make(CAROL, Scope.MODERATE)
    borrowed = order(What.MUTE, CAROL.seat, BOB, grant=given)
    assert stage.order(borrowed) is Reason.NOT_ALLOWED
    assert stage.order(order(What.BAN, BOB.seat, CAROL, grant=given)) is Reason.NOT_ALLOWED
    assert isinstance(stage.order(order(What.MUTE, BOB.seat, CAROL, grant=given)), int)


def test_a_moderator_who_fills_a_room_leaves_the_host_the_last_word(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "MOST_ORDERS", 6)
    monkeypatch.setattr(orders, "FOR_THE_HOST", 3)
    given = stage.make(CAROL, Scope.MODERATE)
    told = [stage.order(order(What.MUTE, BOB.seat, CAROL, grant=given)) for _ in range(4)]
    assert told[2:] == [Reason.QUOTA, Reason.QUOTA]
    stage.restart()  # a restart reads the same
    assert stage.order(order(What.MUTE, BOB.seat, CAROL, grant=given)) is Reason.QUOTA
    revoked = GrantId(read_grant(given, ROOM.room).grant)
    assert isinstance(stage.order(order(What.REVOKE, CAROL.seat, revoked=revoked)), int)
    assert isinstance(stage.order(order(What.UNMUTE, BOB.seat)), int)
    assert isinstance(stage.order(order(What.END)), int)
    assert stage.order(order(What.SLOW, seconds=1)) is Reason.QUOTA


# Leaving for good


def test_who_speaks_and_leaves_can_be_put_out_for_ten_minutes(stage: Stage) -> None:
    stage.say(BOB, 1)
    pass_ms(stage, ANSWERABLE_MS - 1)
    assert not leaves(stage)
    assert isinstance(stage.order(order(What.REMOVE, BOB.seat)), int)
    assert stage.why_not_sit(a_seat(8), HERE) is Reason.REMOVED
    pass_ms(stage, 2 * ANSWERABLE_MS)
    assert stage.room.forget_gone(stage.now) == ()
    assert knows(stage)


@pytest.mark.parametrize("lane", Lane)
def test_who_said_nothing_for_ten_minutes_is_forgotten_at_once(stage: Stage, lane: Lane) -> None:
    stage.say(BOB, 1, lane)
    pass_ms(stage, ANSWERABLE_MS)
    assert leaves(stage)


@pytest.mark.parametrize("lane", Lane)
def test_who_left_for_good_is_forgotten_once_ten_minutes_are_over(stage: Stage, lane: Lane) -> None:
    stage.say(BOB, 1, lane)
    assert not leaves(stage)
    pass_ms(stage, ANSWERABLE_MS - 1)
    assert stage.room.forget_gone(stage.now) == ()
    pass_ms(stage, 1)
    stage.keep(stage.room.forget_gone(stage.now))
    stage.restart()
    assert not knows(stage)


def test_who_comes_back_meanwhile_keeps_seat_and_pace(stage: Stage) -> None:
    stage.order(order(What.SLOW, seconds=3_600))
    stage.say(BOB, 1)
    assert not leaves(stage)
    stage.sit(BOB, HERE)
    assert stage.say(BOB, 2) is Reason.SLOW
    pass_ms(stage, ANSWERABLE_MS)
    assert stage.room.forget_gone(stage.now) == ()
    assert knows(stage)


def test_a_mute_is_not_left_behind_by_leaving(stage: Stage) -> None:
    stage.order(order(What.TIME_OUT, BOB.seat, seconds=3_600))
    assert not leaves(stage)
    stage.restart()
    stage.sit(BOB, HERE)
    assert stage.say(BOB, 1) is Reason.MUTED
    pass_ms(stage, 3_600_000)
    assert leaves(stage)


def test_a_muted_seat_makes_room_for_nobody(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay.rules.rooms.entering.SPARE_ROWS", -stage.room.policy.seats + 2)
    for key in (BOB, CAROL):
        seat = stage.room.seats.find(key.seat)
        assert seat is not None
        stage.room.leave(seat)
        stage.order(order(What.MUTE, key.seat))
    assert stage.why_not_sit(a_seat(8)) is Reason.FULL
    stage.order(order(What.UNMUTE, CAROL.seat))
    stage.sit(a_seat(8))
    assert knows(stage)
    assert stage.room.seats.find(CAROL.seat) is None


# Letters, the desk, marks


@pytest.mark.parametrize("what", [What.REMOVE, What.BAN])
def test_who_was_put_out_writes_no_letters(stage: Stage, what: What) -> None:
    stage.make(CAROL, Scope.HOST)
    sent = letter(BOB, CAROL)
    stage.order(order(what, BOB.seat))
    left = stage.letters.leave(stage.letters.read(sent), sent, stage.now)
    assert left is Reason.NOT_ALLOWED
    stage.order(order(What.UNBAN, BOB.seat))
    assert isinstance(stage.letters.leave(stage.letters.read(sent), sent, stage.now), tuple)


def test_a_room_keeps_so_many_letters_in_all_boxes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_IN_A_ROOM", 2)
    stage.make(CAROL, Scope.HOST)
    askers = [a_seat(2_000 + number) for number in range(3)]
    told: list[object] = []
    for key in askers:
        stage.sit(key)
        sent = letter(CAROL, key)
        told.append(stage.letters.leave(stage.letters.read(sent), sent, stage.now))
    assert [one is Reason.QUOTA for one in told] == [False, False, True]
    first = stage.room.seats.find(askers[0].seat)
    assert first is not None
    stage.letters.take(first, 1)
    sent = letter(CAROL, askers[2])
    assert isinstance(stage.letters.leave(stage.letters.read(sent), sent, stage.now), tuple)


def test_the_desk_takes_so_much_of_a_seat_in_a_row_and_then_one_a_second(stage: Stage) -> None:
    told = [stage.say(BOB, n, Lane.DESK) for n in range(1, DESK_BURST + 2)]
    assert told[-2:] == [(Lane.DESK, DESK_BURST), Reason.QUOTA]
    pass_ms(stage, seats.DESK_EACH_MS)
    assert stage.say(BOB, DESK_BURST + 1, Lane.DESK) == (Lane.DESK, DESK_BURST + 1)
    assert stage.say(BOB, DESK_BURST + 2, Lane.DESK) is Reason.QUOTA
    stage.make(CAROL, Scope.DESK)
    said = [stage.say(CAROL, n, Lane.DESK) for n in range(1, DESK_BURST + 9)]
    assert Reason.QUOTA not in said


def test_a_mark_of_an_earlier_link_keeps_nobody_out(office: Office) -> None:
    stage = Stage(office)
    stage.sit(BOB, HERE, mark=b"m" * 8)
    stage.order(order(What.REMOVE, BOB.seat))
    stage.restart()  # after which only the mark tells
    assert stage.why_not_sit(CAROL, HERE, mark=b"m" * 8) is Reason.REMOVED
    newer = b"another link".ljust(32)
    changes = stage.room.set_policy(policy(2, token=token_hash(newer)), stage.now)
    assert isinstance(changes, tuple)
    stage.keep(changes)
    assert stage.sit(CAROL, HERE, token=newer, mark=b"m" * 8).state is SeatState.AWAY
