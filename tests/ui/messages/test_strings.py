"""What a screen reader hears, and how days are named."""

from __future__ import annotations

from datetime import date

import pytest

from desktop.core.models import Cause, Kind, State
from desktop.ui.messages import strings
from tests.ui.messages.cast import ALICE, BOB, Scribe, at


def test_a_row_is_spoken_whole() -> None:
    says = Scribe().says
    name = "Hana Okafor"
    spoken = [
        strings.spoken(message, name)
        for message in [
            says(BOB, "Can you write?", at(19, 2)),
            says(ALICE, "Yes.", at(19, 5), state=State.DELIVERED),
            says(ALICE, "Yes.", at(19, 5), state=State.READ, read_ms=at(19, 6)),
            says(ALICE, "Yes.", at(19, 5), state=State.QUEUED),
            says(ALICE, "Yes.", at(19, 5), state=State.FAILED, cause=Cause.EXPIRED),
            says(BOB, "Old news", at(9, 0), late=True),
            says(BOB, "", at(9, 0), kind=Kind.MISSING, some=2),
            says(BOB, "", at(9, 0), kind=Kind.NOTICE, cause=Cause.FRESH_SESSION),
            says(BOB, "", at(9, 0), kind=Kind.NOTICE, cause=Cause.FRESH_SESSION, some=3),
        ]
    ]
    assert spoken == [
        "Hana Okafor, 19:02: Can you write?",
        "You, 19:05: Yes.; delivered",
        "You, 19:05: Yes.; read at 19:06",
        "You, 19:05: Yes.; waiting to be sent",
        "You, 19:05: Yes.; not delivered: it waited for too long",
        "Hana Okafor, 09:00: Old news; came late",
        "Hana Okafor, 09:00: 2 messages are missing. "
        "Asked for again. It appears here when it comes.",
        "Encryption was started anew",
        "Encryption was started anew (3 times)",
    ]


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("kind", [Kind.UNREADABLE, Kind.MISSING, Kind.NOTICE])
def test_there_is_a_sentence_for_every_cause(kind: Kind, cause: Cause) -> None:
    message = Scribe().says(BOB, "said", kind=kind, cause=cause)
    assert strings.content(message).strip(" .")
    assert strings.failed(cause).startswith("Not delivered")


@pytest.mark.parametrize(
    ("what", "named"),
    [
        (date(2026, 11, 20), "Today"),
        (date(2026, 11, 19), "Yesterday"),
        (date(2026, 11, 14), "Saturday"),
        (date(2026, 11, 13), "13 November"),
        (date(2026, 11, 21), "21 November"),
        (date(2025, 11, 20), "20 November 2025"),
    ],
)
def test_days_have_the_names_people_give_them(what: date, named: str) -> None:
    assert strings.day(what, date(2026, 11, 20)) == named
