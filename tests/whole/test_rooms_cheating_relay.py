"""A room's relay that cheats one member: what it gives away is refused, shown for what it is, or
named; nothing that came is lost, and the app goes on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.errors import RelayUnavailable
from desktop.core.room_facade import PeopleChanged
from desktop.core.rooms import Entry, EntryKind, EntryState, Warned
from desktop.engine.lines.line import MOST_NOTICES
from desktop.store.rooms import epochs, rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import stage
from protocol.e2e.rooms.contents import Text
from protocol.e2e.rooms.epochs import EpochKey, new_epoch, wrap
from protocol.ids import OrderId, RoomId
from protocol.wire.frames import Frame, Request
from protocol.wire.frames.room_entries import Entries, Fetched, FetchEntries, Lane, RoomHead
from protocol.wire.frames.room_orders import EpochBegins
from protocol.wire.frames.rooms import Entered, RoomSet, RoomShown, SeatsChanged
from protocol.wire.rooms.epochs import EpochBody, sign_epoch
from protocol.wire.rooms.heads import HeadBody, sign_head
from protocol.wire.rooms.items import EntryBody, entry_hash, sign_entry, sign_order, stub_of
from protocol.wire.rooms.orders import OrderBody, What
from protocol.wire.rooms.policy import sign_policy
from protocol.wire.rooms.signed import RoomKey, SeatKey, new_room, new_seat, unpack
from tests.whole.crooked import Hand, OtherHistory, honest
from tests.whole.mutant import the_story_fails
from tests.whole.test_rooms import POTTERY
from tests.whole.world import Desktop, Place, World

DICE = Random(23)


@dataclass
class Mallory:
    """Somebody who has the link, as the relay makes carol hear them."""

    room: RoomId
    key: EpochKey
    seat: SeatKey = field(default_factory=lambda: new_seat(DICE.randbytes))
    said: int = 0
    last: bytes = b""

    def text(self, words: str) -> bytes:
        """The next thing they say."""
        self.said += 1
        content = Text(name="loud-crow", sent_ms=1, text=words)
        item = stage.say(content, self.key, self.seat, self.said, self.last, DICE.randbytes)
        self.last = entry_hash(self.room, item)
        return item


@dataclass
class Scene:
    """Alice hosts and talks, and carol's relay has a hand on her line."""

    relay: Place
    alice: Desktop
    carol: Desktop
    room: RoomId
    link: str
    hand: Hand

    async def talk(self, *words: str) -> None:
        """One after the other, each told before the next."""
        for each in words:
            await self.alice.engine.room_say(self.room, each)
            await trio.sleep(0.3)

    async def rows(self) -> list[str]:
        """Carol's stage, as one would read it out."""
        return [_read_out(one) for one in await self.entries()]

    async def entries(self) -> tuple[Entry, ...]:
        return (await self.carol.engine.stage(self.room, limit=200)).entries

    async def warned(self) -> Warned | None:
        return (await self.carol.engine.room_show(self.room)).warning

    async def enter(self) -> None:
        await self.carol.engine.room_enter(self.link, "slow-otter")

    async def hosts(self) -> KeptRoom:
        """The room as its host's vault has it, with all its keys."""
        found = await self.alice.ground.vault.read(lambda db: rooms.find(db, self.room))
        assert found is not None
        return found

    async def key(self) -> EpochKey:
        room = await self.hosts()
        found = await self.alice.ground.vault.read(lambda db: epochs.newest(db, room.row))
        assert found is not None
        return found

    async def history(
        self, change: Callable[[int, bytes], Iterable[bytes]] = lambda _, item: (item,)
    ) -> OtherHistory:
        """Carol is told this one from now on, which is before she enters."""
        told = OtherHistory(self.relay.seed, self.room, change)
        self.hand.cheat = told
        return told


def _read_out(one: Entry) -> str:
    if one.kind is EntryKind.TEXT:
        return one.text
    return f"<{(one.cause or one.kind).value}>"


@asynccontextmanager
async def scene(world: World) -> AsyncGenerator[Scene]:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Carol", at=relay) as carol:
        opened = await alice.engine.room_open(POTTERY)
        hand = Hand()
        carol.wire.over = hand.over
        yield Scene(relay, alice, carol, opened.room_id, opened.link, hand)


def spoilt(item: bytes) -> bytes:
    """The same with a signature that nobody made."""
    return bytes([item[0] ^ 1]) + item[1:]


def elsewhere() -> bytes:
    """An entry that somebody said in another room."""
    seat = new_seat(DICE.randbytes)
    entry = EntryBody(Lane.STAGE, seat.seat, 1, 1, b"", bytes(128))
    return sign_entry(seat, new_room(DICE.randbytes).room, entry)


