"""Frames cut here and frames cut by the library alone: the same messages, the same ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from protocol.errors import RemoteProtocolError
from protocol.wire.codec import MAX_MESSAGE
from relay.framing import MOST_IN_A_PIECE, PIECE, Framing, head_of
from relay.websocket import WebSocket, silent_log

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MASK = b"\x11\x92\x33\xf4"

sizes = st.sampled_from([0, 1, 124, 125, 126, 127, 300, 65_535, 65_536])
opcodes = st.sampled_from([0x82] * 8 + [0x02, 0x00, 0x80, 0x89, 0x8A, 0x88, 0x81, 0xC2, 0x83])
said = st.lists(st.tuples(opcodes, sizes, st.integers(0, 39)), max_size=7)


def masked(first: int, size: int, length_bytes: int = 0) -> bytes:
    """A client's frame; perhaps with a longer form of its length than there has to be."""
    if first in (0x89, 0x8A, 0x88):
        size = min(size, 125)
    body = (int(CloseCode.NORMAL_CLOSURE).to_bytes(2, "big") if first == 0x88 else b"").ljust(size)
    size, form = (
        len(body),
        length_bytes or (0 if len(body) < 126 else 2 if len(body) < 65536 else 8),
    )
    second = size if form == 0 else 126 if form == 2 else 127
    head = bytes((first, 0x80 | second)) + (size.to_bytes(form, "big") if form else b"")
    return head + MASK + bytes(byte ^ MASK[n % 4] for n, byte in enumerate(body))


def by_the_library(data: bytes) -> tuple[list[bytes], bool]:
    """Messages, and whether it has ended."""
    alone = ServerProtocol(extensions=None, max_size=MAX_MESSAGE, logger=silent_log)
    alone.receive_data(UPGRADE)
    (request,) = alone.events_received()
    assert isinstance(request, Request)
    alone.send_response(alone.accept(request))
    alone.receive_data(data)
    messages, parts = list[bytes](), bytearray()
    for event in alone.events_received():
        assert isinstance(event, Frame)
        if event.opcode is Opcode.TEXT:
            return messages, True
        if event.opcode in (Opcode.BINARY, Opcode.CONT):
            parts += event.data
            if event.fin:
                messages.append(bytes(parts))
                parts = bytearray()
    return messages, alone.eof_sent


def by_ours(pieces: list[bytes]) -> tuple[list[bytes], bool]:
    websocket, messages = WebSocket(), list[bytes]()
    websocket.hear(UPGRADE)
    websocket.trust()
    for piece in pieces:
        try:
            messages += websocket.hear(piece)
        except RemoteProtocolError:
            return messages, True
    return messages, websocket.ended


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(said, st.lists(st.integers(0, 10**6), max_size=6))
def test_the_same_messages_and_the_same_end(
    frames: list[tuple[int, int, int]], places: list[int]
) -> None:
    data = b"".join(
        masked(first, size, 8 if odd == 1 else 0) if odd else bytes((first, 5)) + b"plain"
        for first, size, odd in frames
    )
    theirs, they_ended = by_the_library(data)
    ours, we_ended = by_ours(cut(data, places))
    assert we_ended is they_ended
    # Of one read, what came before a break may go with it.
    assert ours == (theirs[: len(ours)] if they_ended else theirs)


def test_a_message_in_many_reads_is_put_together_once() -> None:
    framing, data = Framing(masked=True), masked(0x82, 300_000)
    heard = [
        each for start in range(0, len(data), 7) for each in framing.feed(data[start:][:7], 1 << 20)
    ]
    assert [(whole, len(message)) for whole, message in heard] == [(True, 300_000)]
    assert framing.held == 0


def test_what_is_too_long_is_not_waited_for() -> None:
    framing = Framing(masked=True)
    assert list(framing.feed(masked(0x82, 4_097)[:14], 4_096)) == [
        (False, masked(0x82, 4_097)[:14])
    ]
    assert list(framing.feed(b"and all behind it", 4_096)) == [(False, b"and all behind it")]
    assert framing.held == 0


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\xc2\xfe", b"\x83\xff", b"\x82\x05"])
def test_what_can_be_no_frame_is_not_waited_for(data: bytes) -> None:
    assert list(Framing(masked=True).feed(data, 4_096)) == [(False, data)]


def test_crumbs_are_refused_before_they_cost() -> None:
    crumb, heard = masked(0x82, 0), 0
    with pytest.raises(RemoteProtocolError):
        for _ in Framing(masked=True).feed(crumb * 10 * MOST_IN_A_PIECE, 1):
            heard += 1
    assert heard == MOST_IN_A_PIECE + 1
    little = masked(0x82, PIECE // MOST_IN_A_PIECE)
    assert len(list(Framing(masked=True).feed(little * 4_000, 16))) == 4_000


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_what_is_said_is_what_the_library_says(size: int) -> None:
    data = bytes(size)
    websocket = WebSocket()
    websocket.hear(UPGRADE)
    websocket.to_send()
    assert websocket.say(data) == Frame(Opcode.BINARY, data).serialize(mask=False)
    assert list(Framing(masked=False).feed(head_of(size) + data, 1 << 20)) == [(True, data)]
