"""The first two messages of a connection, without a socket.

The relay's signature covers the desktop's Hello as it was sent, the version, both nonces, its key
and the hash of the certificate it serves. The desktop compares key and certificate with what it
pinned and what it received, so whoever sits in between is seen, whatever authority signed for him.
The transcript binds what a mailbox's owner signs later to this one connection.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from protocol.errors import BadSignature, NoCommonVersion, RemoteProtocolError, WrongRelay
from protocol.ids import Fingerprint, RelayKey
from protocol.keys import Domain, Rng, Secret, digest, public_key, sign, verify
from protocol.wire import codec
from protocol.wire.frames import Farewell, Hello, Side, Statement, Welcome

VERSIONS = (1,)


class Agreed(Struct, frozen=True):
    """What both sides know after the handshake."""

    version: int
    transcript: bytes
    relay: RelayKey
    clock_ms: int


def fingerprint(relay: bytes) -> Fingerprint:
    """The name by which people pass on a relay's key: 32 bytes."""
    return Fingerprint(digest(Domain.FINGERPRINT, relay))


def hello(rng: Rng, versions: tuple[int, ...] = VERSIONS) -> bytes:
    """The desktop's first message."""
    return codec.dump([Hello(versions=versions, nonce=rng(32))])


def welcome(
    heard: bytes, seed: Secret, certificate: bytes, clock_ms: int, rng: Rng
) -> tuple[bytes, Agreed]:
    """The relay's answer to a Hello. Raises RemoteProtocolError, NoCommonVersion."""
    frames = codec.load(heard, Side.DESKTOP, codec.MAX_BEFORE_HANDSHAKE)
    if len(frames) != 1 or not isinstance(frames[0], Hello):
        raise RemoteProtocolError("the first frame was no Hello")
    common = set(frames[0].versions) & set(VERSIONS)
    if not common:
        raise NoCommonVersion
    relay = RelayKey(public_key(seed))
    statement = msgspec.msgpack.encode(
        Statement(
            version=max(common),
            relay=relay,
            nonce=rng(32),
            certificate=certificate,
            clock_ms=clock_ms,
        )
    )
    signature = sign(seed, Domain.HANDSHAKE, heard, statement)
    said = codec.dump([Welcome(statement=statement, signature=signature)])
    return said, Agreed(max(common), _transcript(heard, statement), relay, clock_ms)


def agree(said: bytes, heard: bytes, pinned: Fingerprint, certificate: bytes) -> Agreed:
    """What the desktop makes of the relay's answer ``heard`` to its own Hello ``said``.

    ``certificate`` is the SHA-256 of the certificate received, empty on a plain connection.
    Raises WrongRelay, NoCommonVersion, RemoteProtocolError.
    """
    frames = codec.load(heard, Side.RELAY, codec.MAX_BEFORE_HANDSHAKE)
    if len(frames) == 1 and isinstance(frames[0], Farewell):
        raise NoCommonVersion
    if len(frames) != 1 or not isinstance(frames[0], Welcome):
        raise RemoteProtocolError("the first frame was no Welcome")
    try:
        statement = msgspec.msgpack.decode(frames[0].statement, type=Statement)
    except (msgspec.MsgspecError, RecursionError) as exc:
        raise RemoteProtocolError("unreadable statement") from exc
    try:
        verify(statement.relay, frames[0].signature, Domain.HANDSHAKE, said, frames[0].statement)
    except BadSignature as exc:
        raise WrongRelay from exc
    if fingerprint(statement.relay) != pinned or statement.certificate != certificate:
        raise WrongRelay
    if statement.version not in VERSIONS:
        raise NoCommonVersion
    transcript = _transcript(said, frames[0].statement)
    return Agreed(statement.version, transcript, RelayKey(statement.relay), statement.clock_ms)


def _transcript(said: bytes, statement: bytes) -> bytes:
    return digest(Domain.TRANSCRIPT, said, statement)
