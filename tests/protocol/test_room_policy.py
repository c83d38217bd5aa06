"""A room's policy and what its keys say over one connection."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.errors import BadSignature, RemoteProtocolError
from protocol.keys import Domain, sign
from protocol.wire.frames.rooms import SignedPolicy
from protocol.wire.rooms.entering import (
    SeatCard,
    check_box,
    check_entering,
    check_opening,
    read_card,
    sign_box,
    sign_card,
    sign_entering,
    sign_opening,
)
from protocol.wire.rooms.epochs import EpochBody, read_epoch, sign_epoch
from protocol.wire.rooms.policy import (
    Entry,
    PolicyBody,
    Speak,
    read_policy,
    sign_policy,
    succeeds,
)
from tests.protocol.cast import NOW_MS
from tests.protocol.room_cast import ALICE, BOB, OTHER_ROOM, POLICY, RNG, ROOM
from tests.protocol.shapes import struct_of

NEXT = replace(POLICY, version=2)
OVER = replace(NEXT, ended=True)


def test_a_policy_comes_back() -> None:
    assert read_policy(sign_policy(ROOM, POLICY), ROOM.room) == POLICY


@given(struct_of(PolicyBody))
def test_any_policy_comes_back(policy: PolicyBody) -> None:
    said = replace(policy, room=ROOM.room)
    assert read_policy(sign_policy(ROOM, said)) == said


def test_a_forged_policy_is_seen() -> None:
    signed = sign_policy(ROOM, POLICY)
    with pytest.raises(BadSignature):
        read_policy(replace(signed, signature=bytes(64)), ROOM.room)
    with pytest.raises(BadSignature):
        read_policy(sign_policy(OTHER_ROOM, POLICY))
    with pytest.raises(RemoteProtocolError):
        read_policy(signed, OTHER_ROOM.room)


def test_what_a_newer_version_means_lets_nobody_in_and_nobody_else_speak() -> None:
    raw: dict[str, Any] = msgspec.msgpack.decode(sign_policy(ROOM, POLICY).body)
    body = msgspec.msgpack.encode(raw | {"entry": "by_dance", "speak": "cats", "added": 1})
    found = read_policy(
        SignedPolicy(body=body, signature=sign(ROOM.seed, Domain.ROOM_POLICY, body))
    )
    assert (found.entry, found.speak) == (Entry.OTHER, Speak.OTHER)


@pytest.mark.parametrize(
    ("newer", "taken"),
    [
        (NEXT, True),
        (POLICY, False),  # the same version
        (replace(NEXT, room=OTHER_ROOM.room), False),
        (replace(NEXT, commitment=bytes(32)), False),  # one epoch with two keys
        (replace(NEXT, epoch=2, commitment=bytes(32)), True),
        (replace(NEXT, desk_key=bytes(1216)), False),  # one number with two desk keys
        (replace(NEXT, desk=2, desk_key=bytes(1216)), True),
        (OVER, True),
    ],
)
def test_which_policy_may_follow(newer: PolicyBody, taken: bool) -> None:
    assert succeeds(newer, POLICY) is taken


@pytest.mark.parametrize("fallen", [{"epoch": 1}, {"desk": 1}, {"ended": False}])
def test_nothing_that_only_rises_falls(fallen: dict[str, Any]) -> None:
    older = replace(OVER, epoch=2, desk=2)
    newer = replace(older, version=3)
    assert succeeds(newer, older)
    assert not succeeds(replace(newer, **fallen), older)


def test_a_signature_for_one_connection_and_one_room_is_worth_nothing_elsewhere() -> None:
    policy, here, there = sign_policy(ROOM, POLICY), RNG(32), RNG(32)
    opening = sign_opening(ROOM, here, policy)
    entering, box = sign_entering(ALICE, here, ROOM.room), sign_box(ALICE, here, ROOM.room)
    check_opening(ROOM.room, opening, here, policy)
    check_entering(ALICE.seat, entering, here, ROOM.room)
    check_box(ALICE.seat, box, here, ROOM.room)
    with pytest.raises(BadSignature):
        check_opening(ROOM.room, opening, there, policy)
    with pytest.raises(BadSignature):
        check_opening(ROOM.room, opening, here, sign_policy(ROOM, NEXT))
    for check, signature in ((check_entering, entering), (check_box, box)):
        for seat, line, room in (
            (BOB.seat, here, ROOM.room),
            (ALICE.seat, there, ROOM.room),
            (ALICE.seat, here, OTHER_ROOM.room),
        ):
            with pytest.raises(BadSignature):
                check(seat, signature, line, room)
    with pytest.raises(BadSignature):  # to enter is not to open the box
        check_box(ALICE.seat, entering, here, ROOM.room)


def test_a_card_is_its_seats_and_of_this_room() -> None:
    card = SeatCard(sealing=RNG(1216), made_ms=NOW_MS)
    signed = sign_card(ALICE, ROOM.room, card)
    assert read_card(signed, ROOM.room, ALICE.seat) == card
    for room, seat in ((OTHER_ROOM.room, ALICE.seat), (ROOM.room, BOB.seat)):
        with pytest.raises(BadSignature):
            read_card(signed, room, seat)


def test_an_epoch_is_of_who_it_names_and_of_this_room() -> None:
    said = EpochBody(room=ROOM.room, epoch=2, commitment=RNG(32), by=BOB.seat, made_ms=NOW_MS)
    assert read_epoch(sign_epoch(BOB, said), ROOM.room) == said
    with pytest.raises(BadSignature):
        read_epoch(sign_epoch(ALICE, said), ROOM.room)
    with pytest.raises(RemoteProtocolError):
        read_epoch(sign_epoch(BOB, said), OTHER_ROOM.room)


@given(st.binary(max_size=200))
def test_noise_is_no_policy(noise: bytes) -> None:
    signed = SignedPolicy(body=noise, signature=sign(ROOM.seed, Domain.ROOM_POLICY, noise))
    with pytest.raises(RemoteProtocolError):
        read_policy(signed, ROOM.room)
