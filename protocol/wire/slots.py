"""A slot's two secrets: who has the one to write can make the one to watch, and not the reverse.

    watch    derive("aside/1 slot watch", write)
    name     digest("aside/1 slot", watch), 16 bytes: what a relay knows the slot by

So a slot needs nobody's leave to exist, and nobody can write where they may only look.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NewType

from protocol.keys import Domain, Secret, joined

SlotName = NewType("SlotName", bytes)

_NAME = 16
# What ``derive`` and ``digest`` would hash first, ready: a relay does this for each update.
_WATCH_HEAD = joined(Domain.SLOT_WATCH.value)
_NAME_HEAD = joined(Domain.SLOT.value)


def watch_of(write: bytes) -> Secret:
    """What lets somebody watch the slot that this writes to."""
    return Secret(blake2b(_WATCH_HEAD, key=write, digest_size=32).digest())


def name_of(watch: bytes) -> SlotName:
    """What the relay calls it."""
    said = _NAME_HEAD + len(watch).to_bytes(4, "big") + watch
    return SlotName(blake2b(said, digest_size=_NAME).digest())
