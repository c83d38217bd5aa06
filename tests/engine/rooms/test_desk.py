"""Hands, reports, held messages and knocks at the desk, whatever a stranger sends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.core.desk import DeskKind
from desktop.core.room_errors import EntryUnknown
from desktop.core.rooms import Presence
from desktop.engine.rooms.desk import asking, showing
from desktop.engine.rooms.desk import incoming as desks
from desktop.engine.rooms.people.listing import told
from desktop.engine.rooms.people.shown import listed
from desktop.engine.rooms.stage import compose
from desktop.store.rooms import desk, joins, people
from protocol.e2e.rooms import words
from protocol.e2e.rooms.desk_contents import (
    Ask,
    DeskContent,
    Hand,
    Held,
    Join,
    React,
    Rename,
    Report,
    Table,
    TableRow,
    Vote,
)
from protocol.ids import EntryId, SeatId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SeatRow, SeatState
from protocol.wire.rooms.items import EntryBody
from protocol.wire.rooms.policy import Entry
from tests.engine.rooms.cast import NOW, Desktop, Hall


def tell(one: Desktop, content: DeskContent) -> None:
    compose.say(one.db, one.said, one.room, content, NOW)
    one.hall.turn()


def waiting(one: Desktop) -> list[tuple[DeskKind, str, str]]:
    return [(each.kind, each.name, each.words) for each in desk.every(one.db, one.row)]


def test_a_hand_is_up_or_down_however_often_it_is_said() -> None:
    hall = Hall()
    for raised in (True, True, False, False, True):
        hall.bob.do(asking.hand, NOW, raised=raised)
    assert waiting(hall.alice) == [(DeskKind.HAND, "bob", "")]
    assert desk.mine_up(hall.bob.db, hall.bob.row, hall.bob.me)
    hall.bob.do(asking.hand, NOW, raised=False)
    assert waiting(hall.alice) == []


def test_a_report_brings_the_entry_in_its_bytes_and_a_false_one_brings_none() -> None:
    hall = Hall()
    entry = hall.carol.text("buy links")
    hall.bob.do(asking.report, entry, "spam\u202e", NOW)
    tell(hall.bob, Report(name="bob", sent_ms=NOW, item=bytes(200), words="look"))
    first, second = desk.every(hall.alice.db, hall.alice.row)
    assert first.item is not None and first.words == "spam"
    assert second.item is None and second.words == "look"
    with pytest.raises(EntryUnknown):
        hall.bob.do(asking.report, EntryId(bytes(16)), "", NOW)


def test_a_seat_fills_no_desk() -> None:
    hall = Hall()
    for number in range(desk.MOST_OF_SEAT + 5):
        tell(hall.bob, Held(name="bob", sent_ms=NOW, text=f"no {number}"))
    tell(hall.carol, Held(name="carol", sent_ms=NOW, text="mine"))
    assert desk.count(hall.alice.db, hall.alice.row, DeskKind.HELD) == desk.MOST_OF_SEAT + 1


def test_what_was_seen_to_waits_no_more_and_only_once() -> None:
    hall = Hall()
    hall.bob.do(asking.hand, NOW, raised=True)
    alice = hall.alice
    (one,) = desk.every(alice.db, alice.row)
    assert desk.done(alice.db, alice.row, one.desk_id)
    assert not desk.done(alice.db, alice.row, one.desk_id)
    assert desk.every(alice.db, alice.row) == []


def test_somebody_knocks_where_a_host_has_to_open_and_nowhere_else() -> None:
    for entry, knocks in ((Entry.LINK, 0), (Entry.APPROVAL, 1)):
        hall = Hall(entry)
        tell(hall.bob, Join(name="bob", sent_ms=NOW, wrap_key=bytes(32), words="it is me"))
        assert desk.count(hall.alice.db, hall.alice.row, DeskKind.DOOR) == knocks
        assert joins.find(hall.alice.db, hall.alice.row, hall.bob.me) is not None


def test_who_is_at_the_door_has_the_name_they_knocked_with() -> None:
    hall = Hall(Entry.APPROVAL)
    tell(hall.bob, Join(name="bob", sent_ms=NOW, wrap_key=bytes(32)))
    alice = hall.alice
    alice.db.execute("DELETE FROM room_person WHERE seat = ?", (hall.bob.me,))
    row = SeatRow(seat=hall.bob.me, state=SeatState.WAITING, since_ms=NOW)
    told(alice.db, alice.said, alice.room, (row,), NOW)
    (shown,) = [one for one in listed(alice.db, alice.room, NOW) if one.seat_id == hall.bob.me]
    assert (shown.name, shown.state) == ("bob", Presence.AT_THE_DOOR)


def test_a_name_like_the_hosts_is_marked_and_the_hosts_own_is_not() -> None:
    hall = Hall()
    people.rename(hall.bob.db, hall.bob.row, hall.carol.me, "a1ice (host)")
    marked = {one.name: one.imitates for one in listed(hall.bob.db, hall.bob.room, NOW)}
    assert marked == {"alice": False, "bob": False, "a1ice (host)": True}


def test_a_name_that_opens_under_no_key_proves_nothing() -> None:
    hall = Hall()
    bob, seat = hall.bob, SeatId(b"x" * 32)
    for name in (b"", bytes(200), b"\0\0\0\1" + bytes(180)):
        row = SeatRow(seat=seat, state=SeatState.HERE, since_ms=NOW, name=name)
        told(bob.db, bob.said, bob.room, (row,), NOW)
    kept = people.find(bob.db, bob.row, seat)
    assert kept is not None and not kept.proven and kept.name == ""


WORDS = st.text(max_size=40)
IDS = st.binary(min_size=16, max_size=16).map(EntryId)
ANYTHING = st.one_of(
    st.builds(Ask, name=WORDS, sent_ms=st.just(NOW), text=WORDS, nameless=st.booleans()),
    st.builds(Vote, name=WORDS, sent_ms=st.just(NOW), question=IDS, taken_back=st.booleans()),
    st.builds(React, name=WORDS, sent_ms=st.just(NOW), entry=IDS, sign=WORDS),
    st.builds(Hand, name=WORDS, sent_ms=st.just(2**53 - 1), raised=st.booleans()),
    st.builds(Report, name=WORDS, sent_ms=st.just(0), item=st.binary(max_size=300), words=WORDS),
    st.builds(Held, name=WORDS, sent_ms=st.just(NOW), text=WORDS),
    st.builds(Join, name=WORDS, sent_ms=st.just(NOW), wrap_key=st.binary(min_size=32, max_size=32)),
    st.builds(Rename, name=WORDS, sent_ms=st.just(NOW), before=WORDS),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ANYTHING, max_size=8))
def test_whatever_strangers_tell_the_desk_is_taken_in_and_shown(told_: list[DeskContent]) -> None:
    hall = SHARED
    for number, content in enumerate(told_):
        entry = EntryBody(Lane.DESK, hall.bob.me, 1, 1, b"", b"x")
        where = EntryId(number.to_bytes(16, "big"))
        alice = hall.alice
        desks.heard(alice.db, alice.said, alice.room, where, entry, content, number, NOW)
    showing.waiting(hall.alice.db, hall.alice.room, NOW)
    for one in showing.questions(hall.alice.db, hall.alice.room, NOW):
        assert words.line(one.text, 1000) == one.text
    for person in listed(hall.alice.db, hall.alice.room, NOW):
        assert words.line(person.name, 1000) == person.name


SHARED = Hall(Entry.APPROVAL)


def test_a_wrap_key_is_the_last_that_was_said_and_a_table_is_the_hosts() -> None:
    hall = Hall()
    alice = hall.alice
    tell(hall.bob, Join(name="bob", sent_ms=NOW, wrap_key=b"1" * 32))
    tell(hall.bob, Join(name="bob", sent_ms=NOW, wrap_key=b"2" * 32))
    rows = (TableRow(hall.bob.me, b"3" * 32),)
    tell(hall.carol, Table(name="carol", sent_ms=NOW, rows=rows))
    found = joins.find(alice.db, alice.row, hall.bob.me)
    assert found is not None and bytes(found.wrap_key) == b"2" * 32
    tell(alice, Table(name="alice", sent_ms=NOW, rows=rows))
    found = joins.find(alice.db, alice.row, hall.bob.me)
    assert found is not None and bytes(found.wrap_key) == b"3" * 32


def test_another_name_is_shown_for_what_it_is() -> None:
    hall = Hall()
    tell(hall.bob, Rename(name="b\u202eobby", sent_ms=NOW, before="bob"))
    assert people.name_of(hall.alice.db, hall.alice.row, hall.bob.me) == "bobby"
