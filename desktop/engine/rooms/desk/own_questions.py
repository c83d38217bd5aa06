"""Where a question of mine stands at the desk: its author does not read the desk, and keeps the
bytes so that the host can be asked aside about it."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.store.rooms import desk_keys, items
from desktop.store.rooms.items import ItemKind, KeptItem, place_of
from desktop.store.rooms.rooms import KeptRoom
from desktop.store.rooms.said import Saying
from protocol.e2e.rooms import desk_contents
from protocol.e2e.rooms.desk_contents import Ask
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_entries import Said as Numbered


def numbered(db: Connection, room: KeptRoom, one: Saying, at: Numbered, now: int) -> None:
    """Keep it under its number; who reads the desk hears it from there."""
    if one.lane is not Lane.DESK or desk_keys.find(db, room.row, room.body.desk) is not None:
        return
    content = desk_contents.load(one.content)
    if not isinstance(content, Ask) or one.item is None:
        return
    kept = KeptItem(
        lane=Lane.DESK,
        place=place_of(at.run, at.number),
        kind=ItemKind.CONTENT,
        item=one.item,
        running=b"",
        seat=room.seat.key.seat,
        counter=one.counter,
        entry_id=one.entry_id,
        shown=False,
        name=content.name,
        sent_ms=content.sent_ms,
        came_ms=now,
    )
    items.put(db, room.row, kept)
