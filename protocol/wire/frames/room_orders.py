"""Orders and epochs: what host and moderators have a relay enforce without its reading anything."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from protocol.ids import ARoomId, ASeatId, ASignature
from protocol.wire.frames.declared import Done, Notice, Reply, Request
from protocol.wire.frames.room_entries import AnItem, Said

MAX_ANNOUNCEMENT = 768
WRAP_BYTES = 72
MAX_WRAPS = 4096

AWrap = Annotated[bytes, Meta(min_length=WRAP_BYTES, max_length=WRAP_BYTES)]
AWrapOrNone = Annotated[bytes, Meta(max_length=WRAP_BYTES)]


class SignedEpoch(Struct, frozen=True, kw_only=True):
    """An encoded EpochBody and a signature over exactly these bytes: the room key's, or that of a
    seat whose grant it holds."""

    body: Annotated[bytes, Meta(max_length=MAX_ANNOUNCEMENT)]
    signature: ASignature


class SeatWrap(Struct, frozen=True, array_like=True):
    """An epoch's key, locked for one seat."""

    seat: ASeatId
    wrap: AWrap


class GiveOrder(Request[Said], frozen=True, tag="give_order"):
    """An order for a room. Its signature is all the leave it needs, from whatever connection.

    It is in force, and numbered on the stage, once it is answered. Safe to repeat: one of each id.
    """

    room: ARoomId
    item: AnItem


class SetEpoch(Request[Done], frozen=True, tag="set_epoch", omit_defaults=True):
    """A new epoch and its wraps, or further wraps of the one that is in force.

    ``more``: others follow; the epoch begins with the request that does not say so. Safe to
    repeat: of each seat the last wrap counts.
    """

    room: ARoomId
    epoch: SignedEpoch
    wraps: Annotated[tuple[SeatWrap, ...], Meta(max_length=MAX_WRAPS)] = ()
    more: bool = False


class EpochBegins(Notice, frozen=True, tag="epoch_begins", omit_defaults=True):
    """An epoch is in force, or this seat's own wrap has come; nobody is sent another's."""

    epoch: SignedEpoch
    wrap: AWrapOrNone = b""


class WrapShown(Reply, frozen=True, tag="wrap_shown", omit_defaults=True):
    """The epoch in force, and this seat's wrap if there is one. Without ``epoch`` it is still the
    policy's."""

    epoch: SignedEpoch | None = None
    wrap: AWrapOrNone = b""


class ShowWrap(Request[WrapShown], frozen=True, tag="show_wrap"):
    """Ask for the epoch in force and the own wrap."""
