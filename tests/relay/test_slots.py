"""Slots are bounded by pass and in all, end in time, and nobody writes where they may only look."""

from __future__ import annotations

import pytest

from protocol.wire.frames import Reason, SlotUpdate
from protocol.wire.slots import name_of, watch_of
from relay.rules import slots as bounds
from relay.rules.slots import Slots

ALICE, BOB = b"alice's pass".ljust(32), b"bob's pass".ljust(32)
BLOB = b"b" * 64


def write(number: int, blob: bytes = BLOB, lasts_s: int = 300) -> SlotUpdate:
    return SlotUpdate(write=number.to_bytes(32, "big"), blob=blob, lasts_s=lasts_s)


def name(number: int) -> bytes:
    return name_of(watch_of(number.to_bytes(32, "big")))


def test_the_last_that_was_written_stands_there_until_its_time() -> None:
    slots = Slots(10)
    assert slots.blob(name_of(watch_of(bytes(32))), 0) == b""
    assert slots.publish(ALICE, write(0), 0) == name(0)
    slots.publish(ALICE, write(0, b"c" * 64), 1_000)
    assert slots.blob(name_of(watch_of(bytes(32))), 300_999) == b"c" * 64
    assert slots.blob(name_of(watch_of(bytes(32))), 301_000) == b""
    assert list(slots.expire(300_999)) == []
    assert list(slots.expire(301_000)) == [name(0)]
    assert len(slots) == 0


def test_an_empty_update_empties_the_slot() -> None:
    slots = Slots(10)
    slots.publish(ALICE, write(1), 0)
    assert slots.publish(ALICE, write(1, b"", 0), 1) == name(1)
    assert len(slots) == 0


def test_who_watches_cannot_write() -> None:
    slots = Slots(10)
    slots.publish(ALICE, write(1), 0)
    watch = watch_of((1).to_bytes(32, "big"))
    slots.publish(BOB, SlotUpdate(write=watch, blob=b"x" * 64, lasts_s=60), 0)
    assert slots.blob(name_of(watch), 0) == BLOB


def test_a_pass_has_so_many_and_another_has_its_own() -> None:
    slots = Slots(10_000)
    for number in range(bounds.OF_A_PASS):
        slots.publish(ALICE, write(number), 0)
    assert slots.publish(ALICE, write(bounds.OF_A_PASS), 0) is Reason.QUOTA
    assert slots.publish(ALICE, write(0), 0) == name(0), "one that is here is written again"
    assert slots.publish(BOB, write(bounds.OF_A_PASS), 0) == name(bounds.OF_A_PASS)
    slots.publish(ALICE, write(0, b""), 0)
    assert slots.publish(ALICE, write(bounds.OF_A_PASS + 1), 0) != Reason.QUOTA


def test_all_have_so_many_together() -> None:
    slots = Slots(2)
    slots.publish(ALICE, write(1), 0)
    slots.publish(BOB, write(2), 0)
    assert slots.publish(BOB, write(3), 0) is Reason.TRY_LATER
    assert len(slots) == 2


def test_a_pass_that_writes_too_often_waits_and_holds_up_nobody() -> None:
    slots = Slots(10)
    for _ in range(bounds.UPDATES_IN_A_ROW):
        assert slots.publish(ALICE, write(1), 0) == name(1)
    assert slots.publish(ALICE, write(1), 0) is Reason.QUOTA
    assert slots.publish(BOB, write(2), 0) == name(2)
    assert slots.publish(ALICE, write(1), bounds.UPDATE_EACH_MS) == name(1)


def test_only_a_blob_of_one_size_stands_in_a_slot() -> None:
    slots = Slots(10)
    for update in (write(1, b"b" * 63), write(1, BLOB, 0)):
        assert slots.publish(ALICE, update, 0) is Reason.NOT_ALLOWED
    assert len(slots) == 0


def test_who_has_nothing_here_any_more_is_forgotten() -> None:
    slots = Slots(10)
    slots.publish(ALICE, write(1), 0)
    list(slots.expire(600_000))
    assert not slots.__dict__["_holders"]


@pytest.mark.parametrize("first", [600, 30])
def test_each_ends_in_its_own_time_whichever_was_written_first(first: int) -> None:
    """One that lasts long holds no place of those behind it."""
    slots = Slots(3)
    slots.publish(ALICE, write(0, lasts_s=first), 0)
    for number in (1, 2):
        slots.publish(BOB, write(number, lasts_s=30 * number), 0)
    over = [name(1)] if first == 600 else [name(0), name(1)]
    assert list(slots.expire(30_000)) == over
    assert slots.publish(BOB, write(3), 30_000) == name(3), "there is room again"
    slots.publish(BOB, write(2, lasts_s=600), 59_999)
    assert list(slots.expire(60_000)) == [], "it was written again"
    assert slots.blob(name_of(watch_of((2).to_bytes(32, "big"))), 600_000) == BLOB
    list(slots.expire(700_000))
    assert len(slots) == 0
    assert not slots.__dict__["_ending"]


def test_what_came_by_one_pass_goes_with_it() -> None:
    slots = Slots(10)
    for number in (1, 2):
        slots.publish(ALICE, write(number), 0)
    slots.publish(BOB, write(3), 0)
    assert slots.drop_own(ALICE[:5]) == [name(1), name(2)]
    assert len(slots) == 1
    assert list(slots.expire(300_000)) == [name(3)]
