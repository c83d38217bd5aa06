"""Which rooms I am to sit in: asked at each start, so it loads nothing else of rooms."""

from __future__ import annotations

from sqlcipher3 import Connection

from protocol.ids import RoomId


def wanted(db: Connection) -> list[RoomId]:
    """Those where I sat when the profile was locked, or that I have yet to open."""
    return [RoomId(row[0]) for row in db.execute("SELECT room_id FROM room WHERE wanted")]
