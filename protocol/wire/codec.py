"""Frames to bytes and back; the only module that knows the encoding.

A WebSocket message is a MessagePack list of frames, each a map whose key ``t`` names it, so that
a burst shares one message. What this side cannot say is a bug here; what it cannot read is the
peer's fault. A frame of an unknown name is a value, not an error: the relay refuses it by name.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from protocol.errors import LocalProtocolError, RemoteProtocolError
from protocol.ids import CallId
from protocol.keys import Secret
from protocol.wire.frames import FRAMES, Frame, Side

MAX_BEFORE_HANDSHAKE = 4 * 1024
MAX_MESSAGE = 1024 * 1024
MAX_FRAMES = 256


class UnknownFrame(Struct, frozen=True):
    """A frame of a name this version does not know; ``call`` if it was a request."""

    name: str
    call: CallId | None


Heard: TypeAlias = Frame | UnknownFrame


class _Head(msgspec.Struct):
    t: str
    call: int | None = None


def _plainly(value: object) -> bytes:
    if isinstance(value, Secret):
        return bytes(value)
    raise LocalProtocolError(f"a {type(value).__name__} in a frame")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plainly)


def _decoder(side: Side) -> msgspec.msgpack.Decoder[list[Heard]]:
    said: list[Any] = [cls for cls in FRAMES.values() if cls.said_by is side]
    return msgspec.msgpack.Decoder(list[functools.reduce(operator.or_, said)])  # type: ignore[misc]


_of_desktops, _of_relays = _decoder(Side.DESKTOP), _decoder(Side.RELAY)
_raws = msgspec.msgpack.Decoder(list[msgspec.Raw])
_heads = msgspec.msgpack.Decoder(_Head)
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, ValueError)


def dump(frames: Iterable[Frame]) -> bytes:
    """The bytes of one message. Raises LocalProtocolError where it would be too large."""
    batch = list(frames)
    data = _encoder.encode(batch)
    if len(data) > MAX_MESSAGE or len(batch) > MAX_FRAMES:
        raise LocalProtocolError(f"a message of {len(batch)} frames and {len(data)} bytes")
    return data


def load(data: bytes, said_by: Side, limit: int = MAX_MESSAGE) -> list[Heard]:
    """The frames in ``data``, which ``said_by`` said. Raises RemoteProtocolError."""
    if len(data) > limit:
        raise RemoteProtocolError("oversized message")
    if _announced(data) > MAX_FRAMES:
        # Before anything is made of them: a million of nothing would take a hundred megabytes.
        raise RemoteProtocolError("too many frames in one message")
    try:
        return (_of_desktops if said_by is Side.DESKTOP else _of_relays).decode(data)
    except _UNREADABLE:
        return _load_each(data, said_by)


def _announced(data: bytes) -> int:
    """How many items the MessagePack list begins with saying; 0 where it is no list."""
    first = data[0] if data else 0
    if first == 0xDC:
        return int.from_bytes(data[1:3], "big")
    if first == 0xDD:
        return int.from_bytes(data[1:5], "big")
    return first & 0x0F if 0x90 <= first <= 0x9F else 0


def _load_each(data: bytes, said_by: Side) -> list[Heard]:
    """The slow way, for a message with a frame that this version does not know."""
    try:
        return [_load_one(raw, said_by) for raw in _raws.decode(data)]
    except _UNREADABLE as exc:
        raise RemoteProtocolError("unreadable message") from exc


def _load_one(raw: msgspec.Raw, said_by: Side) -> Heard:
    head = _heads.decode(raw)
    known = FRAMES.get(head.t)
    if known is None:
        call = None if head.call is None or not 0 <= head.call < 2**53 else CallId(head.call)
        return UnknownFrame(head.t[:64], call)
    if known.said_by is not said_by:
        raise RemoteProtocolError("a frame from the wrong side")
    return msgspec.msgpack.decode(raw, type=known)
