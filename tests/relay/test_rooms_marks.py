"""What lets a room know a place again after its relay was restarted, and what that tells nobody."""

from __future__ import annotations

from itertools import product

import pytest

from protocol.wire.frames import Reason
from protocol.wire.frames.rooms import SignedPolicy
from protocol.wire.rooms.entering import token_hash
from protocol.wire.rooms.orders import What
from protocol.wire.rooms.policy import MAX_SEATS, Entry
from relay.neighbours import MARK_BYTES, mark_of, place_of
from relay.rules.rooms import changes
from relay.rules.rooms.asking import LoadRoom, RoomLoaded
from tests.relay.rooms_cast import ALICE, BOB, CAROL, ROOM, TOKEN, Stage, a_seat, order, policy
from tests.relay.rules_cast import Office, call

HERE, THERE = place_of("192.0.2.7"), place_of("192.0.2.8")
MARK, OTHER = mark_of(HERE, TOKEN), mark_of(THERE, TOKEN)
NEWER = b"another link's".ljust(32)
REMOVAL = b"bob is put out".ljust(16)


@pytest.fixture
def stage(office: Office) -> Stage:
    return Stage(office, per_address=MAX_SEATS, per_minute=MAX_SEATS)


def put_out(stage: Stage, what: What = What.REMOVE) -> None:
    stage.sit(BOB, b"before", mark=MARK)
    stage.order(order(what, BOB.seat, order_id=REMOVAL))


def set_policy(stage: Stage, newer: SignedPolicy) -> None:
    changed = stage.room.set_policy(newer, stage.now)
    assert isinstance(changed, tuple)
    stage.keep(changed)


def marks(stage: Stage) -> tuple[tuple[int, bytes], ...]:
    loaded = stage.office.answer(LoadRoom(call(), ROOM.room, False))
    assert isinstance(loaded, RoomLoaded)
    return loaded.marks


@pytest.mark.parametrize("what", [What.REMOVE, What.BAN])
def test_a_restart_does_not_cool_an_address(stage: Stage, what: What) -> None:
    put_out(stage, what)
    stage.restart()
    assert stage.why_not_sit(CAROL, b"after", mark=MARK) is Reason.REMOVED
    stage.sit(CAROL, b"after too", mark=OTHER)


@pytest.mark.parametrize("back", [What.UNDO, What.UNBAN])
@pytest.mark.parametrize("restarts", [False, True])
def test_who_may_come_back_leaves_no_mark(stage: Stage, back: What, *, restarts: bool) -> None:
    put_out(stage)
    if restarts:
        stage.restart()
    undone = back is What.UNDO
    about, undoes = (None, REMOVAL) if undone else (BOB.seat, None)
    stage.order(order(back, about, undoes=undoes))
    stage.sit(CAROL, b"after", mark=MARK)
    assert marks(stage) == ()
    stage.restart()
    stage.sit(a_seat(7), b"later", mark=MARK)


def test_of_two_who_were_put_out_there_one_is_enough(stage: Stage) -> None:
    stage.sit(CAROL, b"before", mark=MARK)
    put_out(stage)
    stage.order(order(What.REMOVE, CAROL.seat))
    stage.order(order(What.UNDO, undoes=REMOVAL))
    stage.restart()
    assert stage.why_not_sit(ALICE, b"after", mark=MARK) is Reason.REMOVED


def test_marks_go_with_the_room_and_with_its_link(stage: Stage) -> None:
    put_out(stage)
    set_policy(stage, policy(2))
    assert len(marks(stage)) == 1, "the link is the same"
    newer = policy(3, entry=Entry.APPROVAL, token=token_hash(NEWER))
    set_policy(stage, newer)
    assert marks(stage) == ()
    # With the new link a new mark is made, and no old one is kept for who has not shown it.
    stage.sit(CAROL, b"elsewhere", token=NEWER, mark=MARK)
    stage.order(order(What.REMOVE, CAROL.seat))
    assert [mark for _, mark in marks(stage)] == [MARK]
    stage.order(order(What.END))
    assert marks(stage) == ()


def test_a_mark_that_was_not_made_with_the_link_is_none(stage: Stage) -> None:
    stage.sit(BOB)
    stage.room.leave(seat := stage.sit(BOB, b"before", token=b"", mark=MARK))
    stage.order(order(What.REMOVE, BOB.seat))
    assert (seat.mark, marks(stage)) == (b"", ())


def test_who_shows_the_link_once_is_known_by_it(stage: Stage) -> None:
    stage.sit(BOB, b"before", mark=MARK)
    stage.sit(BOB, b"before", token=b"")
    stage.order(order(What.REMOVE, BOB.seat))
    assert [mark for _, mark in marks(stage)] == [MARK]


def test_who_is_refused_at_the_door_may_ask_again(office: Office) -> None:
    stage = Stage(office, entry=Entry.APPROVAL)
    stage.sit(BOB, b"before", mark=MARK)
    stage.order(order(What.REFUSE, BOB.seat))
    assert marks(stage) == ()


def test_a_room_keeps_so_many_marks(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST_MARKS", 3)
    for number in range(1, 6):
        stage.sit(key := a_seat(number), mark=bytes([0, number]), place=bytes([number]))
        stage.order(order(What.REMOVE, key.seat))
    assert [mark for _, mark in marks(stage)] == [b"\0\3", b"\0\4", b"\0\5"]


def test_a_mark_tells_little_with_the_link_and_nothing_without() -> None:
    """Two bytes: with the link in hand 65,536 of all IPv4 addresses fit. Without, none can be
    tried; other links make other marks."""
    assert len(MARK) == MARK_BYTES == 2
    assert mark_of(place_of("127.0.0.1"), TOKEN) == b"", "a proxy's is nobody's"
    network = [place_of(f"10.0.{a}.{b}") for a, b in product(range(16), range(256))]
    alike = sum(mark_of(each, TOKEN) == mark_of(each, NEWER) for each in network)
    assert alike <= 3
    assert len({mark_of(each, TOKEN) for each in network}) < len(network), "some are the same"
