"""Whom a delivery may speak for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.e2e.blame import (
    INVITATION,
    Invitation,
    Newcomer,
    Quarantine,
    Stranger,
    Trusted,
    Verdict,
    judge,
    speaks_truly,
)
from protocol.ids import MemberId
from tests.protocol.cast import header, person

ALICE, BOB, CAROL = person("alice"), person("bob"), person("carol")
A, B = ALICE.member.member_id, BOB.member.member_id


@pytest.mark.parametrize(
    ("capability_of", "claimed", "verdict"),
    [
        (A, A, Trusted(A)),
        (A, B, Quarantine()),
        (A, None, Newcomer(A)),
        (INVITATION, None, Stranger()),
        (INVITATION, A, Stranger()),
        (None, A, Quarantine()),
        (None, None, Quarantine()),
    ],
)
def test_a_capability_speaks_for_whom_it_was_given_to(
    capability_of: MemberId | Invitation | None, claimed: MemberId | None, verdict: Verdict
) -> None:
    assert judge(capability_of, claimed) == verdict


MEMBERS = st.sampled_from([A, B, CAROL.member.member_id])


@given(st.one_of(MEMBERS, st.none(), st.just(INVITATION)), st.one_of(MEMBERS, st.none()))
def test_nobody_is_blamed_for_anothers_capability(
    capability_of: MemberId | Invitation | None, claimed: MemberId | None
) -> None:
    verdict = judge(capability_of, claimed)
    if isinstance(verdict, Trusted | Newcomer):
        assert verdict.member == capability_of


def test_a_header_must_name_the_sessions_two_ends() -> None:
    said = header(ALICE, BOB)
    ends = (ALICE.device.device_id, A, BOB.device.device_id, B)
    assert speaks_truly(said, *ends)
    for field, other in (
        ("author", CAROL.member.member_id),
        ("author_device", CAROL.device.device_id),
        ("recipient", CAROL.member.member_id),
        ("recipient_device", CAROL.device.device_id),
    ):
        changed: dict[str, Any] = {field: other}
        assert not speaks_truly(msgspec.structs.replace(said, **changed), *ends)
