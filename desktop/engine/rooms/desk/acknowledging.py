"""The desk is with its host: what is on this disk need not wait at the relay any more.

Law: only the app that has the room's key says so; who stands in for it leaves everything where it
is, for the host to fetch.
"""

from __future__ import annotations

import trio
from sqlcipher3 import Connection

from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line
from desktop.store.rooms import lanes, rooms
from desktop.store.rooms.lanes import Position
from protocol.wire.frames.room_entries import AcknowledgeDesk, Lane

PACE_S = 2.0


async def keep_acknowledging(ground: Ground, row: int, line: Line, bell: Doorbell) -> None:
    """For as long as the line holds. Raises LineLost."""
    told: tuple[int, int] | None = None
    while True:
        at = await ground.vault.read(lambda db: _reached(db, row))
        if at is not None and (at.run, at.number) != told:
            await line.ask(AcknowledgeDesk(call=line.call(), run=at.run, up_to=at.number))
            told = (at.run, at.number)
        await trio.sleep(PACE_S)
        await bell.wait()


def _reached(db: Connection, row: int) -> Position | None:
    room = rooms.get(db, row)
    at = None if room.key is None else lanes.position(db, row, Lane.DESK)
    return None if at is None or at.number == 0 else at
