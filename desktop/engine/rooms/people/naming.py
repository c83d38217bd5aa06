"""My name in the list of people: sealed under the key in force, so that whoever has it can read it.

Who came while they had no key yet, and everybody once there is another key, says it anew.
"""

from __future__ import annotations

import trio

from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line
from desktop.store.rooms import epochs, rooms
from protocol.e2e.rooms.stage import seal_name
from protocol.wire.frames.rooms import SetName

SPREAD_S = 2.0
"""A whole room gets a key at one moment; its names come one after the other."""


async def keep_named(
    ground: Ground, row: int, line: Line, bell: Doorbell, named_under: int
) -> None:
    """For as long as the line holds; ``named_under`` is the epoch of the name that was shown at
    the door, 0 for none. Raises LineLost."""
    while True:
        room, key = await ground.vault.read(lambda db: (rooms.get(db, row), epochs.newest(db, row)))
        if key is not None and key.epoch > named_under:
            await trio.sleep(ground.chance() * SPREAD_S)
            seat = room.seat
            name = seal_name(seat.pseudonym, key, seat.key.seat, ground.rng)
            await line.ask(SetName(call=line.call(), name=name))
            named_under = key.epoch
            continue
        await bell.wait()
