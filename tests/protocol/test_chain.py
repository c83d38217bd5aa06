"""The hash chain: what a relay drops is seen, what fills a gap is checked at both its ends."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.e2e.chain import (
    MAX_HOLES,
    MAX_JUMP,
    Ahead,
    Forked,
    Hole,
    InOrder,
    Late,
    Repeated,
    Seen,
    Step,
    advance,
    content_hash,
    dump_seen,
    load_seen,
)
from protocol.e2e.contents import Header, Text, dump, load
from protocol.e2e.sealing import sign_sealing_key
from protocol.errors import LocalProtocolError, RemoteProtocolError
from tests.protocol.cast import header, person

ALICE, BOB, CAROL = person("alice"), person("bob"), person("carol")
SAID = header(ALICE, BOB, counter=2, previous=bytes(32))


def hash_of(number: int) -> bytes:
    """The hash of the content of this number in an honest chain; number 0 is no content."""
    return number.to_bytes(32, "big") if number else b""


def take(seen: Seen, number: int) -> tuple[Seen, Step]:
    return advance(seen, number, hash_of(number - 1), hash_of(number))


def missing(seen: Seen) -> set[int]:
    return {n for hole in seen.missing for n in range(hole.first, hole.last + 1)}


def test_one_after_the_other() -> None:
    seen = Seen()
    for number in range(1, 5):
        seen, step = take(seen, number)
        assert step == InOrder()
    assert seen == Seen(4, hash_of(4), ())


def test_a_gap_is_seen_and_filled() -> None:
    seen, _ = take(Seen(), 1)
    seen, step = take(seen, 5)
    assert step == Ahead(2, 4)
    assert missing(seen) == {2, 3, 4}
    for number in (3, 2, 4):
        seen, step = take(seen, number)
        assert step == Late()
    assert seen == Seen(5, hash_of(5), ())


def test_the_first_ones_may_be_missing() -> None:
    seen, step = take(Seen(), 3)
    assert step == Ahead(1, 2)
    seen, step = take(seen, 1)
    assert step == Late()
    assert missing(seen) == {2}


def test_a_repeated_one_changes_nothing() -> None:
    seen, _ = take(Seen(), 1)
    seen, _ = take(seen, 2)
    assert take(seen, 1) == (seen, Repeated())
    assert take(seen, 2) == (seen, Repeated())


@given(st.permutations(range(1, 9)))
def test_an_honest_chain_in_any_order_is_whole_in_the_end(order: list[int]) -> None:
    seen, came = Seen(), set[int]()
    for number in order:
        seen, step = take(seen, number)
        assert not isinstance(step, Forked | Repeated)
        came.add(number)
        assert missing(seen) == set(range(1, seen.highest + 1)) - came
        assert take(seen, number) == (seen, Repeated())
    assert seen == Seen(8, hash_of(8), ())


WRONG = b"\xff" * 32


@pytest.mark.parametrize(
    ("number", "previous", "own"),
    [
        (6, WRONG, hash_of(6)),  # does not follow the newest one
        (5, hash_of(4), WRONG),  # another content under the newest number
        (2, WRONG, hash_of(2)),  # does not follow what stands before the gap
        (4, hash_of(3), WRONG),  # is not what stands behind the gap follows
        (9, b"", hash_of(9)),  # a later one that follows nothing
    ],
)
def test_what_does_not_fit_its_neighbours_is_a_fork(
    number: int, previous: bytes, own: bytes
) -> None:
    seen, _ = take(Seen(), 1)
    seen, _ = take(seen, 5)
    assert advance(seen, number, previous, own) == (seen, Forked())


@pytest.mark.parametrize("number", [2, 4])
def test_a_fork_inside_a_gap_is_seen_by_its_neighbour(number: int) -> None:
    """Number 3 is one of two histories; what stands beside it decides."""
    seen, _ = take(Seen(), 1)
    seen, _ = take(seen, 5)
    seen, step = advance(seen, 3, WRONG, WRONG)
    assert step == Late()
    assert take(seen, number) == (seen, Forked())


def test_a_jump_beyond_belief_is_a_fork() -> None:
    seen, _ = take(Seen(), 1)
    assert take(seen, 2 + MAX_JUMP) == (seen, Forked())
    assert take(seen, 1 + MAX_JUMP)[1] == Ahead(2, MAX_JUMP)


def test_what_is_outside_the_chain_is_not_given_to_it() -> None:
    with pytest.raises(LocalProtocolError):
        advance(Seen(), 0, b"", hash_of(1))


@given(st.lists(st.integers(1, 2000), max_size=400))
def test_however_torn_a_chain_its_memory_is_bounded(order: list[int]) -> None:
    seen, came = Seen(), set[int]()
    for number in order:
        seen, step = take(seen, number)
        assert not isinstance(step, Forked)
        came.add(number)
        assert len(seen.missing) <= MAX_HOLES
        assert missing(seen) >= set(range(1, seen.highest + 1)) - came


def test_two_old_gaps_become_one_rather_than_be_forgotten() -> None:
    seen = Seen()
    for number in range(2, 2 * MAX_HOLES + 3, 2):
        seen, _ = take(seen, number)
    assert len(seen.missing) == MAX_HOLES
    assert seen.missing[0] == Hole(1, 3, b"", hash_of(3))
    seen, step = take(seen, 3)
    assert step == Late()
    seen, step = take(seen, 1)
    assert step == Late()
    assert missing(seen) >= {2}


def test_a_position_can_be_kept() -> None:
    seen, _ = take(Seen(), 3)
    assert load_seen(dump_seen(seen)) == seen
    assert load_seen(dump_seen(Seen())) == Seen()


def changed(**fields: Any) -> bytes:
    said: Header = msgspec.structs.replace(SAID, **fields)
    return content_hash(dump(Text(header=said, text="hello")))


def test_all_recipients_share_a_contents_hash() -> None:
    """What differs between copies stays out: recipient, session, what was seen."""
    own = changed()
    assert own == changed(
        recipient=CAROL.member.member_id,
        recipient_device=CAROL.device.device_id,
        generation=3,
        known_list_version=7,
        list_version=9,
        seen={BOB.device.device_id: 4},
        sealing_key=sign_sealing_key(ALICE.device, ALICE.sealing),
        repairs=bytes(32),
    )


@pytest.mark.parametrize(
    "field",
    [
        {"message_id": bytes(16)},
        {"conversation": bytes(16)},
        {"author": CAROL.member.member_id},
        {"author_device": CAROL.device.device_id},
        {"counter": 3},
        {"previous": b"\x01" * 32},
        {"sent_ms": 1},
    ],
    ids=lambda field: next(iter(field)),
)
def test_what_they_share_is_hashed(field: dict[str, Any]) -> None:
    assert changed(**field) != changed()


def test_the_body_and_its_name_are_hashed() -> None:
    raw: dict[str, Any] = msgspec.msgpack.decode(dump(Text(header=SAID, text="hello")))
    hashes = {
        content_hash(msgspec.msgpack.encode(one))
        for one in (raw, raw | {"text": "hellp"}, raw | {"t": "profile"}, raw | {"new": 1})
    }
    assert len(hashes) == 4


def test_the_order_of_keys_is_not_hashed_but_the_bytes_of_values_are() -> None:
    encoded = dump(Text(header=SAID, text="hello"))
    raw: dict[str, Any] = msgspec.msgpack.decode(encoded)
    turned = dict(reversed(raw.items())) | {"header": dict(reversed(raw["header"].items()))}
    assert content_hash(msgspec.msgpack.encode(turned)) == content_hash(encoded)
    respelt = encoded.replace(b"\xa5hello", b"\xd9\x05hello")  # the same text, written longer
    assert load(respelt) == load(encoded)
    assert content_hash(respelt) != content_hash(encoded)


@given(st.binary(max_size=100))
def test_noise_has_no_hash(noise: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        content_hash(noise)
