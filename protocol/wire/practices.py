"""A relay's data practices, signed: what it said once can be held against it later.

The body says no time and the signature draws no chance, so as long as nothing changes the bytes
are the same.
"""

from __future__ import annotations

import msgspec

from protocol.errors import BadSignature, RemoteProtocolError, WrongRelay
from protocol.ids import Fingerprint, RelayKey
from protocol.keys import Domain, Secret, public_key, sign, verify
from protocol.wire.frames import Practice, PracticesBody
from protocol.wire.handshake import fingerprint

_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def make_practices(
    seed: Secret, name: str, about: str, everybody: bool, kept: tuple[Practice, ...]
) -> tuple[bytes, bytes]:
    """Body and signature of what the relay with this seed says of itself."""
    body = msgspec.msgpack.encode(
        PracticesBody(
            relay=RelayKey(public_key(seed)), name=name, about=about, open=everybody, kept=kept
        )
    )
    return body, sign(seed, Domain.PRACTICES, body)


def read_practices(body: bytes, signature: bytes, pinned: Fingerprint) -> PracticesBody:
    """What the relay of this fingerprint signed. Raises WrongRelay, RemoteProtocolError."""
    try:
        said = msgspec.msgpack.decode(body, type=PracticesBody)
    except _UNREADABLE as exc:
        raise RemoteProtocolError("unreadable practices") from exc
    if fingerprint(said.relay) != pinned:
        raise WrongRelay
    try:
        verify(said.relay, signature, Domain.PRACTICES, body)
    except BadSignature as exc:
        raise WrongRelay from exc
    return said
