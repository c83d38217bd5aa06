"""What the network's connector makes of hosts that no resolver takes."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
import trio

from desktop.core.nearness import Nearness
from desktop.engine.lines.connector import NetworkConnector, TooNear
from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress


@pytest.mark.parametrize("host", ["a..b", ".", "x" * 64 + ".example", "\ud800"])
async def test_a_host_that_no_resolver_takes_is_one_where_nobody_answers(host: str) -> None:
    address = RelayAddress(host, 7443, Fingerprint(bytes(32)))
    with pytest.raises(OSError, match="resolver"):
        await NetworkConnector().connect(address, Nearness.HERE)


async def test_a_name_that_leads_nearer_than_it_may_hears_nothing_from_here() -> None:
    heard: list[bytes | bytearray] = []

    async def listen(stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):
            heard.append(await stream.receive_some())

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, listen, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        for tls in (True, False):
            address = RelayAddress("localhost", port, Fingerprint(bytes(32)), tls)
            for nearest in (Nearness.FAR, Nearness.HOME):
                with pytest.raises(TooNear):
                    await NetworkConnector().connect(address, nearest)
        pipe = await NetworkConnector().connect(address, Nearness.HERE)
        assert pipe.nearness is Nearness.HERE
        await pipe.stream.aclose()
        nursery.cancel_scope.cancel()
    assert not any(heard), "not even the beginning of TLS"
