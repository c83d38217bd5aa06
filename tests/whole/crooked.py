"""A relay that cheats one desktop: a hand between it and what the honest one says.

The key and the handshake are the relay's own, so whatever comes is the relay's word.
``OtherHistory`` is the cheat that is hardest to see: it numbers, chains and signs what it tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import trio
from msgspec.structs import replace

from protocol.errors import RemoteProtocolError
from protocol.ids import CallId, RoomId
from protocol.keys import Secret
from protocol.wire import codec
from protocol.wire.frames import Frame, Reply, Request, Side
from protocol.wire.frames.room_entries import Entries, Fetched, FetchEntries, Lane, RoomHead
from protocol.wire.frames.rooms import Entered, SignedHead
from protocol.wire.rooms.heads import NOTHING, HeadBody, follow, run_start, sign_head
from protocol.wire.rooms.signed import unpack
from relay.framing import Framing, head_of

MOST = 2 * codec.MAX_MESSAGE
IN_ONE = 250
Cheat: TypeAlias = Callable[[Frame, Request[Any] | None], Iterable[Frame]]
"""What to say in place of a frame; with what was asked, where the frame is an answer."""


def honest(frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
    """As the relay says it."""
    return (frame,)


class Hand:
    """On one desktop's lines. ``cheat`` may change at any time."""

    def __init__(self, cheat: Cheat = honest) -> None:
        self.cheat = cheat

    def over(self, stream: trio.abc.Stream) -> trio.abc.Stream:
        """For ``Wire.over``."""
        return _Crooked(stream, self)


class _Crooked(trio.abc.Stream):
    def __init__(self, inner: trio.abc.Stream, hand: Hand) -> None:
        self._inner = inner
        self._hand = hand
        self._asked: dict[CallId, Request[Any]] = {}  # and not answered
        self._to_relay, self._to_desktop = Framing(masked=True), Framing(masked=False)
        self._sent = self._welcomed = False
        self._upgrade = b""
        self._upgraded = False

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        if self._sent:
            self._note(bytes(data))
        self._sent = True
        await self._inner.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._inner.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        while True:
            data = bytes(await self._inner.receive_some())
            if not data:
                return b""
            said = self._in_place_of(data)
            if said:
                return said

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _note(self, data: bytes) -> None:
        for whole, message in self._to_relay.feed(data, MOST):
            if not whole:
                continue
            try:
                frames: list[Any] = [*codec.load(message, Side.DESKTOP)]
            except RemoteProtocolError:
                continue  # the handshake's
            for frame in frames:
                if isinstance(frame, Request):
                    self._asked[frame.call] = frame

    def _in_place_of(self, data: bytes) -> bytes:
        said = b""
        if not self._upgraded:
            self._upgrade += data
            head, end, data = self._upgrade.partition(b"\r\n\r\n")
            if not end:
                return b""
            self._upgraded, said = True, head + end
        for whole, message in self._to_desktop.feed(data, MOST):
            if not whole:
                said += message
            elif not self._welcomed:
                self._welcomed = True
                said += head_of(len(message)) + message
            else:
                said += self._cheated(message)
        return said

    def _cheated(self, message: bytes) -> bytes:
        told: list[Frame] = []
        for frame in codec.load(message, Side.RELAY):
            if not isinstance(frame, Frame):
                continue
            asked = self._asked.pop(frame.call, None) if isinstance(frame, Reply) else None
            told += self._hand.cheat(frame, asked)
        parts = [codec.dump(told[at : at + IN_ONE]) for at in range(0, len(told), IN_ONE)]
        return b"".join(head_of(len(part)) + part for part in parts)


class OtherHistory:
    """A stage of its own for one seat, made of the true one, whole in itself.

    ``change`` says what stands in the place of the true items, each with its true number; heads
    are signed over what is told.
    """

    def __init__(
        self, seed: Secret, room: RoomId, change: Callable[[int, bytes], Iterable[bytes]]
    ) -> None:
        self.items: list[bytes] = []
        self._seed, self._room, self._change = seed, room, change
        self._running = [run_start(room, Lane.STAGE, 1, 0, NOTHING)]
        self._heard = 0

    def __call__(self, frame: Frame, asked: Request[Any] | None) -> Iterable[Frame]:
        """See ``Cheat``."""
        match frame:
            case Entries(lane=Lane.STAGE):
                before = len(self.items)
                self._take(frame.first, frame.items)
                if len(self.items) > before:
                    yield replace(frame, first=before + 1, items=tuple(self.items[before:]))
            case RoomHead(head=signed) if unpack(signed.body, HeadBody).lane is Lane.STAGE:
                yield RoomHead(head=self.head(signed))
            case Entered(head=signed) if signed is not None:
                yield replace(frame, head=None)
            case _ if isinstance(asked, FetchEntries) and asked.lane is Lane.STAGE:
                if isinstance(frame, Fetched):
                    self._take(frame.first, frame.items)
                after = min(asked.after, len(self.items))
                yield Fetched(
                    call=asked.call,
                    run=1,
                    first=after + 1,
                    before=self._running[after],
                    items=tuple(self.items[after : after + asked.limit]),
                )
            case _:
                yield frame

    def add(self, item: bytes) -> None:
        """Something that nobody else is told."""
        self.items.append(item)
        self._running.append(follow(self._running[-1], len(self.items), item))

    def head(self, signed: SignedHead) -> SignedHead:
        """In place of a true one: of all that was told here."""
        true = unpack(signed.body, HeadBody)
        return sign_head(
            self._seed, replace(true, number=len(self.items), running=self._running[-1])
        )

    def _take(self, first: int, items: tuple[bytes, ...]) -> None:
        for number, item in enumerate(items, first):
            if number == self._heard + 1:
                self._heard = number
                for each in self._change(number, item):
                    self.add(each)
