"""Which devices speak for a member: a versioned list, chained by hash, signed by the identity key.

Every device on it signs that it is this member's, so that nobody can put somebody else's device on
a list of their own. Contacts learn the list inside the encryption; no relay sees it. A contact
keeps the newest one; two lists of one version, or a successor that does not name its predecessor,
are a fork: stop and warn.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from protocol.e2e.identity import DeviceKeys, Member
from protocol.e2e.packing import pack, unpack
from protocol.errors import BadSignature, LocalProtocolError, RemoteProtocolError
from protocol.ids import ADeviceId, AKey, AMemberId, ASignature, ATime, MemberId
from protocol.keys import Domain, digest, sign, verify

MAX_DEVICES = 16


class DeviceEntry(Struct, frozen=True, kw_only=True):
    """One device: its id, its Olm identity key (Curve25519), since when, and its own word."""

    device: ADeviceId
    olm: AKey
    added_ms: ATime
    signature: ASignature  # the device key's, over member and Olm key


class DeviceList(Struct, frozen=True, kw_only=True):
    """All devices of a member at one version; ``previous`` is empty in the first."""

    member: AMemberId
    version: Annotated[int, Meta(ge=1, lt=2**31)]
    previous: Annotated[bytes, Meta(max_length=32)]
    devices: Annotated[tuple[DeviceEntry, ...], Meta(min_length=1, max_length=MAX_DEVICES)]


class SignedDeviceList(Struct, frozen=True, kw_only=True):
    """An encoded DeviceList and the member's signature over exactly these bytes."""

    body: Annotated[bytes, Meta(max_length=4096)]
    signature: ASignature


class Succession(Enum):
    """How a list stands to the one that is known."""

    SAME = "same"
    NEWER = "newer"
    OLDER = "older"
    FORK = "fork"


def enlist(device: DeviceKeys, member: MemberId, olm: bytes, now_ms: int) -> DeviceEntry:
    """This device as it stands on its member's list."""
    signature = sign(device.seed, Domain.DEVICE, member, olm)
    return DeviceEntry(device=device.device_id, olm=olm, added_ms=now_ms, signature=signature)


def sign_list(
    member: Member, devices: Iterable[DeviceEntry], previous: SignedDeviceList | None
) -> SignedDeviceList:
    """The list after ``previous``, or the first one."""
    before = None if previous is None else read_list(previous, member.member_id)
    following = DeviceList(
        member=member.member_id,
        version=1 if before is None else before.version + 1,
        previous=b"" if previous is None else list_hash(previous),
        devices=tuple(devices),
    )
    body = pack(following)
    try:
        _check(unpack(body, DeviceList), member.member_id)
    except (RemoteProtocolError, BadSignature) as exc:
        raise LocalProtocolError("a list that nobody would accept") from exc
    return SignedDeviceList(body=body, signature=sign(member.seed, Domain.DEVICE_LIST, body))


def read_list(signed: SignedDeviceList, member: MemberId) -> DeviceList:
    """The list this member signed. Raises BadSignature, RemoteProtocolError."""
    verify(member, signed.signature, Domain.DEVICE_LIST, signed.body)
    found = unpack(signed.body, DeviceList)
    _check(found, member)
    return found


def list_hash(signed: SignedDeviceList) -> bytes:
    """What the next list names as its previous one."""
    return digest(Domain.DEVICE_LIST_HASH, signed.body)


def succeeds(
    older: SignedDeviceList | None, newer: SignedDeviceList, member: MemberId
) -> Succession:
    """What to make of ``newer`` beside the known list. Raises BadSignature, RemoteProtocolError.

    Versions may be skipped: the signature vouches for what lies between.
    """
    said = read_list(newer, member)
    if older is None:
        return Succession.NEWER
    known = read_list(older, member)
    if said.version == known.version:
        return Succession.SAME if newer.body == older.body else Succession.FORK
    if said.version > known.version:
        broken = said.version == known.version + 1 and said.previous != list_hash(older)
        return Succession.FORK if broken else Succession.NEWER
    broken = known.version == said.version + 1 and known.previous != list_hash(newer)
    return Succession.FORK if broken else Succession.OLDER


def _check(found: DeviceList, member: MemberId) -> None:
    if found.member != member:
        raise RemoteProtocolError("a device list that names another member")
    if len(found.previous) != (0 if found.version == 1 else 32):
        raise RemoteProtocolError("a device list that does not say what it follows")
    if len({entry.device for entry in found.devices}) != len(found.devices):
        raise RemoteProtocolError("a device list that names a device twice")
    if len({entry.olm for entry in found.devices}) != len(found.devices):
        raise RemoteProtocolError("a device list that gives two devices one key")
    for entry in found.devices:
        verify(entry.device, entry.signature, Domain.DEVICE, member, entry.olm)
