"""Who somebody is: a member's identity key and a device's key, both Ed25519 seeds.

The public key is the id. The identity key signs device lists and nothing else; the device key
signs what its device publishes.
"""

from __future__ import annotations

from msgspec import Struct

from protocol.ids import DeviceId, MemberId
from protocol.keys import SEED_BYTES, Rng, Secret, public_key


class Member(Struct, frozen=True):
    """A pseudonymous identity with the key to speak for it."""

    member_id: MemberId
    seed: Secret


class DeviceKeys(Struct, frozen=True):
    """One installation with the key to speak for it."""

    device_id: DeviceId
    seed: Secret


def new_member(rng: Rng) -> Member:
    """A member nobody has heard of yet."""
    seed = Secret(rng(SEED_BYTES))
    return Member(MemberId(public_key(seed)), seed)


def new_device(rng: Rng) -> DeviceKeys:
    """A device that is on no list yet."""
    seed = Secret(rng(SEED_BYTES))
    return DeviceKeys(DeviceId(public_key(seed)), seed)
