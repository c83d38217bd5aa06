"""What was noticed of a room's relay and has to be said; the worst of it stays."""

from __future__ import annotations

from typing import Final

from sqlcipher3 import Connection

from desktop.core.room_facade import RoomChanged
from desktop.core.rooms import Warned
from desktop.engine.ground import Said
from desktop.store.rooms import rooms

_WORST_LAST: Final = (Warned.FULL, Warned.DISOBEYS, Warned.DROPS, Warned.FORKED)


def warn(db: Connection, said: Said, row: int, what: Warned) -> None:
    """Have the room say so from now on."""
    room = rooms.get(db, row)
    before = -1 if room.warned is None else _WORST_LAST.index(Warned(room.warned))
    if _WORST_LAST.index(what) > before:
        rooms.put(db, row, warned=what.value)
        said.events.append(RoomChanged(room.room_id))
