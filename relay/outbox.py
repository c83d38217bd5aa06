"""Everything that goes out on one connection, in one place, so that frames never interleave.

Frames gather while the line is busy and leave as few messages in one write. Only one task writes,
and it writes without a deadline of its own: half a frame on the wire would silence the
connection for good, so whoever is too slow loses the whole connection.
"""

from __future__ import annotations

from collections.abc import Iterator

import trio

from protocol.wire import codec
from protocol.wire.codec import MAX_FRAMES
from protocol.wire.frames import BundleTaken, Delivery, Frame
from relay.websocket import WebSocket

ROOM_BYTES = 1024 * 1024
FRAME_BYTES = 192
MESSAGE_BYTES = 512 * 1024


class Outbox:
    """What waits to be written; ``size`` counts it until the line has taken it."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._frames: list[Frame] = []
        self._raw: list[bytes] = []
        self._ended = False
        self._news = trio.Event()
        self._taken = trio.Event()
        self.size = 0

    def put(self, frame: Frame) -> None:
        """Add a frame. Never waits."""
        self._frames.append(frame)
        self.size += _size(frame)
        self._news.set()

    def put_raw(self, data: bytes) -> None:
        """Add bytes of the WebSocket's own: the upgrade, a pong, the closing."""
        if data:
            self._raw.append(data)
            self.size += len(data)
            self._news.set()

    def end(self) -> None:
        """Let ``write_to`` return once everything is out."""
        self._ended = True
        self._news.set()

    @property
    def has_room(self) -> bool:
        """Whether more should be put in; nobody is stopped from it."""
        return self.size < ROOM_BYTES

    async def wait_room(self) -> None:
        """Wait until the line has taken most of it."""
        while not self.has_room:
            self._taken = trio.Event()
            await self._taken.wait()

    async def write_to(self, stream: trio.abc.SendStream) -> None:
        """Write until ``end``. The only task that writes to this stream."""
        while not self._ended or self._frames or self._raw:
            if not self._frames and not self._raw:
                self._news = trio.Event()
                await self._news.wait()
                continue
            size = self.size
            data = self._take()
            if data:
                await stream.send_all(data)
            self.size -= size
            self._taken.set()

    def _take(self) -> bytes:
        parts, self._raw = self._raw, []
        frames, self._frames = self._frames, []
        if frames and self._websocket.open:
            parts.extend(self._websocket.say(codec.dump(batch)) for batch in _batches(frames))
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _batches(frames: list[Frame]) -> Iterator[list[Frame]]:
    """As few messages as the bounds of one message allow."""
    batch: list[Frame] = []
    size = 0
    for frame in frames:
        if batch and (len(batch) == MAX_FRAMES or size + _size(frame) > MESSAGE_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(frame)
        size += _size(frame)
    yield batch


def _size(frame: Frame) -> int:
    """An upper bound of the frame's bytes."""
    if isinstance(frame, Delivery | BundleTaken):
        return FRAME_BYTES + len(frame.body)
    return FRAME_BYTES
