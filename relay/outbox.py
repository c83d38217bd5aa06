"""Everything that goes out on one connection, in one place, so that frames never interleave.

Frames gather until the flusher comes by, once in a round of the loop, and leave in one write. What
the line does not take at once is left to the connection's one writing task. Half a frame on the
wire would silence a connection for good, so whoever is too slow loses the whole of it, and resumes
on the next one from where it was: who takes less than a piece in a minute, and, when all outboxes
together hold too much, who has been behind for the longest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import trio

from protocol.wire import codec
from protocol.wire.codec import MAX_FRAMES
from protocol.wire.frames import Frame, Told
from relay import strings
from relay.faults import place
from relay.frame_sizes import FRAME_BYTES, size_of
from relay.websocket import WebSocket

_log = logging.getLogger(__name__)

ROOM_BYTES = 1024 * 1024
MESSAGE_BYTES = 512 * 1024
PIECE_BYTES = 64 * 1024
STALLED_S = 60.0


class Flusher:
    """Comes by at the outboxes that got something, after everybody had a turn."""

    def __init__(self) -> None:
        self._waiting: list[Outbox] = []
        self.sent_bytes = 0
        self._news = trio.Event()

    def note(self, outbox: Outbox) -> None:
        """Come by at this one."""
        if not self._waiting:
            self._news.set()
        self._waiting.append(outbox)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._news.wait()
            self._news = trio.Event()
            waiting, self._waiting = self._waiting, []
            for outbox in waiting:
                outbox.flush()


class Outbox:
    """What waits to be written; ``size`` counts it until the line has taken it."""

    def __init__(
        self,
        websocket: WebSocket,
        flusher: Flusher,
        send_now: Callable[[bytes], int] | None,
        hold: Callable[[int], None] | None = None,
    ) -> None:
        self._websocket = websocket
        self._flusher = flusher
        self._send_now = send_now
        self._hold = hold or _bounded_otherwise
        self._frames: list[Frame] = []
        self._raw: list[bytes] = []
        self._left = b""
        self._gathered = 0  # bytes of frames and raw
        self._noted = False
        self._writing = False
        self._ended = False
        self.stalled = False
        self._failure: Exception | None = None
        self._work = trio.Event()
        self._taken: trio.Event | None = None  # where somebody waits
        self.size = 0

    def put(self, frame: Frame) -> None:
        """Add a frame. Never waits."""
        self._frames.append(frame)
        self._count(size_of(frame))

    def put_now(self, frames: list[Told]) -> None:
        """Add these and flush: what that takes is its caller's, and nobody else's."""
        self._frames += frames
        self._count(sum(FRAME_BYTES + len(frame.answer) for frame in frames))
        self.flush()

    def put_framed(self, data: bytes) -> bool:
        """Bytes that many lines are sent alike, at once where nothing else is on its way; False
        where too much waits already, and then nothing is added."""
        if not self._websocket.open:
            return True
        if self._noted and not self._writing:
            self.flush()
        if self._writing or self._send_now is None:
            if self.size + len(data) > ROOM_BYTES:
                return False
            # What was put before it goes before it.
            self._raw += self._frame_all()
            self._raw.append(data)
            self._count(len(data))
            return True
        sent = self._send_now(data)
        self._flusher.sent_bytes += len(data)
        if sent < len(data):
            self._left = data[sent:]
            self.size += len(self._left)
            self._writing = True
            self._work.set()
            self._hold(len(self._left))
        return True

    def put_raw(self, data: bytes) -> None:
        """Add bytes of the WebSocket's own: the upgrade, a pong, the closing."""
        if data:
            self._raw.append(data)
            self._count(len(data))

    def end(self) -> None:
        """Let ``write_to`` return once everything is out."""
        self._ended = True
        self._note()

    def fail(self, why: Exception) -> None:
        """Give the line up: something that was to go out cannot."""
        self._failure = why
        self._work.set()

    def flush(self) -> None:
        """Send what the line takes at once; the rest is for the writing task. Never raises: a bug
        ends the one connection that met it."""
        try:
            self._flush()
        except Exception as exc:  # noqa: BLE001
            _log.critical(strings.LOG_BUG, place(exc))
            self.fail(exc)

    def _flush(self) -> None:
        self._noted = False
        if self._writing:
            return
        data = self._take()
        if data and self._send_now is not None:
            sent = self._send_now(data)
            data = data[sent:] if sent < len(data) else b""
        if data or self._ended:
            self._left = data
            self._writing = True
            self._work.set()
            self._hold(len(data))
        else:
            self._all_taken()

    @property
    def has_room(self) -> bool:
        """Whether more should be put in; nobody is stopped from it."""
        return self.size < ROOM_BYTES

    async def wait_room(self) -> None:
        """Wait until the line has taken most of it."""
        while not self.has_room:
            taken = self._taken = self._taken or trio.Event()
            await taken.wait()

    async def write_to(self, stream: trio.abc.SendStream) -> None:
        """Write what ``flush`` leaves, until ``end``. The only task that writes here."""
        while True:
            await self._work.wait()
            self._work = trio.Event()
            if self._failure is not None:
                raise trio.BrokenResourceError from self._failure
            while data := self._left:
                await self._send(stream, data)
                self._all_taken()
                self._left = self._take()
                self._hold(len(self._left))
            self._all_taken()
            self._writing = False
            self._hold(0)
            if self._ended:
                return

    async def _send(self, stream: trio.abc.SendStream, data: bytes) -> None:
        """Piece by piece: who takes none of one for so long is not reading."""
        pieces = memoryview(data)
        for start in range(0, len(data), PIECE_BYTES):
            with trio.move_on_after(STALLED_S) as patience:
                await stream.send_all(pieces[start : start + PIECE_BYTES])
            if patience.cancelled_caught:
                self.stalled = True
                raise trio.BrokenResourceError

    def _count(self, size: int) -> None:
        """So much more has gathered."""
        self._gathered += size
        self.size += size
        self._note()
        if self._writing:
            self._hold(self.size)

    def _note(self) -> None:
        if not self._noted:
            self._noted = True
            self._flusher.note(self)

    def _all_taken(self) -> None:
        """Nothing is on its way but what gathered meanwhile."""
        self.size = self._gathered
        if self._taken is not None:
            self._taken.set()
            self._taken = None

    def _take(self) -> bytes:
        parts, self._raw = self._raw, []
        parts += self._frame_all()
        self._gathered = 0
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        self._flusher.sent_bytes += len(data)
        return data

    def _frame_all(self) -> list[bytes]:
        """The messages that the frames make which were put so far."""
        frames, self._frames = self._frames, []
        if not frames or not self._websocket.open:
            return []
        if self._gathered <= MESSAGE_BYTES and len(frames) <= MAX_FRAMES:
            return [self._websocket.say(codec.dump(frames))]
        return [self._websocket.say(codec.dump(batch)) for batch in _batches(frames)]


def _bounded_otherwise(size: int) -> None:
    """Another relay's line: what is under way on it has a bound of its own."""


def _batches(frames: list[Frame]) -> Iterator[list[Frame]]:
    """As few messages as the bounds of one message allow."""
    batch: list[Frame] = []
    size = 0
    for frame in frames:
        if batch and (len(batch) == MAX_FRAMES or size + size_of(frame) > MESSAGE_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(frame)
        size += size_of(frame)
    yield batch
