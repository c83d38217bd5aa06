"""One client of one engine over two byte streams, until the client ends its own.

Requests are answered as they are done, many at a time; ``message.send`` keeps the order in which
it was asked. What came in before the end of the stream is still answered.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

import trio
from msgspec import Raw, Struct

from desktop.core.errors import AsideError, OutOfBounds, TextTooLong
from desktop.core.events import Event
from desktop.core.facade import Facade
from desktop.rpc import jsonrpc
from desktop.rpc.bugs import where
from desktop.rpc.events import event_line, told
from desktop.rpc.jsonrpc import NO_ID, Batch, Fault, Json, Malformed, Request
from desktop.rpc.lines import Line, Lines, TooLong
from desktop.rpc.method import Lane, WrongParams, read
from desktop.rpc.methods import METHODS
from desktop.rpc.outgoing import MISSED, Outgoing
from desktop.rpc.rooms.hall import Hall
from desktop.rpc.rooms.registry import ROOM_METHODS
from desktop.rpc.shapes import Shape
from desktop.rpc.strings import fault_sentence, too_long
from desktop.ui.strings import sentence

MOST_AT_ONCE = 256  # lines at work; the next is not read before one of them is done

EVERY_METHOD = METHODS | ROOM_METHODS

log = logging.getLogger(__name__)


async def serve_rpc(
    engine: Facade, incoming: trio.abc.ReceiveStream, send: Callable[[bytes], Awaitable[None]]
) -> None:
    """Serve until ``incoming`` ends and all that it asked has been answered.

    ``send`` raises trio.BrokenResourceError where nobody listens any more; that ends it too.
    """
    outgoing = Outgoing(event_line({"type": MISSED}))
    hall = Hall(engine, partial(_tell_in_turn, outgoing))

    def hear(event: Event) -> None:
        if (params := told(event)) is not None:
            outgoing.event_nowait(event_line(params))
        else:
            hall.hear(event)

    stop = engine.listen(hear)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_send, outgoing, send, nursery.cancel_scope)
            async with trio.open_nursery() as following:
                await hall.begin()
                following.start_soon(hall.run)
                await _Client(engine, hall, outgoing).run(incoming)
                following.cancel_scope.cancel()
            outgoing.close()
    finally:
        stop()


async def _tell_in_turn(outgoing: Outgoing, params: Shape) -> None:
    """What is read again at leisure waits for room and is never dropped."""
    await outgoing.answer(event_line(params))


async def _send(
    outgoing: Outgoing, send: Callable[[bytes], Awaitable[None]], serving: trio.CancelScope
) -> None:
    try:
        await outgoing.run(send)
    except trio.BrokenResourceError:
        log.info("the client went away")
        serving.cancel()


class _Turn(Struct, frozen=True):
    """A place among those who go one by one: whom to wait for, and what to say once it is begun
    and once it is done."""

    before: trio.Event | None = None
    begun: trio.Event | None = None
    done: trio.Event | None = None


class _Client:
    """Reads lines and has them answered."""

    def __init__(self, engine: Facade, hall: Hall, outgoing: Outgoing) -> None:
        self._engine, self._hall = engine, hall
        self._outgoing = outgoing
        self._room = trio.Semaphore(MOST_AT_ONCE)
        self._last_turn: trio.Event | None = None
        self._last_begun: trio.Event | None = None

    async def run(self, incoming: trio.abc.ReceiveStream) -> None:
        lines = Lines()
        async with trio.open_nursery() as nursery:
            async for chunk in incoming:
                for line in lines.feed(chunk):
                    await self._begin(nursery, line)
            for line in lines.finish():
                await self._begin(nursery, line)

    async def _begin(self, nursery: trio.Nursery, line: Line) -> None:
        asked = Malformed(Fault.TOO_LONG, NO_ID) if line is TooLong.LINE else jsonrpc.parse(line)
        each = asked.asked if isinstance(asked, Batch) else (asked,)
        turns = [self._turn(one) for one in each]  # taken here, where the order is still known
        await self._room.acquire()
        nursery.start_soon(self._answer_line, asked, turns)

    def _turn(self, asked: Request | Malformed) -> _Turn:
        method = EVERY_METHOD.get(asked.method) if isinstance(asked, Request) else None
        match Lane.FREE if method is None else method.lane:
            case Lane.FREE:
                return _Turn()
            case Lane.BEHIND:
                return _Turn(self._last_turn)
            case Lane.ONE_BY_ONE:
                before, self._last_turn = self._last_turn, trio.Event()
                self._last_begun = self._last_turn
                return _Turn(before, done=self._last_turn)
            case Lane.IN_ORDER:
                before, self._last_begun = self._last_begun, trio.Event()
                self._last_turn = trio.Event()
                return _Turn(before, self._last_begun, self._last_turn)

    async def _answer_line(self, asked: Request | Malformed | Batch, turns: list[_Turn]) -> None:
        try:
            if isinstance(asked, Batch):
                answer = await self._answer_batch(asked, turns)
            else:
                answer = await self._answer_in_turn(asked, turns[0])
            if answer is not None:
                await self._outgoing.answer(jsonrpc.dump(answer))
        finally:
            self._room.release()

    async def _answer_batch(self, batch: Batch, turns: list[_Turn]) -> Json:
        answers: list[Json] = [None] * len(turns)

        async def one(place: int, asked: Request | Malformed, turn: _Turn) -> None:
            answers[place] = await self._answer_in_turn(asked, turn)

        async with trio.open_nursery() as nursery:
            for place, (asked, turn) in enumerate(zip(batch.asked, turns, strict=True)):
                nursery.start_soon(one, place, asked, turn)
        return [answer for answer in answers if answer is not None] or None

    async def _answer_in_turn(self, asked: Request | Malformed, turn: _Turn) -> Json:
        if turn.before is not None:
            await turn.before.wait()
        if turn.begun is not None:  # whoever waits for it goes on once this task waits itself
            turn.begun.set()
        try:
            return await self._answer(asked)
        finally:
            if turn.done is not None:
                turn.done.set()

    async def _answer(self, asked: Request | Malformed) -> Json:
        """The answer; None to a notification."""
        if isinstance(asked, Malformed):
            return _fault(asked.id, asked.fault, asked.field)
        name = NO_ID if asked.id is None else asked.id
        try:
            cls = EVERY_METHOD.get(asked.method)
            if cls is None:
                answer = _fault(name, Fault.METHOD)
            else:
                shape = await read(cls, asked.params).answer(self._engine)
                await self._hall.begun()
                answer = jsonrpc.result(name, shape)
        except (WrongParams, OutOfBounds) as exc:
            answer = _fault(name, Fault.PARAMS, exc.field)
        except AsideError as exc:
            answer = _refusal(name, exc)
        except Exception as exc:  # noqa: BLE001 -- one bad request must not end the others
            log.error("%s: %s at %s", asked.method, type(exc).__name__, where(exc))  # noqa: TRY400
            answer = _fault(name, Fault.INTERNAL)
        return None if asked.id is None else answer


def _fault(name: Raw, fault: Fault, field: str | None = None) -> Json:
    data: Shape = {"kind": fault.kind} if field is None else {"kind": fault.kind, "field": field}
    return jsonrpc.error(name, fault.code, fault_sentence(fault, field), data)


def _refusal(name: Raw, error: AsideError) -> Json:
    data: Shape = {"kind": type(error).__name__}
    said = sentence(error)
    if isinstance(error, TextTooLong):
        data["limit"] = error.limit
        said = too_long(error.limit)
    return jsonrpc.error(name, jsonrpc.OUR_ERROR, said, data)
