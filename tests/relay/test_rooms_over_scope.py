"""Roles that do not reach so far: over their scope, over their time, or of another room."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from protocol.ids import EntryId, GrantId
from protocol.wire.frames import Reason
from protocol.wire.frames.rooms import SignedGrant
from protocol.wire.rooms.orders import EVERYTHING, Scope, What, read_grant, sign_grant
from protocol.wire.rooms.signed import SeatKey
from relay.rules.clock import DAY_MS
from tests.relay.rooms_cast import BOB, CAROL, ROOM, Stage, a_room, an_id, grant, order
from tests.relay.rules_cast import Office
from tests.relay.test_rooms import epoch


@pytest.fixture
def stage(office: Office) -> Stage:
    stage = Stage(office)
    stage.sit(BOB)
    return stage


def of_another_room() -> SignedGrant:
    """Everything, for carol, from the host of another room."""
    other, here = a_room(77), read_grant(grant(CAROL, EVERYTHING), ROOM.room)
    return sign_grant(other, replace(here, room=other.room))


def by_carol(what: What, given: SignedGrant) -> bytes:
    match what:
        case What.GRANT:
            return order(what, BOB.seat, CAROL, grant=given, given=grant(BOB, Scope.MODERATE))
        case What.REVOKE:
            return order(what, BOB.seat, CAROL, grant=given, revoked=GrantId(an_id()))
        case What.SLOW:
            return order(what, by=CAROL, grant=given, seconds=5)
        case What.END:
            return order(what, by=CAROL, grant=given)
        case _:
            return order(what, BOB.seat, CAROL, grant=given)


def test_a_moderator_sets_the_room_and_does_not_end_it(stage: Stage) -> None:
    given = grant(CAROL, EVERYTHING & ~Scope.HOST)
    assert isinstance(stage.order(by_carol(What.SLOW, given)), int)
    assert stage.order(by_carol(What.END, given)) is Reason.NOT_ALLOWED
    stage.restart()
    assert (stage.room.slow_s, stage.room.ended) == (5, False)
    cohost = grant(CAROL, Scope.HOST)
    assert isinstance(stage.order(by_carol(What.END, cohost)), int)
    stage.restart()
    assert stage.room.ended


@pytest.mark.parametrize("what", [What.GRANT, What.REVOKE])
def test_roles_are_the_host_s_to_give(stage: Stage, what: What) -> None:
    given = grant(CAROL, EVERYTHING)
    assert stage.order(by_carol(what, given)) is Reason.NOT_ALLOWED


@pytest.mark.parametrize("what", [What.MUTE, What.BAN, What.SLOW, What.END])
def test_a_role_ends_when_it_was_said_to(stage: Stage, what: What) -> None:
    given = grant(CAROL, EVERYTHING, expires_ms=stage.now.wall_ms + DAY_MS)
    assert isinstance(stage.order(by_carol(What.UNMUTE, given)), int)
    stage.office.pass_days(1.001)
    assert stage.order(by_carol(what, given)) is Reason.EXPIRED
    stage.restart()
    assert (stage.room.slow_s, stage.room.ended) == (0, False)


@pytest.mark.parametrize("what", [What.MUTE, What.BAN, What.SLOW, What.END, What.GRANT])
def test_a_role_in_another_room_is_none_here(stage: Stage, what: What) -> None:
    assert stage.order(by_carol(what, of_another_room())) is Reason.NOT_ALLOWED
    handed = order(What.GRANT, CAROL.seat, given=of_another_room())
    assert stage.order(handed) is Reason.NOT_ALLOWED, "nor from this room's host"


def test_no_epoch_begins_with_a_role_of_another_room_or_one_that_is_over(stage: Stage) -> None:
    over = grant(CAROL, Scope.ADMIT, expires_ms=stage.now.wall_ms - 1)
    short = grant(CAROL, EVERYTHING & ~Scope.ADMIT)
    for given in (of_another_room(), over, short):
        begun = stage.room.set_epoch(epoch(2, CAROL, given), (), stage.now, more=False)
        assert isinstance(begun, Reason)
    assert stage.room.epoch == 1


@pytest.mark.parametrize("what", [What.REMOVE, What.BAN])
def test_who_is_out_gets_nothing_done_with_the_role_of_before(stage: Stage, what: What) -> None:
    given = stage.make(CAROL, EVERYTHING)
    stage.sit(CAROL)
    assert isinstance(stage.order(order(what, CAROL.seat)), int)
    stage.restart()
    for wanted in (What.MUTE, What.BAN, What.UNBAN, What.SLOW, What.END):
        assert stage.order(by_carol(wanted, given)) is Reason.REMOVED
    back = order(What.UNBAN, CAROL.seat, CAROL, grant=given)
    assert stage.order(back) is Reason.REMOVED, "nor comes back by it"
    begun = stage.room.set_epoch(epoch(2, CAROL, given), (), stage.now, more=False)
    assert begun is Reason.REMOVED
    seat = stage.room.seats.find(CAROL.seat)
    assert seat is not None and stage.room.scopes(seat, stage.now) == 0
    assert stage.room.orders.grant_of(CAROL.seat, stage.now.wall_ms) is None
    assert (stage.room.slow_s, stage.room.ended, stage.room.epoch) == (0, False, 1)
    assert isinstance(stage.order(order(What.UNBAN, CAROL.seat)), int)
    assert stage.room.scopes(seat, stage.now) == EVERYTHING
    assert isinstance(stage.order(by_carol(What.SLOW, given)), int)


def test_what_the_host_ordered_a_moderator_does_not_lift(stage: Stage) -> None:
    given = stage.make(CAROL, EVERYTHING & ~Scope.HOST)
    entry = EntryId(an_id())
    for what, lift in ((What.MUTE, What.UNMUTE), (What.BAN, What.UNBAN), (What.HIDE, What.SHOW)):

        def give(
            wanted: What, by: SeatKey | None = None, hides: bool = what is What.HIDE
        ) -> object:
            about, which = (None, entry) if hides else (BOB.seat, None)
            if by is None:
                return stage.order(order(wanted, about, entry=which))
            return stage.order(order(wanted, about, by, entry=which, grant=given))

        assert isinstance(give(what), int)
        stage.restart()
        assert give(lift, CAROL) is Reason.NOT_ALLOWED
        assert isinstance(give(lift), int)
        assert isinstance(give(what, CAROL), int)
        assert isinstance(give(lift, CAROL), int)
