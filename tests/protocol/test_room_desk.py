"""What is said to the desk and in letters: sealed to one key, of few lengths, and nobody else's."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.e2e.rooms import desk, desk_contents, letters
from protocol.e2e.rooms.bridge import Purpose, Quote, make_card
from protocol.e2e.rooms.desk_contents import DESK, Ask, DeskContent, Table, TableRow
from protocol.e2e.rooms.front import Front
from protocol.e2e.rooms.letters import LETTERS, AsideAccepted, AsideRequest, LetterContent
from protocol.e2e.rooms.tagged import Unknown
from protocol.errors import Damaged, RemoteProtocolError, TextTooLong
from protocol.ids import LetterId
from protocol.wire.frames.letters import LETTER_SIZES
from protocol.wire.rooms.entering import SeatCard
from protocol.wire.rooms.items import EntryBody, read_item
from protocol.wire.rooms.letters import read_letter
from tests.protocol.cast import NOW_MS, dice, sealing_key
from tests.protocol.room_cast import ALICE, BOB, CAROL, OTHER_ROOM, POLICY, ROOM, chain
from tests.protocol.shapes import struct_of

RNG = dice("desk")
DESK_KEY, OTHERS = sealing_key(RNG), sealing_key(RNG)
OURS = replace(POLICY, desk_key=DESK_KEY.public)
QUESTION = Ask(name="Carol", sent_ms=NOW_MS, text="How do you begin?", nameless=True)
CARD = SeatCard(sealing=DESK_KEY.public, made_ms=NOW_MS)
ACCEPTED = AsideAccepted(name="Carol", request=LetterId(bytes(16)), link="aside://…")


def told(content: DeskContent = QUESTION) -> EntryBody:
    entry = read_item(desk.tell(content, OURS, CAROL, 1, b""), ROOM.room)
    assert isinstance(entry, EntryBody)
    return entry


def test_the_desk_hears_what_is_told_and_nobody_else() -> None:
    entry = told()
    assert desk.hear(entry, ROOM.room, 1, DESK_KEY.private) == QUESTION
    assert len(entry.sealed) == desk.SIZES[0]
    with pytest.raises(Damaged):
        desk.hear(entry, ROOM.room, 1, OTHERS.private)


@pytest.mark.parametrize(
    "changed", [{"seat": BOB.seat}, {"counter": 2}, {"previous": bytes(32)}, {"epoch": 2}]
)
def test_what_was_told_belongs_where_it_was_told(changed: dict[str, Any]) -> None:
    """A vote or a question that somebody else signs as their own opens to nothing."""
    with pytest.raises(Damaged):
        desk.hear(replace(told(), **changed), ROOM.room, 1, DESK_KEY.private)
    with pytest.raises(Damaged):
        desk.hear(told(), OTHER_ROOM.room, 1, DESK_KEY.private)


def test_a_part_of_the_table_fits_the_desk() -> None:
    row = TableRow(CAROL.seat, bytes(32))
    whole = Table(name="A", sent_ms=1, rows=(row,) * desk_contents.MAX_TABLE)
    assert desk.hear(told(whole), ROOM.room, 1, DESK_KEY.private) == whole


def test_a_desk_key_that_is_none_is_its_hosts_fault() -> None:
    with pytest.raises(RemoteProtocolError):
        desk.tell(QUESTION, replace(OURS, desk_key=b"\xff" * 1216), CAROL, 1, b"")


@pytest.mark.parametrize("cls", DESK.by_name.values(), ids=list(DESK.by_name))
@settings(max_examples=15)
@given(data=st.data())
def test_a_content_of_the_desk_comes_back(cls: type[DeskContent], data: st.DataObject) -> None:
    content = data.draw(struct_of(cls))
    assert desk_contents.load(desk_contents.dump(content)) == content
    assert repr(content) == f"<{cls.__name__}>"


def test_one_of_a_newer_version_is_a_value() -> None:
    assert desk_contents.load(msgspec.msgpack.encode({"t": "sing"})) == Unknown("sing")


def written(content: LetterContent) -> bytes:
    return letters.write(content, CARD, CAROL.seat, ALICE, ROOM.room, NOW_MS, RNG)


def test_a_letter_is_read_by_whom_it_is_for() -> None:
    letter = read_letter(written(ACCEPTED), ROOM.room)
    assert letters.read(letter, ROOM.room, DESK_KEY.private) == ACCEPTED
    assert len(letter.sealed) == LETTER_SIZES[0]
    with pytest.raises(Damaged):
        letters.read(letter, ROOM.room, OTHERS.private)


@pytest.mark.parametrize(
    "changed",
    [{"by": BOB.seat}, {"to": BOB.seat}, {"letter": LetterId(bytes(16))}, {"made_ms": 1}],
    ids=lambda changed: next(iter(changed)),
)
def test_a_letter_belongs_between_two_seats(changed: dict[str, Any]) -> None:
    """Also where somebody signs as theirs what another one sealed."""
    letter = read_letter(written(ACCEPTED), ROOM.room)
    with pytest.raises(Damaged):
        letters.read(replace(letter, **changed), ROOM.room, DESK_KEY.private)
    with pytest.raises(Damaged):
        letters.read(letter, OTHER_ROOM.room, DESK_KEY.private)


def test_the_fullest_request_fits_a_letter_and_names_nobody() -> None:
    front = Front(title="\U0001f642" * 100)
    quotes = [
        Quote(run=1, number=n, item=item, said="x" * 300)
        for n, item in enumerate(chain(CAROL, 7), 1)
    ]
    card = make_card(ROOM.room, front, quotes[3], quotes[:3] + quotes[4:], Purpose.OWN, "w", NOW_MS)
    said = AsideRequest(name="n" * 32, card=card, words="\u20ac" * 250)
    letter = read_letter(written(said), ROOM.room)
    assert letters.read(letter, ROOM.room, DESK_KEY.private) == said
    assert "link" not in {field.name for field in msgspec.structs.fields(AsideRequest)}


def test_a_letter_too_long_is_said_to_be() -> None:
    with pytest.raises(TextTooLong):
        written(replace(ACCEPTED, link="\U0001f642" * 2000))


@pytest.mark.parametrize("cls", LETTERS.by_name.values(), ids=list(LETTERS.by_name))
@settings(max_examples=15)
@given(data=st.data())
def test_a_content_of_a_letter_comes_back(cls: type[LetterContent], data: st.DataObject) -> None:
    content = data.draw(struct_of(cls))
    assert LETTERS.load(msgspec.msgpack.encode(content)) == content
    assert repr(content) == f"<{cls.__name__}>"
