"""Every method of rooms and requests, against rooms in memory."""

from __future__ import annotations

from enum import Enum

import pytest
from msgspec import Struct

from desktop.core import desk, doors, questions, requests
from desktop.core import rooms as rooms_of
from desktop.core.desk import DeskKind
from desktop.core.refused_orders import OrderCause
from desktop.core.requests import BridgeCard, Purpose, Quoted, Request, RequestId
from desktop.core.room_errors import NotInRoom
from desktop.core.rooms import (
    Act,
    Entry,
    EntryKind,
    Person,
    Presence,
    Reply,
    Role,
    Room,
    Speak,
    Standing,
    Way,
)
from desktop.rpc.rooms.registry import ROOM_METHODS
from desktop.rpc.rooms.shapes import fields_of, shown
from desktop.rpc.shapes import text_of
from protocol.ids import ConversationId, EntryId, RoomId
from tests.fakes.rooms import FakeRooms, an_id, seat
from tests.rpc.client import Client, request
from tests.rpc.readme import named, table

METHODS = """
    room.open room.look room.enter room.leave room.forget room.end room.link room.rooms room.show
    room.set room.say room.list room.react room.pin room.ask room.vote room.questions room.answer
    room.done room.decline room.star room.people room.act room.undo room.aside room.aside_question
    room.invite_askers room.hand room.report room.desk room.desk_done
    request.list request.accept request.decline request.block conversation.card
"""

SHAPES: dict[str, type[Struct]] = {
    "a door": doors.Doorplate,
    "a row": rooms_of.RoomRow,
    "a room": rooms_of.Room,
    "a stretch": rooms_of.Entries,
    "an entry": rooms_of.Entry,
    "a reply": rooms_of.Reply,
    "a reaction": rooms_of.Reaction,
    "an order": rooms_of.Order,
    "a fork": rooms_of.Fork,
    "a question": questions.Question,
    "a person": rooms_of.Person,
    "what can be undone": rooms_of.Undoable,
    "an item of the desk": desk.DeskItem,
    "a request": requests.Request,
    "a card": requests.BridgeCard,
    "a quote": requests.Quoted,
}

WORDS: dict[str, type[Enum]] = {
    "`entry` of a room": rooms_of.Way,
    "`speak`": rooms_of.Speak,
    "`standing`": rooms_of.Standing,
    "`line`": rooms_of.Line,
    "`role`": rooms_of.Role,
    "`may`": rooms_of.May,
    "`warning`": rooms_of.Warned,
    "`kind` of an entry": rooms_of.EntryKind,
    "`state` of an entry": rooms_of.EntryState,
    "`cause`": rooms_of.EntryCause,
    "`cause` of `room.order_refused`": OrderCause,
    "`state` of a question": questions.QuestionState,
    "`state` of a person": rooms_of.Presence,
    "`action`": rooms_of.Act,
    "`kind` of an item": desk.DeskKind,
    "`verdict`": desk.Verdict,
    "`purpose`": requests.Purpose,
    "`proof`": requests.Proof,
}


def test_the_contract_of_rooms_is_complete() -> None:
    assert sorted(ROOM_METHODS) == sorted(METHODS.split())


def test_the_readme_names_every_field() -> None:
    told = {name: {field for field, _ in named(cell)} for name, cell in table("shape").items()}
    told["a request"] -= {"seat_id", "name", "role", "imitates"}  # inside of ``from``
    assert told == {name: fields_of(model) for name, model in SHAPES.items()}


def test_the_readme_names_every_word() -> None:
    told = {name: cell.split(", ") for name, cell in table("word").items()}
    assert told == {name: [one.value for one in words] for name, words in WORDS.items()}


@pytest.fixture
def room(rooms: FakeRooms) -> Room:
    return rooms.host("Office hours", role=Role.HOST)


@pytest.fixture
def here(room: Room) -> dict[str, str]:
    return {"room_id": text_of(room.room_id)}


async def test_a_rooms_life(rooms: FakeRooms, bot: Client) -> None:
    opened = await bot.result("room.open", title="Office hours")
    [made] = rooms.room.values()
    assert opened == {"room_id": text_of(made.room_id), "link": opened["link"]}
    assert (made.host, made.way, made.speak, made.slow_s) == ("Host", Way.LINK, Speak.ALL, 0)
    here = {"room_id": opened["room_id"]}
    assert (await bot.result("room.link", **here))["link"].startswith("aside://")
    [row] = (await bot.result("room.rooms"))["rooms"]
    assert (row["title"], row["standing"], row["inside"]) == ("Office hours", "hosting", True)
    assert await bot.result("room.set", **here, slow_s=5, speak="hosts", entry="approval") == {}
    told = await bot.result("room.show", **here)
    assert (told["slow_s"], told["speak"], told["entry"]) == (5, "hosts", "approval")
    assert (told["seat_id"], told["my_name"], told["role"]) == (text_of(made.me), "Host", "host")
    assert await bot.result("room.end", **here) == {}
    assert (await bot.result("room.show", **here))["ended"]
    assert await bot.result("room.forget", **here) == {}
    assert await bot.result("room.rooms") == {"rooms": []}
    assert await bot.error("room.show", **here) == (-32000, "RoomUnknown")