def order(by: RoomKey | SeatKey, room: RoomId, what: What, now: int, **more: Any) -> bytes:
    who = by.room if isinstance(by, RoomKey) else by.seat
    made = OrderBody(OrderId(DICE.randbytes(16)), who, what, now, now + 3_600_000, **more)
    return sign_order(by, room, made)


async def test_what_is_forged_replayed_or_of_another_room_is_shown_for_what_it_is(
    world: World, autojump_clock: MockClock
) -> None:
    newer, broken = bytes(64) + b"\x92\xa1z\x01", bytes(64) + b"\x92\xa1e\x01"

    def change(number: int, item: bytes) -> Iterable[bytes]:
        match number:
            case 2:
                return (item, spoilt(item), elsewhere())
            case 3:
                return (item, item, newer, broken)
            case _:
                return (item,)

    async with scene(world) as at:
        await at.history(change)
        await at.enter()
        await at.talk("one", "two", "three")
        await trio.sleep(8)
        told = ["one", "<forged>", "<forged>", "two", "<newer_version>", "<not_understood>"]
        assert await at.rows() == [*told, "three"]
        assert await at.warned() is None


async def test_a_voice_that_is_dropped_is_named(world: World, autojump_clock: MockClock) -> None:
    async with scene(world) as at:
        await at.history(lambda number, item: () if number == 3 else (item,))
        await at.enter()
        await at.talk("one", "two", "three")
        await trio.sleep(8)
        assert await at.rows() == ["one", "three"]
        assert await at.warned() is Warned.DROPS
        assert not (await at.carol.engine.room_show(at.room)).complete


async def test_a_voice_whose_entries_come_in_another_order_was_kept_back(
    world: World, autojump_clock: MockClock
) -> None:
    held: list[bytes] = []

    def change(number: int, item: bytes) -> Iterable[bytes]:
        if number == 3:
            held.append(item)
            return ()
        return (item, *held) if number == 4 else (item,)

    async with scene(world) as at:
        await at.history(change)
        await at.enter()
        await at.talk("one", "two", "three")
        await trio.sleep(8)
        assert await at.rows() == ["one", "three", "two"]
        assert await at.warned() is Warned.DROPS


