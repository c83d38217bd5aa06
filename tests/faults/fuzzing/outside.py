"""What strangers, relays and the network can send: the wire, the handshake, packets, HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from protocol.errors import RemoteProtocolError, Unopenable
from protocol.ids import CallId, EnvelopeId
from protocol.keys import Domain, Secret, joined, lock, public_key, sign
from protocol.wire import codec
from protocol.wire.address import RelayAddress
from protocol.wire.card import make_card, read_card
from protocol.wire.frames import ANSWER_SIZES, PACKET_SIZES, Deposit, Side, Stored, Welcome
from protocol.wire.handshake import agree, fingerprint, hello, welcome
from protocol.wire.packet import key_id_of, open_answer, open_packet
from protocol.wire.practices import make_practices, read_practices
from relay.pages import Page
from relay.websocket import WebSocket
from tests.faults.fuzzing.parser import Parser
from tests.vectors import store

SEED = Secret(b"r" * 32)
PINNED = fingerprint(public_key(SEED))
ADDRESS = RelayAddress("relay.example", 7443, PINNED)
KEY = Secret(b"k" * 32)
HASH = b"h" * 32
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: relay.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PAGE = b"GET /practices.json?x HTTP/1.1\r\nHost: relay.example\r\nAccept: */*\r\n\r\n"
UPGRADED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def chance(count: int) -> bytes:
    """Not by chance."""
    return Random(count).randbytes(count)


SAID = hello(chance)
GREETED, _ = welcome(SAID, SEED, b"", 1_795_000_000_000, chance)


def frames(side: Side) -> Iterable[bytes]:
    for name, frozen in store.read("frames").items():
        data = bytes.fromhex(frozen)
        try:
            codec.load(data, side)
        except RemoteProtocolError:
            continue
        if len(data) < 4096 or "least" in name:
            yield data


class Sealed:
    """A key that opens what was never sealed: nobody pays for a million seals."""

    def open(self, sealed: bytes, info: bytes) -> bytes:
        return sealed


KEY_ID = key_id_of(b"public")
RELAY = agree(SAID, GREETED, PINNED, b"").relay
_PACKETS = {KEY_ID: Sealed()}


def inside_of_packet(data: bytes) -> object:
    size = next(size for size in PACKET_SIZES if size >= min(len(data) + 9, PACKET_SIZES[-1]))
    packet = (b"\x01" + KEY_ID + data).ljust(size, b"\0")[:size]
    return open_packet(packet, RELAY, _PACKETS)  # type: ignore[arg-type]


def packets() -> Iterable[bytes]:
    asked = Deposit(
        call=CallId(0), capability=bytes(32), envelope_id=EnvelopeId(bytes(16)), body=bytes(2048)
    )
    said = codec.dump([asked])
    yield KEY + len(said).to_bytes(4, "big") + said


def inside_of_answer(data: bytes) -> object:
    plain = data[: ANSWER_SIZES[-1] - 40]
    size = next(size for size in ANSWER_SIZES if size >= len(plain) + 40) - 40
    bound = joined(Domain.PACKET_ANSWER.value, HASH)
    return open_answer(lock(KEY, plain.ljust(size, b"\0"), bound, chance), KEY, HASH)


def answers() -> Iterable[bytes]:
    said = codec.dump([Stored(call=CallId(0))])
    yield len(said).to_bytes(4, "big") + said


def statement(data: bytes) -> object:
    signature = sign(SEED, Domain.HANDSHAKE, SAID, data)
    said = codec.dump([Welcome(statement=data, signature=signature)])
    return agree(SAID, said, PINNED, b"")


def statements() -> Iterable[bytes]:
    heard = codec.load(GREETED, Side.RELAY)[0]
    assert isinstance(heard, Welcome)
    yield heard.statement


def page(path: str) -> Page | None:
    return Page(b"here") if path == "/practices.json" else None


def hear(websocket: WebSocket, data: bytes) -> object:
    """In pieces, as it may come."""
    heard: list[bytes] = []
    for piece in (data[:7], data[7:100], data[100:]):
        if websocket.ended:
            break
        heard += websocket.hear(piece)
        websocket.to_send()
    return heard


def at_the_door(data: bytes) -> object:
    return hear(WebSocket(pages=page), data)


def upgraded(data: bytes) -> object:
    websocket = WebSocket(pages=page)
    websocket.hear(UPGRADE)
    websocket.trust()
    return hear(websocket, data)


def messages() -> Iterable[bytes]:
    yield b"\x82\x85\0\0\0\0hello"
    yield b"\x81\x85\0\0\0\0hello"
    yield b"\x02\x83\1\2\3\4abc\x00\x80\1\2\3\4\x80\x82\1\2\3\4ab"
    yield b"\x82\xfe\x01\x00\0\0\0\0" + bytes(256)
    yield b"\x89\x80\0\0\0\0\x8a\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8"


def said_by(name: str, side: Side) -> Parser:
    return Parser(
        name,
        lambda data: codec.load(data, side),
        (RemoteProtocolError,),
        lambda: frames(side),
        codec.MAX_MESSAGE,
    )


REMOTE = (RemoteProtocolError,)
SEALED = (RemoteProtocolError, Unopenable)
CARD = make_card(SEED, bytes(1216), 1)
PRACTICES = make_practices(SEED, "Relay", "About", True, ())

PARSERS = (
    said_by("frames of desktops", Side.DESKTOP),
    said_by("frames of relays", Side.RELAY),
    Parser(
        "greeting of a desktop",
        lambda d: welcome(d, SEED, b"", 1, chance),
        REMOTE,
        lambda: [SAID],
        8192,
    ),
    Parser(
        "greeting of a relay",
        lambda d: agree(SAID, d, PINNED, b""),
        REMOTE,
        lambda: [GREETED],
        8192,
    ),
    Parser("statement of a relay", statement, REMOTE, statements, 512),
    Parser("inside of a packet", inside_of_packet, SEALED, packets, PACKET_SIZES[-1]),
    Parser("inside of an answer", inside_of_answer, SEALED, answers, ANSWER_SIZES[-1]),
    Parser(
        "card of a relay",
        lambda d: read_card(d, sign(SEED, Domain.RELAY_CARD, d), PINNED),
        REMOTE,
        lambda: [CARD[0]],
        8192,
    ),
    Parser(
        "practices of a relay",
        lambda d: read_practices(d, sign(SEED, Domain.PRACTICES, d), PINNED),
        REMOTE,
        lambda: [PRACTICES[0]],
        8192,
    ),
    Parser(
        "HTTP at the door",
        at_the_door,
        REMOTE,
        lambda: [UPGRADE, PAGE, *(UPGRADE + each for each in messages())],
        16384,
    ),
    Parser("WebSocket of a desktop", upgraded, REMOTE, messages, 65536),
    Parser(
        "WebSocket of a relay",
        lambda d: hear(WebSocket(ADDRESS), d),
        REMOTE,
        lambda: [UPGRADED],
        16384,
    ),
)
