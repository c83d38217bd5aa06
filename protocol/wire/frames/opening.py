"""The first and the last words of a connection."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from protocol.ids import AKey, ANonce, ASignature, ATime
from protocol.wire.frames.declared import ACount, Frame, Notice, Reason, Side


class Hello(Frame, frozen=True, tag="hello"):
    """A desktop's first frame."""

    said_by: ClassVar[Side] = Side.DESKTOP
    versions: Annotated[tuple[int, ...], Meta(min_length=1, max_length=16)]
    nonce: ANonce


class Welcome(Frame, frozen=True, tag="welcome"):
    """A relay's first frame: ``statement`` is an encoded Statement, signed as it was sent."""

    statement: Annotated[bytes, Meta(max_length=1024)]
    signature: ASignature


class Statement(Struct, frozen=True, kw_only=True):
    """What a relay signs in the handshake, beside the bytes of the Hello it answers."""

    version: Annotated[int, Meta(ge=1)]
    relay: AKey
    nonce: ANonce
    certificate: Annotated[bytes, Meta(max_length=32)]  # SHA-256 of the served one; empty on ws
    clock_ms: ATime


class Farewell(Notice, frozen=True, tag="farewell"):
    """The relay ends this connection; come back after ``retry_ms``."""

    reason: Reason
    retry_ms: ACount
