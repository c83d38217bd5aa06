"""What is wrong with a call about rooms is said, and ends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.core import room_errors
from desktop.core.errors import AsideError
from desktop.rpc.method import WrongParams, read
from desktop.rpc.rooms.registry import ROOM_METHODS
from desktop.rpc.shapes import text_of
from tests.fakes.rooms import FakeRooms
from tests.rpc.client import Client

FULL: dict[str, dict[str, object]] = {
    "room.open": {"title": "Kilns"},
    "room.look": {"link": "aside://x"},
    "room.enter": {"link": "aside://x", "pseudonym": "Otter"},
    "room.rooms": {},
    "room.set": {"slow_s": 5},
    "room.say": {"text": "hi"},
    "room.react": {"entry_id": "AA", "sign": "🔥"},
    "room.pin": {"entry_id": "AA"},
    "room.ask": {"text": "Why?"},
    "room.vote": {"question_id": "AA"},
    "room.answer": {"question_id": "AA"},
    "room.done": {"question_id": "AA"},
    "room.decline": {"question_id": "AA"},
    "room.star": {"question_id": "AA"},
    "room.act": {"seat_id": "AA", "action": "mute"},
    "room.undo": {"undo_id": "1"},
    "room.aside": {"entry_id": "AA"},
    "room.aside_question": {"question_id": "AA"},
    "room.report": {"entry_id": "AA"},
    "room.desk_done": {"desk_id": "AA", "verdict": "granted"},
    "request.list": {},
    "request.accept": {"request_id": "AA"},
    "request.decline": {"request_id": "AA"},
    "request.block": {"request_id": "AA"},
    "conversation.card": {"conversation_id": "AA"},
}
UNKNOWN = {"entry_id": "EntryUnknown", "question_id": "QuestionUnknown", "seat_id": "SeatUnknown"}
HARMLESS = {"room.desk_done"}  # whoever comes second changes nothing


def full(method: str, here: str) -> dict[str, object]:
    """What the method cannot do without, and not more."""
    names = {field.encode_name for field in msgspec.structs.fields(ROOM_METHODS[method])}
    return ({"room_id": here} if "room_id" in names else {}) | FULL.get(method, {})


def needed() -> Iterator[tuple[str, str]]:
    for method, cls in ROOM_METHODS.items():
        for field in msgspec.structs.fields(cls):
            if field.required:
                yield method, field.encode_name


def every() -> Iterator[tuple[str, str]]:
    for method, cls in ROOM_METHODS.items():
        for field in msgspec.structs.fields(cls):
            yield method, field.encode_name


@pytest.fixture
def here(rooms: FakeRooms) -> str:
    return text_of(rooms.host("Office hours").room_id)


def in_rooms() -> list[str]:
    return [name for name, cls in ROOM_METHODS.items() if "room_id" in get_type_hints(cls)]


async def test_what_is_missing_is_named(here: str, bot: Client) -> None:
    for method, field in needed():
        params = full(method, here)
        del params[field]
        error = (await bot.ask(method, **params))["error"]
        assert (error["code"], error["data"]["field"]) == (-32602, field), (method, field)
        assert field in error["message"]


async def test_what_is_of_a_wrong_type_is_named(here: str, bot: Client) -> None:
    for method, field in every():
        params = full(method, here)
        params[field] = {"a": None}
        error = (await bot.ask(method, **params))["error"]
        assert (error["code"], error["data"]["field"]) == (-32602, field), (method, field)


@pytest.mark.parametrize(
    ("method", "field", "value"),
    [
        ("room.open", "slow_s", -1),
        ("room.open", "slow_s", 86_401),
        ("room.open", "history", 1_001),
        ("room.open", "seats", 0),
        ("room.open", "entry", "invitation"),
        ("room.open", "speak", "nobody"),
        ("room.open", "title", "x" * 4_097),
        ("room.list", "limit", 0),
        ("room.list", "limit", 1_001),
        ("room.list", "after", -2),
        ("room.list", "before", 2**63),
        ("room.react", "sign", ""),
        ("room.react", "sign", "x" * 17),
        ("room.set", "entry", "link"),
        ("room.act", "action", "kick"),
        ("room.act", "seconds", -1),
        ("room.act", "seconds", 366 * 86_400 + 1),
        ("room.act", "entry_id", "AA"),  # only what is hidden
        ("room.aside", "purpose", "marriage"),
        ("room.desk_done", "verdict", "perhaps"),
    ],
)
async def test_what_is_out_of_bounds_is_named(
    method: str, field: str, value: object, here: str, bot: Client
) -> None:
    error = (await bot.ask(method, **full(method, here) | {field: value}))["error"]
    assert (error["code"], error["data"]["field"]) == (-32602, field)


async def test_two_that_exclude_each_other(here: str, bot: Client) -> None:
    both = await bot.error("room.list", room_id=here, before=5, after=5)
    assert both == (-32602, "InvalidParams")
    assert await bot.error("room.set", room_id=here) == (-32602, "InvalidParams")


async def test_a_room_that_is_none_of_mine_is_unknown(bot: Client) -> None:
    for method in in_rooms():
        for name in ("", "%%%", "AA", text_of(bytes(32))):
            got = await bot.error(method, **full(method, name))
            assert got == (-32000, "RoomUnknown"), method


async def test_what_a_room_does_not_know_is_unknown(here: str, bot: Client) -> None:
    for method in in_rooms():
        params = full(method, here)
        kinds = [kind for field, kind in UNKNOWN.items() if field in params]
        for kind in kinds:
            assert await bot.error(method, **params) == (-32000, kind), method
    for method in ("request.accept", "request.decline", "request.block"):
        assert await bot.error(method, request_id="AA") == (-32000, "RequestUnknown")
    for name in ("", "x", "-1", "²", "9" * 30):
        assert await bot.error("room.undo", room_id=here, undo_id=name) == (-32000, "UndoTooLate")


def leaves() -> list[type[AsideError]]:
    return [
        one
        for one in vars(room_errors).values()
        if isinstance(one, type)
        and issubclass(one, AsideError)
        and one.__module__ == room_errors.__name__
    ]


@pytest.mark.parametrize("error", leaves(), ids=lambda error: error.__name__)
async def test_every_refusal_of_rooms_has_its_kind(
    error: type[AsideError], rooms: FakeRooms, bot: Client
) -> None:
    rooms.failures["rooms"] = error()
    assert await bot.error("room.rooms") == (-32000, error.__name__)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=20)
@given(data=st.data())
def test_any_value_of_any_parameter_is_read_or_named(data: st.DataObject) -> None:
    method, field = data.draw(st.sampled_from(list(every())))
    params = full(method, "AA") | {field: data.draw(json_values)}
    raw = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in params.items()}
    try:
        assert isinstance(read(ROOM_METHODS[method], raw), ROOM_METHODS[method])
    except WrongParams as exc:
        assert exc.field == field
