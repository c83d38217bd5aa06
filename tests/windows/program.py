"""Real windows with engines of a test's own choice: its own composition root.

    python -m tests.windows.program fake|visited|broken|cheap|slow|blank --profile DIR

``fake`` keeps everything in memory and knows the people of the screens; ``cheap`` is the real
engine with a passphrase that costs next to nothing; ``visited`` is ``fake``, and Hana writes what
a datagram to ``DIR/hana`` says; ``slow`` is the real one as it is released.
``broken`` meets an error.
``blank`` is ``cheap`` behind a window that has every message and paints none of their words.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import trio
from msgspec.structs import replace

from desktop.core.facade import Facade
from desktop.core.models import ProfileState
from desktop.demo.watched import main
from desktop.engine.composition import released
from desktop.engine.engine import open_engine
from desktop.store.header import Cost
from desktop.ui.messages.painting import RowPainter
from tests.screens.cast import lively

CHEAP = Cost(ops=1, memory=8192)
PASSPHRASE = "four kilns"


@asynccontextmanager
async def fake(folder: Path) -> AsyncGenerator[Facade]:
    clara, _ = lively()
    clara.state = ProfileState.LOCKED
    clara.passphrase = PASSPHRASE
    yield clara


@asynccontextmanager
async def visited(folder: Path) -> AsyncGenerator[Facade]:
    clara, hana = lively()
    clara.state = ProfileState.LOCKED
    clara.passphrase = PASSPHRASE
    with trio.socket.socket(trio.socket.AF_UNIX, trio.socket.SOCK_DGRAM) as door:
        await door.bind(str(folder / "hana"))

        async def listen() -> None:
            while True:
                words = await door.recv(1000)
                clara.arrive(hana, words.decode())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            yield clara
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def broken(folder: Path) -> AsyncGenerator[Facade]:
    async with fake(folder) as clara, trio.open_nursery() as nursery:
        nursery.start_soon(fail)
        yield clara


async def fail() -> None:
    await trio.sleep(0.1)
    raise RuntimeError


def cheap(folder: Path) -> AbstractAsyncContextManager[Facade]:
    return open_engine(folder, replace(released(), cost=CHEAP))


def slow(folder: Path) -> AbstractAsyncContextManager[Facade]:
    return open_engine(folder, released())


def blank(folder: Path) -> AbstractAsyncContextManager[Facade]:
    patch.object(RowPainter, "_words", nothing).start()
    return cheap(folder)


def nothing(*_: object) -> None:
    """What a broken view paints."""


ENGINES = {
    "fake": fake,
    "visited": visited,
    "broken": broken,
    "cheap": cheap,
    "slow": slow,
    "blank": blank,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], ENGINES[sys.argv[1]]))
