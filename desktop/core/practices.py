"""What a relay says of itself and of what it keeps, and how that differs from what it said before.

The words for what is kept are the specification's; a newer relay may know more of them.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Kept(Struct, frozen=True):
    """One kind of thing that a relay holds. ``sealed``: whoever runs it cannot read it;
    ``longest_s``: how long at most, None without an end of its own."""

    what: str
    on_disk: bool
    sealed: bool
    longest_s: int | None


class Told(Struct, frozen=True):
    """A relay in its operator's words, and what it keeps. ``open``: everybody may come."""

    name: str
    about: str
    open: bool
    kept: tuple[Kept, ...]


class Change(Enum):
    """How something is told differently now."""

    NEW = "new"
    GONE = "gone"
    LONGER = "longer"
    SHORTER = "shorter"
    READABLE = "readable"  # whoever runs the relay can read it now
    SEALED = "sealed"
    DISK = "disk"  # it was in memory only
    MEMORY = "memory"
    OTHER = "other"  # other words, or other people are let in


class Changed(Struct, frozen=True):
    """``what`` is a word for what is kept, or ``name``, ``about``, ``open``."""

    what: str
    how: Change


class Practices(Struct, frozen=True):
    """What one of my relays says. ``signed``: asked last, it said this under its signature; if it
    said nothing or did not sign it, ``now`` is what it said before, if anything."""

    signed: bool
    now: Told | None
    joined_ms: int | None  # when that was heard which the changes are against
    found_ms: int | None
    changed: tuple[Changed, ...] = ()


def compare(before: Told, now: Told) -> tuple[Changed, ...]:
    """What changed, in the order in which it is told now; what is gone at the end."""
    found = [
        Changed(field, Change.OTHER)
        for field in ("name", "about", "open")
        if getattr(before, field) != getattr(now, field)
    ]
    old = {one.what: one for one in before.kept}
    for one in now.kept:
        earlier = old.pop(one.what, None)
        if earlier is None:
            found.append(Changed(one.what, Change.NEW))
        else:
            found += [Changed(one.what, how) for how in _differences(earlier, one)]
    return (*found, *(Changed(what, Change.GONE) for what in old))


def _differences(before: Kept, now: Kept) -> list[Change]:
    found: list[Change] = []
    if before.sealed != now.sealed:
        found.append(Change.SEALED if now.sealed else Change.READABLE)
    if before.on_disk != now.on_disk:
        found.append(Change.DISK if now.on_disk else Change.MEMORY)
    if before.longest_s != now.longest_s:
        found.append(Change.LONGER if _span(now) > _span(before) else Change.SHORTER)
    return found


def _span(kept: Kept) -> float:
    return float("inf") if kept.longest_s is None else kept.longest_s
