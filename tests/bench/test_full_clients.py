"""The bench's full clients find what a relay leaves out, changes or signs another history of."""

from __future__ import annotations

import pytest

from protocol.errors import BadSignature
from protocol.ids import RelayKey
from protocol.keys import Secret, public_key
from protocol.wire.frames.room_entries import Entries, Lane, RoomHead
from protocol.wire.rooms.heads import NOTHING, HeadBody, follow, run_start, sign_head
from tests.bench.rooms.full_clients import Listener
from tests.protocol.room_cast import BOB, CAROL, ROOM, chain

SEED = Secret(b"the relay's seed".ljust(32))
START = run_start(ROOM.room, Lane.STAGE, 1, 0, NOTHING)
ITEMS = [item for both in zip(chain(BOB, 3), chain(CAROL, 3), strict=True) for item in both]


def listener() -> Listener:
    return Listener(ROOM.room, RelayKey(public_key(SEED)), 0, START)


def entries(first: int, items: list[bytes]) -> Entries:
    return Entries(run=1, first=first, items=tuple(items))


def head(number: int, items: list[bytes]) -> RoomHead:
    running = START
    for at, item in enumerate(items[:number], 1):
        running = follow(running, at, item)
    body = HeadBody(
        room=ROOM.room,
        lane=Lane.STAGE,
        run=1,
        number=number,
        running=running,
        before_number=0,
        before_running=NOTHING,
        made_ms=1,
    )
    return RoomHead(head=sign_head(SEED, body))


def test_a_sound_room_is_sound() -> None:
    one = listener()
    for said in (entries(1, ITEMS[:2]), entries(3, ITEMS[2:]), head(4, ITEMS)):
        one.hear(said)
    assert (one.entries, one.heads, one.wrong) == (6, 1, [])


def test_one_voice_left_out_and_numbered_over_is_heard_by_its_chain() -> None:
    one = listener()
    one.hear(entries(1, [*ITEMS[:2], *ITEMS[3:]]))
    assert one.wrong == ["a voice at 3 after 1"]


def test_a_number_left_out_and_a_head_of_something_else() -> None:
    one = listener()
    one.hear(entries(1, ITEMS[:2]))
    one.hear(head(2, [ITEMS[1], ITEMS[0]]))
    one.hear(entries(4, ITEMS[2:]))
    assert one.wrong == ["a head of something else at 2", "4 after 2"]


def test_a_changed_byte_is_no_entry_of_that_voice() -> None:
    changed = ITEMS[0][:-1] + bytes([ITEMS[0][-1] ^ 1])
    with pytest.raises(BadSignature):
        listener().hear(entries(1, [changed]))
