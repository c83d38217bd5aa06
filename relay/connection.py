"""One desktop's connection, from the first byte to the last.

It upgrades, shakes hands, listens and parts. Whatever the other side does ends this connection at
the worst, and nothing else.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

import trio
from websockets.frames import CloseCode

from protocol.errors import NoCommonVersion, RemoteProtocolError
from protocol.wire import codec
from protocol.wire.frames import Farewell, Reason, Side
from protocol.wire.handshake import welcome
from relay.counters import Greeting, Pattern
from relay.neighbours import Neighbour, Place
from relay.outbox import Outbox
from relay.pages import Page
from relay.pipe import SocketPipe
from relay.premises import Premises
from relay.requests import Requests
from relay.rules.clock import Now
from relay.websocket import WebSocket

HANDSHAKE_S = 10.0
SILENCE_S = 60.0
MOVED_EACH_MS = 1_000
FLUSH_S = 3.0
RECEIVE_BYTES = 64 * 1024


class Connection:
    """Serves one stream; ``stop`` ends it with a farewell."""

    def __init__(
        self,
        stream: trio.abc.Stream,
        premises: Premises,
        neighbour: Neighbour,
        certificate: bytes,
        pages: Callable[[str], Page | None],
        place: Place | None = None,
    ) -> None:
        self._stream = stream
        self._premises = premises
        self._neighbour = neighbour
        self._certificate = certificate
        self._websocket = WebSocket(pages=pages)
        send_now = stream.send_now if isinstance(stream, SocketPipe) else None
        self._outbox = Outbox(
            self._websocket,
            premises.flusher,
            send_now,
            lambda size: premises.unsent.hold(self._give_up, size),
        )
        self._patience = trio.CancelScope()
        self._requests = Requests(
            premises, self._outbox, neighbour, self.stop, self._give_up, place
        )
        self._farewell: Farewell | None = None
        self._close_code = CloseCode.NORMAL_CLOSURE
        self._cut_off = False
        self._heard: list[bytes] = []  # and not dealt with yet
        self._unfinished = 0
        self._armed_ms = float("-inf")

    @property
    def greeted(self) -> bool:
        """Whether the handshake came to its end, or a page was all that was wanted."""
        return bool(self._requests.calls.transcript) or self._websocket.served_page

    async def serve(self) -> None:
        """Until either side ends it. What the other side does is never raised."""
        try:
            async with trio.open_nursery() as writing:
                writing.start_soon(self._outbox.write_to, self._stream)
                async with trio.open_nursery() as collecting:
                    self._requests.nursery = collecting
                    try:
                        await self._listen()
                        await self._wait_answers()
                    finally:
                        # Before this nursery closes: an answer may come at any later moment,
                        # and must not find it.
                        self._requests.end()
                    collecting.cancel_scope.cancel()
                flush_s = 0.0 if self._cut_off else FLUSH_S
                writing.cancel_scope.deadline = trio.current_time() + flush_s
                await self._part()
        except* (trio.BrokenResourceError, trio.ClosedResourceError):
            # The line is gone; what was on its way is repeated on the next one.
            pass
        finally:
            self._premises.unfinished.hold(self._give_up, 0)
            self._premises.unsent.hold(self._give_up, 0)
            await trio.aclose_forcefully(self._stream)

    def stop(self, reason: Reason, retry_ms: int) -> None:
        """Take nothing more, answer what was asked, say farewell."""
        if self._farewell is None:
            self._farewell = Farewell(reason=reason, retry_ms=retry_ms)
            self._close_code = CloseCode.GOING_AWAY
        self._patience.cancel()

    # Listening

    async def _listen(self) -> None:
        """Hear everything until the end, or until the other side was silent for too long."""
        ended = Greeting.LEFT
        try:
            with self._patience:
                self._heard = await self._come_in()
                await self._hear_all()
            if self._websocket.served_page:
                ended = Greeting.PAGE
            elif self._patience.cancelled_caught and self._farewell is None:
                ended = Greeting.SILENT
        except NoCommonVersion:
            self._farewell = Farewell(reason=Reason.UNSUPPORTED, retry_ms=0)
            ended = Greeting.VERSION
        except RemoteProtocolError:
            self._close_code = CloseCode.PROTOCOL_ERROR
            ended = Greeting.JUNK
        except trio.BrokenResourceError as exc:
            if isinstance(exc.__cause__, ssl.SSLError):
                ended = Greeting.TLS
            raise
        finally:
            self._count(ended)

    def _count(self, ended: Greeting) -> None:
        """What this line's end tells whoever watches the machine."""
        counters, agreed = self._premises.counters, bool(self._requests.calls.transcript)
        if not agreed:
            counters.greetings[ended] += 1
        if ended is Greeting.JUNK or self._websocket.failed:
            junk = Pattern.JUNK_AFTER_HANDSHAKE if agreed else Pattern.JUNK_BEFORE_HANDSHAKE
            counters.suspicious[junk] += 1
        elif self._cut_off:
            unread = self._outbox.size
            counters.suspicious[Pattern.SLOW_READER if unread else Pattern.UNFINISHED_MESSAGES] += 1
        elif self._outbox.stalled or (ended is Greeting.SILENT and self._outbox.size):
            counters.suspicious[Pattern.SLOW_READER] += 1

    async def _come_in(self) -> list[bytes]:
        """Wait for a turn, then shake hands with patience for that."""
        entrance = self._premises.entrance
        turn = await entrance.wait_turn(self._neighbour)
        self._patience.deadline = trio.current_time() + HANDSHAKE_S
        try:
            return await self._shake_hands()
        finally:
            entrance.leave(turn)

    async def _shake_hands(self) -> list[bytes]:
        """Upgrade, Hello, Welcome; returns what was said behind the Hello."""
        messages: list[bytes] = []
        while not messages:
            data = await self._stream.receive_some(codec.MAX_BEFORE_HANDSHAKE)
            self._premises.counters.received_bytes += len(data)
            messages = self._websocket.hear(bytes(data)) if data else []
            self._outbox.put_raw(self._websocket.to_send())
            if self._websocket.ended and not self._websocket.served_page:
                raise RemoteProtocolError("no WebSocket")
            if not data or self._websocket.ended:
                return []
        premises = self._premises
        said, agreed = welcome(
            messages[0],
            premises.seed,
            self._certificate,
            premises.now().wall_ms,
            premises.rng,
        )
        premises.counters.greetings[Greeting.DONE] += 1
        self._outbox.put_raw(self._websocket.say(said))
        self._requests.calls.transcript = agreed.transcript
        self._websocket.trust()
        return messages[1:]

    async def _hear_all(self) -> None:
        calls, heard = self._requests.calls, self._heard
        while True:
            while heard:
                await calls.wait_turn()
                self._hear(heard.pop(0), self._premises.now())
            if self._websocket.ended:
                return
            await self._outbox.wait_room()
            self._be_patient(self._premises.now())
            if isinstance(self._stream, SocketPipe):
                if not await self._stream.receive_into(self._take):
                    return
            elif data := await self._stream.receive_some(RECEIVE_BYTES):
                self._take(bytes(data))
            else:
                return

    def _take(self, data: bytes) -> bool:
        """Deal with what needs no waiting; whether that was all, and more may come at once."""
        premises, websocket = self._premises, self._websocket
        calls, heard = self._requests.calls, self._heard
        heard_at = premises.readiness.moment(premises.now)
        self._be_patient(heard_at)
        premises.counters.received_bytes += len(data)
        heard += websocket.hear(data)
        while heard and calls.has_turn:
            self._hear(heard.pop(0), heard_at)
        if websocket.unfinished != self._unfinished:
            self._unfinished = websocket.unfinished
            premises.unfinished.hold(self._give_up, self._unfinished)
        self._outbox.put_raw(websocket.to_send())
        return not heard and not websocket.ended and self._outbox.has_room

    def _be_patient(self, now: Now) -> None:
        """Somebody is there. Moving a deadline is not free; once a second will do."""
        if now.age_ms - self._armed_ms >= MOVED_EACH_MS:
            self._armed_ms = now.age_ms
            self._patience.deadline = trio.current_time() + SILENCE_S

    def _hear(self, message: bytes, now: Now) -> None:
        for frame in codec.load(message, Side.DESKTOP):
            self._requests.take(frame, now)

    def _give_up(self) -> None:
        """Without another word: what was heard or sent in part takes up too much room."""
        self._cut_off = True
        self._patience.cancel()

    # Parting

    async def _wait_answers(self) -> None:
        """Before a farewell, what was asked is answered."""
        with trio.move_on_after(FLUSH_S):
            if self._farewell is not None:
                await self._requests.calls.wait_answers()

    async def _part(self) -> None:
        """The last words, and the other side's; a close with unread input would swallow ours."""
        talking = self._websocket.open and not self._cut_off
        if talking and self._farewell is not None:
            self._outbox.put_raw(self._websocket.say(codec.dump([self._farewell])))
        if not self._cut_off:
            self._outbox.put_raw(self._websocket.close(self._close_code))
        self._outbox.end()
        if not talking:
            return
        while not self._websocket.ended:
            received = await self._stream.receive_some(RECEIVE_BYTES)
            if not received:
                return
            try:
                self._websocket.hear(bytes(received))
            except RemoteProtocolError:
                return
