"""Envelopes: what a relay queues. They hide sender, ratchet header and length.

    envelope   version 1 ‖ hint 8 ‖ HPKE output: encapsulated key 1120 ‖ ciphertext ‖ tag 16
    plain      sender device 32 ‖ kind 1 ‖ length 4 ‖ Olm bytes ‖ zeros
    info       joined("aside/1 envelope", version, recipient device, key id)

An envelope's whole length is one of six sizes; the zeros make it so and are checked. Numbers are
big endian. The hint tells the recipient which of its keys to open with, and is another one on each
envelope: relays cannot match two mailboxes of one device by it.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from protocol.e2e.olm_message import NORMAL, PRE_KEY, OlmBytes
from protocol.e2e.sealing import SealingKey, key_id_of, open_with, seal_to
from protocol.errors import BadPadding, Damaged, LocalProtocolError, NewerEnvelope, UnknownKey
from protocol.ids import KEY_BYTES, SEALING_ENCAPSULATED, SEALING_OVERHEAD, DeviceId, SealingKeyId
from protocol.keys import Domain, digest, joined
from protocol.wire.frames import ENVELOPE_SIZES

VERSION = b"\x01"
_HINT = 8
HEAD = len(VERSION) + _HINT
_INSIDE_HEAD = KEY_BYTES + 1 + 4
_AROUND = HEAD + SEALING_OVERHEAD + _INSIDE_HEAD
MAX_INSIDE = ENVELOPE_SIZES[-1] - _AROUND
"""The longest Olm message that fits into the largest envelope."""


class Inside(Struct, frozen=True):
    """What an envelope holds: which device says it, and its Olm message."""

    sender: DeviceId
    olm: OlmBytes


def size_for(olm_bytes: int) -> int:
    """The envelope's size around an Olm message of this length. Raises LocalProtocolError."""
    for size in ENVELOPE_SIZES:
        if olm_bytes + _AROUND <= size:
            return size
    raise LocalProtocolError(f"an Olm message of {olm_bytes} bytes fits no envelope")


def seal(inside: Inside, recipient: DeviceId, public: bytes) -> bytes:
    """An envelope for this device, sealed to its key. Fresh bytes on every call."""
    body = inside.olm.body
    plain = inside.sender + bytes([inside.olm.kind]) + len(body).to_bytes(4, "big") + body
    padded = plain.ljust(size_for(len(body)) - HEAD - SEALING_OVERHEAD, b"\0")
    key_id = key_id_of(public)
    sealed = seal_to(public, padded, _info(recipient, key_id))
    return VERSION + hint_of(key_id, sealed) + sealed


def open_envelope(envelope: bytes, recipient: DeviceId, keys: Iterable[SealingKey]) -> Inside:
    """What is inside, by whichever of this device's keys it was sealed to.

    Raises NewerEnvelope, Damaged, UnknownKey, BadPadding.
    """
    key, sealed = key_for(envelope, keys)
    plain = open_with(key.private, sealed, _info(recipient, key.key_id))
    kind = plain[KEY_BYTES]
    end = _INSIDE_HEAD + int.from_bytes(plain[KEY_BYTES + 1 : _INSIDE_HEAD], "big")
    if kind not in (PRE_KEY, NORMAL) or end > len(plain):
        raise BadPadding
    if plain[end:].strip(b"\0") or size_for(end - _INSIDE_HEAD) != len(envelope):
        raise BadPadding
    return Inside(DeviceId(plain[:KEY_BYTES]), OlmBytes(kind, plain[_INSIDE_HEAD:end]))


def key_for(envelope: bytes, keys: Iterable[SealingKey]) -> tuple[SealingKey, bytes]:
    """Which of these keys it was sealed to, by its hint; and what was sealed.

    Raises NewerEnvelope, Damaged, UnknownKey.
    """
    if envelope[:1] > VERSION:
        raise NewerEnvelope
    if len(envelope) not in ENVELOPE_SIZES or envelope[:1] != VERSION:
        raise Damaged
    hint, sealed = envelope[len(VERSION) : HEAD], envelope[HEAD:]
    key = next((key for key in keys if hint_of(key.key_id, sealed) == hint), None)
    if key is None:
        raise UnknownKey
    return key, sealed


def olm_hash(sender: DeviceId, olm: OlmBytes) -> bytes:
    """What is kept for 60 days of every Olm message that was opened, to know it again."""
    return digest(Domain.OLM_BYTES, sender, bytes([olm.kind]), olm.body)


def hint_of(key_id: SealingKeyId, sealed: bytes) -> bytes:
    """What tells the recipient which key it was, and nobody else anything."""
    return digest(Domain.ENVELOPE_HINT, key_id, sealed[:SEALING_ENCAPSULATED], size=_HINT)


def _info(recipient: DeviceId, key_id: SealingKeyId) -> bytes:
    return joined(Domain.ENVELOPE.value, VERSION, recipient, key_id)
