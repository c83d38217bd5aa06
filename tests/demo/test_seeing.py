"""Two who have the same entries in one order agree; whatever else they have is told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from desktop.core.rooms import Entry, EntryKind, Role
from desktop.demo.crowd.seeing import Audit, Live
from protocol.ids import EntryId, SeatId

SEAT = SeatId(bytes(32))


def entry(place: int, **more: object) -> Entry:
    plain = Entry(
        place=place,
        entry_id=EntryId(place.to_bytes(16, "big")),
        seat_id=SEAT,
        name="quiet-fern",
        role=Role.MEMBER,
        text=f"thought {place}",
        sent_ms=1_000,
    )
    return replace(plain, **more)


FIVE = [entry(place) for place in range(1, 6)]


def audited(*entries: Entry, after: int = 0) -> Audit:
    audit = Audit(after)
    audit.take(entries)
    return audit


def test_pages_do_not_matter_to_the_order() -> None:
    paged = Audit(0)
    for one in FIVE:
        paged.take([one])
    assert paged.order == audited(*FIVE).order
    assert (paged.others, paged.doubled, paged.missing) == (5, 0, 0)


@pytest.mark.parametrize(
    "other",
    [
        FIVE[:4],
        [*FIVE[:3], entry(4, entry_id=FIVE[4].entry_id), entry(5, entry_id=FIVE[3].entry_id)],
        [*FIVE[:4], entry(5, text="something else")],
        [*FIVE[:4], entry(6, entry_id=FIVE[4].entry_id)],
    ],
)
def test_another_order_is_another_digest(other: Sequence[Entry]) -> None:
    assert audited(*other).order != audited(*FIVE).order


def test_what_is_there_twice_or_missing_is_counted() -> None:
    audit = audited(
        *FIVE, entry(6, entry_id=FIVE[0].entry_id), entry(7, kind=EntryKind.GAP, count=3)
    )
    assert (audit.doubled, audit.missing) == (1, 3)
    assert audited(*FIVE, FIVE[4]).doubled == 1


def test_an_order_has_a_place_and_is_nobody_s_words() -> None:
    audit = audited(FIVE[0], entry(2, kind=EntryKind.ORDER), replace(FIVE[2], mine=True))
    assert (audit.mine, audit.others, audit.place) == (1, 1, 3)


def test_what_was_shown_elsewhere_has_moved() -> None:
    live = Live()
    live.came(FIVE, 1_250, timed=True)
    assert live.latencies_ms == [250] * 5
    assert audited(*FIVE).moved(live) == 0
    later = [*FIVE[:2], entry(9, entry_id=FIVE[2].entry_id), *FIVE[3:]]
    assert audited(*later).moved(live) == 1
    live.came([FIVE[1]], 1_250, timed=False)
    assert audited(*FIVE).moved(live) == 1, "shown twice"


def test_what_was_before_somebody_came_is_not_theirs_to_compare() -> None:
    live = Live()
    live.begin(FIVE[:2])
    assert live.place == 2
    assert audited(*FIVE[2:], after=2).order == audited(*FIVE[2:], after=2).order
