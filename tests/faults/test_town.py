"""The line in front of each of the town's relays; its short story stands in tests/whole."""

from __future__ import annotations

from contextlib import suppress

import trio

from tests.faults.relays import free_port
from tests.faults.valve import Flow, Valve


async def test_a_valve_lets_through_holds_back_and_breaks() -> None:
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, echo, listeners)
        to: int = listeners[0].socket.getsockname()[1]
        valve = Valve(port := free_port(), to)
        await nursery.start(valve.run)
        line = await trio.open_tcp_stream("127.0.0.1", port)
        await line.send_all(b"hello")
        assert await line.receive_some() == b"hello"
        valve.turn(Flow.MUTE)
        await line.send_all(b"held back")
        with trio.move_on_after(0.05) as silence:
            await line.receive_some()
        assert silence.cancelled_caught
        valve.turn(Flow.OPEN)
        assert await line.receive_some() == b"held back"
        valve.turn(Flow.SHUT)
        with trio.fail_after(5), suppress(trio.BrokenResourceError):
            assert await line.receive_some() == b""
        await line.aclose()
        nursery.cancel_scope.cancel()


async def echo(stream: trio.SocketStream) -> None:
    with suppress(trio.BrokenResourceError):
        async for data in stream:
            await stream.send_all(data)
