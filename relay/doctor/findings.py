"""One thing that was looked at. The sentence, with what to do, stands in ``strings``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Grade(StrEnum):
    """How it is. What cannot be told from here is said to be unknown, never to be well."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class Finding(Struct, frozen=True):
    """``subject`` is what was looked at, ``kind`` which of its outcomes it had."""

    subject: str
    grade: Grade
    kind: str
    facts: Mapping[str, object] = {}
