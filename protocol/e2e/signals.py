"""Signals: what is worth saying only now, such as that somebody is writing.

    envelope   as every other, of the smallest size
    plain      sender device 32 ‖ length 4 ‖ locked ‖ zeros
    info       joined("aside/1 signal", version, recipient device, key id)
    locked     lock(signal key, a map with `t`, nothing)
    key        derive("aside/1 signal key", key of a Fleeting, sender device, recipient device)

**No session is turned for a signal.** A relay drops what nobody collects, and each step of a
ratchet that never arrives costs the other side a skipped key: forty lost signals would push out
the keys of messages that are still on their way, two thousand would end the session. So a signal
is locked under a key that was told once inside the encryption, and has no number, no place in the
chain and nothing to save. What is sealed as a signal does not open as an envelope, nor the reverse.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from protocol.e2e.envelope import HEAD, VERSION, hint_of, key_for
from protocol.e2e.packing import UNREADABLE, pack
from protocol.e2e.sealing import SealingKey, key_id_of, open_with, seal_to
from protocol.errors import (
    BadPadding,
    Damaged,
    LocalProtocolError,
    RemoteProtocolError,
    Unopenable,
)
from protocol.ids import KEY_BYTES, SEALING_OVERHEAD, ATime, DeviceId, SealingKeyId
from protocol.keys import Domain, Rng, Secret, derive, joined, lock, unlock
from protocol.wire.frames import SIGNAL_BYTES

_INSIDE_HEAD = KEY_BYTES + 4
_PLAIN = SIGNAL_BYTES - HEAD - SEALING_OVERHEAD


class Signal(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """What is inside. ``made_ms`` by its author's clock orders an author's signals."""

    made_ms: ATime


class Typing(Signal, frozen=True, tag="typing"):
    """The author is writing to the recipient; or, with ``stopped``, not any more."""

    stopped: bool = False


SIGNALS: dict[str, type[Signal]] = {"typing": Typing}


class Sealed(Struct, frozen=True):
    """A signal that was addressed to this device; only its sender's key opens it."""

    sender: DeviceId
    locked: bytes


def lock_signal(
    signal: Signal, sender: DeviceId, recipient: DeviceId, key: bytes, rng: Rng
) -> bytes:
    """A signal under the key that ``sender`` told ``recipient``."""
    return lock(_key(key, sender, recipient), pack(signal), b"", rng)


def seal_signal(
    signal: Signal, sender: DeviceId, recipient: DeviceId, public: bytes, key: bytes, rng: Rng
) -> bytes:
    """An envelope for this device around a signal, locked under the key it was told."""
    body = lock_signal(signal, sender, recipient, key, rng)
    plain = sender + len(body).to_bytes(4, "big") + body
    if len(plain) > _PLAIN:
        raise LocalProtocolError("a signal that fits no envelope")
    key_id = key_id_of(public)
    sealed = seal_to(public, plain.ljust(_PLAIN, b"\0"), _info(recipient, key_id))
    return VERSION + hint_of(key_id, sealed) + sealed


def unseal(envelope: bytes, recipient: DeviceId, keys: Iterable[SealingKey]) -> Sealed:
    """Who it claims to be from. Raises NewerEnvelope, Damaged, UnknownKey, BadPadding."""
    if len(envelope) != SIGNAL_BYTES:
        raise Damaged
    key, sealed = key_for(envelope, keys)
    plain = open_with(key.private, sealed, _info(recipient, key.key_id))
    end = _INSIDE_HEAD + int.from_bytes(plain[KEY_BYTES:_INSIDE_HEAD], "big")
    if end > len(plain) or plain[end:].strip(b"\0"):
        raise BadPadding
    return Sealed(DeviceId(plain[:KEY_BYTES]), plain[_INSIDE_HEAD:end])


def open_signal(sealed: Sealed, recipient: DeviceId, key: bytes) -> Signal | None:
    """What was said; None where only a newer version knows it. Raises Damaged,
    RemoteProtocolError."""
    try:
        plain = unlock(_key(key, sealed.sender, recipient), sealed.locked, b"")
    except Unopenable as exc:
        raise Damaged from exc
    try:
        return msgspec.msgpack.decode(plain, type=Typing)
    except UNREADABLE as broken:
        try:
            head = msgspec.msgpack.decode(plain, type=_Head)
        except UNREADABLE as exc:
            raise RemoteProtocolError("unreadable signal") from exc
        if head.t in SIGNALS:
            raise RemoteProtocolError(f"unreadable {head.t}") from broken
        return None


class _Head(Struct):
    t: str


def _info(recipient: DeviceId, key_id: SealingKeyId) -> bytes:
    return joined(Domain.SIGNAL.value, VERSION, recipient, key_id)


def _key(told: bytes, sender: DeviceId, recipient: DeviceId) -> Secret:
    return derive(Domain.SIGNAL_KEY, told, sender, recipient)
