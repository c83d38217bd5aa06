"""Saying something in a room: it is in the vault when this returns, and offered until numbered."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.room_facade import StageMoved
from desktop.engine.ground import Bell, Said
from desktop.store.rooms import said as sayings
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import contents, desk_contents
from protocol.e2e.rooms.contents import StageContent
from protocol.e2e.rooms.desk_contents import DeskContent
from protocol.ids import EntryId
from protocol.wire.frames.room_entries import Lane


def say(
    db: Connection, said: Said, room: KeptRoom, content: StageContent | DeskContent, now_ms: int
) -> EntryId:
    """Queue it on its lane. The id is the one it will have when it is numbered, unless one before
    it is refused."""
    if isinstance(content, StageContent):
        said.bells.add(Bell.STAGE)
        made = sayings.add(db, room, Lane.STAGE, contents.dump(content), now_ms)
        said.events.append(StageMoved(room.room_id))
        return made
    said.bells.add(Bell.DESK)
    return sayings.add(db, room, Lane.DESK, desk_contents.dump(content), now_ms)
