"""How structures inside the encryption become bytes and come back: MessagePack, bounded by type.

Signatures and hashes cover the bytes that were sent, so whatever is signed travels as ``bytes``
beside its signature and is decoded from there, never encoded again.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from protocol.errors import LocalProtocolError, RemoteProtocolError
from protocol.keys import Secret

T = TypeVar("T")

UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, ValueError)


def _plainly(value: object) -> bytes:
    if isinstance(value, Secret):
        return bytes(value)
    raise LocalProtocolError(f"a {type(value).__name__} in a content")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plainly)


def pack(value: object) -> bytes:
    """The bytes of one structure."""
    return _encoder.encode(value)


def unpack(data: bytes, kind: type[T]) -> T:
    """A structure of this kind. Raises RemoteProtocolError."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except UNREADABLE as exc:
        raise RemoteProtocolError(f"unreadable {kind.__name__}") from exc
