"""A room's policy: what its host decided, signed by the room key, in rising versions.

The relay enforces it and reads all of it but ``front``: title, description, house rules and where
picture and sound run are sealed for who holds the link.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from protocol.errors import RemoteProtocolError
from protocol.ids import SEALING_PUBLIC_BYTES, AHash, ARoomId, RoomId
from protocol.keys import Domain, sign, verify
from protocol.wire.frames.rooms import MAX_POLICY, SignedPolicy
from protocol.wire.rooms.signed import RoomKey, unpack

MAX_SEATS = 10_000
MAX_HISTORY = 1_000
MAX_FRONT = 4 * 1024
MAX_SLOW_S = 86_400
MAX_KEEPS_S = 366 * 86_400
EPOCHS = 2**31

AnEpoch = Annotated[int, Meta(ge=1, lt=EPOCHS)]
AVersion = Annotated[int, Meta(ge=1, lt=2**31)]


class Entry(StrEnum):
    """Who may enter."""

    LINK = "link"  # whoever has the link: its secret is the key as well
    APPROVAL = "approval"  # whoever has the link may ask, and is admitted by an order
    INVITATION = "invitation"  # who has an invitation of their own, good for one seat
    OTHER = "other"  # a way of a newer version: nobody enters by it here

    @classmethod
    def _missing_(cls, value: object) -> Entry:
        return cls.OTHER


class Speak(StrEnum):
    """Who may speak on the stage."""

    ALL = "all"
    HOSTS = "hosts"  # host, moderators and guests: who has a grant with any scope
    OTHER = "other"  # a rule of a newer version: taken as ``hosts``

    @classmethod
    def _missing_(cls, value: object) -> Speak:
        return cls.OTHER


class PolicyBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the host decided. What has its default is left out."""

    room: ARoomId
    version: AVersion
    entry: Entry
    token: AHash  # digest("room-token", the token of the link)
    epoch: AnEpoch
    commitment: AHash  # to this epoch's key; a later announcement has its own
    desk_key: Annotated[
        bytes, Meta(min_length=SEALING_PUBLIC_BYTES, max_length=SEALING_PUBLIC_BYTES)
    ]
    desk: AnEpoch  # the desk key's number; another one has a higher
    speak: Speak = Speak.ALL
    slow_s: Annotated[int, Meta(ge=0, le=MAX_SLOW_S)] = 0
    seats: Annotated[int, Meta(ge=1, le=MAX_SEATS)] = MAX_SEATS
    history: Annotated[int, Meta(ge=0, le=MAX_HISTORY)] = 50  # stage entries for a newcomer
    per_address: Annotated[int, Meta(ge=1, le=MAX_SEATS)] = 4  # seats of one IPv4 or /64
    per_minute: Annotated[int, Meta(ge=1, le=MAX_SEATS)] = 30  # new seats of one IPv4 or /64
    asides: bool = False  # seats without a grant may write letters to each other
    keeps_s: Annotated[int, Meta(ge=0, le=MAX_KEEPS_S)] = 7 * 86_400  # after the end
    ended: bool = False
    front: Annotated[bytes, Meta(max_length=MAX_FRONT)] = b""


def sign_policy(key: RoomKey, policy: PolicyBody) -> SignedPolicy:
    """The policy as it travels."""
    body = msgspec.msgpack.encode(policy)
    return SignedPolicy(body=body, signature=sign(key.seed, Domain.ROOM_POLICY, body))


def read_policy(signed: SignedPolicy, room: RoomId | None = None) -> PolicyBody:
    """What this room's key signed; without ``room`` that of the room it names itself.

    Raises BadSignature, RemoteProtocolError.
    """
    if len(signed.body) > MAX_POLICY:
        raise RemoteProtocolError("an oversized policy")
    found = unpack(signed.body, PolicyBody)
    if room is not None and found.room != room:
        raise RemoteProtocolError("another room's policy")
    verify(found.room, signed.signature, Domain.ROOM_POLICY, signed.body)
    return found


def succeeds(newer: PolicyBody, older: PolicyBody) -> bool:
    """Whether a policy may take the place of another: nothing that only rises may fall, one epoch
    and one desk key have one meaning, and what has ended stays so."""
    if newer.room != older.room or newer.version <= older.version:
        return False
    if newer.epoch < older.epoch or newer.desk < older.desk:
        return False
    if newer.epoch == older.epoch and newer.commitment != older.commitment:
        return False
    if newer.desk == older.desk and newer.desk_key != older.desk_key:
        return False
    return newer.ended or not older.ended
