"""What a question at the desk says, where this vault knows it from more than somebody's word."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.store.rooms import board
from desktop.store.rooms.rooms import KeptRoom
from protocol.ids import EntryId


def find(db: Connection, room: KeptRoom, entry: EntryId) -> str | None:
    """Mine, or one that came to this desk and was opened here."""
    found = board.find(db, room.row, entry, room.seat.key.seat)
    if found is None or not (found.mine or found.asker is not None):
        return None
    return found.text
