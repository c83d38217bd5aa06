"""How far each lane of a room was followed, each seat's chain in it, and what its relay signed."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.e2e.rooms.voices import Voice, dump_voice, load_voice
from protocol.ids import SeatId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SignedHead


class Position(Struct, frozen=True):
    """The last item that was taken in, and the running hash behind it."""

    run: int
    number: int
    running: bytes


def position(db: Connection, room: int, lane: Lane) -> Position | None:
    """Where following goes on; None where it never began."""
    row = db.execute(
        "SELECT run, number, running FROM room_lane WHERE room = ? AND lane = ?", (room, lane)
    ).fetchone()
    return None if row is None else Position(*row)


def put_position(db: Connection, room: int, lane: Lane, at: Position) -> None:
    """Everything up to this is in the vault."""
    db.execute(
        "INSERT INTO room_lane (room, lane, run, number, running) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (room, lane) DO UPDATE SET"
        " run = excluded.run, number = excluded.number, running = excluded.running",
        (room, lane, at.run, at.number, at.running),
    )


def head(db: Connection, room: int, lane: Lane) -> SignedHead | None:
    """What the relay signed last."""
    return _head(db, "head, head_signature", room, lane)


def put_head(db: Connection, room: int, lane: Lane, head_: SignedHead) -> None:
    """The relay signed this."""
    db.execute(
        "UPDATE room_lane SET head = ?, head_signature = ? WHERE room = ? AND lane = ?",
        (head_.body, head_.signature, room, lane),
    )


def other_head(db: Connection, room: int, lane: Lane) -> SignedHead | None:
    """What cannot be true beside :func:`head`: with it, the proof of a fork."""
    return _head(db, "other_head, other_signature", room, lane)


def put_other_head(db: Connection, room: int, lane: Lane, head_: SignedHead) -> None:
    """Keep the proof; the first one stays."""
    db.execute(
        "UPDATE room_lane SET other_head = ?, other_signature = ?"
        " WHERE room = ? AND lane = ? AND other_head IS NULL",
        (head_.body, head_.signature, room, lane),
    )


def voice(db: Connection, room: int, lane: Lane, seat: SeatId) -> Voice | None:
    """How far a seat's chain was heard."""
    row = db.execute(
        "SELECT voice FROM room_voice WHERE room = ? AND lane = ? AND seat = ?", (room, lane, seat)
    ).fetchone()
    return None if row is None else load_voice(row[0])


def put_voice(db: Connection, room: int, lane: Lane, seat: SeatId, heard: Voice) -> None:
    """It has come so far."""
    db.execute(
        "INSERT INTO room_voice (room, lane, seat, voice, lacks) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (room, lane, seat) DO UPDATE SET voice = excluded.voice,"
        " lacks = excluded.lacks",
        (room, lane, seat, dump_voice(heard), bool(heard.seen.missing)),
    )


def lacking(db: Connection, room: int, lane: Lane) -> list[tuple[SeatId, Voice]]:
    """Voices of which something has not come."""
    rows = db.execute(
        "SELECT seat, voice FROM room_voice WHERE room = ? AND lane = ? AND lacks = 1", (room, lane)
    )
    return [(SeatId(seat), load_voice(voice)) for seat, voice in rows]


def forget_voices(db: Connection, room: int, lane: Lane) -> None:
    """What lies behind is unknown: everybody is heard anew from wherever they are."""
    db.execute("DELETE FROM room_voice WHERE room = ? AND lane = ?", (room, lane))


def _head(db: Connection, columns: str, room: int, lane: Lane) -> SignedHead | None:
    row = db.execute(
        f"SELECT {columns} FROM room_lane WHERE room = ? AND lane = ?", (room, lane)
    ).fetchone()
    return None if row is None or row[0] is None else SignedHead(body=row[0], signature=row[1])
