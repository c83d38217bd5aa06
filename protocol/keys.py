"""The smallest cryptographic words: length-prefixed bytes, hashes, derivations, signatures.

Each key has one purpose and each signature one domain string. Bytes that are signed, hashed or
bound are length-prefixed, so that no two lists of parts join to the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from hashlib import blake2b

from nacl import bindings
from nacl.exceptions import CryptoError

from protocol.errors import BadSignature, Unopenable

Rng = Callable[[int], bytes]
"""Where randomness comes from: ``os.urandom`` outside of tests."""

SEED_BYTES = 32
NONCE_BYTES = 24


class Secret(bytes):
    """Bytes that never show themselves in a log, a traceback or a debugger's list of variables."""

    def __repr__(self) -> str:
        return "<secret>"

    def __str__(self) -> str:
        return "<secret>"

    def __format__(self, spec: str) -> str:
        return "<secret>"


class Domain(bytes, Enum):
    """What a signature, a hash or a derivation is for. One string, one purpose."""

    HANDSHAKE = b"aside/1 relay-handshake"
    TRANSCRIPT = b"aside/1 transcript"
    FINGERPRINT = b"aside/1 fingerprint"
    RELAY_CARD = b"aside/1 relay-card"
    INTRODUCE = b"aside/1 introduce"
    PRACTICES = b"aside/1 practices"
    PACKET = b"aside/1 packet"
    PACKET_KEY_ID = b"aside/1 packet-key id"
    PACKET_ANSWER = b"aside/1 packet-answer"
    TICKET = b"aside/1 ticket"
    SLOT = b"aside/1 slot"
    SLOT_WATCH = b"aside/1 slot watch"
    PRESENCE = b"aside/1 presence"
    SIGNAL = b"aside/1 signal"
    SIGNAL_KEY = b"aside/1 signal key"
    CREATE_MAILBOX = b"aside/1 create-mailbox"
    OPEN_MAILBOX = b"aside/1 open-mailbox"
    CAPABILITY = b"aside/1 capability"
    BLOB = b"aside/1 blob"
    BLOB_WRITER = b"aside/1 blob-writer"
    ATTACHMENT = b"aside/1 attachment"
    ATTACHMENT_KEY = b"aside/1 attachment key"
    ATTACHMENT_HEAD = b"aside/1 attachment head"
    PASS = b"aside/1 pass"
    JOIN_CODE = b"aside/1 join-code"
    DEVICE = b"aside/1 device"
    DEVICE_LIST = b"aside/1 device-list"
    DEVICE_LIST_HASH = b"aside/1 device-list hash"
    BUNDLE = b"aside/1 bundle"
    SEALING_KEY = b"aside/1 sealing-key"
    SEALING_KEY_ID = b"aside/1 sealing-key id"
    ENVELOPE = b"aside/1 envelope"
    ENVELOPE_HINT = b"aside/1 envelope hint"
    OLM_BYTES = b"aside/1 olm-bytes"
    CHAIN = b"aside/1 chain"
    CONVERSATION = b"aside/1 conversation"
    SAFETY_NUMBER = b"aside/1 safety-number"
    DRAWER = b"aside/1 drawer"
    LINK_CHECK = b"aside/1 link check"
    LINK_CAPABILITY = b"aside/1 link capability"
    LINK_DRAWER = b"aside/1 link drawer"
    LINK_DRAWER_ID = b"aside/1 link drawer-id"
    LINK_JOIN = b"aside/1 link join"
    ROOM_OPEN = b"aside/1 room-open"
    ROOM_POLICY = b"aside/1 room-policy"
    ROOM_ENTER = b"aside/1 room-enter"
    ROOM_TOKEN = b"aside/1 room-token"
    ROOM_SEAT_CARD = b"aside/1 room-seat-card"
    ROOM_GRANT = b"aside/1 room-grant"
    ROOM_ENTRY = b"aside/1 room-entry"
    ROOM_ENTRY_ID = b"aside/1 room-entry id"
    ROOM_ENTRY_HASH = b"aside/1 room-entry hash"
    ROOM_ITEM = b"aside/1 room-item"
    ROOM_ORDER = b"aside/1 room-order"
    ROOM_RUN = b"aside/1 room-run"
    ROOM_CHAIN = b"aside/1 room-chain"
    ROOM_HEAD = b"aside/1 room-head"
    ROOM_EPOCH = b"aside/1 room-epoch"
    ROOM_BOX = b"aside/1 room-box"
    ROOM_LETTER = b"aside/1 room-letter"
    ROOM_LINK_CHECK = b"aside/1 room-link check"
    ROOM_LINK_TOKEN = b"aside/1 room-link token"
    ROOM_LINK_FRONT = b"aside/1 room-link front"
    ROOM_LINK_EPOCH = b"aside/1 room-link epoch"
    ROOM_INVITATION = b"aside/1 room-invitation"
    ROOM_FRONT = b"aside/1 room-front"
    ROOM_COMMITMENT = b"aside/1 room-commitment"
    ROOM_WRAP = b"aside/1 room-wrap"
    ROOM_STAGE = b"aside/1 room-stage"
    ROOM_NAME = b"aside/1 room-name"
    ROOM_REASON = b"aside/1 room-reason"
    ROOM_DESK = b"aside/1 room-desk"
    ROOM_LETTER_SEAL = b"aside/1 room-letter seal"
    VAULT_HEADER = b"aside/1 vault-header"
    VAULT_DATABASE = b"aside/1 vault database-key"
    VAULT_IDENTITY = b"aside/1 vault identity-seed"


