"""What contacts can send inside the encryption, and what people paste: only desktops read it."""

from __future__ import annotations

from collections.abc import Iterable

from protocol.e2e import contents, envelope, session
from protocol.e2e.account import identity_key, new_account, one_time_keys
from protocol.e2e.bundle import BUNDLE_BYTES, make_bundle, open_bundle
from protocol.e2e.chain import Hole, Seen, dump_seen, load_seen
from protocol.e2e.devices import SignedDeviceList, enlist, read_list, sign_list
from protocol.e2e.envelope import open_envelope
from protocol.e2e.identity import DeviceKeys, Member
from protocol.e2e.link import parse_contact_link, parse_invitation
from protocol.e2e.olm_message import OlmBytes, claimed_identity, claimed_place
from protocol.e2e.packing import pack
from protocol.e2e.sealing import (
    SealingKey,
    SealingKeyCard,
    SignedSealingKey,
    read_sealing_key,
)
from protocol.errors import BadSignature, LinkError, RemoteProtocolError, Unopenable
from protocol.hpke import new_key_pair, open_with
from protocol.ids import (
    SEALING_ENCAPSULATED,
    SEALING_KEY_ID_BYTES,
    DeviceId,
    MemberId,
    SealingKeyId,
)
from protocol.keys import Domain, Secret, digest, lock, public_key, sign, unlock
from protocol.wire.address import parse_address, parse_link, parse_relay_invitation
from protocol.wire.frames import ENVELOPE_SIZES
from relay.rules.federation import read_destination
from tests.faults.fuzzing.outside import KEY, chance
from tests.faults.fuzzing.parser import Parser
from tests.faults.replacing import put
from tests.vectors import store

_SEED = Secret(b"m" * 32)
MEMBER = Member(MemberId(public_key(_SEED)), _SEED)
DEVICE = DeviceKeys(DeviceId(public_key(KEY)), KEY)
LIST = sign_list(MEMBER, [enlist(DEVICE, MEMBER.member_id, b"o" * 32, 1)], None)
OLM = 1000


def frozen(book: str, *beginnings: str) -> Iterable[bytes]:
    """Vectors whose names begin so."""
    return [bytes.fromhex(v) for k, v in store.read(book).items() if k.startswith(beginnings)]


def texts(*beginnings: str) -> list[bytes]:
    return [v.encode() for k, v in store.read("links").items() if k.startswith(beginnings)]


def text(data: bytes) -> str:
    """Also what is no text."""
    return data.decode("utf-8", "surrogateescape")


def device_list(data: bytes) -> object:
    signature = sign(MEMBER.seed, Domain.DEVICE_LIST, data)
    return read_list(SignedDeviceList(body=data, signature=signature), MEMBER.member_id)


def sealing_key(data: bytes) -> object:
    signature = sign(DEVICE.seed, Domain.SEALING_KEY, data)
    return read_sealing_key(SignedSealingKey(body=data, signature=signature), DEVICE.device_id)


def inside_of_envelope(data: bytes) -> object:
    """As if its seal had been opened: for nobody pays for a million seals."""

    def opened(private: Secret, sealed: bytes, info: bytes) -> bytes:
        return (data + bytes(size))[: size - 9 - 1136]

    size = next((each for each in ENVELOPE_SIZES if each - 1145 >= len(data)), ENVELOPE_SIZES[-1])
    whole = b"\x01" + _HINT + _SEALED.ljust(size - 9, b"\0")
    put(envelope, "open_with", opened)
    try:
        return open_envelope(whole, DEVICE.device_id, [_KEY])
    finally:
        put(envelope, "open_with", open_with)


_SEALED = bytes(SEALING_ENCAPSULATED)
_KEY = SealingKey(SealingKeyId(b"i" * SEALING_KEY_ID_BYTES), b"", KEY, 1)
_HINT = digest(Domain.ENVELOPE_HINT, _KEY.key_id, _SEALED, size=8)


