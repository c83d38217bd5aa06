"""A client of ``serve_rpc`` over memory streams, as a person writing a bot would have it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import trio
from trio.testing import (
    MemoryReceiveStream,
    MemorySendStream,
    memory_stream_one_way_pair,
    wait_all_tasks_blocked,
)

from desktop.core.facade import Facade
from desktop.rpc.serve import serve_rpc


class Client:
    """Says lines and hears lines."""

    def __init__(self, asks: MemorySendStream, answers: MemoryReceiveStream) -> None:
        self.asks = asks
        self._answers = answers
        self._buffer = b""
        self._lines: list[Any] = []
        self.events: list[dict[str, Any]] = []
        self._count = 0

    async def say(self, line: bytes) -> None:
        await self.asks.send_all(line + b"\n")

    async def hear(self) -> Any:
        """The next line that is no event."""
        while True:
            said: Any = await self.hear_any()
            if "method" not in said:  # in a list of answers neither
                return said
            assert said["method"] == "event"
            self.events.append(said["params"])

    async def hear_any(self) -> Any:
        while b"\n" not in self._buffer:
            chunk = await self._answers.receive_some()
            if not chunk:
                assert self._buffer == b""
                raise EOFError
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    async def event(self) -> dict[str, Any]:
        """The next event."""
        if not self.events:
            said = await self.hear_any()
            assert said["jsonrpc"] == "2.0"
            assert said["method"] == "event"
            assert "id" not in said
            return dict(said["params"])
        return self.events.pop(0)

    async def ask(self, method: str, /, **params: object) -> Any:
        """The whole answer to one request."""
        self._count += 1
        await self.say(request(method, self._count, **params))
        answer = await self.hear()
        assert answer["jsonrpc"] == "2.0"
        assert answer["id"] == self._count
        assert ("result" in answer) != ("error" in answer)
        return answer

    async def result(self, method: str, /, **params: object) -> Any:
        return (await self.ask(method, **params))["result"]

    async def error(self, method: str, /, **params: object) -> Any:
        """(code, kind); the sentence must be one."""
        error = (await self.ask(method, **params))["error"]
        assert error["message"][0].isupper()
        assert error["message"].endswith(".")
        return error["code"], error["data"]["kind"]


def request(method: str, name: object, /, **params: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": name, "method": method, "params": params}).encode()


@asynccontextmanager
async def a_client(engine: Facade) -> AsyncGenerator[Client]:
    """A client that ends its stream at the end, and sees the server end by itself."""
    asks, incoming = memory_stream_one_way_pair()
    outgoing, answers = memory_stream_one_way_pair()

    async def serve() -> None:
        async with outgoing:
            await serve_rpc(engine, incoming, outgoing.send_all)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        await wait_all_tasks_blocked()  # it listens
        yield Client(asks, answers)
        await asks.aclose()
