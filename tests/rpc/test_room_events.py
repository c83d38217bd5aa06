"""What a client of rooms is told: each thing once, in order, however it came."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
import trio
from msgspec.structs import replace
from trio.testing import memory_stream_one_way_pair, wait_all_tasks_blocked

from desktop.core.desk import DeskKind
from desktop.core.errors import ProfileLocked
from desktop.core.events import ProfileChanged
from desktop.core.models import ProfileState
from desktop.core.refused_orders import OrderCause, OrderRefused
from desktop.core.room_facade import PeopleChanged, RequestsChanged, RoomsChanged, StageMoved
from desktop.core.rooms import (
    Act,
    Entries,
    Entry,
    EntryCause,
    EntryKind,
    EntryState,
    Order,
    Person,
    Presence,
    Role,
    Room,
    RoomRow,
    Standing,
)
from desktop.rpc import jsonrpc
from desktop.rpc.rooms.shapes import fields_of, shown
from desktop.rpc.rooms.stage_reader import StageReader
from desktop.rpc.serve import serve_rpc
from desktop.rpc.shapes import Shape, text_of
from protocol.ids import EntryId, RoomId
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms, seat
from tests.rpc.client import Client, a_client
from tests.rpc.readme import named, table
from tests.rpc.test_rooms import SHAPES, a_request


@pytest.fixture
def room(rooms: FakeRooms) -> Room:
    """One that was there before the client came, with an entry."""
    room = rooms.host("Office hours", role=Role.HOST)
    rooms.list_row(room, Standing.HOSTING, inside=True)
    rooms.come(room, "Otter", "before")
    return room


async def texts(bot: Client, count: int) -> list[str]:
    heard = [await bot.event() for _ in range(count)]
    assert {event["type"] for event in heard} == {"room.entry"}
    return [event["entry"]["text"] for event in heard]


async def nothing_more(bot: Client) -> None:
    await wait_all_tasks_blocked()
    await bot.result("profile.show")
    assert bot.events == []


async def test_a_burst_is_told_entry_by_entry(room: Room, rooms: FakeRooms, bot: Client) -> None:
    for number in range(450):  # more than a page, and one knock
        rooms.come(room, "Otter", f"{number}", quiet=True)
    rooms.emit(StageMoved(room.room_id))
    rooms.emit(StageMoved(room.room_id))
    assert await texts(bot, 450) == [f"{number}" for number in range(450)]
    await nothing_more(bot)


async def test_what_came_before_is_not_told(room: Room, rooms: FakeRooms, bot: Client) -> None:
    rooms.emit(StageMoved(room.room_id))
    rooms.emit(RoomsChanged())
    rooms.emit(RequestsChanged())
    await nothing_more(bot)
    entry = rooms.come(room, "Heron", "now")
    event = await bot.event()
    assert event == {
        "type": "room.entry",
        "room_id": text_of(room.room_id),
        "entry": shown(entry),
    }


async def test_my_own_is_told_when_it_has_its_place(
    room: Room, rooms: FakeRooms, bot: Client
) -> None:
    rooms.numbering = False
    said = await bot.result("room.say", room_id=text_of(room.room_id), text="hi")
    await nothing_more(bot)
    rooms.number(room.room_id)
    entry = (await bot.event())["entry"]
    assert (entry["entry_id"], entry["mine"], entry["place"]) == (said["entry_id"], True, 1)
    await nothing_more(bot)


async def test_what_changes_is_told_as_a_change(room: Room, rooms: FakeRooms, bot: Client) -> None:
    entry = rooms.come(room, "Heron", "now")
    assert await texts(bot, 1) == ["now"]
    await rooms.room_react(room.room_id, entry.entry_id, "🔥")
    event = await bot.event()
    assert (event["type"], event["entry"]["entry_id"]) == (
        "room.entry_changed",
        text_of(entry.entry_id),
    )
    assert event["entry"]["reactions"][0]["count"] == 1
    new = rooms.come(room, "Heron", "new and changed", quiet=True)
    rooms.emit(StageMoved(room.room_id, (new.entry_id,)))
    assert await texts(bot, 1) == ["new and changed"]
    rooms.emit(StageMoved(room.room_id, (new.entry_id,)))  # as it is when it is on disk, too
    await nothing_more(bot)


async def test_an_order_that_the_relay_refused_is_told(
    room: Room, rooms: FakeRooms, bot: Client
) -> None:
    order = Order(act=Act.REMOVE, whom="otter", by="Marta", by_me=True)
    rooms.emit(OrderRefused(room.room_id, 7, order, OrderCause.LATE))
    event = await bot.event()
    assert (event["type"], event["undo_id"]) == ("room.order_refused", "7")
    assert (event["order"]["whom"], event["cause"]) == ("otter", "late")


async def test_what_nobody_took_is_told_once(room: Room, rooms: FakeRooms, bot: Client) -> None:
    rooms.numbering = False
    await bot.result("room.say", room_id=text_of(room.room_id), text="hi")
    [waiting] = rooms.waiting[room.room_id]
    own = EntryId(b"mine".ljust(16))  # it has no number, and the id of a number no more
    refused = replace(waiting, entry_id=own, state=EntryState.REFUSED, cause=EntryCause.NOT_ALLOWED)
    rooms.waiting[room.room_id] = [refused]
    rooms.emit(StageMoved(room.room_id, (own,)))
    event = await bot.event()
    assert (event["type"], event["entry"]["text"]) == ("room.refused", "hi")
    assert (event["entry"]["cause"], event["entry"]["place"]) == ("not_allowed", None)
    rooms.emit(StageMoved(room.room_id, (own,)))
    await nothing_more(bot)


async def test_what_could_not_be_read_is_told_once_its_key_has_come(
    room: Room, rooms: FakeRooms, bot: Client
) -> None:
    cause = EntryCause.NOT_OPENABLE
    entry = rooms.come(room, "Heron", "", kind=EntryKind.UNREADABLE, cause=cause)
    event = await bot.event()
    assert (event["type"], event["entry"]["cause"]) == ("room.unreadable", "not_openable")
    rooms.emit(StageMoved(room.room_id, (entry.entry_id,)))
    await nothing_more(bot)
    rooms.change(room, replace(entry, kind=EntryKind.TEXT, cause=None, text="hi"))
    assert await texts(bot, 1) == ["hi"]
    await rooms.room_react(room.room_id, entry.entry_id, "🔥")
    assert (await bot.event())["type"] == "room.entry_changed"


async def test_what_is_taken_off_the_stage_is_told(
    room: Room, rooms: FakeRooms, bot: Client
) -> None:
    entry = rooms.come(room, "Heron", "buy this")
    assert await texts(bot, 1) == ["buy this"]
    rooms.entries[room.room_id].remove(entry)
    rooms.emit(StageMoved(room.room_id, (entry.entry_id,)))
    assert await bot.event() == {
        "type": "room.entry_gone",
        "room_id": text_of(room.room_id),
        "entry_id": text_of(entry.entry_id),
    }
    await nothing_more(bot)


class Holed(FakeRooms):
    """A stage by places, so that one row can stand for several."""

    async def stage(
        self,
        room_id: RoomId,
        limit: int = 50,
        before: int | None = None,
        after: int | None = None,
    ) -> Entries:
        rows = [one for one in self.entries[room_id] if after is None or one.place > after]
        return Entries(tuple(rows[:limit]), newer=len(rows) > limit)

    def put_there(self, room: Room, *rows: Entry) -> None:
        """Instead of what had these places."""
        taken = range(rows[0].place, rows[-1].place + rows[-1].count)
        rest = [one for one in self.entries[room.room_id] if one.place not in taken]
        self.entries[room.room_id] = sorted([*rest, *rows], key=lambda one: one.place)


async def test_what_was_missing_is_told_once_it_comes() -> None:
    rooms = Holed()
    room = rooms.host("Office hours")
    heard: list[str] = []

    async def tell(event: Shape) -> None:
        heard.append(f"{event['type']!s} {json.loads(jsonrpc.dump(event['entry']))['text']}")

    def gap(place: int, count: int) -> Entry:
        return replace(whole[place], kind=EntryKind.GAP, text="", count=count)

    whole = [rooms.come(room, "Heron", f"{number}", quiet=True) for number in range(500)]
    rooms.put_there(room, gap(1, 498))
    reader = StageReader(rooms, room.room_id, tell)
    await reader.read(())
    await reader.read(())
    assert heard == ["room.entry 0", "room.entry 499"]
    heard.clear()
    rooms.put_there(room, *whole[1:400], gap(400, 1), *whole[401:450], gap(450, 49))
    await reader.read((whole[1].entry_id, whole[400].entry_id))
    there = [*range(1, 400), *range(401, 450)]
    assert heard == [f"room.entry {number}" for number in there]
    heard.clear()
    rooms.put_there(room, *whole[400:499])
    await reader.read(())
    assert heard == [f"room.entry {number}" for number in (400, *range(450, 499))]
    heard.clear()
    rooms.put_there(room, replace(whole[400], pinned_ms=1))
    await reader.read((whole[400].entry_id, whole[401].entry_id))
    assert heard == ["room.entry_changed 400"]


async def test_a_room_entered_later_is_told_from_its_beginning(
    rooms: FakeRooms, bot: Client
) -> None:
    room = rooms.host("Kilns")
    rooms.come(room, "Otter", "history", quiet=True)
    rooms.come(room, "Otter", "now")
    assert await texts(bot, 2) == ["history", "now"]


async def test_questions_and_people_are_told_as_they_change(
    room: Room, rooms: FakeRooms, bot: Client
) -> None:
    here = text_of(room.room_id)
    asked = await bot.result("room.ask", room_id=here, text="Which clay?")
    event = await bot.event()
    assert (event["type"], event["room_id"]) == ("room.question", here)
    assert (event["question"]["question_id"], event["question"]["votes"]) == (
        asked["question_id"],
        0,
    )
    await bot.result("room.ask", room_id=here, text="Why?")
    await bot.event()
    await bot.result("room.vote", room_id=here, question_id=asked["question_id"])
    event = await bot.event()
    assert (event["question"]["text"], event["question"]["votes"]) == ("Which clay?", 1)
    otter = Person(seat("Otter"), "Otter", Role.MEMBER, Presence.HERE)
    heron = Person(seat("Heron"), "Heron", Role.MEMBER, Presence.HERE)
    rooms.seats[room.room_id] = [otter, heron]
    rooms.emit(PeopleChanged(room.room_id))
    event = await bot.event()
    assert event == {
        "type": "room.people",
        "room_id": here,
        "people": [shown(otter), shown(heron)],
        "gone": [],
    }
    muted = replace(heron, state=Presence.MUTED)
    rooms.seats[room.room_id] = [muted]
    rooms.emit(PeopleChanged(room.room_id))
    event = await bot.event()
    assert (event["people"], event["gone"]) == ([shown(muted)], [text_of(seat("Otter"))])
    await nothing_more(bot)


async def test_the_room_itself_the_desk_and_being_removed(
    room: Room, rooms: FakeRooms, bot: Client
) -> None:
    here = {"room_id": text_of(room.room_id)}
    await bot.result("room.set", **here, slow_s=5)
    changed = rooms.room[room.room_id]
    assert await bot.event() == {"type": "room.state"} | shown(changed)
    item = rooms.wait(room, DeskKind.HAND, "Otter")
    assert await bot.event() == here | {"type": "room.desk", "items": [shown(item)], "gone": []}
    done = here | {"desk_id": text_of(item.desk_id), "verdict": "closed"}
    await bot.result("room.desk_done", **done)
    assert (await bot.event())["gone"] == [text_of(item.desk_id)]
    rooms.set_room(replace(changed, removed="Links."))
    assert (await bot.event())["removed"] == "Links."
    assert await bot.event() == here | {"type": "room.removed", "reason": "Links."}
    rooms.set_room(replace(changed, removed="Links.", people=7))
    assert (await bot.event())["people"] == 7
    await nothing_more(bot)


async def test_the_list_of_rooms_and_requests(room: Room, rooms: FakeRooms, bot: Client) -> None:
    other = rooms.list_row(rooms.host("Kilns"), Standing.LINK)
    assert await bot.event() == {"type": "room.rooms", "rooms": [shown(other)], "gone": []}
    await bot.result("room.forget", room_id=text_of(other.room_id))
    event = await bot.event()
    assert (event["rooms"], event["gone"]) == ([], [text_of(other.room_id)])
    otter = a_request(room, "Otter")
    rooms.wanted = [otter]
    rooms.emit(RequestsChanged())
    assert await bot.event() == {"type": "request.received"} | shown(otter)
    await bot.result("request.accept", request_id=text_of(otter.request_id))
    await nothing_more(bot)


class Slow(FakeFacade):
    """Its vault takes its time."""

    async def rooms(self) -> Sequence[RoomRow]:
        await wait_all_tasks_blocked()
        return await super().rooms()


async def test_opening_a_profile_begins_anew() -> None:
    rooms = engine = Slow(ProfileState.LOCKED)
    room = rooms.host("Office hours")
    rooms.list_row(room, Standing.LINK, inside=True)
    locked = ProfileLocked()
    rooms.failures |= dict.fromkeys(("rooms", "requests", "stage"), locked)
    async with a_client(engine) as bot:
        assert await bot.error("room.rooms") == (-32000, "ProfileLocked")
        rooms.come(room, "Otter", "before", quiet=True)
        rooms.failures.clear()
        await bot.result("profile.unlock", passphrase="four kilns")
        rooms.come(room, "Otter", "now")  # whoever has the answer misses nothing from here on
        assert await texts(bot, 1) == ["now"]
        rooms.failures |= dict.fromkeys(("rooms", "requests", "stage"), locked)
        engine.emit(ProfileChanged(ProfileState.LOCKED))
        engine.emit(ProfileChanged(ProfileState.UNLOCKED))
        rooms.come(room, "Otter", "meanwhile")
        await nothing_more(bot)


async def test_a_bug_met_by_one_reading_ends_nothing_and_tells_nothing(
    room: Room, rooms: FakeRooms, bot: Client, caplog: pytest.LogCaptureFixture
) -> None:
    rooms.failures["stage"] = RuntimeError("Otter's secret words")
    rooms.come(room, "Otter", "first")
    await nothing_more(bot)
    assert "secret" not in caplog.text
    assert "StageMoved: RuntimeError at" in caplog.text
    rooms.failures.clear()
    rooms.come(room, "Otter", "second")
    assert await texts(bot, 2) == ["first", "second"]
    rooms.failures["rooms"] = RuntimeError("Otter's secret words")
    rooms.emit(ProfileChanged(ProfileState.UNLOCKED))
    await nothing_more(bot)


async def test_whoever_reads_late_misses_nothing(
    room: Room, rooms: FakeRooms, engine: FakeFacade
) -> None:
    """Over the bound of what waits other events are dropped; what is read at leisure waits."""
    asks, incoming = memory_stream_one_way_pair()
    reads = trio.Event()
    said: list[bytes] = []

    async def send(data: bytes) -> None:
        await reads.wait()
        said.append(data)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve_rpc, engine, incoming, send)
        await wait_all_tasks_blocked()
        for number in range(90):
            rooms.come(room, "Otter", f"{number} {'x' * 100_000}")
        await wait_all_tasks_blocked()
        assert said == []
        reads.set()
        await wait_all_tasks_blocked()
        await asks.aclose()
    events = [json.loads(line)["params"] for line in b"".join(said).splitlines()]
    assert [event["entry"]["text"].split()[0] for event in events] == [
        f"{number}" for number in range(90)
    ]


EVENTS = {
    "room.entry": {"room_id", "entry"},
    "room.entry_changed": {"room_id", "entry"},
    "room.entry_gone": {"room_id", "entry_id"},
    "room.refused": {"room_id", "entry"},
    "room.unreadable": {"room_id", "entry"},
    "room.order_refused": {"room_id", "undo_id", "order", "cause"},
    "room.question": {"room_id", "question"},
    "room.people": {"room_id", "people", "gone"},
    "room.desk": {"room_id", "items", "gone"},
    "room.removed": {"room_id", "reason"},
    "room.rooms": {"rooms", "gone"},
}


def test_the_readme_names_every_event() -> None:
    told = {name.strip("`"): cell for name, cell in table("event").items()}
    assert told.pop("room.state") in SHAPES
    assert told.pop("request.received") in SHAPES
    assert {name: {one for one, _ in named(cell)} for name, cell in told.items()} == EVENTS


async def test_every_event_is_one_of_the_readme(room: Room, rooms: FakeRooms, bot: Client) -> None:
    entry = rooms.come(room, "Otter", "hi")
    await bot.event()
    rooms.change(room, replace(entry, pinned_ms=1))
    rooms.emit(StageMoved(room.room_id, (EntryId(b"hidden".ljust(16)),)))
    own = EntryId(b"mine".ljust(16))
    rooms.come(room, "Otter", "", kind=EntryKind.UNREADABLE)
    rooms.waiting[room.room_id] = [replace(entry, entry_id=own, state=EntryState.REFUSED)]
    rooms.wait(room, DeskKind.HAND, "Otter")
    rooms.set_room(replace(room, removed=""))
    rooms.seats[room.room_id] = [Person(seat("Otter"), "Otter", Role.MEMBER, Presence.HERE)]
    rooms.emit(PeopleChanged(room.room_id))
    rooms.list_row(rooms.host("Kilns"), Standing.LINK)
    await rooms.room_ask(room.room_id, "Why?", nameless=False)
    heard: dict[str, set[str]] = {"room.entry": {"room_id", "entry"}}
    rooms.emit(OrderRefused(room.room_id, 7, None, OrderCause.LATE))
    for _ in range(11):
        with trio.fail_after(5):
            event: dict[str, Any] = await bot.event()
        heard[event["type"]] = set(event) - {"type"}
    assert heard.pop("room.state") == fields_of(Room)
    assert heard == EVENTS
