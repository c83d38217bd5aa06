"""One room over both stores: in any order of what may happen they say the same, before and after a
restart; and what a restart finds is what was in force."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from protocol.ids import SeatId
from protocol.wire.frames import Reason
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.orders import Scope, What
from protocol.wire.rooms.policy import Entry
from protocol.wire.rooms.signed import SeatKey
from relay.rules.limits import House
from relay.rules.rooms.asking import FindItem, LoadRoom, ReadBox, ReadCards, ReadItems, RoomLoaded
from relay.rules.rooms.changes import TrimDesk, TrimStage, UseRoom
from relay.rules.rooms.entering import Sat, enter
from relay.rules.rooms.hosted import Taken
from relay.store import database
from relay.store.memory import MemoryStore
from relay.store.sqlite import SqliteStore
from tests.relay.rooms_cast import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    Stage,
    an_id,
    entering,
    entry,
    grant,
    letter,
    order,
    policy,
)
from tests.relay.rules_cast import START, Office, call

CAST = [ALICE, BOB, CAROL]
people = st.sampled_from(CAST)
lanes = st.sampled_from(list(Lane))
WHATS = st.sampled_from(
    [
        *(What.MUTE, What.UNMUTE, What.TIME_OUT, What.REMOVE, What.BAN, What.UNBAN),
        *(What.ADMIT, What.REFUSE, What.SLOW, What.SPEAK_ALL, What.SPEAK_HOSTS),
    ]
)


class BothStores(RuleBasedStateMachine):
    """Everything is done twice, in one order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="aside-rooms-"))
        path = self.folder / "store.db"
        database.create(path)
        self.sqlite = SqliteStore(path)
        house = House(open=True)
        self.offices = [Office(store, house) for store in (MemoryStore(), self.sqlite)]
        self.version = 1
        self.orders: list[bytes] = []

    @initialize(way=st.sampled_from([Entry.LINK, Entry.APPROVAL]))
    def open(self, way: Entry) -> None:
        for office in self.offices:
            office.admit()
            office.create()
        self.way = way
        self.stages = [Stage(office, entry=way, history=2) for office in self.offices]

    def both(self, results: list[object]) -> object:
        assert results[0] == results[1]
        return results[0]

    @rule(who=people, name=st.sampled_from([b"", b"n", b"m"]))
    def come(self, who: SeatKey, name: bytes) -> None:
        said: list[object] = []
        for stage in self.stages:
            sat = enter(stage.room, entering(who, name=name), b"p", stage.now, b"mk")
            if isinstance(sat, Sat):
                stage.keep(sat.changes)
            said.append(sat if isinstance(sat, Reason) else sat.seat.kept())
        self.both(said)

    @rule(who=people)
    def go(self, who: SeatKey) -> None:
        for stage in self.stages:
            seat = stage.room.seats.find(who.seat)
            if seat is not None:
                stage.room.leave(seat)

    @rule(who=people)
    def go_for_good(self, who: SeatKey) -> None:
        for stage in self.stages:
            seat = stage.room.seats.find(who.seat)
            if seat is not None:
                stage.keep(stage.room.forget(seat, stage.now))

    @rule(who=people, lane=lanes, ahead=st.integers(0, 2))
    def say(self, who: SeatKey, lane: Lane, ahead: int) -> None:
        said: list[object] = []
        for stage in self.stages:
            seat = stage.room.seats.find(who.seat)
            if seat is None:
                said.append(None)
                continue
            last = seat.stage if lane is Lane.STAGE else seat.desk
            item = entry(who, max(last + ahead, 1), lane)
            said.append(stage.room.say(seat, item, stage.now))
        self.both(said)

    @rule(what=WHATS, about=people)
    def order(self, what: What, about: SeatKey) -> None:
        seat = SeatId(about.seat)
        needs_seat = what not in (What.SLOW, What.SPEAK_ALL, What.SPEAK_HOSTS)
        named = an_id()
        item = order(what, seat if needs_seat else None, seconds=60, order_id=named)
        self.orders.append(named)
        self.carry_out(item)

    @rule(which=st.integers(0, 30))
    def undo(self, which: int) -> None:
        if self.orders:
            undoes = self.orders[which % len(self.orders)]
            self.carry_out(order(What.UNDO, undoes=undoes))

    @rule(about=people, scopes=st.sampled_from([Scope.SPEAK, Scope.DESK, Scope.HOST]))
    def grant(self, about: SeatKey, scopes: Scope) -> None:
        given = grant(about, scopes)
        self.carry_out(order(What.GRANT, about.seat, given=given))

    def carry_out(self, item: bytes) -> None:
        said: list[object] = []
        for stage in self.stages:
            done = stage.room.give(item, stage.now)
            stage.keep(done.changes if isinstance(done, Taken) else ())
            said.append(done)
        self.both(said)

    @rule(by=people, to=people)
    def write(self, by: SeatKey, to: SeatKey) -> None:
        sent = letter(by, to)
        said: list[object] = []
        for stage in self.stages:
            left = stage.letters.leave(stage.letters.read(sent), sent, stage.now)
            if not isinstance(left, Reason):
                stage.keep((left[1],))
            said.append(left if isinstance(left, Reason) else left[1])
        self.both(said)

    @rule(who=people, up_to=st.integers(0, 3))
    def collect(self, who: SeatKey, up_to: int) -> None:
        for stage in self.stages:
            seat = stage.room.seats.find(who.seat)
            if seat is not None:
                stage.keep((stage.letters.take(seat, up_to),))

    @rule(slow_s=st.integers(0, 9))
    def set(self, slow_s: int) -> None:
        self.version += 1
        newer = policy(self.version, entry=self.way, history=2, slow_s=slow_s)
        for stage in self.stages:
            changes = stage.room.set_policy(newer, stage.now)
            assert not isinstance(changes, Reason)
            stage.keep(changes)

    @rule(most=st.integers(0, 5), up_to=st.integers(0, 3))
    def trim(self, most: int, up_to: int) -> None:
        for stage in self.stages:
            run = stage.room.lanes[Lane.DESK].run
            stage.keep((TrimStage(most), TrimDesk(run, up_to), UseRoom(stage.now.age_ms)))

    @rule(seconds=st.integers(1, 90))
    def pass_time(self, seconds: int) -> None:
        for office in self.offices:
            office.pass_days(seconds / 86_400)

    @rule(keeps=st.booleans())
    def restart(self, *, keeps: bool) -> None:
        for stage in self.stages:
            if keeps:
                stage.keep()
                before = self.standing(stage)
                stage.restart()
                assert self.standing(stage) == before
            else:
                stage.restart()

    def standing(self, stage: Stage) -> list[object]:
        """What people notice."""
        room = stage.room
        seats = [
            (s.number, s.id, s.state, s.muted_until_ms, s.stage, s.desk, s.letters, s.boxed)
            for s in room.seats.all()
        ]
        scopes = [room.scopes(seat, stage.now) for seat in room.seats.all()]
        return [*seats, *scopes, room.slow_s, room.speak, room.policy.version]

    @invariant()
    def what_is_kept_is_the_same(self) -> None:
        if not hasattr(self, "stages"):
            return
        loaded = [stage.office.answer(LoadRoom(call(), ROOM.room, False)) for stage in self.stages]
        both = [each for each in loaded if isinstance(each, RoomLoaded)]
        assert len(both) == 2
        for name in RoomLoaded.__struct_fields__:
            if name != "call":
                assert getattr(both[0], name) == getattr(both[1], name), name
        row, run = both[0].room.row, both[0].runs[-1].run
        rooms = [office.store.rooms for office in self.offices]
        for lane in Lane:
            for before in range(1, run + 1):
                asked = ReadItems(call(), row, lane, before, 0, 50)
                self.both([each.items(asked) for each in rooms])
        for number in range(1, both[0].last_seat + 1):
            self.both([each.box(ReadBox(call(), row, number, 0, 9)) for each in rooms])
            self.both([each.cards(ReadCards(call(), row, (number,))) for each in rooms])
            found = FindItem(call(), row, Lane.STAGE, number, 1)
            self.both([each.find_item(found) for each in rooms])

    @invariant()
    def the_same_is_counted(self) -> None:
        memory, disk = (office.store.totals() for office in self.offices)
        assert memory == disk

    @invariant()
    def who_is_out_sits_nowhere(self) -> None:
        for stage in getattr(self, "stages", ()):
            for seat in stage.room.seats.all():
                if seat.state in (SeatState.REMOVED, SeatState.BANNED, SeatState.REFUSED):
                    assert not seat.here
            assert stage.room.taken == sum(seat.here for seat in stage.room.seats.all())
            for log in stage.room.lanes.values():
                assert log.saved <= log.number

    def teardown(self) -> None:
        assert START.age_ms == 0
        self.sqlite.close()
        shutil.rmtree(self.folder)


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
)
