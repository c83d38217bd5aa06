"""HPKE (RFC 9180, single shot) with X-Wing, HKDF-SHA256 and ChaCha20-Poly1305, over plain bytes.

A module of its own, so that the library behind it is loaded with the first key that is used; what
only names sealing keys does without.
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

from protocol.errors import Damaged, RemoteProtocolError
from protocol.keys import Secret

_MLKEM_PUBLIC = 1184
_MLKEM_SEED = 64

_suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def new_pair() -> tuple[bytes, Secret]:
    """A fresh key: the half for others and the half that opens, ML-KEM's part first."""
    mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    return public, Secret(mlkem.private_bytes_raw() + x25519.private_bytes_raw())


def encrypt(public: bytes, plain: bytes, info: bytes) -> bytes:
    """Raises RemoteProtocolError for a key that is none."""
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:]),
        )
        return _suite.encrypt(plain, key, info=info)
    except ValueError as exc:
        raise RemoteProtocolError("a sealing key that is none") from exc


def decrypt(private: Secret, sealed: bytes, info: bytes) -> bytes:
    """Raises Damaged."""
    key = MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(bytes(private[:_MLKEM_SEED])),
        X25519PrivateKey.from_private_bytes(bytes(private[_MLKEM_SEED:])),
    )
    try:
        return _suite.decrypt(sealed, key, info=info)
    except (InvalidTag, ValueError) as exc:
        raise Damaged from exc
