"""What is sealed for everybody in the room, and under which keys."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.e2e.rooms import contents, stage
from protocol.e2e.rooms.contents import (
    STAGE,
    Counted,
    Pinned,
    Question,
    QuestionState,
    StageContent,
    Text,
    may_say,
)
from protocol.e2e.rooms.epochs import new_epoch, unwrap, wrap, wrap_all
from protocol.e2e.rooms.tagged import Unknown
from protocol.errors import BadPadding, Damaged, RemoteProtocolError, TextTooLong
from protocol.ids import EntryId, OrderId, SeatId
from protocol.keys import Domain, Secret, joined, lock
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_orders import MAX_WRAPS
from protocol.wire.rooms.items import EntryBody, read_item
from protocol.wire.rooms.orders import EVERYTHING, Scope
from tests.protocol.cast import NOW_MS
from tests.protocol.room_cast import ALICE, BOB, CAROL, OTHER_ROOM, RNG, ROOM
from tests.protocol.shapes import struct_of

KEY = new_epoch(ROOM.room, 3, RNG)
NEXT = new_epoch(ROOM.room, 4, RNG)
HELLO = Text(name="Carol", sent_ms=NOW_MS, text="hello")


def said(content: StageContent = HELLO) -> EntryBody:
    entry = read_item(stage.say(content, KEY, CAROL, 1, b"", RNG), ROOM.room)
    assert isinstance(entry, EntryBody)
    return entry


def test_what_is_said_is_heard_and_not_by_the_relay() -> None:
    entry = said()
    assert stage.hear(entry, KEY) == HELLO
    assert b"hello" not in entry.sealed
    assert b"Carol" not in entry.sealed


@pytest.mark.parametrize(
    "changed",
    [
        {"seat": BOB.seat},
        {"counter": 2},
        {"previous": bytes(32)},
        {"sealed": bytes(128)},
        {"lane": Lane.DESK},
        {"epoch": 4},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_an_entry_belongs_where_it_was_said(changed: dict[str, Any]) -> None:
    """Also by somebody who has the key, and signs what another one sealed."""
    with pytest.raises(Damaged):
        stage.hear(replace(said(), **changed), KEY)


def test_another_epochs_and_another_rooms_key_open_nothing() -> None:
    for key in (NEXT, replace(NEXT, epoch=3), replace(KEY, room=OTHER_ROOM.room)):
        with pytest.raises(Damaged):
            stage.hear(said(), key)


def test_the_same_words_twice_are_other_bytes() -> None:
    """Sealed again under one counter, after a crash: the nonce is another one."""
    assert said().sealed[:24] != said().sealed[:24]


def test_lengths_are_few() -> None:
    sizes = {len(said(replace(HELLO, text="x" * n)).sealed) for n in range(0, 3000, 37)}
    assert sizes == set(stage.SIZES)
    with pytest.raises(TextTooLong):
        said(replace(HELLO, text="\U0001f642" * 1100))


@pytest.mark.parametrize("length", [87, 5])
def test_padding_that_is_none(length: int) -> None:
    """A length beyond the end, and zeros that are none."""
    bare = said()
    bound = joined(
        Domain.ROOM_STAGE.value,
        *(ROOM.room, b"\0", bytes(7) + b"\3", CAROL.seat, bytes(7) + b"\1", b""),
    )
    plain = length.to_bytes(2, "big") + b"x" * 86
    sealed = lock(KEY.of(Domain.ROOM_STAGE), plain, bound, RNG)
    with pytest.raises(BadPadding):
        stage.hear(replace(bare, sealed=sealed), KEY)
    with pytest.raises(BadPadding):
        stage.hear(replace(bare, sealed=bare.sealed + b"x"), KEY)


@pytest.mark.parametrize("cls", STAGE.by_name.values(), ids=list(STAGE.by_name))
@settings(max_examples=15)
@given(data=st.data())
def test_a_content_comes_back(cls: type[StageContent], data: st.DataObject) -> None:
    content = data.draw(struct_of(cls))
    raw: dict[str, Any] = msgspec.msgpack.decode(contents.dump(content))
    assert contents.load(contents.dump(content)) == content
    assert contents.load(msgspec.msgpack.encode(raw | {"added_later": [1]})) == content
    assert repr(content) == f"<{cls.__name__}>"
    with pytest.raises(RemoteProtocolError):
        contents.load(msgspec.msgpack.encode(raw | {"sent_ms": -1}))


def test_a_content_of_a_newer_version_is_a_value() -> None:
    assert contents.load(msgspec.msgpack.encode({"t": "dance", "x": 1})) == Unknown("dance")


@given(st.binary(max_size=100))
def test_noise_is_no_content(noise: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        assert isinstance(contents.load(noise), Unknown)
        raise RemoteProtocolError


QUESTION = Question(
    name="A", sent_ms=1, question=EntryId(RNG(16)), text="?", state=QuestionState.QUEUED
)


@pytest.mark.parametrize(
    ("content", "scope"),
    [
        (HELLO, Scope(0)),
        (Pinned(name="A", sent_ms=1), Scope.MODERATE),
        (QUESTION, Scope.MODERATE),
        (Counted(name="A", sent_ms=1), Scope.DESK),
    ],
)
def test_who_may_say_what(content: StageContent, scope: Scope) -> None:
    assert may_say(content, scope)
    assert may_say(content, EVERYTHING)
    assert may_say(content, EVERYTHING & ~scope) is (scope == Scope(0))


def test_a_name_is_its_seats_and_shown_clean() -> None:
    sealed = stage.seal_name("  Ca\u202erol ", KEY, CAROL.seat, RNG)
    assert stage.epoch_of(sealed) == 3
    assert stage.open_name(sealed, KEY, CAROL.seat) == "Carol"
    assert len(sealed) == len(stage.seal_name("", KEY, CAROL.seat, RNG))
    for key, seat in ((KEY, BOB.seat), (NEXT, CAROL.seat)):
        with pytest.raises(Damaged):
            stage.open_name(sealed, key, seat)


@given(st.text(max_size=600))
def test_a_reason_is_its_orders_and_of_one_length(reason: str) -> None:
    order = OrderId(bytes(16))
    sealed = stage.seal_reason(reason, KEY, order, RNG)
    assert stage.open_reason(sealed, KEY, order) == stage.open_reason(sealed, KEY, order)
    assert len(sealed) == 4 + 24 + 2 + stage.MAX_REASON + 16
    with pytest.raises(Damaged):
        stage.open_reason(sealed, KEY, OrderId(b"x" * 16))


def test_each_seat_opens_its_own_wrap_and_no_other() -> None:
    secret = Secret(RNG(32))
    wrapped = wrap(KEY, CAROL.seat, secret, RNG).wrap
    known = KEY.commitment()
    assert unwrap(wrapped, ROOM.room, 3, CAROL.seat, secret, known) == KEY
    for room, epoch, seat, key in (
        (OTHER_ROOM.room, 3, CAROL.seat, secret),
        (ROOM.room, 4, CAROL.seat, secret),
        (ROOM.room, 3, BOB.seat, secret),
        (ROOM.room, 3, CAROL.seat, Secret(RNG(32))),
    ):
        with pytest.raises(Damaged):
            unwrap(wrapped, room, epoch, seat, key, known)


def test_a_seat_that_is_given_another_key_than_the_rest_sees_it() -> None:
    secret, other = Secret(RNG(32)), new_epoch(ROOM.room, 3, RNG)
    wrapped = wrap(other, CAROL.seat, secret, RNG).wrap
    with pytest.raises(Damaged):
        unwrap(wrapped, ROOM.room, 3, CAROL.seat, secret, KEY.commitment())


def test_a_crowd_is_wrapped_for_in_as_many_requests_as_it_takes() -> None:
    table = {SeatId(n.to_bytes(32, "big")): Secret(bytes(32)) for n in range(MAX_WRAPS + 3)}
    pages = list(wrap_all(KEY, table, bytes))
    assert [len(page) for page in pages] == [MAX_WRAPS, 3]
    assert [one.seat for page in pages for one in page] == list(table)


def test_commitments_differ_by_room_and_epoch_and_key() -> None:
    keys = [KEY, NEXT, replace(KEY, epoch=4), replace(KEY, room=OTHER_ROOM.room)]
    assert len({key.commitment() for key in keys}) == 4
    assert ALICE.seat not in {key.commitment() for key in keys}
