"""A clock is believed while a relay's clock agrees with it."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from desktop.engine.witness import Witness

HOUR_MS = 3_600_000


async def test_alone_it_is_not_believed_and_beside_a_relays_it_is(
    autojump_clock: MockClock,
) -> None:
    off = [0]
    witness = Witness(lambda: 10**12 + int(trio.current_time() * 1000) + off[0], 3600)
    assert (witness.agrees, witness.ahead_ms) == (False, 0)
    witness.heard(10**12 + HOUR_MS // 2 + int(trio.current_time() * 1000))
    assert (witness.agrees, witness.ahead_ms) == (True, 0)
    await trio.sleep(30 * 24 * 3600)
    assert witness.agrees
    off[0] = 3 * HOUR_MS
    assert (witness.agrees, witness.ahead_ms) == (False, 3 * HOUR_MS - HOUR_MS // 2)
    off[0] = -2 * HOUR_MS
    assert (witness.agrees, witness.ahead_ms) == (False, -2 * HOUR_MS - HOUR_MS // 2)
    off[0] = 0
    assert witness.agrees
