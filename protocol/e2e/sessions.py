"""Which of several sessions with one device sends (glare, and sessions that replace others).

Every session has a generation, which each content on it names. A session started because there
is none yet has generation 0; one that shall replace what was before is one above the highest
known. The highest generation sends, among equals the lowest session id: both sides come to the
same choice as soon as they know the same sessions, in whatever order they learned of them. All
others still receive.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from protocol.ids import SessionId

MAX_GENERATION = 2**31 - 1


class KnownSession(Struct, frozen=True):
    """What the choice needs to know of a session."""

    session_id: SessionId
    generation: int = 0


def sending_session(sessions: Iterable[KnownSession]) -> SessionId | None:
    """The session to send on; None where there is none yet."""
    best = min(sessions, key=lambda one: (-one.generation, one.session_id), default=None)
    return None if best is None else best.session_id


def next_generation(sessions: Iterable[KnownSession]) -> int:
    """The generation of a session started now; one that finds others replaces them."""
    highest = max((one.generation for one in sessions), default=-1)
    return min(highest + 1, MAX_GENERATION)
