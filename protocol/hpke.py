"""Sealing to a key: HPKE (RFC 9180, single shot) with X-Wing, HKDF-SHA256 and ChaCha20-Poly1305.

X-Wing is ML-KEM-768 and X25519 in one KEM, so that what is sealed stays shut while either holds.
One suite, no negotiation, no classical fallback. The library behind it takes a while to load, so
whoever starts in a hurry imports this module with the first key that is used.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from msgspec import Struct

from protocol.errors import Damaged, RemoteProtocolError
from protocol.keys import Secret

_MLKEM_PUBLIC = 1184
_MLKEM_SEED = 64

_suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class KeyPair(Struct, frozen=True):
    """Both halves of a key; ``public`` is what others seal to."""

    public: bytes
    private: Secret


class HeldKey:
    """A private key made ready once, for who opens much with one: three times as fast."""

    def __init__(self, private: Secret) -> None:
        self._key = _load_private(private)
        self.public = public_of(private)

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """What :func:`seal_to` sealed. Raises Damaged."""
        return _open(self._key, sealed, info)


def new_key_pair() -> KeyPair:
    """A fresh one; the library draws its own chance."""
    mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    return KeyPair(
        mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw(),
        Secret(mlkem.private_bytes_raw() + x25519.private_bytes_raw()),
    )


def public_of(private: Secret) -> bytes:
    """The public half of a private one."""
    mlkem = MLKEM768PrivateKey.from_seed_bytes(bytes(private[:_MLKEM_SEED]))
    x25519 = X25519PrivateKey.from_private_bytes(bytes(private[_MLKEM_SEED:]))
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal_to(public: bytes, plain: bytes, info: bytes) -> bytes:
    """``plain`` and 1,136 bytes more. Raises RemoteProtocolError for a key that is none."""
    key = _load_public(public)
    try:
        return _suite.encrypt(plain, key, info=info)
    except ValueError as exc:
        raise RemoteProtocolError("a sealing key that is none") from exc


def open_with(private: Secret, sealed: bytes, info: bytes) -> bytes:
    """What :func:`seal_to` sealed. Raises Damaged."""
    return _open(_load_private(private), sealed, info)


def _open(key: MLKEM768X25519PrivateKey, sealed: bytes, info: bytes) -> bytes:
    try:
        return _suite.decrypt(sealed, key, info=info)
    except (InvalidTag, ValueError) as exc:
        raise Damaged from exc


def _load_private(private: Secret) -> MLKEM768X25519PrivateKey:
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(bytes(private[:_MLKEM_SEED])),
        X25519PrivateKey.from_private_bytes(bytes(private[_MLKEM_SEED:])),
    )


def _load_public(public: bytes) -> MLKEM768X25519PublicKey:
    try:
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:]),
        )
    except ValueError as exc:
        raise RemoteProtocolError("a sealing key that is none") from exc
