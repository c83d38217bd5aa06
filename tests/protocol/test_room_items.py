"""Entries and letters as a relay sees them: whose they are, of which room, in which order."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.errors import BadSignature, LocalProtocolError, RemoteProtocolError
from protocol.ids import LetterId
from protocol.wire.frames.letters import LETTER_SIZES
from protocol.wire.frames.room_entries import MAX_STAGE_SEALED, Lane
from protocol.wire.rooms.items import (
    EntryBody,
    UnknownItem,
    entry_hash,
    entry_id,
    parse_item,
    read_item,
    sign_entry,
    sign_order,
    stub_of,
)
from protocol.wire.rooms.letters import LetterBody, read_letter, sign_letter
from protocol.wire.rooms.orders import What
from tests.protocol.cast import NOW_MS
from tests.protocol.room_cast import ALICE, BOB, CAROL, OTHER_ROOM, RNG, ROOM, chain, order

FIRST, SECOND = chain(CAROL, 2)
SAID = EntryBody(Lane.STAGE, CAROL.seat, 1, 1, b"", RNG(128))
ORDER = order(What.MUTE, BOB.seat, about=CAROL.seat)


def test_an_entry_comes_back_and_names_the_one_before() -> None:
    first, second = read_item(FIRST, ROOM.room), read_item(SECOND, ROOM.room)
    assert isinstance(first, EntryBody)
    assert isinstance(second, EntryBody)
    assert (first.counter, first.previous) == (1, b"")
    assert (second.counter, second.previous) == (2, entry_hash(ROOM.room, FIRST))


def test_an_order_comes_back() -> None:
    assert read_item(sign_order(BOB, ROOM.room, ORDER), ROOM.room) == ORDER


@given(st.integers(0, len(FIRST) - 1), st.integers(1, 255))
def test_an_entry_changed_anywhere_is_seen(at: int, by: int) -> None:
    item = bytearray(FIRST)
    item[at] ^= by
    try:
        found = read_item(bytes(item), ROOM.room)
    except (BadSignature, RemoteProtocolError):
        return
    assert isinstance(found, UnknownItem)


@pytest.mark.parametrize("item", [FIRST, sign_order(BOB, ROOM.room, ORDER)], ids=["entry", "order"])
def test_what_was_said_in_another_room_is_seen(item: bytes) -> None:
    with pytest.raises(BadSignature):
        read_item(item, OTHER_ROOM.room)


def test_nobody_speaks_as_another() -> None:
    with pytest.raises(LocalProtocolError):
        sign_entry(BOB, ROOM.room, SAID)
    with pytest.raises(LocalProtocolError):
        sign_order(ALICE, ROOM.room, ORDER)
    forged = sign_entry(BOB, ROOM.room, replace(SAID, seat=BOB.seat))[:64] + FIRST[64:]
    with pytest.raises(BadSignature):
        read_item(forged, ROOM.room)


def test_an_entrys_id_is_its_seats_own_and_stays_under_another_epoch() -> None:
    where: list[tuple[Any, ...]] = [
        (ROOM.room, Lane.STAGE, CAROL.seat, 1),
        (ROOM.room, Lane.DESK, CAROL.seat, 1),
        (ROOM.room, Lane.STAGE, BOB.seat, 1),
        (ROOM.room, Lane.STAGE, CAROL.seat, 2),
        (OTHER_ROOM.room, Lane.STAGE, CAROL.seat, 1),
    ]
    assert len({entry_id(*one) for one in where}) == len(where)
    again = sign_entry(CAROL, ROOM.room, replace(SAID, epoch=2, sealed=RNG(128)))
    assert entry_hash(ROOM.room, again) != entry_hash(ROOM.room, FIRST)


@pytest.mark.parametrize(
    "changed",
    [
        {"sealed": bytes(MAX_STAGE_SEALED + 1)},
        {"counter": 2},  # and names none before it
        {"previous": bytes(32)},  # the first one, and names one
        {"previous": bytes(31), "counter": 2},
    ],
)
def test_an_entry_that_cannot_be_is_refused_on_both_sides(changed: dict[str, Any]) -> None:
    said = replace(SAID, **changed)
    with pytest.raises(LocalProtocolError):
        sign_entry(CAROL, ROOM.room, said)
    with pytest.raises(RemoteProtocolError):
        parse_item(bytes(64) + msgspec.msgpack.encode(said))


def test_the_desk_takes_longer_ones() -> None:
    said = replace(SAID, lane=Lane.DESK, sealed=bytes(MAX_STAGE_SEALED + 1))
    assert read_item(sign_entry(CAROL, ROOM.room, said), ROOM.room) == said


def test_an_item_of_a_newer_version_keeps_its_number() -> None:
    assert read_item(bytes(64) + msgspec.msgpack.encode(["z", 1, 2]), ROOM.room) == UnknownItem()
    with_more = bytes(64) + msgspec.msgpack.encode([*msgspec.msgpack.decode(FIRST[64:]), "later"])
    assert parse_item(with_more) == parse_item(FIRST)


def test_a_stub_is_no_item_and_cannot_be_said() -> None:
    with pytest.raises(RemoteProtocolError):
        parse_item(stub_of(FIRST))


@given(st.binary(max_size=300))
def test_noise_is_no_item(noise: bytes) -> None:
    with pytest.raises((RemoteProtocolError, BadSignature)):
        assert read_item(bytes(64) + noise, ROOM.room) == UnknownItem()
        raise RemoteProtocolError


def letter(size: int) -> LetterBody:
    return LetterBody(LetterId(RNG(16)), CAROL.seat, ALICE.seat, NOW_MS, RNG(size))


@pytest.mark.parametrize("size", LETTER_SIZES)
def test_a_letter_comes_back(size: int) -> None:
    said = letter(size)
    assert read_letter(sign_letter(ALICE, ROOM.room, said), ROOM.room) == said


def test_a_letter_of_another_room_or_writer_is_seen() -> None:
    said = letter(LETTER_SIZES[0])
    with pytest.raises(BadSignature):
        read_letter(sign_letter(ALICE, OTHER_ROOM.room, said), ROOM.room)
    with pytest.raises(LocalProtocolError):
        sign_letter(BOB, ROOM.room, said)
    with pytest.raises(BadSignature):
        read_letter(bytes(64) + sign_letter(ALICE, ROOM.room, said)[64:], ROOM.room)


def test_a_letter_of_another_length_is_refused_on_both_sides() -> None:
    said = letter(LETTER_SIZES[0] + 1)
    with pytest.raises(LocalProtocolError):
        sign_letter(ALICE, ROOM.room, said)
    with pytest.raises(RemoteProtocolError):
        read_letter(bytes(64) + msgspec.msgpack.encode(said), ROOM.room)
