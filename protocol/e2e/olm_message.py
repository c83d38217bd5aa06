"""What an Olm message shows of itself without a key: whose it claims to be, and its place.

A message is a version byte and protobuf fields, a normal one with eight bytes of its MAC behind
(https://gitlab.matrix.org/matrix-org/olm/-/blob/master/docs/olm.md, message format). Nothing here
is proven before a session has opened it. What does not read is None, never an error.
"""

from __future__ import annotations

from collections.abc import Generator

from msgspec import Struct

from protocol.ids import KEY_BYTES

PRE_KEY = 0
NORMAL = 1
_VERSION = b"\x03"
_IDENTITY, _INSIDE = 3, 4  # fields of a pre-key message
_CHAIN_KEY, _INDEX = 1, 2  # fields of a normal one, also of that inside
_NUMBER, _BYTES = 0, 2  # kinds of fields
_MAC_BYTES = 8
_LONGEST_NUMBER = 10  # bytes
_LAST_INDEX = 2**31 - 1


class OlmBytes(Struct, frozen=True):
    """One Olm message: ``kind`` is 0 for a pre-key message, 1 for a normal one."""

    kind: int
    body: bytes


class Place(Struct, frozen=True):
    """Where a message stands: the ratchet key of its chain, 32 bytes, and its number there."""

    chain_key: bytes
    index: int


def claimed_identity(olm: OlmBytes) -> bytes | None:
    """The Olm identity key that a pre-key message claims, 32 bytes; None where there is none."""
    if olm.kind != PRE_KEY:
        return None
    found = dict(_fields(olm.body)).get(_IDENTITY)
    return found if isinstance(found, bytes) and len(found) == KEY_BYTES else None


def claimed_place(olm: OlmBytes) -> Place | None:
    """Where a message says that it stands; None where it says nothing."""
    body = olm.body
    if olm.kind == PRE_KEY:
        inside = dict(_fields(body)).get(_INSIDE)
        if not isinstance(inside, bytes):
            return None
        body = inside
    found = dict(_fields(body[:-_MAC_BYTES]))
    key, index = found.get(_CHAIN_KEY), found.get(_INDEX)
    if not isinstance(key, bytes) or len(key) != KEY_BYTES:
        return None
    if not isinstance(index, int) or index > _LAST_INDEX:
        return None
    return Place(key, index)


def _fields(body: bytes) -> Generator[tuple[int, int | bytes]]:
    """Number and value of each field, as far as they read."""
    if body[:1] != _VERSION:
        return
    at = 1
    while at < len(body):
        tag, at = _number(body, at)
        value, at = _number(body, at)
        if tag is None or value is None:
            return
        if tag & 7 == _NUMBER:
            yield tag >> 3, value
        elif tag & 7 == _BYTES and at + value <= len(body):
            yield tag >> 3, body[at : at + value]
            at += value
        else:
            return


def _number(body: bytes, at: int) -> tuple[int | None, int]:
    """A protobuf varint, and what is behind it."""
    value = 0
    for place, byte in enumerate(body[at : at + _LONGEST_NUMBER]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    return None, at
