"""A room of three under chance: whoever speaks, lines that are lost, a relay that falls and forgets
what it had not confirmed. In the end all see one order but for what they heard before such a fall,
nothing twice, nothing missing, and everybody's own entries in their order.

The follower and the speaker are the engine's; the relay is a list, and its lines answer at once, so
that nothing here waits for anything.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, TypeAlias, TypeVar, cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlcipher3 import Connection

from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground, Said
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.rooms.stage import compose
from desktop.engine.rooms.stage.following import Follower
from desktop.engine.rooms.stage.saying import keep_saying
from desktop.store.rooms import items, rooms
from desktop.store.rooms import said as sayings
from desktop.store.rooms.items import ItemKind
from desktop.store.rooms.lanes import Position
from protocol.e2e.rooms.contents import Text
from protocol.ids import CallId, RelayKey, SeatId
from protocol.keys import Secret, public_key
from protocol.wire.frames import Reason, Refused, Reply, Request
from protocol.wire.frames.room_entries import Entries, Fetched, FetchEntries, Lane, SayEntry
from protocol.wire.frames.room_entries import Said as Numbered
from protocol.wire.frames.rooms import SignedHead
from protocol.wire.rooms.heads import NOTHING, HeadBody, follow, run_start, sign_head
from protocol.wire.rooms.items import EntryBody, parse_item
from tests.engine.rooms.cast import DICE, NAMES, NOW, ROOM, Desktop, Hall

T = TypeVar("T")
Voice: TypeAlias = tuple[SeatId | None, int | None]
SEED = Secret(bytes(range(32)))


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What never waits needs no loop."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    raise AssertionError("it waits")


class Run:
    """What was numbered since the relay started."""

    def __init__(self, number: int, before: Run | None) -> None:
        self.number = number
        self.items: list[bytes] = []
        self.ended = 0 if before is None else len(before.items)
        self.before: bytes = NOTHING if before is None else before.running[-1]
        self.running: list[bytes] = [
            run_start(ROOM.room, Lane.STAGE, number, self.ended, self.before)
        ]
        self.saved = 0

    def add(self, item: bytes) -> int:
        self.items.append(item)
        self.running.append(follow(self.running[-1], len(self.items), item))
        return len(self.items)

    def fall(self) -> None:
        """What was not on the disk never was."""
        del self.items[self.saved :]
        del self.running[self.saved + 1 :]


class Relay:
    """Numbers what comes; ``Said`` waits for its disk, and what is told does not."""

    def __init__(self) -> None:
        self.runs = [Run(1, None)]
        self.last: dict[SeatId, int] = {}

    @property
    def run(self) -> Run:
        return self.runs[-1]

    def save(self) -> None:
        self.run.saved = len(self.run.items)

    def restart(self) -> None:
        self.run.fall()
        self.runs.append(Run(self.run.number + 1, self.run))
        self.last.clear()
        for run in self.runs:
            for item in run.items:
                entry = parse_item(item)
                assert isinstance(entry, EntryBody)
                self.last[entry.seat] = entry.counter

    def take(self, asked: Request[Any]) -> Reply:
        if isinstance(asked, FetchEntries):
            return self._fetch(asked)
        assert isinstance(asked, SayEntry)
        entry = parse_item(asked.item)
        assert isinstance(entry, EntryBody)
        last = self.last.get(entry.seat, 0)
        if entry.counter > last + 1:
            return Refused(call=asked.call, reason=Reason.WRONG_STATE)
        if entry.counter == last + 1:
            self.last[entry.seat] = entry.counter
            self.run.add(asked.item)
        return Numbered(call=asked.call, run=self.run.number, number=1)

    def _fetch(self, asked: FetchEntries) -> Reply:
        run = self.runs[asked.run - 1] if asked.run <= len(self.runs) else None
        if run is None or asked.after > len(run.items):
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        page = tuple(run.items[asked.after : asked.after + 2])
        return Fetched(
            call=asked.call,
            run=asked.run,
            first=asked.after + 1,
            before=run.running[asked.after],
            items=page,
            over=run is not self.run and asked.after + len(page) == len(run.items),
        )

    def order(self) -> list[Voice]:
        """What was numbered, each where it stands first."""
        found: dict[Voice, None] = {}
        for run in self.runs:
            for item in run.items:
                entry = parse_item(item)
                assert isinstance(entry, EntryBody)
                found[entry.seat, entry.counter] = None
        return list(found)

    def head(self) -> SignedHead:
        run = self.run
        body = HeadBody(
            room=ROOM.room,
            lane=Lane.STAGE,
            run=run.number,
            number=run.saved,
            running=run.running[run.saved],
            before_number=run.ended,
            before_running=run.before,
            made_ms=NOW,
        )
        return sign_head(SEED, body)


class Member:
    """A vault, its follower on the line at hand, and how far the line has told it."""

    def __init__(self, relay: Relay, desktop: Desktop) -> None:
        self.relay, self.desktop = relay, desktop
        self.words: list[str] = []
        self.deaf = False  # answers are lost
        self.calls = 0
        self.confirmed: list[bytes] = []
        vault = SimpleNamespace(read=self._read)
        ground = SimpleNamespace(
            vault=vault, do=self._do, now=lambda: NOW, rng=DICE.randbytes, timings=_Timings()
        )
        self.ground = cast(Ground, ground)
        self.connect()

    def connect(self) -> None:
        self.deaf = False
        agreed = SimpleNamespace(relay=RelayKey(public_key(SEED)))
        line = SimpleNamespace(call=self._call, ask=self._ask, submit=self._submit, agreed=agreed)
        self.line = cast(Line, line)
        row = self.desktop.row
        self.follower = Follower(self.ground, ROOM.room, row, Lane.STAGE, self.line)
        at_once(self.follower.begin(Position(1, 0, b"")))
        self.told = (self.relay.run.number, len(self.relay.run.items))

    def say(self, words: str) -> None:
        desktop = self.desktop
        content = Text(name=desktop.name, sent_ms=NOW, text=words)
        compose.say(desktop.db, desktop.said, desktop.room, content, NOW)
        self.words.append(words)

    def speak(self) -> None:
        """Offer what waits; with a deaf line nobody hears the answer."""
        bell = cast(Doorbell, SimpleNamespace(wait=_nothing_more))
        with suppress(LineLost):
            at_once(keep_saying(self.ground, self.desktop.row, Lane.STAGE, self.line, bell))

    def hear(self) -> None:
        """All that was numbered since, as the relay tells it by itself."""
        run, upto = self.told
        new = self.relay.run.items[upto:]
        if run == self.relay.run.number and new:
            told = Entries(run=run, first=upto + 1, items=tuple(new))
            at_once(self.follower.hear(told))
            self.told = (run, upto + len(new))

    def hear_head(self) -> None:
        self.follower.hear_head(self.relay.head())
        at_once(self.follower.compare_head())

    @property
    def rows(self) -> list[str]:
        kept = items.shown(self.desktop.db, self.desktop.row, 10_000)
        assert all(one.kind is ItemKind.TEXT for one in kept), [one.kind for one in kept]
        return [one.text for one in kept]

    @property
    def voices(self) -> list[Voice]:
        """Whose how many-th each row is."""
        kept = items.shown(self.desktop.db, self.desktop.row, 10_000)
        return [(one.seat, one.counter) for one in kept]

    def heard_early(self) -> set[Voice]:
        """Told before they were on a disk, and numbered again when their relay had fallen: they
        stay where they were shown."""
        rows = self.desktop.db.execute("SELECT seat, counter FROM room_item WHERE kind = 'again'")
        return {(SeatId(seat), counter) for seat, counter in rows}

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return work(self.desktop.db)

    async def _do(self, work: Callable[[Connection, Said], T]) -> T:
        return work(self.desktop.db, self.desktop.said)

    def _call(self) -> CallId:
        self.calls += 1
        return CallId(self.calls)

    async def _ask(self, asked: Request[Any]) -> Reply:
        return self.relay.take(asked)

    def _submit(self, asked: Request[Any]) -> SimpleNamespace:
        answer = self.relay.take(asked)

        async def reply() -> Reply:
            if self.deaf:
                raise LineLost
            self.relay.save()
            return answer

        return SimpleNamespace(reply=reply)


class _Timings:
    room_busy = 1.0


async def _nothing_more(patience: float | None = None) -> None:
    raise LineLost


class Room(RuleBasedStateMachine):
    """Three of them."""

    def __init__(self) -> None:
        super().__init__()
        hall = Hall()
        self.relay = Relay()
        self.members = [Member(self.relay, one) for one in hall.all]
        self.count = 0

    who = st.integers(0, len(NAMES) - 1)

    @rule(who=who, how_many=st.integers(1, 3))
    def say(self, who: int, how_many: int) -> None:
        for _ in range(how_many):
            self.count += 1
            self.members[who].say(f"{self.count}")

    @rule(who=who)
    def speak(self, who: int) -> None:
        self.members[who].speak()

    @rule(who=who)
    def the_answers_are_lost(self, who: int) -> None:
        self.members[who].deaf = True
        self.members[who].speak()
        self.members[who].connect()

    @rule(who=who)
    def hear(self, who: int) -> None:
        self.members[who].hear()

    @rule(who=who)
    def hear_a_head(self, who: int) -> None:
        self.members[who].hear()
        self.members[who].hear_head()

    @rule(who=who)
    def a_line_is_lost(self, who: int) -> None:
        self.members[who].connect()

    @rule()
    def save(self) -> None:
        self.relay.save()

    @rule()
    def the_relay_falls(self) -> None:
        self.relay.restart()
        for one in self.members:
            one.connect()

    @invariant()
    def nothing_is_twice(self) -> None:
        for one in self.members:
            assert len(set(one.rows)) == len(one.rows)

    def teardown(self) -> None:
        for _ in range(2):
            for one in self.members:
                one.speak()
        self.relay.save()
        for one in self.members:
            one.connect()
            one.speak()
            one.hear_head()
        order = self.relay.order()
        for one in self.members:
            assert sorted(one.rows, key=int) == [f"{at + 1}" for at in range(self.count)]
            own = [row for row in one.rows if row in one.words]
            assert own == one.words, "out of its author's order"
            room = rooms.get(one.desktop.db, one.desktop.row)
            assert room.warned is None
            assert not sayings.waiting(one.desktop.db, room, Lane.STAGE)
            early = one.heard_early()
            assert [each for each in one.voices if each not in early] == [
                each for each in order if each not in early
            ]


Room.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestRoom = Room.TestCase
