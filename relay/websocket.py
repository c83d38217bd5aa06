"""Either end of a WebSocket, without I/O: bytes to messages and messages to bytes.

Binary messages only, no extensions; anything else ends the connection. Who asks for no upgrade gets
a page, and that is the end of it. Messages in one piece are framed here; all else, from the upgrade
to the closing, is the library's, whose own log is silenced, because it would quote strangers.

The library is ``websockets``, its protocol without I/O. Beside trio-websocket (``framing`` in
tests/bench) it needs a third of the processor time for each message where each sender has one in
flight and a twelfth where they have 16, and it hands over the bytes to be written, which the outbox
joins.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from protocol.errors import RemoteProtocolError
from protocol.wire.address import RelayAddress
from protocol.wire.codec import MAX_BEFORE_HANDSHAKE, MAX_MESSAGE
from relay.framing import Framing, head_of
from relay.pages import Page, path_of, respond, wants_upgrade

_END_OF_HEAD = b"\r\n\r\n"
OTHER_METHODS = {b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"}
LONGEST_METHOD = 8

silent_log = logging.Logger("silent", logging.CRITICAL + 1)


def no_page(path: str) -> Page | None:
    """Nothing is to be seen here."""
    return None


class WebSocket:
    """One connection's state. What is to be sent gathers until ``to_send`` takes it.

    It answers a call, or makes one where it is given whom to call; ``pages`` is for who only looks.
    """

    def __init__(
        self,
        calls: RelayAddress | None = None,
        pages: Callable[[str], Page | None] = no_page,
    ) -> None:
        self._pages = pages
        self._protocol: ServerProtocol | ClientProtocol
        if calls is None:
            self._protocol = ServerProtocol(
                extensions=None, max_size=MAX_BEFORE_HANDSHAKE, logger=silent_log
            )
        else:
            self._protocol = ClientProtocol(
                parse_uri(calls.url), max_size=MAX_BEFORE_HANDSHAKE, logger=silent_log
            )
            self._protocol.send_request(self._protocol.connect())
        self._answers = calls is None
        self._framing = Framing(masked=self._answers)
        # The last bytes of the request or response that opens it, until all of that is here.
        self._head: bytes | None = b""
        self._begins = b""
        self._refused = b""
        self._most = MAX_BEFORE_HANDSHAKE
        self._parts: bytearray | None = None
        self._heard_bytes = 0
        self._trusted = False
        self.served_page = False

    @property
    def open(self) -> bool:
        """Whether messages can be sent."""
        return self._protocol.state is OPEN

    @property
    def ended(self) -> bool:
        """Whether nothing more will come: the peer closed, or broke the protocol."""
        return self._protocol.eof_sent

    @property
    def failed(self) -> bool:
        """Whether the peer broke the WebSocket protocol."""
        return self._protocol.parser_exc is not None

    @property
    def unfinished(self) -> int:
        """Bytes held of a message that is not complete."""
        return self._framing.held + len(self._protocol.reader.buffer) + len(self._parts or b"")

    def trust(self) -> None:
        """After the handshake: messages of full size."""
        self._protocol.max_message_size = self._most = MAX_MESSAGE
        self._trusted = True

    def hear(self, data: bytes) -> list[bytes]:
        """The messages completed by these bytes. Raises RemoteProtocolError."""
        if not self._trusted:
            self._heard_bytes += len(data)
            # The request for the upgrade and one message; both have the same bound.
            if self._heard_bytes > 2 * MAX_BEFORE_HANDSHAKE:
                raise RemoteProtocolError("too much before the handshake")
        messages: list[bytes] = []
        if self._head is not None:
            data = self._hear_head(self._head, data, messages)
        is_open = self.open
        for whole, piece in self._framing.feed(data, self._most):
            if not whole:
                self._give(piece, messages)
                is_open = self.open
            elif self._parts is not None:
                raise RemoteProtocolError("a message inside another")
            elif is_open:
                messages.append(piece)
        return messages

    def _hear_head(self, before: bytes, data: bytes, messages: list[bytes]) -> bytes:
        """What opens the conversation is the library's; returns what comes behind it."""
        end = (before + data).find(_END_OF_HEAD)
        cut = len(data) if end < 0 else end + len(_END_OF_HEAD) - len(before)
        self._head = (before + data)[1 - len(_END_OF_HEAD) :] if end < 0 else None
        self._begins = (self._begins + data)[:LONGEST_METHOD]
        self._give(data[:cut], messages)
        if self._head is None and self._answers and self.ended and not self.served_page:
            self._refuse()
        # Behind a page nothing is heard.
        return b"" if self.served_page else data[cut:]

    def _refuse(self) -> None:
        """The library hears nothing of who brings a body, and a page takes none."""
        method = self._begins.partition(b" ")[0]
        if method in OTHER_METHODS:
            self.served_page = True
            asked = Request("/", Headers(), method.decode("ascii"))
            self._refused = respond(asked, None).serialize()

    def _give(self, data: bytes, messages: list[bytes]) -> None:
        protocol = self._protocol
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Frame):
                self._hear_frame(event, messages)
            elif isinstance(event, Request) and isinstance(protocol, ServerProtocol):
                protocol.send_response(self._answer(protocol, event))
                # The parser keeps the request for as long as the line is there.
                event.headers.clear()
            elif isinstance(event, Response) and not self.open:
                raise RemoteProtocolError("no WebSocket")

    def say(self, message: bytes) -> bytes:
        """The bytes of one message. Raises ConnectionError where the other side has closed."""
        protocol = self._protocol
        if self._answers:
            if protocol.state is not OPEN:
                raise ConnectionError
            framed = head_of(len(message)) + message
            return self.to_send() + framed if protocol.writes else framed
        try:
            protocol.send_binary(message)
        except InvalidState as exc:
            raise ConnectionError from exc
        return self.to_send()

    def close(self, code: CloseCode = CloseCode.NORMAL_CLOSURE) -> bytes:
        """The bytes that end the conversation; none where it has ended."""
        if self.open:
            self._protocol.send_close(code)
        return self.to_send()

    def to_send(self) -> bytes:
        """What the protocol itself has to say: the upgrade, pongs, the closing."""
        refused, self._refused = self._refused, b""
        return refused + (b"".join(self._protocol.data_to_send()) if self._protocol.writes else b"")

    def _answer(self, protocol: ServerProtocol, request: Request) -> Response:
        if wants_upgrade(request):
            return protocol.accept(request)
        self.served_page = True
        return respond(request, self._pages(path_of(request)))

    def _hear_frame(self, frame: Frame, messages: list[bytes]) -> None:
        if frame.opcode is Opcode.BINARY:
            if frame.fin:
                messages.append(bytes(frame.data))
            else:
                self._parts = bytearray(frame.data)
        elif frame.opcode is Opcode.CONT and self._parts is not None:
            self._parts += frame.data
            if frame.fin:
                messages.append(bytes(self._parts))
                self._parts = None
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            raise RemoteProtocolError("not a binary message")
