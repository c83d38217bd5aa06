"""Many requests at once, sends in order, a client that does not read, and every way to end."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock, memory_stream_one_way_pair

from desktop.core.events import Event
from desktop.core.models import State
from desktop.rpc.outgoing import MAX_WAITING, Outgoing
from desktop.rpc.serve import MOST_AT_ONCE, serve_rpc
from desktop.rpc.shapes import text_of
from protocol.ids import ConversationId, MessageId
from tests.fakes.facade import FakeFacade
from tests.rpc.client import a_client, request


class SlowFacade(FakeFacade):
    """The first sends take longest; settling takes as long as it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[str] = []

    async def message_send(self, conversation_id: ConversationId, text: str) -> MessageId:
        self.begun.append(text)
        await trio.sleep(10 / (1 + len(self.begun)))
        return await super().message_send(conversation_id, text)

    async def outbox_settle(self, timeout_ms: int) -> bool:
        self.begun.append("settle")
        await trio.sleep(timeout_ms / 1000)
        return True


async def test_a_slow_request_holds_nobody_up(autojump_clock: MockClock) -> None:
    async with a_client(SlowFacade()) as client:
        await client.say(request("outbox.settle", "slow", timeout_ms=60_000))
        await client.say(request("profile.show", "fast"))
        assert (await client.hear())["id"] == "fast"
        assert trio.current_time() == 0
        assert (await client.hear())["id"] == "slow"


async def test_sends_keep_their_order(autojump_clock: MockClock) -> None:
    engine = SlowFacade()
    bob = engine.befriend("Bob")
    texts = [str(number) for number in range(40)]
    sends = [
        request("message.send", text, conversation_id=text_of(bob.conversation_id), text=text)
        for text in texts
    ]
    async with a_client(engine) as client:
        for send in sends[:20]:
            await client.say(send)
        await client.say(b"[" + b",".join(sends[20:]) + b"]")
        await client.say(request("outbox.settle", "settled", timeout_ms=1))
        heard = [await client.hear() for _ in range(22)]
    assert engine.begun == [*texts, "settle"]
    assert [message.text for message in engine.messages[bob.conversation_id]] == texts
    assert [answer["id"] for answer in heard[:20]] == texts[:20]
    assert [answer["id"] for answer in heard[20]] == texts[20:]
    assert heard[21]["result"] == {"settled": True}


async def test_a_refused_send_does_not_stop_the_next(autojump_clock: MockClock) -> None:
    engine = SlowFacade()
    bob = text_of(engine.befriend("Bob").conversation_id)
    async with a_client(engine) as client:
        await client.say(request("message.send", 1, conversation_id="nobody", text="x"))
        await client.say(request("message.send", 2, conversation_id=bob))
        await client.say(request("message.send", 3, conversation_id=bob, text="hello"))
        heard = {answer["id"]: answer for answer in [await client.hear() for _ in range(3)]}
    assert heard[1]["error"]["data"]["kind"] == "ConversationUnknown"
    assert heard[2]["error"]["code"] == -32602
    assert "result" in heard[3]


async def test_what_was_asked_before_the_end_is_answered(autojump_clock: MockClock) -> None:
    asks, incoming = memory_stream_one_way_pair()
    said: list[bytes] = []

    async def send(data: bytes) -> None:
        said.append(data)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve_rpc, SlowFacade(), incoming, send)
        await asks.send_all(request("outbox.settle", 1, timeout_ms=5000) + b"\n")
        await asks.send_all(request("profile.show", 2))  # and no end of the line
        await asks.aclose()
    answers = [json.loads(line) for line in b"".join(said).splitlines()]
    assert [answer["id"] for answer in answers] == [2, 1]


async def test_half_a_line_at_the_end_is_only_an_error() -> None:
    engine = FakeFacade()
    bob = engine.befriend("Bob")
    asks, incoming = memory_stream_one_way_pair()
    said: list[bytes] = []

    async def send(data: bytes) -> None:
        said.append(data)

    line = request("message.send", 1, conversation_id=text_of(bob.conversation_id), text="hi")
    await asks.send_all(line[:-3])
    await asks.aclose()
    await serve_rpc(engine, incoming, send)
    assert json.loads(b"".join(said))["error"]["code"] == -32700
    assert engine.messages[bob.conversation_id] == []


async def test_the_listener_goes_with_the_client() -> None:
    class Counting(FakeFacade):
        listeners = 0

        def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
            stop = super().listen(listener)
            self.listeners += 1

            def stopped() -> None:
                self.listeners -= 1
                stop()

            return stopped

    engine = Counting()
    async with a_client(engine) as client:
        await client.result("profile.show")
        assert engine.listeners == 1
    assert engine.listeners == 0


async def test_a_client_that_went_away_ends_it(autojump_clock: MockClock) -> None:
    asks, incoming = memory_stream_one_way_pair()

    async def send(_: bytes) -> None:
        raise trio.BrokenResourceError

    await asks.send_all(request("outbox.settle", 1, timeout_ms=3_600_000) + b"\n")
    await asks.send_all(request("profile.show", 2) + b"\n")
    await serve_rpc(SlowFacade(), incoming, send)
    assert trio.current_time() == 0


async def test_a_client_that_does_not_read_stops_neither_engine_nor_memory(
    autojump_clock: MockClock,
) -> None:
    engine = FakeFacade()
    bob = engine.befriend("Bob")
    asks, incoming = memory_stream_one_way_pair()
    reading = trio.Event()
    said: list[bytes] = []

    async def send(data: bytes) -> None:
        await reading.wait()
        said.append(data)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve_rpc, engine, incoming, send)
        await trio.testing.wait_all_tasks_blocked()
        for _ in range(2000):  # the engine speaks and is never held up
            engine.arrive(bob, "x" * 10_000)
        for number in range(2 * MOST_AT_ONCE):
            await asks.send_all(request("profile.show", number) + b"\n")
        await trio.testing.wait_all_tasks_blocked()
        assert engine.heard.count("profile_show") == MOST_AT_ONCE  # nor asks it for more
        reading.set()
        await asks.aclose()
    lines = [json.loads(line) for line in b"".join(said).splitlines()]
    events = [line["params"]["type"] for line in lines if line.get("method") == "event"]
    assert events.count("message.received") < 2 * MAX_WAITING / 10_000
    assert events[-1] == "events.missed"
    assert events.count("events.missed") == 1
    answered = [line["id"] for line in lines if "id" in line]
    assert sorted(answered) == list(range(2 * MOST_AT_ONCE))


async def test_events_keep_their_order_and_go_on_after_some_were_missed() -> None:
    outgoing = Outgoing(b"missed\n", bound=40)
    said: list[bytes] = []

    async def send(data: bytes) -> None:
        said.append(data)
        await trio.lowlevel.checkpoint()

    for number in range(20):
        outgoing.event_nowait(b"event %02d\n" % number)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outgoing.run, send)
        await trio.testing.wait_all_tasks_blocked()
        outgoing.event_nowait(b"event 99\n")
        outgoing.close()
    lines = b"".join(said).split(b"\n")[:-1]
    assert lines == [b"event %02d" % number for number in range(5)] + [b"missed", b"event 99"]


@pytest.mark.parametrize("state", list(State))
async def test_every_state_has_its_word(state: State) -> None:
    engine = FakeFacade()
    bob = engine.befriend("Bob")
    message = engine.wrote(bob, "hi", State.QUEUED)
    async with a_client(engine) as client:
        await client.result("profile.show")
        engine.advance(message, state)
        assert (await client.event())["state"] == state.value
