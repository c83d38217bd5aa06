"""A device's sealing keys, which envelopes are sealed to (see :mod:`protocol.hpke`).

A device makes a new key each week, which travels signed by the device key; its date says when to
look for a newer one, never when to refuse.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from protocol.e2e.identity import DeviceKeys
from protocol.e2e.packing import pack, unpack
from protocol.ids import (
    SEALING_KEY_ID_BYTES,
    SEALING_PUBLIC_BYTES,
    ASignature,
    ATime,
    DeviceId,
    SealingKeyId,
)
from protocol.keys import Domain, Secret, digest, sign, verify


class SealingKey(Struct, frozen=True):
    """A device's own sealing key, with the half that opens."""

    key_id: SealingKeyId
    public: bytes
    private: Secret
    made_ms: int


class SealingKeyCard(Struct, frozen=True, kw_only=True):
    """What others learn of a sealing key."""

    public: Annotated[bytes, Meta(min_length=SEALING_PUBLIC_BYTES, max_length=SEALING_PUBLIC_BYTES)]
    made_ms: ATime


class SignedSealingKey(Struct, frozen=True, kw_only=True):
    """An encoded SealingKeyCard and the device's signature over exactly these bytes."""

    body: Annotated[bytes, Meta(max_length=1536)]
    signature: ASignature


def new_sealing_key(now_ms: int) -> SealingKey:
    """A fresh key pair."""
    from protocol import hpke  # noqa: PLC0415 - its library, with the first key that is used

    pair = hpke.new_key_pair()
    return SealingKey(key_id_of(pair.public), pair.public, pair.private, now_ms)


def key_id_of(public: bytes) -> SealingKeyId:
    """The key's short name, bound into what is sealed to it. No relay learns it."""
    return SealingKeyId(digest(Domain.SEALING_KEY_ID, public, size=SEALING_KEY_ID_BYTES))


def sign_sealing_key(device: DeviceKeys, key: SealingKey) -> SignedSealingKey:
    """The key as it travels."""
    body = pack(SealingKeyCard(public=key.public, made_ms=key.made_ms))
    return SignedSealingKey(body=body, signature=sign(device.seed, Domain.SEALING_KEY, body))


def read_sealing_key(signed: SignedSealingKey, device: DeviceId) -> SealingKeyCard:
    """The key this device signed, to which something was sealed on trial: some halves look like
    keys and agree on nothing. Raises BadSignature, RemoteProtocolError."""
    verify(device, signed.signature, Domain.SEALING_KEY, signed.body)
    card = unpack(signed.body, SealingKeyCard)
    seal_to(card.public, b"", b"")
    return card


def seal_to(public: bytes, plain: bytes, info: bytes) -> bytes:
    """``plain`` and 1,136 bytes more. Raises RemoteProtocolError for a key that is none."""
    from protocol import hpke  # noqa: PLC0415

    return hpke.seal_to(public, plain, info)


def open_with(private: Secret, sealed: bytes, info: bytes) -> bytes:
    """What :func:`seal_to` sealed. Raises Damaged."""
    from protocol import hpke  # noqa: PLC0415

    return hpke.open_with(private, sealed, info)
