"""Hands, reports, held messages and knocks at the desk, whatever a stranger sends."""

from __future__ import annotations

import pytest

from desktop.core.desk import DeskKind
from desktop.core.room_errors import EntryUnknown
from desktop.engine.rooms import asking, compose
from desktop.store.rooms import desk, joins, people
from protocol.e2e.rooms.desk_contents import (
    DeskContent,
    Held,
    Join,
    Rename,
    Report,
    Table,
    TableRow,
)
from protocol.ids import EntryId
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
