"""What stands in a slot: a sealed word that its author is there, of one length, and for how long.

    blob     lock(derive("aside/1 presence", key, watch token), plain, nothing): 64 bytes
    plain    made_ms 8 ‖ state 1 ‖ lasts_s 2 ‖ zeros 13

The key came inside the encryption with the slot (:class:`~protocol.e2e.contents.Fleeting`). A
relay can withhold a blob or repeat it: who reads takes none that was made before one it has read.
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from protocol.errors import BadPadding, Damaged, Unopenable
from protocol.keys import Domain, Rng, Secret, derive, lock, unlock
from protocol.wire.frames import BLOB_BYTES, LONGEST_SLOT_S

_PLAIN = BLOB_BYTES - 24 - 16
_USED = 11


class Here(IntEnum):
    """How somebody is there."""

    ONLINE = 1
    OTHER = 0  # a state of a newer version

    @classmethod
    def _missing_(cls, value: object) -> Here:
        return cls.OTHER


class Seen(Struct, frozen=True):
    """What a slot said: ``made_ms`` by its author's clock orders it."""

    made_ms: int
    state: Here
    lasts_s: int


def seal_presence(key: bytes, watch: bytes, seen: Seen, rng: Rng) -> bytes:
    """The slot's bytes."""
    head = seen.made_ms.to_bytes(8, "big") + bytes([seen.state]) + seen.lasts_s.to_bytes(2, "big")
    return lock(_key(key, watch), head.ljust(_PLAIN, b"\0"), b"", rng)


def open_presence(key: bytes, watch: bytes, blob: bytes) -> Seen:
    """What its author put there. Raises Damaged, BadPadding."""
    if len(blob) != BLOB_BYTES:
        raise Damaged
    try:
        plain = unlock(_key(key, watch), blob, b"")
    except Unopenable as exc:
        raise Damaged from exc
    lasts_s = int.from_bytes(plain[9:_USED], "big")
    if plain[_USED:].strip(b"\0") or lasts_s > LONGEST_SLOT_S:
        raise BadPadding
    return Seen(int.from_bytes(plain[:8], "big"), Here(plain[8]), lasts_s)


def _key(told: bytes, watch: bytes) -> Secret:
    return derive(Domain.PRESENCE, told, watch)