async def test_all_that_an_opening_says(rooms: FakeRooms, bot: Client) -> None:
    wanted = {
        "title": "Office hours",
        "about": "Ask about kilns.",
        "rules": "Be kind.",
        "stream": "https://video.example/kilns",
        "name": "Marta",
        "relay_id": text_of(b"r" * 32),
        "entry": "approval",
        "speak": "hosts",
        "slow_s": 30,
        "history": 0,
        "seats": 12,
    }
    await bot.result("room.open", **wanted)
    [(_, opening)] = rooms.asked
    assert isinstance(opening, doors.Opening)
    said = shown(opening)
    said["entry"] = said.pop("way")
    assert said == wanted


async def test_entering(rooms: FakeRooms, bot: Client) -> None:
    door = doors.Doorplate(
        title="Kilns",
        about="",
        rules="Be kind.",
        host="Marta",
        way=Way.LINK,
        relay_host="relay.example",
        people=3,
        live=True,
        remembered="",
        fresh="quiet-fern",
        room_id=RoomId(an_id("room", "Kilns")),
        standing=Standing.LINK,
    )
    rooms.doors["aside://kilns"] = door
    told = await bot.result("room.look", link="aside://kilns")
    assert told == shown(door)
    assert (told["entry"], told["standing"], told["fresh"]) == ("link", "link", "quiet-fern")
    entered = await bot.result("room.enter", link="aside://kilns")
    assert entered == {
        "room_id": text_of(door.room_id),
        "seat_id": text_of(seat("me")),
        "pseudonym": "quiet-fern",
    }
    again = await bot.result("room.enter", link="aside://kilns", pseudonym="Otter")
    assert again["pseudonym"] == "Otter"
    rooms.failures["room_show"] = NotInRoom()  # at the door there is no seat yet
    knocked = await bot.result("room.enter", link="aside://kilns", pseudonym="Otter")
    assert knocked == again | {"seat_id": None}
    assert await bot.result("room.leave", room_id=entered["room_id"]) == {}
    assert await bot.error("room.enter", link="aside://other") == (-32000, "InvitationMalformed")


async def test_the_stage(rooms: FakeRooms, room: Room, here: dict[str, str], bot: Client) -> None:
    hello = rooms.come(room, "Otter", "hello שלום 🎉")
    first = text_of(hello.entry_id)
    said = (await bot.result("room.say", **here, text="hi", reply_to=first))["entry_id"]
    stretch = await bot.result("room.list", **here)
    assert [(one["entry_id"], one["text"], one["mine"]) for one in stretch["entries"]] == [
        (first, "hello שלום 🎉", False),
        (said, "hi", True),
    ]
    assert stretch["entries"][1]["reply"] == shown(Reply(hello.entry_id, "Otter", hello.text))
    assert (stretch["waiting"], stretch["older"], stretch["newer"]) == ([], False, False)
    assert await bot.result("room.react", **here, entry_id=first, sign="🔥") == {}
    assert await bot.result("room.pin", **here, entry_id=first) == {}
    pinned = (await bot.result("room.list", **here, after=-1, limit=1))["pinned"]
    assert (pinned["entry_id"], pinned["pinned_ms"]) == (first, rooms.now_ms)
    assert pinned["reactions"] == [{"sign": "🔥", "count": 1, "mine": True}]
    assert await bot.result("room.pin", **here, entry_id=None) == {}
    assert (await bot.result("room.list", **here))["pinned"] is None


async def test_pages_of_the_stage(
    rooms: FakeRooms, room: Room, here: dict[str, str], bot: Client
) -> None:
    for number in range(60):
        rooms.come(room, "Otter", f"{number}", quiet=True)

    async def places(**more: int) -> list[int]:
        stretch = await bot.result("room.list", **here, **more)
        return [entry["place"] for entry in stretch["entries"]]

    assert await places() == list(range(10, 60))
    assert await places(limit=3, before=10) == [7, 8, 9]
    assert await places(limit=3, after=-1) == [0, 1, 2]
    assert await places(limit=3, after=57) == [58, 59]


async def test_what_has_no_place_says_none(
    rooms: FakeRooms, here: dict[str, str], bot: Client
) -> None:
    rooms.numbering = False
    await bot.result("room.say", **here, text="hi")
    [waiting] = (await bot.result("room.list", **here))["waiting"]
    assert (waiting["place"], waiting["state"], waiting["text"]) == (None, "waiting", "hi")