async def test_a_stub_that_no_order_asked_for_is_a_voice_dropped(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:
        await at.history(lambda number, item: (stub_of(item) if number == 2 else item,))
        await at.enter()
        await at.talk("one", "two")
        await trio.sleep(8)
        assert await at.rows() == ["two"]
        assert await at.warned() is Warned.DROPS


async def test_an_item_kept_from_one_seat_stands_as_a_gap(
    world: World, autojump_clock: MockClock
) -> None:
    def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
        if isinstance(frame, Entries) and frame.first == 3:
            return ()
        if isinstance(frame, Fetched) and frame.first == 3:
            return (replace(frame, first=4, items=frame.items[1:], before=bytes(32)),)
        return (frame,)

    async with scene(world) as at:
        at.hand.cheat = cheat
        await at.enter()
        await at.talk("one", "two", "three")
        await trio.sleep(1)
        assert await at.rows() == ["one", "<gap>", "three"]
        room = await at.carol.engine.room_show(at.room)
        assert not room.complete


async def test_two_heads_of_one_number_are_kept_and_shown_as_the_proof_of_a_fork(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            yield frame
            if isinstance(frame, RoomHead):
                true = unpack(frame.head.body, HeadBody)
                yield RoomHead(head=sign_head(at.relay.seed, replace(true, running=bytes(32))))

        at.hand.cheat = cheat
        await at.enter()
        await at.talk("one", "two")
        await trio.sleep(8)
        assert await at.rows() == ["one", "<fork>"]
        assert await at.warned() is Warned.FORKED
        fork = (await at.entries())[-1].fork
        assert fork is not None
        bodies = [unpack(one, HeadBody) for one in (fork.first, fork.second)]
        assert len({one.running for one in bodies}) == 2
        assert {one.number for one in bodies} == {3}


async def test_a_head_that_does_not_fit_what_came_shows_a_fork_without_a_proof(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            if isinstance(frame, RoomHead):
                true = unpack(frame.head.body, HeadBody)
                yield RoomHead(head=sign_head(at.relay.seed, replace(true, running=bytes(32))))
            else:
                yield frame

        at.hand.cheat = cheat
        await at.enter()
        await at.talk("one")
        await trio.sleep(8)
        assert await at.rows() == ["one"]
        assert await at.warned() is Warned.FORKED


async def test_a_page_that_does_not_go_on_from_what_came_is_a_fork(
    world: World, autojump_clock: MockClock
) -> None:
    def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
        match frame:
            case RoomHead():
                return ()  # what it signs says nothing of it
            case Entered():
                return (replace(frame, head=None),)
            case Fetched() if frame.items:
                return (replace(frame, before=bytes(32)),)
            case _:
                return (frame,)

    async with scene(world) as at:
        await at.enter()
        await at.talk("one")
        assert await at.warned() is None
        await at.carol.wire.off()
        at.hand.cheat = cheat
        await at.talk("two")
        at.carol.wire.on()
        await trio.sleep(20)
        assert await at.rows() == ["one", "two"]
        assert await at.warned() is Warned.FORKED


async def test_a_run_that_begins_before_what_was_confirmed_is_a_fork(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            yield frame
            if isinstance(frame, RoomHead):
                true = unpack(frame.head.body, HeadBody)
                next_run = replace(
                    true, run=2, number=1, before_number=true.number - 1, before_running=bytes(32)
                )
                yield RoomHead(head=sign_head(at.relay.seed, next_run))

        at.hand.cheat = cheat
        await at.enter()
        await at.talk("one", "two")
        await trio.sleep(8)
        assert "one" in await at.rows()
        assert await at.warned() is Warned.FORKED


async def test_other_bytes_under_a_number_that_is_known_are_a_fork_and_change_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            yield frame
            if isinstance(frame, Entries):
                yield replace(frame, items=tuple(spoilt(each) for each in frame.items))

        at.hand.cheat = cheat
        await at.enter()
        await at.talk("one", "two")
        await trio.sleep(8)
        assert await at.rows() == ["one", "two"]
        assert await at.warned() is Warned.FORKED


async def test_an_older_policy_at_coming_back_changes_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:
        host = await at.hosts()
        key = host.key
        assert key is not None
        told = sign_policy(key, replace(host.body, version=3, seats=7))
        entered = 0

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            nonlocal entered
            if isinstance(frame, Entered):
                entered += 1
                frame = replace(frame, policy=told)
            yield frame

        at.hand.cheat = cheat
        await at.enter()
        assert (await at.carol.engine.room_show(at.room)).seats == 7
        told = sign_policy(key, replace(host.body, version=2, seats=9))
        await at.carol.wire.off()
        at.carol.wire.on()
        await at.talk("one")
        await trio.sleep(8)
        assert entered == 2
        assert (await at.carol.engine.room_show(at.room)).seats == 7
        assert await at.rows() == ["one"]


async def test_an_order_that_the_relay_does_not_keep_is_named(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:
        told = await at.history()
        await at.enter()
        mallory = Mallory(at.room, await at.key())
        key = (await at.hosts()).key
        assert key is not None
        told.add(mallory.text("before"))
        told.add(order(key, at.room, What.REMOVE, world.now(), about=mallory.seat.seat))
        await at.talk("one")
        assert await at.warned() is None
        told.add(mallory.text("still here"))
        await at.talk("two")
        assert await at.rows() == ["before", "<order>", "one", "still here", "two"]
        assert await at.warned() is Warned.DISOBEYS


async def test_an_order_of_somebody_who_may_not_hides_and_removes_nobody(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:
        told = await at.history()
        await at.enter()
        await at.talk("one")
        [one] = await at.entries()
        mallory = Mallory(at.room, await at.key())
        me = (await at.carol.engine.room_show(at.room)).me
        told.add(order(mallory.seat, at.room, What.HIDE, world.now(), entry=one.entry_id))
        told.add(order(mallory.seat, at.room, What.REMOVE, world.now(), about=me))
        told.add(order(mallory.seat, at.room, What.END, world.now()))
        await at.talk("two")
        assert await at.rows() == ["one", "two"]
        room = await at.carol.engine.room_show(at.room)
        assert (room.warning, room.removed, room.ended) == (Warned.DISOBEYS, None, False)


async def test_keys_and_policies_that_are_not_the_hosts_change_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:
        host = await at.hosts()
        assert host.key is not None
        real, other = new_epoch(at.room, 2, DICE.randbytes), new_epoch(at.room, 2, DICE.randbytes)
        stranger = new_seat(DICE.randbytes)
        newer = replace(host.body, version=3, seats=7)
        older = replace(host.body, version=2, seats=9)
        await at.enter()
        [mine] = await at.carol.ground.vault.read(rooms.every)

        def announced(by: RoomKey | SeatKey, key: EpochKey, of: EpochKey) -> Frame:
            who = by.room if isinstance(by, RoomKey) else by.seat
            body = EpochBody(
                room=at.room, epoch=2, commitment=of.commitment(), by=who, made_ms=world.now()
            )
            wrapped = wrap(key, mine.seat.key.seat, mine.seat.wrap_key, DICE.randbytes)
            return EpochBegins(epoch=sign_epoch(by, body), wrap=wrapped.wrap)

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            yield frame
            if isinstance(frame, Entries):
                yield announced(stranger, other, other)
                yield announced(host.key or stranger, other, real)
                yield RoomSet(policy=sign_policy(host.key or new_room(DICE.randbytes), newer))
                yield RoomSet(policy=sign_policy(host.key or new_room(DICE.randbytes), older))
                theirs = replace(newer, version=9, room=new_room(DICE.randbytes).room)
                yield RoomSet(policy=sign_policy(new_room(DICE.randbytes), theirs))

        at.hand.cheat = cheat
        await at.talk("one", "two")
        await trio.sleep(1)
        newest = await at.carol.ground.vault.read(lambda db: epochs.newest(db, mine.row))
        assert newest is not None
        assert newest.epoch == 1
        assert (await at.carol.engine.room_show(at.room)).seats == 7
        assert await at.rows() == ["one", "two"]
        assert await at.warned() is None

        def earlier(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            signed = sign_policy(host.key or new_room(DICE.randbytes), older)
            yield replace(frame, policy=signed) if isinstance(frame, RoomShown) else frame

        at.hand.cheat = earlier
        await at.carol.engine.room_leave(at.room)
        await at.enter()
        assert (await at.carol.engine.room_show(at.room)).seats == 7


async def test_more_than_can_be_taken_in_costs_the_line_and_nothing_else(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:
        await at.enter()
        await at.talk("one")
        floods = 0

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            nonlocal floods
            if not isinstance(frame, Entries) or floods:
                yield frame
                return
            floods += 1
            for number in range(2 * MOST_NOTICES):
                lane = Lane.STAGE if number % 8 else Lane.DESK
                yield Entries(run=1, first=1_000 + number, items=frame.items, lane=lane)

        at.hand.cheat = cheat
        lines = at.carol.wire.opened
        await at.talk("two", "three")
        await trio.sleep(20)
        assert floods == 1
        assert at.carol.wire.opened > lines
        assert await at.rows() == ["one", "two", "three"]
        assert (await at.carol.engine.room_show(at.room)).line.value == "up"
        assert await at.carol.count("room_item WHERE lane = 1") == 0


async def test_comings_and_goings_without_an_end_are_taken_in_once_a_second(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:
        hand = Hand()
        at.alice.wire.over = hand.over
        await at.alice.wire.off()
        at.alice.wire.on()
        await at.enter()
        await trio.sleep(10)
        told = 0

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            nonlocal told
            yield frame
            if isinstance(frame, Entries):
                told += 1
                yield SeatsChanged(seats=told, came=(new_seat(DICE.randbytes).seat,))

        hand.cheat = cheat
        at.alice.heard.clear()
        await at.talk(*map(str, range(12)))  # in 3.6 s
        assert told == 12
        assert 2 <= at.alice.heard.count(PeopleChanged(at.room)) <= 5


async def test_pages_without_an_end_are_not_turned_for_ever(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:
        await at.talk("one")

        def cheat(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
            if isinstance(asked, FetchEntries):
                yield Fetched(
                    call=asked.call,
                    run=asked.run,
                    first=asked.after + 1,
                    before=bytes(32),
                    items=(),
                    over=True,
                )
            else:
                yield frame

        at.hand.cheat = cheat
        with pytest.raises(RelayUnavailable):
            await at.enter()
        assert await at.carol.engine.rooms()
        at.hand.cheat = honest
        await at.enter()
        assert await at.rows() == ["one"]


async def test_what_was_said_to_be_on_disk_and_is_told_to_nobody_still_waits(
    world: World, autojump_clock: MockClock
) -> None:
    async with scene(world) as at:
        await at.history(lambda number, item: () if number == 3 else (item,))
        await at.enter()
        await at.talk("one")
        await at.carol.engine.room_say(at.room, "mine")
        await trio.sleep(10)
        stage_ = await at.carol.engine.stage(at.room)
        assert [(one.text, one.state) for one in stage_.waiting] == [("mine", EntryState.WAITING)]
        assert await at.rows() == ["one"]


@pytest.mark.parametrize(
    ("story", "where", "found"),
    [
        (
            test_two_heads_of_one_number_are_kept_and_shown_as_the_proof_of_a_fork,
            "desktop.engine.rooms.stage.heads.forked",
            False,
        ),
        (
            test_a_voice_that_is_dropped_is_named,
            "desktop.engine.rooms.stage.heads.lanes.lacking",
            (),
        ),
    ],
    ids=["forks-unseen", "holes-unheard"],
)
async def test_mutant(
    world: World,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    story: Callable[[World, MockClock], Awaitable[None]],
    where: str,
    found: object,
) -> None:
    def blind(*_: object) -> object:
        return found

    monkeypatch.setattr(where, blind)
    with the_story_fails():
        await story(world, autojump_clock)
