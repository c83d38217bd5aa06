"""The vectors as today's code makes them, from fixed seeds.

Two values of every frame and content: ``least`` has empty and default fields where the bounds
allow, ``full`` has something in each. What a library draws at random (envelopes) is not made
here: ``sealed.json`` was written once, with the accounts of ``accounts.py``, and is opened on
every run.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from enum import Enum
from typing import Any

from msgspec import inspect

from protocol.e2e.attachment import (
    INSIDE,
    Head,
    chunk_digest,
    head_digest,
    padded,
    seal_head,
    seal_part,
    shape_of,
)
from protocol.e2e.bundle import make_bundle
from protocol.e2e.chain import content_hash
from protocol.e2e.contents import CONTENTS, conversation_of, dump
from protocol.e2e.devices import list_hash, sign_list
from protocol.e2e.envelope import MAX_INSIDE, olm_hash, size_for
from protocol.e2e.link import ContactLink
from protocol.e2e.olm_message import OlmBytes
from protocol.e2e.packing import pack
from protocol.e2e.presence import Here, Seen, seal_presence
from protocol.e2e.rooms.contents import STAGE
from protocol.e2e.rooms.desk_contents import DESK
from protocol.e2e.rooms.letters import LETTERS
from protocol.e2e.safety import safety_number
from protocol.e2e.sealing import sign_sealing_key
from protocol.e2e.signals import Typing, lock_signal
from protocol.ids import Fingerprint
from protocol.keys import Domain, Secret, derive, digest, joined, lock, public_key, sign
from protocol.wire import codec
from protocol.wire.address import RelayAddress, RelayInvitation
from protocol.wire.frames import ENVELOPE_SIZES, FRAMES
from protocol.wire.handshake import fingerprint, hello, welcome
from protocol.wire.rooms.entering import SeatCard
from protocol.wire.rooms.epochs import EpochBody
from protocol.wire.rooms.heads import HeadBody
from protocol.wire.rooms.items import EntryBody
from protocol.wire.rooms.letters import LetterBody
from protocol.wire.rooms.orders import GrantBody, OrderBody
from protocol.wire.rooms.policy import PolicyBody
from protocol.wire.slots import name_of, watch_of
from tests.protocol.cast import NOW_MS, Person, dice, person
from tests.vectors.accounts import ALICES_ACCOUNT, BOBS_ACCOUNT
from tests.vectors.of_rooms import rooms

Vectors = dict[str, str]


def example(cls: type[Any], full: bool) -> Any:
    """A value of a frame or a content that follows from its declaration alone."""
    return _value(inspect.type_info(cls), full, itertools.count(1))


def _value(info: inspect.Type, full: bool, numbers: itertools.count[int]) -> Any:
    match info:
        case inspect.BoolType():
            return full
        case inspect.IntType():
            return next(numbers) if full else info.ge or 0
        case inspect.StrType():
            return "h\u00e9llo \U0001f642" if full else ""
        case inspect.BytesType():
            least = info.min_length or 0
            most = least + 3 if info.max_length is None else min(info.max_length, least + 3)
            return bytes([next(numbers) % 256]) * (most if full else least)
        case inspect.EnumType():
            members: list[Enum] = list(info.cls)
            return members[0 if full else -1]
        case inspect.NoneType():
            return None
        case inspect.UnionType():
            kinds = [one for one in info.types if not isinstance(one, inspect.NoneType)]
            return _value(kinds[0], full, numbers) if full else None
        case inspect.VarTupleType():
            count = 2 if full else info.min_length or 0
            return tuple(_value(info.item_type, full, numbers) for _ in range(count))
        case inspect.DictType():
            key, value = info.key_type, info.value_type
            return {_value(key, full, numbers): _value(value, full, numbers)} if full else {}
        case inspect.StructType():
            return info.cls(
                **{
                    field.name: _value(field.type, full, numbers)
                    for field in info.fields
                    if full or field.required
                }
            )
        case _:
            raise NotImplementedError(f"no example for {info}")


def frames() -> Vectors:
    """A message of one frame each."""
    return {
        f"{tag} {size}": codec.dump([example(cls, size == "full")]).hex()
        for tag, cls in FRAMES.items()
        for size in ("least", "full")
    }


def contents() -> Vectors:
    """A content each, and its hash for the chain."""
    made: Vectors = {}
    for tag, cls in CONTENTS.items():
        for size in ("least", "full"):
            encoded = dump(example(cls, size == "full"))
            made[f"{tag} {size}"] = encoded.hex()
            made[f"{tag} {size} content_hash"] = content_hash(encoded).hex()
    return made


def keys() -> Vectors:
    """Hashes, derivations and signatures under every domain."""
    seed = Secret(bytes(range(32)))
    made = {
        "joined": joined(b"", b"a", b"bc").hex(),
        "public_key": public_key(seed).hex(),
        "lock": lock(bytes(32), b"plain", b"bound", dice("lock")).hex(),
    }
    for domain in Domain:
        made[f"digest {domain.value.decode()}"] = digest(domain, b"one", b"").hex()
        made[f"derive {domain.value.decode()}"] = bytes(derive(domain, seed, b"ctx")).hex()
        made[f"sign {domain.value.decode()}"] = sign(seed, domain, b"one", b"").hex()
    return made


def handshake() -> Vectors:
    """Both messages, and what both sides know after them."""
    seed, rng = Secret(bytes(range(32))), dice("handshake")
    said = hello(rng)
    heard, agreed = welcome(said, seed, bytes(range(32, 64)), NOW_MS, rng)
    return {
        "hello": said.hex(),
        "welcome": heard.hex(),
        "transcript": agreed.transcript.hex(),
        "fingerprint": fingerprint(agreed.relay).hex(),
    }


def people() -> tuple[Person, Person]:
    return person("alice", lambda: ALICES_ACCOUNT), person("bob", lambda: BOBS_ACCOUNT)


def links() -> Vectors:
    """Links of both kinds, and what is derived from a contact's."""
    alice, _ = people()
    print_ = Fingerprint(bytes(range(32)))
    secret = Secret(bytes(range(16)))
    tls = RelayAddress("relay.example", 7443, print_)
    plain = RelayAddress("::1", 8080, print_, tls=False)
    link = ContactLink(tls, alice.member.member_id, secret, NOW_MS, "Ali\u00e7e", join=True)
    return {
        "address": str(tls),
        "address plain": str(plain),
        "relay invitation": str(RelayInvitation(tls, secret)),
        "contact link": str(link),
        "contact link plain, no name, no join": str(
            ContactLink(plain, alice.member.member_id, secret, NOW_MS)
        ),
        "capability": bytes(link.capability()).hex(),
        "drawer key": bytes(link.drawer_key()).hex(),
        "drawer id": link.drawer_id().hex(),
        "join code": bytes(link.join_code() or b"").hex(),
    }


