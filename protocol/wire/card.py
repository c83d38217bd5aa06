"""A relay's card, and its name on another relay's connection: both signed by the relay's key.

A card says what key packets for a relay are sealed to. It may come by way of another relay: whoever
reads it compares the relay's key with the fingerprint in the address it already has.
"""

from __future__ import annotations

import msgspec

from protocol.errors import BadSignature, RemoteProtocolError, WrongRelay
from protocol.ids import Fingerprint, RelayKey
from protocol.keys import Domain, Secret, public_key, sign, verify
from protocol.wire.frames import CardBody
from protocol.wire.handshake import fingerprint

_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def make_card(seed: Secret, sealing: bytes, made_ms: int) -> tuple[bytes, bytes]:
    """Body and signature of the card of the relay with this seed."""
    body = msgspec.msgpack.encode(
        CardBody(relay=RelayKey(public_key(seed)), sealing=sealing, made_ms=made_ms)
    )
    return body, sign(seed, Domain.RELAY_CARD, body)


def read_card(body: bytes, signature: bytes, pinned: Fingerprint) -> CardBody:
    """What the relay of this fingerprint signed. Raises WrongRelay, RemoteProtocolError."""
    try:
        card = msgspec.msgpack.decode(body, type=CardBody)
    except _UNREADABLE as exc:
        raise RemoteProtocolError("unreadable card") from exc
    if fingerprint(card.relay) != pinned:
        raise WrongRelay
    try:
        verify(card.relay, signature, Domain.RELAY_CARD, body)
    except BadSignature as exc:
        raise WrongRelay from exc
    return card


def introduction(seed: Secret, transcript: bytes) -> bytes:
    """The signature of an Introduce on the connection of this transcript."""
    return sign(seed, Domain.INTRODUCE, transcript)


def check_introduction(relay: RelayKey, signature: bytes, transcript: bytes) -> Fingerprint:
    """Who it is that introduced itself. Raises BadSignature."""
    verify(relay, signature, Domain.INTRODUCE, transcript)
    return fingerprint(relay)
