"""Bundles: what a session with a device starts from, readable only with a drawer key.

    drawer bytes   nonce 24 ‖ XChaCha20-Poly1305 under the drawer key, always the same length
    plain          length 4 ‖ packed {bundle, signature, device_list} ‖ zeros

The device key signs the encoded bundle whole; the member's device list stands beside it and must
name the device with the bundle's Olm key.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from protocol.e2e.devices import DeviceList, SignedDeviceList, read_list
from protocol.e2e.identity import DeviceKeys
from protocol.e2e.packing import pack, unpack
from protocol.e2e.sealing import SealingKeyCard, SignedSealingKey, read_sealing_key
from protocol.errors import BadPadding, LocalProtocolError, RemoteProtocolError
from protocol.ids import ADeviceId, AKey, ASignature, ATime, MemberId
from protocol.keys import Domain, Rng, Secret, lock, sign, unlock, verify

SUITE = 1
BUNDLE_BYTES = 5 * 1024
"""Every bundle's length in a drawer, so that the relay learns nothing from it."""

_AROUND = 24 + 16
_BOUND = Domain.DRAWER.value


class Bundle(Struct, frozen=True, kw_only=True):
    """A device's keys for one session; a last-resort bundle serves several."""

    device: ADeviceId
    olm: AKey
    one_time_key: AKey
    last_resort: bool
    sealing_key: SignedSealingKey
    made_ms: ATime
    suite: Annotated[int, Meta(ge=1, lt=2**31)] = SUITE


class _Packed(Struct, frozen=True, kw_only=True):
    bundle: Annotated[bytes, Meta(max_length=2048)]
    signature: ASignature
    device_list: SignedDeviceList


class OpenedBundle(Struct, frozen=True):
    """A bundle whose every signature has been checked."""

    bundle: Bundle
    sealing_key: SealingKeyCard
    device_list: DeviceList
    signed_list: SignedDeviceList


def make_bundle(
    device: DeviceKeys,
    olm: bytes,
    one_time_key: bytes,
    *,
    last_resort: bool,
    sealing_key: SignedSealingKey,
    device_list: SignedDeviceList,
    drawer_key: Secret,
    now_ms: int,
    rng: Rng,
) -> bytes:
    """A bundle as a drawer holds it."""
    body = pack(
        Bundle(
            device=device.device_id,
            olm=olm,
            one_time_key=one_time_key,
            last_resort=last_resort,
            sealing_key=sealing_key,
            made_ms=now_ms,
        )
    )
    signature = sign(device.seed, Domain.BUNDLE, body)
    packed = pack(_Packed(bundle=body, signature=signature, device_list=device_list))
    room = BUNDLE_BYTES - _AROUND - 4
    if len(packed) > room:
        raise LocalProtocolError(f"a bundle of {len(packed)} bytes")
    plain = len(packed).to_bytes(4, "big") + packed.ljust(room, b"\0")
    return lock(drawer_key, plain, _BOUND, rng)


def open_bundle(data: bytes, drawer_key: Secret, member: MemberId) -> OpenedBundle:
    """A bundle of one of this member's devices.

    Raises Unopenable, BadSignature, RemoteProtocolError.
    """
    plain = unlock(drawer_key, data, _BOUND)
    end = 4 + int.from_bytes(plain[:4], "big")
    if len(data) != BUNDLE_BYTES or end > len(plain) or plain[end:].strip(b"\0"):
        raise BadPadding
    packed = unpack(plain[4:end], _Packed)
    found = read_list(packed.device_list, member)
    bundle = unpack(packed.bundle, Bundle)
    verify(bundle.device, packed.signature, Domain.BUNDLE, packed.bundle)
    if not any((one.device, one.olm) == (bundle.device, bundle.olm) for one in found.devices):
        raise RemoteProtocolError("a bundle of a device that is not on its member's list")
    if bundle.suite != SUITE:
        raise RemoteProtocolError("a bundle of an unknown suite")
    card = read_sealing_key(bundle.sealing_key, bundle.device)
    return OpenedBundle(bundle, card, found, packed.device_list)
