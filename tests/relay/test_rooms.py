"""A room's rules, without a socket: entering, speaking, orders, epochs, letters, what is kept."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from protocol.errors import BadSignature
from protocol.ids import GrantId, SeatId
from protocol.wire import frames
from protocol.wire.frames import Reason
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_orders import SeatWrap, SignedEpoch
from protocol.wire.frames.rooms import SeatState, SignedGrant
from protocol.wire.rooms.entering import token_hash
from protocol.wire.rooms.epochs import EpochBody, sign_epoch
from protocol.wire.rooms.heads import NOTHING, follow, run_start
from protocol.wire.rooms.orders import Scope, What, read_grant
from protocol.wire.rooms.policy import Entry, Speak
from protocol.wire.rooms.signed import RoomKey, SeatKey
from relay.rules.admission import pass_hash
from relay.rules.clock import DAY_MS, HOUR_MS
from relay.rules.rooms.asking import LoadRoom, ReadBox, ReadItems
from relay.rules.rooms.changes import TrimDesk, TrimStage
from relay.rules.rooms.entering import enter
from relay.rules.rooms.hosted import Before, Taken
from relay.rules.rooms.keeping import owner_of
from relay.rules.rooms.seats import BURST
from tests.relay.rooms_cast import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    Stage,
    a_room,
    a_seat,
    entering,
    entry,
    grant,
    letter,
    opening,
    order,
    policy,
)
from tests.relay.rules_cast import ALICE_PASS, BOB_PASS, Office, call

HERE = b"a place"
THERE = b"another place"


@pytest.fixture
def stage(office: Office) -> Stage:
    return Stage(office)


def state(stage: Stage) -> SeatState:
    seat = stage.room.seats.find(BOB.seat)
    assert seat is not None
    return seat.shown()


def pass_ms(stage: Stage, ms: int) -> None:
    stage.office.pass_days(ms / DAY_MS)


# Opening one


def test_a_room_needs_a_pass_with_a_mailbox_and_counts_on_it(office: Office) -> None:
    assert office.refused(opening(by=b"nobody".ljust(32))) is Reason.UNKNOWN
    office.admit(BOB_PASS)
    assert office.refused(opening(by=BOB_PASS)) is Reason.NOT_ALLOWED
    assert isinstance(office.ask(opening()), frames.Done)
    assert isinstance(office.ask(opening()), frames.Done)  # safe to repeat
    for number in range(3):
        assert isinstance(office.ask(opening(a_room(number))), frames.Done)
    assert office.refused(opening(a_room(4))) is Reason.QUOTA


def test_a_room_that_ended_makes_room_for_another(office: Office) -> None:
    keys = [a_room(number) for number in range(4)]
    for each in (ROOM, *keys[:3]):
        assert isinstance(office.ask(opening(each)), frames.Done)
    stage = Stage(office)
    stage.order(order(What.END))
    assert isinstance(office.ask(opening(keys[3])), frames.Done)


def test_nothing_kept_of_a_room_leads_to_its_pass(stage: Stage) -> None:
    (owner, _), *_ = stage.office.store.rooms.owners().values()
    assert owner == owner_of(ALICE_PASS, ROOM.room)
    assert owner != owner_of(ALICE_PASS, a_room(77).room)
    assert owner != pass_hash(ALICE_PASS)


# Coming in


def test_the_link_s_token_opens_and_another_looks_like_no_room(stage: Stage) -> None:
    assert stage.why_not_sit(BOB, token=b"wrong".ljust(32)) is Reason.UNKNOWN
    assert stage.sit(BOB).shown() is SeatState.HERE
    assert stage.sit(BOB, token=b"").shown() is SeatState.HERE  # it has its seat already


def test_by_approval_a_seat_waits_and_writes_to_the_desk_only(office: Office) -> None:
    stage = Stage(office, entry=Entry.APPROVAL)
    stage.sit(BOB)
    assert state(stage) is SeatState.WAITING
    assert stage.say(BOB, 1) is Reason.WAITING
    assert stage.say(BOB, 1, Lane.DESK) == (Lane.DESK, 1)
    stage.order(order(What.ADMIT, BOB.seat))
    assert state(stage) is SeatState.HERE
    assert stage.say(BOB, 1) == (Lane.STAGE, 2)
    stage.sit(CAROL)
    stage.order(order(What.REFUSE, CAROL.seat))
    assert stage.why_not_sit(CAROL) is Reason.NOT_ALLOWED


def test_an_invitation_is_good_for_one_seat(office: Office) -> None:
    stage = Stage(office, entry=Entry.INVITATION)
    mine = b"bob's own".ljust(32)
    assert stage.why_not_sit(BOB) is Reason.UNKNOWN
    stage.order(order(What.INVITE, token=token_hash(mine)))
    stage.sit(BOB, token=mine)
    assert stage.why_not_sit(CAROL, token=mine) is Reason.UNKNOWN
    stage.restart()
    assert stage.why_not_sit(CAROL, token=mine) is Reason.UNKNOWN


def test_a_full_room_has_a_seat_for_its_host(office: Office) -> None:
    stage = Stage(office, seats=1)
    stage.sit(BOB)
    assert stage.why_not_sit(CAROL) is Reason.FULL
    stage.make(ALICE, Scope.HOST)
    stage.sit(ALICE, token=b"")
    assert stage.why_not_sit(CAROL) is Reason.FULL


def test_a_thousand_joins_by_one_address(office: Office) -> None:
    stage = Stage(office)
    one, came = entering(BOB), 0
    for n in range(1000):
        asked = replace(one, seat=SeatId(n.to_bytes(32, "big")))
        if not isinstance(enter(stage.room, asked, HERE, stage.now), Reason):
            came += 1
    assert came == stage.room.policy.per_address == len(stage.room.seats)
    stage.sit(BOB, THERE)


def test_new_seats_of_an_address_come_slowly_also_where_each_leaves_again(office: Office) -> None:
    stage = Stage(office, per_minute=2)
    for key in (ALICE, BOB):
        stage.room.leave(stage.sit(key, HERE))
    assert stage.why_not_sit(CAROL, HERE) is Reason.QUOTA
    stage.sit(BOB, HERE)  # who has one comes back
    pass_ms(stage, 60_000)
    stage.sit(CAROL, HERE)


def test_an_ended_room_takes_nobody_new_and_no_word(stage: Stage) -> None:
    stage.sit(BOB)
    stage.order(order(What.END))
    assert stage.why_not_sit(CAROL) is Reason.ENDED
    assert stage.say(BOB, 1) is Reason.ENDED
    stage.sit(BOB)
    stage.restart()
    assert stage.room.ended


# Speaking


def test_entries_are_counted_and_a_repeated_one_is_told_where_it_stands(stage: Stage) -> None:
    seat = stage.sit(BOB)
    assert stage.say(BOB, 2) is Reason.WRONG_STATE
    assert stage.say(BOB, 1) == (Lane.STAGE, 1)
    assert stage.say(BOB, 2) == (Lane.STAGE, 2)
    assert stage.say(BOB, 1) == Before(Lane.STAGE, 1, 1, seat.number, 1)
    assert stage.say(BOB, 1, Lane.DESK) == (Lane.DESK, 1)


def test_nobody_speaks_as_another(stage: Stage) -> None:
    seat = stage.sit(BOB)
    stage.sit(CAROL)
    assert stage.room.say(seat, entry(CAROL, 1), stage.now) is Reason.NOT_ALLOWED


def test_what_is_said_under_an_older_key_is_refused_as_that(stage: Stage) -> None:
    stage.sit(BOB)
    assert stage.say(BOB, 1, epoch=2) is Reason.EPOCH
    assert stage.say(BOB, 1, Lane.DESK, epoch=2) is Reason.EPOCH
    announced = epoch(2)
    changes = stage.room.set_epoch(
        announced, (SeatWrap(BOB.seat, b"w" * 72),), stage.now, more=False
    )
    assert isinstance(changes, tuple)
    stage.keep(changes)
    assert stage.say(BOB, 1) is Reason.EPOCH
    assert stage.say(BOB, 1, epoch=2) == (Lane.STAGE, 1)
    stage.restart()
    assert stage.room.epoch == 2
    seat = stage.room.seats.find(BOB.seat)
    assert seat is not None and stage.room.wrap_of(seat) == b"w" * 72


def test_only_hosts_and_guests_speak_where_that_is_the_rule(office: Office) -> None:
    stage = Stage(office, speak=Speak.HOSTS)
    stage.sit(BOB)
    assert stage.say(BOB, 1) is Reason.NOT_ALLOWED
    stage.make(BOB, Scope.SPEAK)
    assert stage.say(BOB, 1) == (Lane.STAGE, 2)
    stage.order(order(What.SPEAK_ALL))
    stage.sit(CAROL)
    assert stage.say(CAROL, 1) == (Lane.STAGE, 4)


def test_slow_mode_by_policy_and_by_order(office: Office) -> None:
    stage = Stage(office, slow_s=10)
    stage.sit(BOB)
    assert stage.say(BOB, 1) == (Lane.STAGE, 1)
    assert stage.say(BOB, 2) is Reason.SLOW
    pass_ms(stage, 10_000)
    assert stage.say(BOB, 2) == (Lane.STAGE, 2)
    stage.order(order(What.SLOW, seconds=60))
    pass_ms(stage, 10_000)
    assert stage.say(BOB, 3) is Reason.SLOW
    newer = stage.room.set_policy(policy(2, slow_s=1), stage.now)
    assert isinstance(newer, tuple)
    assert stage.say(BOB, 3) == (Lane.STAGE, 4)


def test_a_flood_is_slowed_and_a_guest_s_is_not(stage: Stage) -> None:
    stage.sit(BOB)
    said = [stage.say(BOB, n) for n in range(1, BURST + 2)]
    assert said[-2:] == [(Lane.STAGE, BURST), Reason.SLOW]
    stage.make(CAROL, Scope.SPEAK)
    stage.sit(CAROL)
    assert Reason.SLOW not in [stage.say(CAROL, n) for n in range(1, BURST + 9)]


# Orders


def test_a_host_s_order_races_the_removed_person_s_entry(stage: Stage) -> None:
    stage.sit(BOB)
    stage.sit(CAROL)
    assert stage.say(BOB, 1) == (Lane.STAGE, 1)
    given = stage.room.give(order(What.REMOVE, BOB.seat), stage.now)
    # In force before it is on disk; nobody hears of it, nor of what comes behind, before that.
    assert stage.say(BOB, 2) is Reason.REMOVED
    assert stage.say(CAROL, 1) == (Lane.STAGE, 3)
    assert stage.told() == [1]
    assert stage.told() == []
    assert isinstance(given, Taken)
    stage.keep(given.changes)
    assert stage.told() == [2, 3]
    assert stage.why_not_sit(BOB) is Reason.REMOVED


def test_a_removal_cools_down_its_address_until_it_is_taken_back(stage: Stage) -> None:
    stage.sit(BOB, HERE)
    removal = b"removal of bob..".ljust(16)
    stage.order(order(What.REMOVE, BOB.seat, order_id=removal))
    assert stage.why_not_sit(CAROL, HERE) is Reason.REMOVED
    stage.order(order(What.UNDO, undoes=removal))
    stage.sit(CAROL, HERE)
    stage.sit(BOB, HERE)


def test_undone_is_as_if_never_given(stage: Stage) -> None:
    stage.sit(BOB)
    first, second = b"1" * 16, b"2" * 16
    stage.order(order(What.MUTE, BOB.seat, order_id=first))
    stage.order(order(What.TIME_OUT, BOB.seat, seconds=60, order_id=second))
    stage.order(order(What.UNDO, undoes=second))
    pass_ms(stage, 61_000)
    assert stage.say(BOB, 1) is Reason.MUTED
    stage.order(order(What.UNDO, undoes=first))
    assert stage.say(BOB, 1) == (Lane.STAGE, 5)


def test_a_time_out_ends_and_survives_a_restart_until_then(stage: Stage) -> None:
    stage.sit(BOB)
    stage.order(order(What.TIME_OUT, BOB.seat, seconds=60))
    stage.restart()
    assert stage.say(BOB, 1) is Reason.MUTED
    pass_ms(stage, 60_000)
    assert stage.say(BOB, 1) == (Lane.STAGE, 1)


def test_a_replayed_order_counts_once_and_is_told_where_it_stands(stage: Stage) -> None:
    stage.sit(BOB)
    mute = order(What.MUTE, BOB.seat)
    assert stage.order(mute) == 1
    stage.order(order(What.UNMUTE, BOB.seat))
    assert stage.order(mute) == Before(Lane.STAGE, 1, 1)
    assert stage.say(BOB, 1) == (Lane.STAGE, 3)
    stage.restart()
    assert stage.order(mute) == Before(Lane.STAGE, 1, 1)
    assert stage.say(BOB, 1) == (Lane.STAGE, 1)


def test_moderators_within_their_scope_and_time(stage: Stage) -> None:
    stage.sit(BOB)
    moderator = stage.make(CAROL, Scope.MODERATE)
    mute = order(What.MUTE, BOB.seat, CAROL, grant=moderator)
    assert isinstance(stage.order(mute), int)
    assert stage.order(order(What.BAN, BOB.seat, CAROL, grant=moderator)) is Reason.NOT_ALLOWED
    late = grant(CAROL, Scope.MODERATE, expires_ms=stage.now.wall_ms - 1)
    unmute = order(What.UNMUTE, BOB.seat, CAROL, grant=late)
    assert stage.order(unmute) is Reason.EXPIRED
    kept_back = order(What.UNMUTE, BOB.seat, expires_ms=stage.now.wall_ms - 1)
    assert stage.order(kept_back) is Reason.EXPIRED
    revoked = read_grant(moderator, ROOM.room).grant
    stage.order(order(What.REVOKE, CAROL.seat, revoked=GrantId(revoked)))
    again = order(What.UNMUTE, BOB.seat, CAROL, grant=moderator)
    assert stage.order(again) is Reason.NOT_ALLOWED
    borrowed = order(What.UNMUTE, BOB.seat, BOB, grant=moderator)
    assert stage.order(borrowed) is Reason.NOT_ALLOWED


def test_forged_orders_and_those_of_another_room(stage: Stage) -> None:
    stage.sit(BOB)
    mute = order(What.MUTE, BOB.seat)
    with pytest.raises(BadSignature):
        stage.order(bytes([mute[0] ^ 1]) + mute[1:])
    assert stage.order(order(What.MUTE, CAROL.seat)) is Reason.UNKNOWN
    assert stage.order(entry(BOB, 1)) is Reason.NOT_ALLOWED


def test_a_ban_outlasts_everything_but_its_end(stage: Stage) -> None:
    stage.sit(BOB)
    stage.order(order(What.BAN, BOB.seat))
    stage.order(order(What.ADMIT, BOB.seat))
    stage.restart()
    assert stage.why_not_sit(BOB) is Reason.REMOVED
    stage.order(order(What.UNBAN, BOB.seat))
    stage.sit(BOB)


def test_who_was_put_out_cannot_have_that_forgotten(stage: Stage) -> None:
    seat = stage.sit(BOB)
    stage.order(order(What.REMOVE, BOB.seat))
    assert stage.room.forget(seat, stage.now) == ()
    other = stage.sit(CAROL)
    stage.keep(stage.room.forget(other, stage.now))
    stage.restart()
    assert stage.room.seats.find(CAROL.seat) is None
    assert stage.sit(CAROL).number > other.number  # no number is given twice


# Epochs and policies


def epoch(
    number: int, by: RoomKey | SeatKey = ROOM, given: SignedGrant | None = None
) -> SignedEpoch:
    body = EpochBody(
        room=ROOM.room,
        epoch=number,
        commitment=bytes(32),
        by=by.room if isinstance(by, RoomKey) else by.seat,
        made_ms=1,
        grant=given,
    )
    return sign_epoch(by, body)


def test_an_epoch_begins_with_the_last_of_its_wraps(stage: Stage) -> None:
    bob, carol = stage.sit(BOB), stage.sit(CAROL)
    room, now = stage.room, stage.now
    announced = epoch(2)
    first, second = SeatWrap(BOB.seat, b"b" * 72), SeatWrap(CAROL.seat, b"c" * 72)
    assert room.set_epoch(announced, (first,), now, more=True) == ()
    assert room.epoch == 1
    assert room.set_epoch(announced, (second,), now, more=False)
    assert (room.epoch, room.wrap_of(bob), room.wrap_of(carol)) == (2, b"b" * 72, b"c" * 72)
    later = SeatWrap(BOB.seat, b"d" * 72)
    assert room.set_epoch(announced, (later,), now, more=False)
    assert room.wrap_of(bob) == b"d" * 72
    assert room.set_epoch(epoch(4), (), now, more=False) is Reason.WRONG_STATE
    assert room.set_epoch(epoch(2), (), now, more=False) != Reason.NOT_ALLOWED
    assert room.set_epoch(epoch(3, CAROL), (), now, more=False) is Reason.NOT_ALLOWED
    holder = stage.make(CAROL, Scope.ADMIT)
    assert isinstance(room.set_epoch(epoch(3, CAROL, holder), (), now, more=False), tuple)


def test_policies_rise_and_nothing_else(stage: Stage) -> None:
    room, now = stage.room, stage.now
    assert room.set_policy(policy(), now) == ()
    assert room.set_policy(policy(slow_s=5), now) is Reason.WRONG_STATE
    newer = room.set_policy(policy(2, slow_s=5), now)
    assert isinstance(newer, tuple)
    stage.keep(newer)
    assert room.slow_s == 5
    foreign = policy(3, a_room(77))
    with pytest.raises(Exception, match="another room"):
        room.set_policy(foreign, now)
    stage.restart()
    assert stage.room.policy.version == 2


# Letters


def test_letters_between_whom_and_how_many(stage: Stage) -> None:
    for key in (ALICE, BOB, CAROL):
        stage.sit(key)
    post, now = stage.letters, stage.now
    assert post.leave(post.read(letter(BOB, CAROL)), b"", now) is Reason.NOT_ALLOWED
    stage.make(ALICE, Scope.HOST)
    for n in range(1, 4):
        sent = letter(BOB, ALICE)
        left = post.leave(post.read(sent), sent, now)
        assert isinstance(left, tuple)
        assert left[0].letters == n
        stage.keep((left[1],))
    again = letter(BOB, ALICE)
    assert post.leave(post.read(again), again, now) is Reason.QUOTA
    stage.restart()
    post = stage.letters
    assert post.leave(post.read(again), again, now) is Reason.QUOTA
    pass_ms(stage, HOUR_MS)
    assert isinstance(post.leave(post.read(again), again, stage.now), tuple)
    nobody = a_seat(78)
    assert post.leave(post.read(letter(BOB, nobody)), b"", now) is Reason.UNKNOWN
    read = stage.office.store.rooms.box(ReadBox(call(), stage.room.row, 1, 0, 10))
    assert [each.sequence for each in read] == [1, 2, 3]
    alice = stage.room.seats.find(ALICE.seat)
    assert alice is not None
    stage.keep((post.take(alice, 2),))
    read = stage.office.store.rooms.box(ReadBox(call(), stage.room.row, 1, 0, 10))
    assert [each.sequence for each in read] == [3]


def test_who_has_a_grant_writes_to_many(stage: Stage) -> None:
    for key in (ALICE, BOB):
        stage.sit(key)
    stage.make(ALICE, Scope.HOST)
    askers = [a_seat(2_000 + number) for number in range(101)]
    post = stage.letters
    for key in askers:
        stage.sit(key)
    said = [post.leave(post.read(sent := letter(ALICE, key)), sent, stage.now) for key in askers]
    assert said.index(Reason.QUOTA) == 100
    assert said.count(Reason.QUOTA) == 1


def test_an_answer_to_each_letter_is_free_and_earns_none(stage: Stage) -> None:
    for key in (ALICE, BOB):
        stage.sit(key)
    stage.make(ALICE, Scope.HOST)
    post = stage.letters

    def leaves(by: SeatKey, to: SeatKey, count: int) -> list[bool]:
        sent = [letter(by, to) for _ in range(count)]
        return [isinstance(post.leave(post.read(one), one, stage.now), tuple) for one in sent]

    assert leaves(BOB, ALICE, 4) == [True, True, True, False]
    assert leaves(ALICE, BOB, 5) == [True] * 5  # three of them are answers
    assert leaves(BOB, ALICE, 3) == [True, True, False]


# What is kept, and for how long


def test_heads_and_runs_cover_what_is_on_disk(stage: Stage) -> None:
    stage.sit(BOB)
    start = run_start(ROOM.room, Lane.STAGE, 1, 0, NOTHING)
    first, second = entry(BOB, 1), entry(BOB, 2)
    seat = stage.room.seats.find(BOB.seat)
    assert seat is not None
    stage.room.say(seat, first, stage.now)
    log = stage.room.lanes[Lane.STAGE]
    assert (log.head(1).number, log.head(1).running) == (0, start)
    stage.keep()
    end = follow(start, 1, first)
    assert (log.head(1).number, log.head(1).running) == (1, end)
    stage.room.say(seat, second, stage.now)  # and then the relay is killed
    stage.restart()
    head = stage.room.lanes[Lane.STAGE].head(1)
    assert (head.run, head.number, head.before_number, head.before_running) == (2, 0, 1, end)
    assert stage.say(BOB, 2) == (Lane.STAGE, 1)  # offered again, in the next run


def test_newcomers_get_the_history_that_the_policy_allows(office: Office) -> None:
    stage = Stage(office, history=3)
    stage.sit(BOB)
    for n in range(1, 3):
        stage.say(BOB, n)
    stage.keep()
    stage.restart()
    for n in range(3, 5):
        stage.say(BOB, n)
    carol = stage.sit(CAROL)
    assert stage.room.floor(carol, stage.now) == (1, 1)
    stage.keep()
    stage.make(CAROL, Scope.DESK)
    assert stage.room.floor(carol, stage.now) == (1, 0)


def test_what_the_host_has_of_the_desk_goes_and_the_stage_is_trimmed(stage: Stage) -> None:
    stage.sit(BOB)
    for n in range(1, 5):
        stage.say(BOB, n)
        stage.say(BOB, n, Lane.DESK)
    stage.keep((TrimDesk(1, 2), TrimStage(3)))

    def numbers(lane: Lane) -> list[int]:
        asked = ReadItems(call(), stage.room.row, lane, 1, 0, 100)
        return [each.number for each in stage.office.store.rooms.items(asked)]

    assert (numbers(Lane.DESK), numbers(Lane.STAGE)) == ([3, 4], [2, 3, 4])
    stage.restart()
    assert stage.room.oldest == (1, 2)
    assert stage.room.desk_items == 2


def test_entries_go_when_the_policy_says_and_boxes_after_seven_days(office: Office) -> None:
    stage = Stage(office, keeps_s=86_400, asides=True)
    stage.sit(BOB)
    stage.sit(CAROL)
    stage.say(BOB, 1)
    sent = letter(BOB, CAROL)
    left = stage.letters.leave(stage.letters.read(sent), sent, stage.now)
    assert isinstance(left, tuple)
    stage.keep((left[1],))
    stage.order(order(What.END))
    asked = ReadItems(call(), stage.room.row, Lane.STAGE, 1, 0, 9)
    office.keep_house()
    assert len(office.store.rooms.items(asked)) == 2
    office.pass_days(1)
    office.keep_house()
    assert office.store.rooms.items(asked) == ()
    assert office.store.rooms.box(ReadBox(call(), stage.room.row, 2, 0, 9))
    office.pass_days(6)
    office.keep_house()
    assert office.refused(LoadRoom(call(), ROOM.room, False)) is Reason.UNKNOWN
    assert office.store.rooms.box(ReadBox(call(), stage.room.row, 2, 0, 9)) == ()


def test_a_room_that_nobody_uses_goes_after_ninety_days(stage: Stage) -> None:
    stage.office.pass_days(89)
    stage.office.keep_house()
    stage.restart()
    stage.office.pass_days(89)
    stage.office.keep_house()
    stage.restart()
    stage.office.pass_days(90)
    stage.office.keep_house()
    asked = LoadRoom(call(), ROOM.room, False)
    assert stage.office.refused(asked) is Reason.UNKNOWN
