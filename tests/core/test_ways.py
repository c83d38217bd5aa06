"""Which way an envelope goes: never where somebody else would see this computer for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.core import ways
from desktop.core.nearness import Nearness
from desktop.core.ways import Direct, OwnRelay, Through, Wait, choose
from protocol.ids import Fingerprint

NAMES = st.sampled_from([Fingerprint(bytes([n]) * 32) for n in range(4)])
OWN = st.lists(
    st.builds(
        OwnRelay,
        relay_id=NAMES,
        nearness=st.sampled_from(Nearness),
        online=st.booleans(),
        hopeful=st.booleans(),
        rests=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda one: one.relay_id,
)
FIRST, SECOND, THEIRS = (Fingerprint(bytes([n]) * 32) for n in (7, 8, 9))


def own(relay_id: Fingerprint, *, online: bool = True, hopeful: bool = False) -> OwnRelay:
    return OwnRelay(relay_id, Nearness.FAR, online=online, hopeful=hopeful, rests=False)


@given(OWN, NAMES, st.sampled_from(Nearness), st.none() | NAMES)
def test_whatever_there_is(
    mine: list[OwnRelay], to: Fingerprint, near: Nearness, avoid: Fingerprint | None
) -> None:
    way = choose(mine, to, near, avoid)
    known = {one.relay_id: one for one in mine}
    match way:
        case Through(relay_id):
            taken = known[relay_id]
            assert relay_id != to, "no relay is a way to itself"
            assert taken.online and not taken.rests
            assert taken.nearness >= near, "nobody far is sent into a home"
            if relay_id == avoid:
                others = [one for one in mine if one.relay_id not in (to, avoid)]
                assert not any(
                    one.online and not one.rests and one.nearness >= near for one in others
                )
        case Direct():
            assert not mine or to in known or near > Nearness.FAR, "an address is shown for nothing"
        case Wait():
            assert mine


@given(OWN, NAMES, st.sampled_from(Nearness))
def test_a_way_stays_the_choice_while_it_is_there(
    mine: list[OwnRelay], to: Fingerprint, near: Nearness
) -> None:
    way = choose(mine, to, near)
    if isinstance(way, Through):
        at = next(n for n, one in enumerate(mine) if one.relay_id == way.relay_id)
        assert choose(mine[: at + 1], to, near) == way, "what comes behind it changes nothing"


def test_the_table() -> None:
    assert choose([own(FIRST), own(SECOND)], THEIRS, Nearness.FAR) == Through(FIRST)
    assert choose([own(FIRST), own(SECOND)], FIRST, Nearness.FAR) == Through(SECOND)
    assert choose([own(FIRST), own(SECOND)], THEIRS, Nearness.FAR, FIRST) == Through(SECOND)
    assert choose([own(FIRST)], THEIRS, Nearness.FAR, FIRST) == Through(FIRST)
    assert choose([own(FIRST, online=False)], THEIRS, Nearness.FAR) == Wait()
    assert choose([own(FIRST)], FIRST, Nearness.FAR) == Direct()
    coming = own(SECOND, online=False, hopeful=True)
    assert choose([own(FIRST), coming], FIRST, Nearness.FAR) == Wait(), "a moment, for privacy"
    gone = own(SECOND, online=False)
    assert choose([own(FIRST), gone], FIRST, Nearness.FAR) == Direct(), "but not for ever"
    assert choose([own(FIRST)], THEIRS, Nearness.HOME) == Direct(), "in one's own network"
    assert choose([], THEIRS, Nearness.FAR) == Direct()


def test_mutant_that_goes_straight_when_nothing_else_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ways, "Wait", Direct)
    with pytest.raises(AssertionError):
        test_whatever_there_is()
