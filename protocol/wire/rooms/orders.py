"""Orders and grants: who may order what. The rules are here because both sides must judge alike:
the relay enforces an order, and every desktop can tell whether the relay was right to.

The room key may order everything. A seat may order what the scopes of its grant cover; the grant
travels inside the order, signed by the room key, so that an order proves itself.
"""

from __future__ import annotations

from enum import IntFlag, StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from protocol.errors import RemoteProtocolError
from protocol.ids import (
    AGrantId,
    AHash,
    AKey,
    AnEntryId,
    AnOrderId,
    ARoomId,
    ASeatId,
    ATime,
    RoomId,
)
from protocol.keys import Domain, sign, verify
from protocol.wire.frames.rooms import MAX_GRANT, SignedGrant
from protocol.wire.rooms.signed import RoomKey, unpack

MAX_REASON = 1024
LONGEST_S = 366 * 86_400


class Scope(IntFlag):
    """What a grant covers. Bits that are not known here cover nothing."""

    MODERATE = 1  # mute, time out, remove, hide
    BAN = 2
    ADMIT = 4  # admit, refuse, invite; begin epochs
    SETTINGS = 8  # slow mode, who may speak
    SPEAK = 16  # on the stage where only hosts and guests may
    DESK = 32  # read the desk
    MODERATORS = 64  # order others who have a grant
    HOST = 128  # a host's own seat, which may end the room; only the room key orders it about


EVERYTHING = Scope(255)


class What(StrEnum):
    """What an order does."""

    MUTE = "mute"
    UNMUTE = "unmute"
    TIME_OUT = "time_out"  # mute for ``seconds``
    REMOVE = "remove"
    BAN = "ban"  # remove, and never again by this seat
    UNBAN = "unban"
    ADMIT = "admit"
    REFUSE = "refuse"
    INVITE = "invite"  # a token of this hash is good for one seat
    UNINVITE = "uninvite"
    GRANT = "grant"
    REVOKE = "revoke"  # a grant, by its id
    HIDE = "hide"  # an entry of the stage: it is handed out no more
    SHOW = "show"  # a hidden one again
    SLOW = "slow"  # ``seconds`` between two entries of a seat, until another word or policy
    SPEAK_ALL = "speak_all"
    SPEAK_HOSTS = "speak_hosts"
    END = "end"
    UNDO = "undo"  # another order, by its id
    OTHER = "other"  # an order of a newer version

    @classmethod
    def _missing_(cls, value: object) -> What:
        return cls.OTHER


class GrantBody(Struct, frozen=True, kw_only=True):
    """A seat's role: what it may order, and until when."""

    room: ARoomId
    grant: AGrantId
    seat: ASeatId
    scopes: Annotated[int, Meta(ge=0, lt=2**31)]
    made_ms: ATime
    expires_ms: ATime


class OrderBody(Struct, frozen=True, array_like=True, tag="o"):
    """One order. ``about`` is the seat concerned, ``entry`` the entry; what is not needed is nil.

    ``reason`` is sealed like an entry of the epoch it names first, or absent. After ``expires_ms``
    nobody carries it out any more, so that one which was kept back cannot be played later.
    """

    order: AnOrderId
    by: AKey  # the room's key, or a seat's
    what: What
    made_ms: ATime
    expires_ms: ATime
    about: ASeatId | None = None
    seconds: Annotated[int, Meta(ge=0, le=LONGEST_S)] = 0
    entry: AnEntryId | None = None
    undoes: AnOrderId | None = None
    token: AHash | None = None  # of an invitation
    given: SignedGrant | None = None  # by ``grant``
    revoked: AGrantId | None = None
    grant: SignedGrant | None = None  # what gives ``by`` the right, unless it is the room's key
    reason: Annotated[bytes, Meta(max_length=MAX_REASON)] = b""

    def __repr__(self) -> str:
        return "<OrderBody>"


def sign_grant(key: RoomKey, grant: GrantBody) -> SignedGrant:
    """The grant as it travels."""
    body = msgspec.msgpack.encode(grant)
    return SignedGrant(body=body, signature=sign(key.seed, Domain.ROOM_GRANT, body))


def read_grant(signed: SignedGrant, room: RoomId) -> GrantBody:
    """What this room's key granted. Raises BadSignature, RemoteProtocolError."""
    if len(signed.body) > MAX_GRANT:
        raise RemoteProtocolError("an oversized grant")
    found = unpack(signed.body, GrantBody)
    if found.room != room:
        raise RemoteProtocolError("another room's grant")
    verify(room, signed.signature, Domain.ROOM_GRANT, signed.body)
    return found
