"""Counters and the hash chain: how a device notices, trusting no relay, what never came.

Within one conversation every device numbers its contents 1, 2, 3, … and each names the hash of
the one before. What all recipients share is hashed; recipient, session and what was seen differ
from copy to copy and stay out. The hash is taken over the bytes that were sent.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from protocol.e2e.packing import UNREADABLE, pack, unpack
from protocol.errors import LocalProtocolError, RemoteProtocolError
from protocol.keys import Domain, digest

SHARED = (
    "message_id",
    "conversation",
    "author",
    "author_device",
    "counter",
    "previous",
    "sent_ms",
)
"""The header's part of the hash, in this order."""

MAX_JUMP = 1_000_000
MAX_HOLES = 64

_maps = msgspec.msgpack.Decoder(dict[str, Raw])


def content_hash(encoded: bytes) -> bytes:
    """What the next content names as ``previous``. Raises RemoteProtocolError.

    The parts: the encoded values of the SHARED header keys, then, sorted by key, the key and
    the encoded value of all else beside the header.
    """
    try:
        content = _maps.decode(encoded)
        header = _maps.decode(content.pop("header"))
        parts = [bytes(header[key]) for key in SHARED]
    except (*UNREADABLE, KeyError) as exc:
        raise RemoteProtocolError("a content without a whole header") from exc
    for key in sorted(content):
        parts += [key.encode(), bytes(content[key])]
    return digest(Domain.CHAIN, *parts)


ACount = Annotated[int, Meta(ge=0, lt=2**32)]


class Hole(Struct, frozen=True, array_like=True):
    """Counters that have not come, and the hashes that must stand at both ends."""

    first: ACount
    last: ACount
    before: bytes  # the hash of number first - 1
    after: bytes  # what number last + 1 names as its previous


class Seen(Struct, frozen=True, array_like=True):
    """How far one device's chain in one conversation has come, seen from here."""

    highest: ACount = 0
    head: bytes = b""
    missing: tuple[Hole, ...] = ()


class InOrder(Struct, frozen=True):
    """The next one."""


class Ahead(Struct, frozen=True):
    """A later one; these before it have not come."""

    first_missing: int
    last_missing: int


class Late(Struct, frozen=True):
    """One that was missing."""


class Repeated(Struct, frozen=True):
    """One whose number came before."""


class Forked(Struct, frozen=True):
    """It does not fit its neighbours, or claims a number beyond belief. Nothing advances."""


Step: TypeAlias = InOrder | Ahead | Late | Repeated | Forked


def advance(seen: Seen, counter: int, previous: bytes, own_hash: bytes) -> tuple[Seen, Step]:
    """Take in the content of this number, from 1 on."""
    if counter < 1:
        raise LocalProtocolError("a content that is not part of the chain")
    if counter > seen.highest:
        return _further(seen, counter, previous, own_hash)
    if counter == seen.highest and own_hash != seen.head:
        return seen, Forked()
    for index, hole in enumerate(seen.missing):
        if hole.first <= counter <= hole.last:
            return _fill(seen, index, counter, previous, own_hash)
    return seen, Repeated()


def dump_seen(seen: Seen) -> bytes:
    """A position as bytes, for the vault."""
    return pack(seen)


def load_seen(data: bytes) -> Seen:
    """The reverse of :func:`dump_seen`. Raises RemoteProtocolError."""
    return unpack(data, Seen)


def _further(seen: Seen, counter: int, previous: bytes, own_hash: bytes) -> tuple[Seen, Step]:
    first = seen.highest + 1
    if counter == first:
        if previous != seen.head:
            return seen, Forked()
        return Seen(counter, own_hash, seen.missing), InOrder()
    if counter - seen.highest > MAX_JUMP or len(previous) != len(own_hash):
        return seen, Forked()
    hole = Hole(first, counter - 1, seen.head, previous)
    return Seen(counter, own_hash, _bounded((*seen.missing, hole))), Ahead(first, counter - 1)


def _fill(
    seen: Seen, index: int, counter: int, previous: bytes, own_hash: bytes
) -> tuple[Seen, Step]:
    hole = seen.missing[index]
    if counter == hole.first and previous != hole.before:
        return seen, Forked()
    if counter == hole.last and own_hash != hole.after:
        return seen, Forked()
    parts: list[Hole] = []
    if counter > hole.first:
        parts.append(Hole(hole.first, counter - 1, hole.before, previous))
    if counter < hole.last:
        parts.append(Hole(counter + 1, hole.last, own_hash, hole.after))
    missing = (*seen.missing[:index], *parts, *seen.missing[index + 1 :])
    return Seen(seen.highest, seen.head, _bounded(missing)), Late()


def _bounded(missing: tuple[Hole, ...]) -> tuple[Hole, ...]:
    """At most MAX_HOLES: the two oldest become one, and what lay between is asked for again."""
    while len(missing) > MAX_HOLES:
        low, high = missing[:2]
        missing = (Hole(low.first, high.last, low.before, high.after), *missing[2:])
    return missing
