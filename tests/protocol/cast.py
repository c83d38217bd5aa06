"""The cast: alice, bob and carol with their devices, and chance that is the same on every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from protocol.e2e.account import AccountState, identity_key, new_account
from protocol.e2e.contents import Header, conversation_of
from protocol.e2e.devices import DeviceEntry, SignedDeviceList, enlist, sign_list
from protocol.e2e.identity import DeviceKeys, Member, new_device, new_member
from protocol.e2e.sealing import SealingKey, key_id_of
from protocol.ids import MessageId
from protocol.keys import Rng, Secret

NOW_MS = 1_790_000_000_000


def dice(seed: str) -> Rng:
    """An endless stream of bytes that depends on ``seed`` alone."""
    drawn = 0

    def draw(size: int) -> bytes:
        nonlocal drawn
        out = b""
        while len(out) < size:
            out += blake2b(f"{seed} {drawn}".encode()).digest()
            drawn += 1
        return out[:size]

    return draw


def sealing_key(rng: Rng, made_ms: int = NOW_MS) -> SealingKey:
    """A sealing key that is the same on every run, unlike what a device makes."""
    private = Secret(rng(96))
    mlkem = MLKEM768PrivateKey.from_seed_bytes(bytes(private[:64]))
    x25519 = X25519PrivateKey.from_private_bytes(bytes(private[64:]))
    public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    return SealingKey(key_id_of(public), public, private, made_ms)


@dataclass
class Person:
    """Somebody with one device; tests change what they need."""

    member: Member
    device: DeviceKeys
    account: AccountState
    sealing: SealingKey
    signed_list: SignedDeviceList
    rng: Rng

    @property
    def olm(self) -> bytes:
        return identity_key(self.account)

    def entry(self) -> DeviceEntry:
        return enlist(self.device, self.member.member_id, self.olm, NOW_MS)

    def new_entry(self) -> DeviceEntry:
        """One more device of this member."""
        return enlist(new_device(self.rng), self.member.member_id, self.rng(32), 2**52)


def person(name: str, account: Callable[[], AccountState] = new_account) -> Person:
    """Somebody new, always the same but for the Olm account."""
    rng = dice(name)
    member, device, state = new_member(rng), new_device(rng), account()
    entry = enlist(device, member.member_id, identity_key(state), NOW_MS)
    listed = sign_list(member, [entry], None)
    return Person(member, device, state, sealing_key(rng), listed, rng)


def header(author: Person, recipient: Person, counter: int = 1, previous: bytes = b"") -> Header:
    """The header of a content from one to the other."""
    return Header(
        message_id=MessageId(author.rng(16)),
        conversation=conversation_of(author.member.member_id, recipient.member.member_id),
        author=author.member.member_id,
        author_device=author.device.device_id,
        recipient=recipient.member.member_id,
        recipient_device=recipient.device.device_id,
        counter=counter,
        previous=previous,
        list_version=1,
        known_list_version=1,
        sent_ms=NOW_MS,
    )