def identities() -> Vectors:
    """Lists, sealing keys, bundles, and the ids that follow from two members."""
    alice, bob = people()
    second = sign_list(alice.member, [alice.entry(), alice.new_entry()], alice.signed_list)
    sealing = sign_sealing_key(alice.device, alice.sealing)
    bundle = make_bundle(
        alice.device,
        alice.olm,
        bytes(range(32)),
        last_resort=False,
        sealing_key=sealing,
        device_list=alice.signed_list,
        drawer_key=Secret(bytes(range(32))),
        now_ms=NOW_MS,
        rng=dice("bundle"),
    )
    a, b = alice.member.member_id, bob.member.member_id
    olm = OlmBytes(1, b"olm bytes")
    return {
        "member id": a.hex(),
        "device id": alice.device.device_id.hex(),
        "olm identity key": alice.olm.hex(),
        "device list 1": pack(alice.signed_list).hex(),
        "device list 2": pack(second).hex(),
        "device list 2 hash": list_hash(second).hex(),
        "sealing key id": alice.sealing.key_id.hex(),
        "sealing key signed": pack(sealing).hex(),
        "bundle": bundle.hex(),
        "conversation": conversation_of(a, b).hex(),
        "safety number": safety_number(a, b),
        "olm hash": olm_hash(alice.device.device_id, olm).hex(),
    }


def sizes() -> Vectors:
    """Envelope sizes, and the longest Olm message in each."""
    around = ENVELOPE_SIZES[-1] - MAX_INSIDE
    made = {f"envelope of {size}": str(size - around) for size in ENVELOPE_SIZES}
    return made | {f"around {n}": str(size_for(n)) for n in (0, 300, 866, 867, 5000, 60_000)}


def attachments() -> Vectors:
    """Files of known bytes: the digest of each sealed chunk, and what a message says."""
    key = Secret(bytes(range(32)))
    made: Vectors = {}
    for length in (0, 100, INSIDE, 3 * INSIDE):
        shape = shape_of(length)
        file = (b"aside" * (length // 5 + 1))[:length]
        parts = [file[slice(*shape.span(number))] for number in range(shape.chunks)]
        behind = [seal_part(key, shape, n, part) for n, part in enumerate(parts) if n]
        head = seal_head(key, Head(shape, tuple(map(chunk_digest, behind))), parts[0])
        made[f"{length} bytes: head"] = head_digest(key, head).hex()
        for number, sealed in enumerate([head, *behind]):
            made[f"{length} bytes: chunk {number}"] = chunk_digest(sealed).hex()
    return made | {f"{n} chunks padded": str(padded(n)) for n in (1, 8, 9, 17, 100, 1001, 4000)}


def fleeting() -> Vectors:
    """A slot's secrets, what stands in it, and a signal before it is sealed."""
    alice, bob = people()
    write, key = Secret(bytes(range(32))), Secret(bytes(range(32, 64)))
    watch = watch_of(write)
    sender, recipient = alice.device.device_id, bob.device.device_id
    typing, stopped = Typing(made_ms=NOW_MS), Typing(made_ms=NOW_MS, stopped=True)
    return {
        "watch": bytes(watch).hex(),
        "name": name_of(watch).hex(),
        "blob": seal_presence(key, watch, Seen(NOW_MS, Here.ONLINE, 300), dice("blob")).hex(),
        "typing": lock_signal(typing, sender, recipient, key, dice("typing")).hex(),
        "typing stopped": lock_signal(stopped, sender, recipient, key, dice("typing")).hex(),
    }


BODIES = (PolicyBody, SeatCard, EntryBody, OrderBody, GrantBody, HeadBody, EpochBody, LetterBody)


def bodies_of_rooms() -> Vectors:
    """What is signed in rooms, and what is sealed there, of every kind."""
    kinds: dict[str, type[Any]] = {cls.__name__: cls for cls in BODIES}
    for where, said in (("stage", STAGE), ("desk", DESK), ("letter", LETTERS)):
        kinds |= {f"{where}: {name}": cls for name, cls in said.by_name.items()}
    return {
        f"{name} {size}": pack(example(cls, size == "full")).hex()
        for name, cls in kinds.items()
        for size in ("least", "full")
    }


BOOKS: dict[str, Callable[[], Vectors]] = {
    "frames": frames,
    "contents": contents,
    "keys": keys,
    "handshake": handshake,
    "links": links,
    "identities": identities,
    "sizes": sizes,
    "attachments": attachments,
    "fleeting": fleeting,
    "bodies_of_rooms": bodies_of_rooms,
    "rooms": rooms,
}