def joined(*parts: bytes) -> bytes:
    """The parts, each behind its length in four bytes, big endian."""
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])


def digest(domain: Domain, *parts: bytes, size: int = 32) -> bytes:
    """BLAKE2b (RFC 7693) over the domain and the length-prefixed parts."""
    return blake2b(joined(domain, *parts), digest_size=size).digest()


def digest_of(domain: Domain, size: int = 32) -> Callable[[bytes], bytes]:
    """The digest of one part, for whoever needs it very often: the domain is hashed once."""
    begun = blake2b(joined(domain), digest_size=size)

    def digest_one(part: bytes) -> bytes:
        hashing = begun.copy()
        hashing.update(len(part).to_bytes(4, "big") + part)
        return hashing.digest()

    return digest_one


def derive(domain: Domain, secret: bytes, *context: bytes, size: int = 32) -> Secret:
    """A key for one purpose from ``secret``: keyed BLAKE2b over the domain and the context."""
    keyed = blake2b(joined(domain.value, *context), key=secret, digest_size=size)
    return Secret(keyed.digest())


def public_key(seed: Secret) -> bytes:
    """The Ed25519 public key (RFC 8032) of a 32-byte seed."""
    public, _ = bindings.crypto_sign_seed_keypair(bytes(seed))
    return public


def sign(seed: Secret, domain: Domain, *parts: bytes) -> bytes:
    """64 bytes of Ed25519 over the domain and the parts, by the key of ``seed``."""
    _, secret = bindings.crypto_sign_seed_keypair(bytes(seed))
    signed = bindings.crypto_sign(joined(domain.value, *parts), secret)
    return signed[: bindings.crypto_sign_BYTES]


def verify(public: bytes, signature: bytes, domain: Domain, *parts: bytes) -> None:
    """Check what :func:`sign` made. Raises BadSignature."""
    if len(public) != bindings.crypto_sign_PUBLICKEYBYTES or len(signature) != 64:
        raise BadSignature
    try:
        bindings.crypto_sign_open(signature + joined(domain.value, *parts), public)
    except (CryptoError, ValueError, TypeError) as exc:
        raise BadSignature from exc


def lock(key: bytes, plain: bytes, bound: bytes, rng: Rng) -> bytes:
    """XChaCha20-Poly1305 under a random nonce, which stands in front; ``bound`` is bound in."""
    nonce = rng(NONCE_BYTES)
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, bound, nonce, bytes(key))
    return nonce + sealed


def unlock(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """Open what :func:`lock` made. Raises Unopenable."""
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed[NONCE_BYTES:], bound, sealed[:NONCE_BYTES], bytes(key)
        )
    except (CryptoError, ValueError, TypeError) as exc:
        raise Unopenable from exc
