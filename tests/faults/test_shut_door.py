"""A relay that dies between accepting and answering costs a moment, not the time for connecting."""

from __future__ import annotations

import os
from functools import partial

import pytest
import trio

from desktop.engine.lines.connector import NetworkConnector
from desktop.engine.lines.dial import open_line
from desktop.engine.lines.line import LineLost
from desktop.engine.timings import Timings
from protocol.ids import HASH_BYTES, Fingerprint
from protocol.wire.address import RelayAddress


async def shut(read: bool, stream: trio.SocketStream) -> None:
    if read:
        await stream.receive_some()
    await stream.aclose()


@pytest.mark.parametrize("read", [False, True])
async def test_a_line_shut_before_the_upgrade_is_lost_at_once(read: bool) -> None:
    async with trio.open_nursery() as nursery:
        serve = partial(trio.serve_tcp, partial(shut, read), 0, host="127.0.0.1")
        listeners: list[trio.SocketListener] = await nursery.start(serve)
        port: int = listeners[0].socket.getsockname()[1]
        address = RelayAddress("127.0.0.1", port, Fingerprint(bytes(HASH_BYTES)), tls=False)
        with trio.fail_after(5), pytest.raises(LineLost):
            async with open_line(NetworkConnector(), address, Timings(), os.urandom):
                pass
        nursery.cancel_scope.cancel()
