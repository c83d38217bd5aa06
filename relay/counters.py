"""What happened since the start, in plain numbers for whoever watches the machine.

Nothing here tells one person from another: what is counted are kinds of things, from lists that
the code closes. Counting is an addition and never waits.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from protocol.wire.codec import Heard
from protocol.wire.frames import Frame, Reason, Reply


class Turned(StrEnum):
    """Why a line was not taken."""

    FULL = "full"
    PLACE = "one_address"
    STOPPING = "stopping"


class Greeting(StrEnum):
    """How the first words of a line ended."""

    DONE = "done"
    PAGE = "page"
    LEFT = "left"
    SILENT = "silent"
    JUNK = "junk"
    VERSION = "version"
    TLS = "tls"


class Pattern(StrEnum):
    """What many of may mean that somebody tries something."""

    JUNK_BEFORE_HANDSHAKE = "junk_before_handshake"
    JUNK_AFTER_HANDSHAKE = "junk_after_handshake"
    FAILED_ATTEMPT = "failed_attempt"
    TOO_MANY_FAILED_ATTEMPTS = "too_many_failed_attempts"
    MANY_FROM_ONE_ADDRESS = "many_from_one_address"
    MANY_NEWCOMERS_OF_ONE_ADDRESS = "many_newcomers_of_one_address"
    SLOW_READER = "slow_reader"
    UNFINISHED_MESSAGES = "unfinished_messages"


class Counters:
    """One relay's."""

    def __init__(self) -> None:
        self.turned_away: Counter[Turned] = Counter()
        self.greetings: Counter[Greeting] = Counter()
        self.suspicious: Counter[Pattern] = Counter()
        self.requests: Counter[type[Heard]] = Counter()
        self.replies: Counter[type[Reply]] = Counter()
        self.refused: Counter[Reason] = Counter()
        self.received_bytes = 0
        self.bugs = 0


def tag_of(heard: type[Heard]) -> str:
    """A frame's name in the specification."""
    return str(heard.__struct_config__.tag) if issubclass(heard, Frame) else "unknown"
