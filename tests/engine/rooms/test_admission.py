"""Who may have a room's key, who hands it out, and when there has to be another one."""

from __future__ import annotations

import pytest

from desktop.core.rooms import Act
from desktop.engine.rooms.keys import admission
from desktop.engine.rooms.order import giving
from desktop.engine.rooms.stage import compose
from desktop.store.rooms import joins, ordered, outgoing, people
from desktop.store.rooms.outgoing import Begun
from desktop.store.rooms.people import KeptPerson
from protocol.e2e.rooms.desk_contents import Join, Table, TableRow
from protocol.ids import SeatId
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.epochs import read_epoch
from protocol.wire.rooms.orders import Scope
from protocol.wire.rooms.policy import Entry, succeeds
from tests.engine.rooms.cast import DICE, NOW, ROOM, SEATS, Desktop, Hall

RNG = DICE.randbytes


@pytest.fixture
def hall() -> Hall:
    return Hall(Entry.APPROVAL)


def join(one: Desktop) -> None:
    content = Join(name=one.name, sent_ms=NOW, wrap_key=bytes(one.room.seat.wrap_key))
    compose.say(one.db, one.said, one.room, content, NOW)
    one.hall.turn()


def act(one: Desktop, whom: Desktop, wanted: Act) -> None:
    one.do(giving.act, whom.me, wanted, NOW, RNG)


def due(one: Desktop, epoch: int = 2) -> set[SeatId]:
    return {each.seat for each in admission.to_wrap(one.db, one.room, epoch)}


def begin(one: Desktop) -> int:
    """An epoch begins by this desktop, as if the relay had taken it."""
    one.do(admission.begin_epoch, NOW, RNG)
    coming = outgoing.epoch(one.db, one.row, ROOM.room)
    assert coming is not None
    epoch = coming.key.epoch
    joins.wrapped(one.db, one.row, admission.to_wrap(one.db, one.room, epoch), epoch)
    last = ordered.last_row(one.db, one.row)
    outgoing.announced(one.db, one.row, Begun(epoch, coming.signed, last))
    outgoing.epoch_over(one.db, one.row)
    return epoch


def missing(one: Desktop) -> bool:
    return admission.epoch_is_missing(one.db, one.room, NOW)


def away(one: Desktop, whom: Desktop) -> None:
    people.moved(one.db, one.row, (), (whom.me,))


def test_a_key_goes_to_who_was_let_in_and_not_to_who_only_knocked(hall: Hall) -> None:
    join(hall.bob)
    join(hall.carol)
    assert due(hall.alice) == set()
    act(hall.alice, hall.bob, Act.LET_IN)
    assert due(hall.alice) == {hall.bob.me}
    act(hall.alice, hall.bob, Act.BAN)
    act(hall.alice, hall.bob, Act.LET_IN)
    assert due(hall.alice) == set()


def test_whoever_is_put_out_takes_the_key_with_them_so_there_is_another(hall: Hall) -> None:
    for one in (hall.bob, hall.carol):
        join(one)
        act(hall.alice, one, Act.LET_IN)
    assert missing(hall.alice)
    epoch = begin(hall.alice)
    assert not missing(hall.alice) and due(hall.alice, epoch) == set()
    act(hall.alice, hall.bob, Act.MUTE)
    assert not missing(hall.alice)
    act(hall.alice, hall.bob, Act.REMOVE)
    assert missing(hall.alice)
    assert due(hall.alice, epoch + 1) == {hall.carol.me}


def test_an_open_room_needs_no_other_key(hall: Hall) -> None:
    opened = Hall()
    join(opened.bob)
    act(opened.alice, opened.bob, Act.REMOVE)
    assert not missing(opened.alice)


def test_who_says_another_wrap_key_is_sent_the_key_anew(hall: Hall) -> None:
    join(hall.bob)
    act(hall.alice, hall.bob, Act.LET_IN)
    epoch = begin(hall.alice)
    join(hall.bob)
    assert due(hall.alice, epoch) == set()
    content = Join(name="bob", sent_ms=NOW, wrap_key=RNG(32))
    compose.say(hall.bob.db, hall.bob.said, hall.bob.room, content, NOW)
    hall.turn()
    assert due(hall.alice, epoch) == {hall.bob.me}


def test_an_announcement_is_signed_by_who_makes_it_and_names_the_next_number(hall: Hall) -> None:
    hall.alice.do(admission.begin_epoch, NOW, RNG)
    coming = outgoing.epoch(hall.alice.db, hall.alice.row, ROOM.room)
    assert coming is not None
    body = read_epoch(coming.signed, ROOM.room)
    assert (body.epoch, body.by, body.commitment) == (2, ROOM.room, coming.key.commitment())


def test_a_moderator_stands_in_while_the_host_is_away_and_only_one_does(hall: Hall) -> None:
    bob, carol = sorted((hall.bob, hall.carol), key=lambda one: one.me)
    for one in (bob, carol):
        act(hall.alice, one, Act.MAKE_MODERATOR)
    assert not admission.deputises(bob.db, bob.room, Scope.ADMIT, NOW)
    for one in (bob, carol):
        away(one, hall.alice)
    assert admission.deputises(bob.db, bob.room, Scope.ADMIT, NOW)
    assert not admission.deputises(carol.db, carol.room, Scope.ADMIT, NOW)
    assert not admission.deputises(bob.db, bob.room, Scope.HOST, NOW)
    away(carol, bob)
    assert admission.deputises(carol.db, carol.room, Scope.ADMIT, NOW)


def test_a_moderator_with_the_table_makes_the_next_key_by_a_grant(hall: Hall) -> None:
    act(hall.alice, hall.bob, Act.MAKE_MODERATOR)
    hall.bob.reads_desk = True
    join(hall.carol)
    rows = (TableRow(hall.carol.me, RNG(32)),)
    compose.say(
        hall.alice.db,
        hall.alice.said,
        hall.alice.room,
        Table(name="alice", sent_ms=NOW, rows=rows),
        NOW,
    )
    hall.turn()
    away(hall.bob, hall.alice)
    act(hall.bob, hall.carol, Act.LET_IN)
    assert missing(hall.bob)
    hall.bob.do(admission.begin_epoch, NOW, RNG)
    coming = outgoing.epoch(hall.bob.db, hall.bob.row, ROOM.room)
    assert coming is not None
    body = read_epoch(coming.signed, ROOM.room)
    assert body.by == hall.bob.me and body.grant == hall.bob.room.grant
    assert due(hall.bob) == {hall.carol.me}


def test_those_who_stay_are_those_whose_names_open(hall: Hall) -> None:
    opened = Hall()
    alice = opened.alice
    for one in (opened.bob, opened.carol):
        join(one)
    forged = KeptPerson(SeatId(RNG(32)), "", b"", False, SeatState.HERE, NOW)
    people.put(alice.db, alice.row, forged)
    joins.put(alice.db, alice.row, forged.seat, RNG(32), 1)
    act(alice, opened.carol, Act.REMOVE)
    before = alice.room.body
    link = alice.room.link
    alice.do(admission.close_to_strangers, NOW, RNG)
    after = alice.room.body
    assert succeeds(after, before) and after.entry is Entry.APPROVAL
    assert after.token != before.token and alice.room.link.secret != link.secret
    assert alice.room.front().title == "Glaze"
    assert due(alice) == {opened.bob.me}
    assert outgoing.policy(alice.db, alice.row) == alice.room.policy
    assert SEATS["bob"].seat == opened.bob.me
