"""What strangers, relays and the network can send: the wire, the handshake, HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from websockets.utils import accept_key

from protocol.errors import RemoteProtocolError
from protocol.keys import Domain, Secret, public_key, sign
from protocol.wire import codec
from protocol.wire.address import RelayAddress
from protocol.wire.card import make_card, read_card
from protocol.wire.frames import Side, Welcome
from protocol.wire.handshake import agree, fingerprint, hello, welcome
from protocol.wire.practices import make_practices, read_practices
from relay.pages import Page
from relay.websocket import WebSocket
from tests.faults.fuzzing.parser import Parser
from tests.vectors import store

SEED = Secret(b"r" * 32)
PINNED = fingerprint(public_key(SEED))
ADDRESS = RelayAddress("relay.example", 7443, PINNED)
KEY = Secret(b"k" * 32)
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: relay.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PAGE = b"GET /practices.json?x HTTP/1.1\r\nHost: relay.example\r\nAccept: */*\r\n\r\n"
READ_THE_KEY = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
UPGRADED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + READ_THE_KEY + b"\r\n\r\n"
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


def calling(data: bytes) -> object:
    """Where the examples show that they read the key of some request, they read this one's."""
    websocket = WebSocket(ADDRESS)
    asked = websocket.to_send().decode("ascii")
    key = asked.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
    return hear(websocket, data.replace(READ_THE_KEY, accept_key(key).encode("ascii")))


def said_back() -> Iterable[bytes]:
    yield b"\x82\x05hello"
    yield b"\x02\x03abc\x00\x00\x80\x02ab"
    yield b"\x82\x7e\x01\x00" + bytes(256)
    yield b"\x89\x00\x8a\x00\x88\x02\x03\xe8"


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
        calling,
        REMOTE,
        lambda: [UPGRADED, *(UPGRADED + each for each in said_back())],
        16384,
    ),
)