async def test_sayings_keep_their_order(here: dict[str, str], bot: Client) -> None:
    texts = [f"{number}" for number in range(20)]
    says = [request("room.say", text, text=text, **here) for text in texts]
    await bot.say(b"[" + b",".join(says) + b"]")
    assert [answer["id"] for answer in await bot.hear()] == texts
    said = (await bot.result("room.list", **here))["entries"]
    assert [entry["text"] for entry in said] == texts


async def test_questions(rooms: FakeRooms, here: dict[str, str], bot: Client) -> None:
    async def asked(text: str, **more: bool) -> dict[str, str]:
        name = (await bot.result("room.ask", **here, text=text, **more))["question_id"]
        return here | {"question_id": name}

    first, second = await asked("Which clay?"), await asked("Why?", anonymous=True)
    assert await bot.result("room.vote", **first) == {}
    assert await bot.result("room.star", **first) == {}
    assert await bot.result("room.answer", **first) == {}
    [clay, why] = (await bot.result("room.questions", **here))["questions"]
    assert (clay["state"], clay["votes"], clay["voted"]) == ("answering", 1, True)
    assert (clay["starred"], clay["name"], clay["mine"]) == (True, "quiet-fern", True)
    assert (why["state"], why["name"]) == ("queued", "")
    assert await bot.result("room.done", **first) == {}
    assert await bot.result("room.decline", **second, reason="Another time.") == {}
    third = await asked("When?")
    assert await bot.result("room.answer", **third, text="Now.") == {}
    [clay, why, when] = (await bot.result("room.questions", **here))["questions"]
    assert (clay["state"], why["state"], why["reason"]) == ("answered", "declined", "Another time.")
    assert (when["state"], when["answer"]) == ("answered", "Now.")


async def test_order(rooms: FakeRooms, room: Room, here: dict[str, str], bot: Client) -> None:
    rooms.seats[room.room_id] = [Person(seat("Otter"), "Otter", Role.MEMBER, Presence.HERE)]
    otter = here | {"seat_id": text_of(seat("Otter"))}
    timed = await bot.result("room.act", **otter, action="time_out", seconds=60, reason="Links.")
    assert timed["undo"]["order"] == {
        "action": "time_out",
        "whom": "Otter",
        "by": "quiet-fern",
        "by_me": True,
        "of_me": False,
        "seconds": 60,
        "reason": "Links.",
        "imitates": False,
    }
    assert timed["undo"]["until_ms"] == rooms.now_ms + 10_000
    [person] = (await bot.result("room.people", **here))["people"]
    assert (person["seat_id"], person["state"]) == (otter["seat_id"], "timed_out")
    undo = here | {"undo_id": timed["undo"]["undo_id"]}
    assert await bot.result("room.undo", **undo) == {}
    assert await bot.error("room.undo", **undo) == (-32000, "UndoTooLate")
    [person] = (await bot.result("room.people", **here))["people"]
    assert person["state"] == "here"
    bad = rooms.come(room, "Otter", "buy this")
    hide = otter | {"action": "hide", "entry_id": text_of(bad.entry_id)}
    assert (await bot.result("room.act", **hide))["undo"]["order"]["action"] == "hide"
    assert rooms.asked[-1] == ("room_act", bad.seat_id, Act.HIDE, 0, "", bad.entry_id)
    assert await bot.error("room.act", **otter, action="hide") == (-32602, "InvalidParams")
    assert await bot.error("room.act", **otter, action="time_out") == (-32602, "InvalidParams")
    wrong = here | {"seat_id": text_of(seat("Nobody")), "action": "mute"}
    assert await bot.error("room.act", **wrong) == (-32000, "SeatUnknown")
    part = otter | {"action": "make_moderator", "seconds": 3600}
    assert await bot.result("room.act", **part, may=["admit", "desk"]) == {"undo": None}
    [person] = (await bot.result("room.people", **here))["people"]
    assert (person["role"], person["may"]) == ("moderator", ["admit", "desk"])
    assert person["role_until_ms"] == rooms.now_ms + 3_600_000
    for may in ([], ["own"], ["end"], ["everything"]):
        assert await bot.error("room.act", **part, may=may) == (-32602, "InvalidParams")
    muting = otter | {"action": "mute", "may": ["admit"]}
    assert await bot.error("room.act", **muting) == (-32602, "InvalidParams")


