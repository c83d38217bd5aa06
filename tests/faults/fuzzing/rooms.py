"""What people in a room, its host and its relay can send: what is signed there, sealed there, and
pasted to get there. Signatures and seals are right, so that what stands behind them is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from protocol.e2e.chain import Hole, Seen
from protocol.e2e.packing import pack, unpack
from protocol.e2e.rooms import contents, desk_contents, stage, words
from protocol.e2e.rooms.bridge import BridgeCard, Purpose, Quote, Witness, check_card, make_card
from protocol.e2e.rooms.contents import Text
from protocol.e2e.rooms.epochs import EpochKey
from protocol.e2e.rooms.front import Front, open_front
from protocol.e2e.rooms.letters import LETTERS
from protocol.e2e.rooms.link import RoomLink, find_room_link, parse_room_link
from protocol.e2e.rooms.pseudonyms import clean, imitates
from protocol.e2e.rooms.voices import Voice, dump_voice, load_voice
from protocol.errors import BadSignature, LinkError, RemoteProtocolError, Unopenable
from protocol.ids import LetterId
from protocol.keys import Domain, Secret, joined, lock, sign
from protocol.wire.frames.letters import MAX_LETTER
from protocol.wire.frames.room_entries import MAX_ITEM, Lane
from protocol.wire.frames.room_orders import MAX_ANNOUNCEMENT, SignedEpoch
from protocol.wire.frames.rooms import (
    MAX_CARD,
    MAX_GRANT,
    MAX_HEAD,
    MAX_POLICY,
    SignedCard,
    SignedGrant,
    SignedHead,
    SignedPolicy,
)
from protocol.wire.rooms.entering import SeatCard, read_card
from protocol.wire.rooms.epochs import EpochBody, read_epoch
from protocol.wire.rooms.heads import NOTHING, HeadBody, read_head, run_start
from protocol.wire.rooms.items import SIGNATURE, EntryBody, parse_item
from protocol.wire.rooms.letters import LetterBody, read_letter
from protocol.wire.rooms.orders import Scope, What, read_grant
from protocol.wire.rooms.policy import read_policy
from tests.faults.fuzzing.outside import ADDRESS, chance
from tests.faults.fuzzing.parser import Parser
from tests.protocol.room_cast import (
    ALICE,
    BOB,
    CAROL,
    POLICY,
    RELAY,
    RELAY_SEED,
    ROOM,
    chain,
    grant,
    order,
)
from tests.vectors import store

LINK = RoomLink(ADDRESS, ROOM.room, Secret(b"s" * 16))
INVITED = RoomLink(ADDRESS, ROOM.room, Secret(b"s" * 16), Secret(b"i" * 16))
KEY = EpochKey(ROOM.room, 1, LINK.first_epoch())
SAID = [
    stage.say(Text(name="Carol", sent_ms=1, text="hello"), KEY, CAROL, 1, b"", chance),
    *chain(CAROL, 2),
]
FRONT = Front(title="Making things", about="One\ntwo", where="https://video.example/")
MODERATOR = grant(BOB, Scope.MODERATE)
HEAD = HeadBody(
    room=ROOM.room,
    lane=Lane.STAGE,
    run=1,
    number=0,
    running=run_start(ROOM.room, Lane.STAGE, 1, 0, NOTHING),
    before_number=0,
    before_running=NOTHING,
    made_ms=1,
)
EPOCH = EpochBody(
    room=ROOM.room, epoch=2, commitment=bytes(32), by=ALICE.seat, made_ms=1, grant=MODERATOR
)
SEEN = Seen(9, b"h" * 32, (Hole(3, 5, b"a" * 32, b"b" * 32),))
LETTER = LetterBody(LetterId(bytes(16)), CAROL.seat, ALICE.seat, 1, bytes(2048))
CARD = make_card(
    ROOM.room,
    FRONT,
    Quote(run=1, number=1, item=SAID[0], said="hello"),
    [],
    Purpose.SUPPORT,
    "",
    1,
)
WITNESS = Witness(ROOM.room, lambda lane, run, number: None, lambda epoch: KEY, lambda item: None)


def items() -> Iterable[bytes]:
    yield from (item[SIGNATURE:] for item in SAID)
    yield msgspec.msgpack.encode(order(What.TIME_OUT, BOB.seat, about=CAROL.seat, seconds=60))
    yield msgspec.msgpack.encode(order(What.GRANT, given=MODERATOR, grant=MODERATOR))


def inside_of_entry(data: bytes) -> object:
    """As somebody with the key would seal it."""
    bound = joined(
        Domain.ROOM_STAGE.value,
        *(ROOM.room, b"\0", bytes(7) + b"\1", CAROL.seat, bytes(7) + b"\1", b""),
    )
    around = len(data) + 40
    size = next((each for each in stage.SIZES if each >= around), around)
    plain = data.ljust(size - 40, b"\0")
    sealed = lock(KEY.of(Domain.ROOM_STAGE), plain, bound, chance)
    return stage.hear(EntryBody(Lane.STAGE, CAROL.seat, 1, 1, b"", sealed), KEY)


def said_inside() -> Iterable[bytes]:
    for each in of_kind("stage: "):
        yield len(each).to_bytes(2, "big") + each


def of_kind(where: str) -> list[bytes]:
    bodies = store.read("bodies_of_rooms").items()
    return [bytes.fromhex(value) for name, value in bodies if name.startswith(where)]


def front(data: bytes) -> object:
    bound = joined(Domain.ROOM_FRONT.value, ROOM.room)
    return open_front(lock(LINK.front_key(), data, bound, chance), LINK.front_key(), ROOM.room)


def name(data: bytes) -> object:
    told = data.decode("utf-8", "surrogateescape")
    return imitates(clean(told), ["Alice"]), words.lines(told, 300)


def signed(
    read: Callable[[bytes, bytes], object], seed: Secret, domain: Domain, *before: bytes
) -> Callable[[bytes], object]:
    return lambda data: read(data, sign(seed, domain, *before, data))


def text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


REMOTE = (RemoteProtocolError,)
SIGNED = (RemoteProtocolError, BadSignature)
OPENED = (RemoteProtocolError, Unopenable)

PARSERS = (
    Parser(
        "policy of a room",
        signed(
            lambda d, s: read_policy(SignedPolicy(body=d, signature=s), ROOM.room),
            ROOM.seed,
            Domain.ROOM_POLICY,
        ),
        SIGNED,
        lambda: [pack(POLICY)],
        MAX_POLICY + 64,
    ),
    Parser(
        "grant in a room",
        signed(
            lambda d, s: read_grant(SignedGrant(body=d, signature=s), ROOM.room),
            ROOM.seed,
            Domain.ROOM_GRANT,
        ),
        SIGNED,
        lambda: [MODERATOR.body],
        MAX_GRANT + 64,
    ),
    Parser(
        "epoch of a room",
        signed(
            lambda d, s: read_epoch(SignedEpoch(body=d, signature=s), ROOM.room),
            ALICE.seed,
            Domain.ROOM_EPOCH,
        ),
        SIGNED,
        lambda: [pack(EPOCH)],
        MAX_ANNOUNCEMENT + 64,
    ),
    Parser(
        "head of a room",
        signed(
            lambda d, s: read_head(SignedHead(body=d, signature=s), RELAY, ROOM.room),
            RELAY_SEED,
            Domain.ROOM_HEAD,
        ),
        SIGNED,
        lambda: [pack(HEAD)],
        MAX_HEAD + 64,
    ),
    Parser(
        "card of a seat",
        signed(
            lambda d, s: read_card(SignedCard(body=d, signature=s), ROOM.room, CAROL.seat),
            CAROL.seed,
            Domain.ROOM_SEAT_CARD,
            ROOM.room,
        ),
        SIGNED,
        lambda: [pack(SeatCard(sealing=bytes(1216), made_ms=1))],
        MAX_CARD + 64,
    ),
    Parser(
        "letter in a room",
        signed(
            lambda d, s: read_letter(s + d, ROOM.room),
            ALICE.seed,
            Domain.ROOM_LETTER,
            ROOM.room,
        ),
        SIGNED,
        lambda: [pack(LETTER)],
        MAX_LETTER,
    ),
    Parser("item of a room", lambda d: parse_item(bytes(SIGNATURE) + d), REMOTE, items, MAX_ITEM),
    Parser(
        "link of a room",
        lambda d: parse_room_link(text(d)),
        (LinkError,),
        lambda: [str(LINK).encode(), str(INVITED).encode()],
        4096,
    ),
    Parser(
        "what is pasted for a room",
        lambda d: find_room_link(text(d)),
        (LinkError,),
        lambda: [f"Come: <{LINK}>!".encode(), str(INVITED).replace("#", "%23").encode()],
        65536,
    ),
    Parser("front of a room", front, OPENED, lambda: [pack(FRONT)], 4096),
    Parser("inside of a stage entry", inside_of_entry, OPENED, said_inside, 4056),
    Parser("contents of the stage", contents.load, REMOTE, lambda: of_kind("stage: "), 4096),
    Parser("contents of the desk", desk_contents.load, REMOTE, lambda: of_kind("desk: "), 16384),
    Parser("contents of a letter", LETTERS.load, REMOTE, lambda: of_kind("letter: "), 8192),
    Parser(
        "bridge card",
        lambda d: check_card(unpack(d, BridgeCard), WITNESS),
        REMOTE,
        lambda: [pack(CARD)],
        8192,
    ),
    Parser(
        "place in a voice",
        load_voice,
        REMOTE,
        lambda: [dump_voice(Voice(SEEN)), dump_voice(Voice(Seen(), 3))],
        65536,
    ),
    Parser(
        "pseudonym and words",
        name,
        (),
        lambda: ["Al\u0456ce (h\u00f3st)".encode(), "\u202eone\ntwo\x07".encode()],
        4096,
    ),
)
