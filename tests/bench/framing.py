"""WebSockets on the relay's side: the relay's own way beside trio-websocket.

``python -m tests.bench.framing [--seconds N] [--rounds N]``. Both take messages of 2 KiB from 64
senders and answer each with a frame; nothing is stored. The relay's own: `websockets` without I/O,
a pipe, an outbox flushed once a round. What counts is the server's processor time for each message.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from subprocess import PIPE, Popen

import trio
import trio_websocket

from protocol.ids import CallId
from protocol.wire import codec
from protocol.wire.frames import Pong
from relay.outbox import Flusher, Outbox
from relay.pipe import SocketPipe
from relay.readiness import Readiness
from relay.websocket import WebSocket
from tests.bench.deposits import SENDERS, WINDOWS, websocket
from tests.bench.reconnect import UPGRADE
from tests.bench.senders import Plan, Rate, Step, generator, measure

SIZE = 2048
ANSWER = Pong(call=CallId(1))
SANS_IO, TRIO_WEBSOCKET = "websockets without I/O", "trio-websocket"


async def serve_sans_io() -> None:
    """As a relay does it."""
    flusher, readiness = Flusher(), Readiness()

    async def serve(stream: trio.SocketStream) -> None:
        pipe, conversation = SocketPipe(stream, readiness), WebSocket()
        conversation.trust()
        outbox = Outbox(conversation, flusher, pipe.send_now)

        def take(data: bytes) -> bool:
            messages = conversation.hear(data)
            outbox.put_raw(conversation.to_send())
            for _ in messages:
                outbox.put(ANSWER)
            return outbox.has_room

        async with trio.open_nursery() as nursery:
            nursery.start_soon(outbox.write_to, pipe)
            while await pipe.receive_into(take):
                await outbox.wait_room()
            nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(flusher.run)
        nursery.start_soon(readiness.run)
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        print(listener.socket.getsockname()[1], flush=True)
        await trio.serve_listeners(serve, [listener])


async def serve_trio_websocket() -> None:
    """As its own pages show it."""

    async def serve(request: trio_websocket.WebSocketRequest) -> None:
        line = await request.accept()
        while True:
            await line.get_message()
            await line.send_message(codec.dump([ANSWER]))

    async with trio.open_nursery() as nursery:
        server: trio_websocket.WebSocketServer = await nursery.start(
            trio_websocket.serve_websocket, serve, "127.0.0.1", 0, None
        )
        print(server.port, flush=True)


SERVERS = {SANS_IO: serve_sans_io, TRIO_WEBSOCKET: serve_trio_websocket}


def rate(program: Path, name: str, window: int, seconds: float) -> Rate:
    """One of them in a process of its own."""
    plan = Plan([Step(UPGRADE, b"\r\n\r\n")], b"pong", [websocket(bytes(SIZE))] * SENDERS)
    command = [sys.executable, "-m", __spec__.name, "--serve", name]
    with Popen(command, stdout=PIPE) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        return measure(program, port, server.pid, plan, window, seconds)


def run(seconds: float, rounds: int) -> Iterator[str]:
    """The rows of the table."""
    with generator() as program:
        for window in WINDOWS:
            found: dict[str, list[Rate]] = {name: [] for name in SERVERS}
            for _ in range(rounds):
                for name, rates in found.items():
                    rates.append(rate(program, name, window, seconds))
            for name, rates in found.items():
                yield (
                    f"{name} | {window} | {median(r.per_second for r in rates):,.0f}/s"
                    f" | CPU {median(r.cpu_us for r in rates):.0f} us each"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        trio.run(SERVERS[asked.serve])
        return
    for row in run(asked.seconds, asked.rounds):
        print(row, flush=True)


if __name__ == "__main__":
    main()
