"""What time it is in a room: its relay's, never backwards."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from desktop.engine.rooms.line.clocks import FOR_GOOD, LATEST_MS, RoomClocks, here
from protocol.ids import RoomId

ROOM, OTHER = RoomId(b"r" * 32), RoomId(b"o" * 32)
HOUR_MS = 3_600_000
START = 10**12


async def test_it_is_the_relays_time_carried_on_and_never_runs_backwards(
    autojump_clock: MockClock,
) -> None:
    off = [0]
    begun = trio.current_time()

    def now() -> int:
        return START + int((trio.current_time() - begun) * 1000) + off[0]

    clocks = RoomClocks(now)
    assert clocks.now(ROOM) == START, "nobody else is known"
    clocks.heard(ROOM, START + 2 * HOUR_MS)
    assert (clocks.now(ROOM), clocks.now(OTHER)) == (START + 2 * HOUR_MS, START)
    assert clocks.ahead_ms(ROOM) == -2 * HOUR_MS
    await trio.sleep(60)
    assert clocks.now(ROOM) == START + 2 * HOUR_MS + 60_000
    off[0] = -5 * HOUR_MS
    assert clocks.now(ROOM) == START + 2 * HOUR_MS + 60_000, "the wall jumped back"
    off[0] = HOUR_MS
    assert clocks.now(ROOM) == START + 3 * HOUR_MS + 60_000, "the steady one slept"
    clocks.heard(ROOM, START + 2 * HOUR_MS + 61_000)
    assert clocks.now(ROOM) == START + 3 * HOUR_MS + 60_000, "never backwards"
    await trio.sleep(HOUR_MS / 1000)
    assert clocks.now(ROOM) == START + 3 * HOUR_MS + 61_000


async def test_a_relay_that_names_no_time_is_not_believed(autojump_clock: MockClock) -> None:
    clocks = RoomClocks(lambda: START)
    clocks.heard(ROOM, LATEST_MS + 1)
    assert clocks.now(ROOM) == START


def test_no_end_stays_none() -> None:
    assert [here(at, HOUR_MS) for at in (0, FOR_GOOD, START)] == [0, FOR_GOOD, START + HOUR_MS]