def inside_of_bundle(data: bytes) -> object:
    room = BUNDLE_BYTES - 40
    plain = data.ljust(room, b"\0")[:room]
    return open_bundle(lock(KEY, plain, Domain.DRAWER.value, chance), KEY, MEMBER.member_id)


def bundles() -> Iterable[bytes]:
    public = new_key_pair().public
    card = pack(SealingKeyCard(public=public, made_ms=1))
    made = make_bundle(
        DEVICE,
        b"o" * 32,
        b"t" * 32,
        last_resort=False,
        sealing_key=SignedSealingKey(body=card, signature=sign(KEY, Domain.SEALING_KEY, card)),
        device_list=LIST,
        drawer_key=KEY,
        now_ms=1,
        rng=chance,
    )
    yield unlock(KEY, made, Domain.DRAWER.value).rstrip(b"\0")


def sealing_keys() -> Iterable[bytes]:
    yield pack(SealingKeyCard(public=new_key_pair().public, made_ms=1))


def olm_messages() -> Iterable[bytes]:
    """A pre-key message, and a normal one from its answer."""
    mine, theirs = new_account(), new_account()
    theirs, (one_time_key,) = one_time_keys(theirs, 1)
    state = session.start(mine, identity_key(theirs), one_time_key)
    _, hello = session.encrypt(state, b"hello")
    _, bobs, _ = session.accept(theirs, identity_key(mine), hello)
    _, answer = session.encrypt(bobs, b"hello yourself")
    return [bytes([one.kind]) + one.body for one in (hello, answer)]


def shown_by_olm(data: bytes) -> object:
    """The first byte says which kind it is."""
    olm = OlmBytes(data[0] & 1 if data else 0, data[1:])
    return claimed_identity(olm), claimed_place(olm)


REMOTE = (RemoteProtocolError,)
SIGNED = (RemoteProtocolError, BadSignature, Unopenable)
MARK = DEVICE.device_id + b"\1" + OLM.to_bytes(4, "big") + bytes(OLM)
SEEN = Seen(9, b"h" * 32, (Hole(3, 5, b"a" * 32, b"b" * 32),))

PARSERS = (
    Parser(
        "envelope",
        lambda d: open_envelope(d, DEVICE.device_id, [_KEY]),
        (Unopenable,),
        lambda: frozen("sealed", "envelope"),
        65536,
    ),
    Parser("Olm message", shown_by_olm, (), olm_messages, 4096),
    Parser("inside of an envelope", inside_of_envelope, (Unopenable,), lambda: [MARK], 65536),
    Parser("contents", contents.load, REMOTE, lambda: frozen("contents", ""), 62 * 1024),
    Parser("device list", device_list, SIGNED, lambda: [LIST.body], 4096),
    Parser("sealing key", sealing_key, SIGNED, sealing_keys, 1536),
    Parser("inside of a bundle", inside_of_bundle, SIGNED, bundles, BUNDLE_BYTES),
    Parser("place in a chain", load_seen, REMOTE, lambda: [dump_seen(SEEN)], 65536),
    Parser(
        "address", lambda d: parse_address(text(d)), (LinkError,), lambda: texts("address"), 4096
    ),
    Parser("destination", lambda d: read_destination(text(d)), (), lambda: texts("address"), 4096),
    Parser(
        "link", lambda d: parse_link(text(d)), (LinkError,), lambda: texts("contact", "relay"), 4096
    ),
    Parser(
        "invitation of a relay",
        lambda d: parse_relay_invitation(text(d)),
        (LinkError,),
        lambda: texts("relay"),
        4096,
    ),
    Parser(
        "invitation of a contact",
        lambda d: parse_contact_link(text(d)),
        (LinkError,),
        lambda: texts("contact"),
        4096,
    ),
    Parser(
        "what is pasted",
        lambda d: parse_invitation(text(d)),
        (LinkError,),
        lambda: texts("contact", "relay"),
        64 * 1024,
    ),
)
