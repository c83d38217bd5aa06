"""What the network's connector makes of hosts that no resolver takes."""

from __future__ import annotations

import pytest

from desktop.engine.connector import NetworkConnector
from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress


@pytest.mark.parametrize("host", ["a..b", ".", "x" * 64 + ".example", "\ud800"])
async def test_a_host_that_no_resolver_takes_is_one_where_nobody_answers(host: str) -> None:
    address = RelayAddress(host, 7443, Fingerprint(bytes(32)))
    with pytest.raises(OSError, match="resolver"):
        await NetworkConnector().connect(address)
