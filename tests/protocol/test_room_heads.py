"""Running hashes and heads: a relay that shows two histories signs the proof itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.errors import BadSignature, RemoteProtocolError
from protocol.ids import RelayKey
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.heads import (
    NOTHING,
    HeadBody,
    begun,
    follow,
    forked,
    read_head,
    run_start,
    sign_head,
)
from protocol.wire.rooms.items import is_stub, stub_of
from tests.protocol.cast import NOW_MS
from tests.protocol.room_cast import (
    CAROL,
    OTHER_ROOM,
    RELAY,
    RELAY_SEED,
    RNG,
    ROOM,
    chain,
)

ITEMS = chain(CAROL, 3)
START = run_start(ROOM.room, Lane.STAGE, 1, 0, NOTHING)


def running(items: list[bytes], start: bytes = START) -> bytes:
    for number, item in enumerate(items, 1):
        start = follow(start, number, item)
    return start


def head(count: int) -> HeadBody:
    return HeadBody(
        room=ROOM.room,
        lane=Lane.STAGE,
        run=1,
        number=count,
        running=running(ITEMS[:count]),
        before_number=0,
        before_running=NOTHING,
        made_ms=NOW_MS,
    )


NEXT_RUN = HeadBody(
    room=ROOM.room,
    lane=Lane.STAGE,
    run=2,
    number=0,
    running=run_start(ROOM.room, Lane.STAGE, 2, 2, running(ITEMS[:2])),
    before_number=2,
    before_running=running(ITEMS[:2]),
    made_ms=NOW_MS,
)


@pytest.mark.parametrize("said", [head(0), head(3), NEXT_RUN])
def test_a_head_comes_back(said: HeadBody) -> None:
    assert read_head(sign_head(RELAY_SEED, said), RELAY, ROOM.room) == said


def test_a_forged_or_foreign_head_is_seen() -> None:
    signed = sign_head(RELAY_SEED, head(2))
    with pytest.raises(BadSignature):
        read_head(signed, RelayKey(RNG(32)), ROOM.room)
    with pytest.raises(BadSignature):
        read_head(replace(signed, signature=bytes(64)), RELAY, ROOM.room)
    with pytest.raises(RemoteProtocolError):
        read_head(signed, RELAY, OTHER_ROOM.room)


def test_a_head_of_nothing_stands_where_its_run_begins() -> None:
    assert begun(NEXT_RUN) == NEXT_RUN.running
    lying = sign_head(RELAY_SEED, replace(NEXT_RUN, running=NOTHING))
    with pytest.raises(RemoteProtocolError):
        read_head(lying, RELAY, ROOM.room)


@given(st.permutations(range(3)))
def test_one_order_has_one_running_hash(order: list[int]) -> None:
    turned = running([ITEMS[at] for at in order])
    assert (turned == running(ITEMS)) is (order == [0, 1, 2])


@given(st.sets(st.integers(0, 2)))
def test_the_running_hash_goes_on_over_what_was_hidden(hidden: set[int]) -> None:
    shown = [stub_of(item) if at in hidden else item for at, item in enumerate(ITEMS)]
    assert running(shown) == running(ITEMS)
    assert [is_stub(item) for item in shown] == [at in hidden for at in range(3)]
    assert running([bytes(32), *ITEMS[1:]]) != running(ITEMS)


def test_runs_and_lanes_and_rooms_begin_apart() -> None:
    beginnings = {
        START,
        run_start(OTHER_ROOM.room, Lane.STAGE, 1, 0, NOTHING),
        run_start(ROOM.room, Lane.DESK, 1, 0, NOTHING),
        run_start(ROOM.room, Lane.STAGE, 2, 0, NOTHING),
        run_start(ROOM.room, Lane.STAGE, 1, 1, NOTHING),
        run_start(ROOM.room, Lane.STAGE, 1, 0, START),
    }
    assert len(beginnings) == 6


@pytest.mark.parametrize(
    ("one", "other", "proof"),
    [
        (head(2), head(2), False),
        (head(2), head(3), False),
        (head(2), NEXT_RUN, False),
        (head(1), NEXT_RUN, False),  # more came to its disk after that head
        (head(2), replace(head(2), running=RNG(32)), True),
        (head(2), replace(head(3), before_running=RNG(32)), True),  # one run, two beginnings
        (head(3), NEXT_RUN, True),  # what it confirmed is gone
        (head(2), replace(NEXT_RUN, before_running=RNG(32)), True),
        (head(3), replace(NEXT_RUN, run=3), False),  # what lies between is not known here
        (head(2), replace(head(2), running=RNG(32), lane=Lane.DESK), False),
        (head(2), replace(head(2), running=RNG(32), room=OTHER_ROOM.room), False),
    ],
)
def test_which_two_heads_are_a_proof(one: HeadBody, other: HeadBody, proof: bool) -> None:
    assert forked(one, other) is proof
    assert forked(other, one) is proof
