"""What the operator reads of numbers: none, one and two are told as one tells them."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import cast

import pytest

from relay.commands import strings as commands
from relay.commands.worded import lasting, sized, with_sizes, worded
from relay.doctor import strings as doctor
from relay.front import strings as front

COUNTS = (
    "envelopes",
    "mailboxes",
    "packets",
    "answers",
    "blobs",
    "rooms",
    "ended_rooms",
    "room_seats",
    "room_items",
    "passes",
    "codes",
    "capabilities",
    "bundles",
)
BYTES = ("envelope_bytes", "packet_bytes", "blob_bytes", "room_bytes")
SAID = {
    0: """\
running at HERE
0 envelopes wait (0 bytes) in 0 mailboxes
0 packets wait (0 bytes) for other relays, 0 answers for their senders
0 attachments have 0 bytes set aside
0 rooms (0 ended) with 0 seats and 0 entries (0 bytes)
0 passes, 0 codes, 0 capabilities, 0 bundles""",
    1: """\
running at HERE
1 envelope waits (1 byte) in 1 mailbox
1 packet waits (1 byte) for other relays, 1 answer for its sender
1 attachment has 1 byte set aside
1 room (1 ended) with 1 seat and 1 entry (1 byte)
1 pass, 1 code, 1 capability, 1 bundle""",
    2: """\
running at HERE
2 envelopes wait (2 bytes) in 2 mailboxes
2 packets wait (2 bytes) for other relays, 2 answers for their senders
2 attachments have 2 bytes set aside
2 rooms (2 ended) with 2 seats and 2 entries (2 bytes)
2 passes, 2 codes, 2 capabilities, 2 bundles""",
}
# Of each the one, and the many.
WORDS = {
    "mailbox": "mailboxes",
    "envelope": "envelopes",
    "packet": "packets",
    "answer": "answers",
    "attachment": "attachments",
    "pass": "passes",
    "code": "codes",
    "capability": "capabilities",
    "bundle": "bundles",
    "connection": "connections",
    "minute": "minutes",
    "hour": "hours",
    "day": "days",
    "file": "files",
    "byte": "bytes",
    "forward": "forwards",
    "room": "rooms",
    "chunk": "chunks",
}
NO_NUMBERS = {"host": "here", "port": "there"}


@pytest.mark.parametrize("number", SAID)
def test_status_counts_none_one_and_two(number: int) -> None:
    facts = with_sizes(dict.fromkeys(COUNTS + BYTES, number))
    assert worded(commands.STATUS, running="running", address="HERE", **facts) == SAID[number]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a minute"),
        (60, "1 minute"),
        (3600, "60 minutes"),
        (7200, "2 hours"),
        (86_400, "24 hours"),
        (172_800, "2 days"),
    ],
)
def test_a_time_is_told_in_a_fitting_unit(seconds: int, said: str) -> None:
    assert lasting(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 bytes"), (1, "1 byte"), (2, "2 bytes"), (1536, "1.5 KiB")]
)
def test_bytes_are_told_in_a_fitting_unit(count: int, said: str) -> None:
    assert sized(count) == said


def templates(*modules: ModuleType) -> Iterator[str]:
    """Every sentence with a place for something in it."""
    for module in modules:
        for value in vars(module).values():
            texts = cast("Mapping[str, object]", value) if isinstance(value, dict) else {"": value}
            yield from (one for one in texts.values() if isinstance(one, str) and "{" in one)


@pytest.mark.parametrize(
    "template", [text for text in templates(commands, doctor) if "size:>" not in text]
)
def test_no_sentence_puts_many_behind_one(template: str) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    for number, wrong in ((0, WORDS.keys()), (1, WORDS.values()), (2, WORDS.keys())):
        said = worded(template, **{**dict.fromkeys(names, number), **NO_NUMBERS})
        assert not re.search(rf"\b{number} (?:more )?(?:{'|'.join(wrong)})\b", said), said


def test_the_page_counts_minutes_and_days() -> None:
    assert [front.PAGE_A_MINUTE, front.PAGE_A_DAY] == ["a minute", "a day"]
