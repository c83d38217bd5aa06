"""The program of a crowd: orders come as lines on stdin, answers go as lines to stdout.

    python -m desktop.demo.crowd

When stdin ends, whoever led it is gone, and everybody goes home.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec
import trio

from desktop.demo.crowd.crowd import Crowd, OpenDesk
from desktop.demo.crowd.member import Desk
from desktop.demo.crowd.told import Order
from desktop.engine.composition import passing
from desktop.engine.engine import open_engine
from desktop.engine.timings import Timings

_orders = msgspec.json.Decoder(Order)


async def serve(
    hear: trio.abc.ReceiveStream,
    answer: trio.abc.SendStream,
    open_desk: OpenDesk,
    now: Callable[[], int],
) -> None:
    """Obey until nobody gives orders any more."""
    async with trio.open_nursery() as nursery:
        crowd = Crowd(nursery, open_desk, now)
        async for line in _lines(hear):
            answered = await crowd.obey(_orders.decode(line))
            await answer.send_all(msgspec.json.encode(answered) + b"\n")
        nursery.cancel_scope.cancel()


async def _lines(stream: trio.abc.ReceiveStream) -> AsyncGenerator[bytes]:
    rest = b""
    async for came in stream:
        *lines, rest = (rest + came).split(b"\n")
        for line in lines:
            yield line


async def _main() -> None:
    async with (
        trio.lowlevel.FdStream(os.dup(sys.stdin.fileno())) as hear,
        trio.lowlevel.FdStream(os.dup(sys.stdout.fileno())) as answer,
    ):
        await serve(hear, answer, _open_desk, _now_ms)


def _open_desk(folder: Path, gather_s: float) -> AbstractAsyncContextManager[Desk]:
    return open_engine(folder, passing(Timings(room_gather=gather_s)))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _as_many_files_as_allowed() -> None:
    """A vault has some ten of them open."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _seldom_look_for_garbage() -> None:
    """Each full look goes over a hundred desktops, which one alone would never notice."""
    first, _, _ = gc.get_threshold()
    gc.set_threshold(100 * first, 20, 100)


if __name__ == "__main__":
    _as_many_files_as_allowed()
    _seldom_look_for_garbage()
    trio.run(_main)
