"""A slot's two secrets: who has the one to write can make the one to watch, and not the reverse.

    watch    derive("aside/1 slot watch", write)
    name     digest("aside/1 slot", watch), 16 bytes: what a relay knows the slot by

So a slot needs nobody's leave to exist, and nobody can write where they may only look.
"""

from __future__ import annotations

from typing import NewType

from protocol.keys import Domain, Secret, derive, digest

SlotName = NewType("SlotName", bytes)

_NAME = 16


def watch_of(write: bytes) -> Secret:
    """What lets somebody watch the slot that this writes to."""
    return derive(Domain.SLOT_WATCH, write)


def name_of(watch: bytes) -> SlotName:
    """What the relay calls it."""
    return SlotName(digest(Domain.SLOT, watch, size=_NAME))
