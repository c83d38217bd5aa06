"""Groups, days and what stands between rows."""

from __future__ import annotations

from datetime import date

from desktop.core.models import Kind, Message
from desktop.ui.messages.shape import GROUP_MS, Marks, Shape, shape
from tests.ui.messages.cast import ALICE, BOB, Scribe, at


def shapes(messages: list[Message], marks: Marks | None = None) -> list[Shape]:
    beside = [None, *messages, None]
    return [
        shape(before, message, after, marks or Marks())
        for before, message, after in zip(beside, messages, beside[2:], strict=False)
    ]


def test_a_group_is_one_persons_words_in_one_go() -> None:
    says = Scribe().says
    rows = [
        says(BOB, sent_ms=at(12, 0)),
        says(BOB, sent_ms=at(12, 0) + GROUP_MS),
        says(BOB, sent_ms=at(12, 1) + 2 * GROUP_MS),
        says(ALICE, sent_ms=at(13, 0)),
        says(BOB, sent_ms=at(13, 1), kind=Kind.NOTICE),
        says(BOB, sent_ms=at(13, 2), kind=Kind.MISSING),
        says(BOB, sent_ms=at(13, 3)),
    ]
    ends = [(one.first, one.last) for one in shapes(rows)]
    assert ends == [
        (True, False),
        (False, True),
        (True, True),
        (True, True),
        (True, True),
        (True, False),
        (False, True),
    ]


def test_a_day_is_named_above_its_first_message() -> None:
    says = Scribe().says
    rows = [says(BOB, sent_ms=at(23, 59, days_ago=1)), says(BOB, sent_ms=at(0, 1))]
    rows += [says(BOB, sent_ms=at(0, 2))]
    made = shapes(rows)
    assert [one.day for one in made] == [date(2026, 11, 19), date(2026, 11, 20), None]
    assert [one.last for one in made] == [True, False, True]


def test_a_late_one_brings_no_day_and_its_follower_does() -> None:
    says = Scribe().says
    rows = [
        says(BOB, sent_ms=at(12, 0)),
        says(BOB, sent_ms=at(12, 0, days_ago=3), late=True),
        says(BOB, sent_ms=at(12, 1)),
    ]
    assert [one.day for one in shapes(rows)] == [date(2026, 11, 20), None, date(2026, 11, 20)]


def test_the_line_of_unread_ones_and_the_read_mark_end_a_group() -> None:
    says = Scribe().says
    rows = [says(ALICE), says(ALICE), says(BOB), says(BOB)]
    marks = Marks(unread_from=rows[3].message_id, unread=1, read=rows[0].message_id)
    made = shapes(rows, marks)
    assert [one.read for one in made] == [True, False, False, False]
    assert [one.unread for one in made] == [0, 0, 0, 1]
    assert [one.first for one in made] == [True, True, True, True]


def test_a_clock_beyond_all_calendars_still_has_a_day() -> None:
    says = Scribe().says
    made = shapes([says(BOB, sent_ms=0), says(BOB, sent_ms=2**53 - 1)])
    assert [one.day is not None for one in made] == [True, True]