async def test_the_desk(rooms: FakeRooms, room: Room, here: dict[str, str], bot: Client) -> None:
    assert await bot.result("room.hand", **here) == {}
    assert (await bot.result("room.show", **here))["hand"]
    assert await bot.result("room.hand", **here, raised=False) == {}
    bad = rooms.come(room, "Otter", "buy this")
    report = here | {"entry_id": text_of(bad.entry_id), "text": "An advertisement"}
    assert await bot.result("room.report", **report) == {}
    assert rooms.asked[-1] == ("room_report", bad.entry_id, "An advertisement")
    item = rooms.wait(room, DeskKind.DOOR, "Heron", words="May I?")
    [told] = (await bot.result("room.desk", **here))["items"]
    assert told == shown(item)
    assert (told["kind"], told["name"], told["words"], told["entry"]) == (
        "door",
        "Heron",
        "May I?",
        None,
    )
    done = here | {"desk_id": told["desk_id"], "verdict": "granted"}
    assert await bot.result("room.desk_done", **done) == {}
    assert await bot.result("room.desk", **here) == {"items": []}


async def test_asides(rooms: FakeRooms, room: Room, here: dict[str, str], bot: Client) -> None:
    entry = rooms.come(room, "Otter", "How do I glaze?")
    of = here | {"entry_id": text_of(entry.entry_id)}
    assert await bot.result("room.aside", **of) == {}
    assert rooms.asked[-1] == ("room_aside", entry.entry_id, "", Purpose.SUPPORT, "")
    assert await bot.result("room.aside", **of, text="Come", purpose="mentoring") == {}
    assert rooms.asked[-1] == ("room_aside", entry.entry_id, "Come", Purpose.MENTORING, "")
    assert await bot.result("room.aside", **of, word="A commission") == {}
    assert rooms.asked[-1][3:] == (Purpose.OWN, "A commission")
    assert await bot.error("room.aside", **of, purpose="own") == (-32602, "InvalidParams")
    question = (await bot.result("room.ask", **here, text="Why?"))["question_id"]
    assert await bot.result("room.aside_question", **here, question_id=question) == {}
    [told] = (await bot.result("room.questions", **here))["questions"]
    assert told["state"] == "aside"
    rooms.list_row(room, Standing.PAST, unanswered=3)
    assert await bot.result("room.invite_askers", **here, text="Come") == {"invited": 3}


async def test_requests(rooms: FakeRooms, room: Room, bot: Client) -> None:
    otter, heron, tern = (a_request(room, name) for name in ("Otter", "Heron", "Tern"))
    rooms.wanted = [otter, heron, tern]
    told = (await bot.result("request.list"))["requests"]
    assert told == [shown(otter), shown(heron), shown(tern)]
    assert told[0]["from"] == {
        "seat_id": text_of(seat("Otter")),
        "name": "Otter",
        "role": "member",
        "imitates": False,
    }
    assert "name" not in told[0]
    assert told[0]["card"]["quoted"]["text"] == "How do I glaze?"
    accepted = await bot.result("request.accept", request_id=told[0]["request_id"])
    assert accepted == {"conversation_id": text_of(otter.request_id[:16])}
    assert await bot.result("request.decline", request_id=told[1]["request_id"]) == {}
    assert await bot.result("request.block", request_id=told[2]["request_id"]) == {}
    assert await bot.result("request.list") == {"requests": []}


async def test_where_a_conversation_began(rooms: FakeRooms, room: Room, bot: Client) -> None:
    where = ConversationId(bytes(16))
    name = {"conversation_id": text_of(where)}
    assert await bot.result("conversation.card", **name) == {"card": None}
    card = a_request(room, "Otter").card
    assert card is not None
    rooms.cards[where] = card
    told = (await bot.result("conversation.card", **name))["card"]
    assert told == shown(card)
    assert (told["purpose"], told["room"], told["quoted"]["proof"]) == (
        "feedback",
        "Office hours",
        "unknown",
    )


def test_a_fork_is_shown_with_its_proof() -> None:
    fork = rooms_of.Fork(7, b"one", b"two", 1, 2)
    entry = Entry(
        7, EntryId(bytes(16)), seat("Otter"), "Otter", Role.GUEST, "", 1, EntryKind.FORK, fork=fork
    )
    told = shown(entry)
    assert told["fork"] == {
        "number": 7,
        "first": text_of(b"one"),
        "second": text_of(b"two"),
        "first_ms": 1,
        "second_ms": 2,
    }
    assert (told["kind"], told["role"], told["place"]) == ("fork", "guest", 7)


def a_request(room: Room, name: str) -> Request:
    quoted = Quoted(EntryId(bytes(16)), seat(name), name, "How do I glaze?", 1)
    card = BridgeCard(room.room_id, room.title, room.host, quoted, (), (quoted,), Purpose.FEEDBACK)
    return Request(
        RequestId(an_id("request", name)),
        seat(name),
        name,
        Role.MEMBER,
        "Hello",
        2,
        3,
        room.room_id,
        room.title,
        card,
    )
