"""Reactions to entries, one of each seat and sign, counted here and published; what is pinned.

My own stand here too, wherever they are counted, so that they can be shown and taken back.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.ids import EntryId

MOST_SIGNS = 12
"""Different ones of one entry; more would fill its row and the counts with nonsense."""

_AT_ONCE = 25


class Shown(Struct, frozen=True):
    """A sign beneath an entry."""

    sign: str
    count: int
    mine: bool


class Pin(Struct, frozen=True):
    """What stands on top."""

    entry_id: EntryId
    pinned_ms: int


def given(db: Connection, room: int, entry: bytes, sign: str, seat: bytes) -> bool:
    """Whether a seat has given it."""
    row = db.execute(
        "SELECT 1 FROM room_reaction WHERE room = ? AND entry = ? AND sign = ? AND seat = ?",
        (room, entry, sign, seat),
    ).fetchone()
    return row is not None


def react(
    db: Connection, room: int, entry: bytes, sign: str, seat: bytes, *, taken_back: bool
) -> bool:
    """Given or taken back; whether it changes anything."""
    if taken_back:
        act = "DELETE FROM room_reaction WHERE room = ? AND entry = ? AND sign = ? AND seat = ?"
    else:
        db.execute(
            "INSERT INTO room_reacted (room, entry, sign) SELECT ?, ?, ?"
            " WHERE (SELECT count(*) FROM room_reacted WHERE room = ?1 AND entry = ?2) < ?"
            " ON CONFLICT DO NOTHING",
            (room, entry, sign, MOST_SIGNS),
        )
        act = (
            "INSERT INTO room_reaction (room, entry, sign, seat)"
            " SELECT room, entry, sign, ?4 FROM room_reacted"
            " WHERE room = ?1 AND entry = ?2 AND sign = ?3 ON CONFLICT DO NOTHING"
        )
    if not db.execute(act, (room, entry, sign, seat)).rowcount:
        return False
    db.execute(
        "UPDATE room_reacted SET touched = 1 WHERE room = ? AND entry = ? AND sign = ?",
        (room, entry, sign),
    )
    return True


def counted(db: Connection, room: int, entry: bytes, sign: str, count: int) -> None:
    """So many were published."""
    db.execute(
        "INSERT INTO room_reacted (room, entry, sign, count) SELECT ?, ?, ?, ?"
        " WHERE EXISTS (SELECT 1 FROM room_reacted WHERE room = ?1 AND entry = ?2 AND sign = ?3)"
        " OR (SELECT count(*) FROM room_reacted WHERE room = ?1 AND entry = ?2) < ?"
        " ON CONFLICT (room, entry, sign) DO UPDATE SET count = excluded.count",
        (room, entry, sign, count, MOST_SIGNS),
    )


def waits(db: Connection, room: int) -> bool:
    """Whether anything changed since it was published."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM room_reacted WHERE room = ? AND touched = 1)", (room,)
    ).fetchone()
    return bool(row[0])


def touched(db: Connection, room: int, most: int) -> list[tuple[EntryId, str, int]]:
    """What changed since it was published, and how many there are; told from now on."""
    rows = db.execute(
        "SELECT entry, sign, count, (SELECT count(*) FROM room_reaction AS one WHERE"
        " one.room = said.room AND one.entry = said.entry AND one.sign = said.sign)"
        " FROM room_reacted AS said WHERE room = ? AND touched = 1 LIMIT ?",
        (room, most),
    ).fetchall()
    db.executemany(
        "UPDATE room_reacted SET touched = 0 WHERE room = ? AND entry = ? AND sign = ?",
        [(room, entry, sign) for entry, sign, _, _ in rows],
    )
    return [(EntryId(entry), sign, now) for entry, sign, before, now in rows if before != now]


def of(
    db: Connection, room: int, entries: Sequence[EntryId], me: bytes
) -> dict[EntryId, list[Shown]]:
    """What stands beneath these entries, the most given first."""
    found: dict[EntryId, list[Shown]] = {}
    for first in range(0, len(entries), _AT_ONCE):
        some = list(entries[first : first + _AT_ONCE])
        some += some[-1:] * (_AT_ONCE - len(some))  # so that it is one statement for all
        rows = db.execute(
            "SELECT entry, sign, max(count, mine), mine FROM (SELECT entry, sign, count, EXISTS"
            " (SELECT 1 FROM room_reaction AS one WHERE one.room = said.room"
            " AND one.entry = said.entry AND one.sign = said.sign AND one.seat = ?) AS mine"
            " FROM room_reacted AS said WHERE room = ? AND entry IN"
            f" ({', '.join('?' * _AT_ONCE)})) ORDER BY 3 DESC, sign",
            (me, room, *some),
        )
        for entry, sign, count, mine in rows:
            if count:
                found.setdefault(EntryId(entry), []).append(Shown(sign, count, bool(mine)))
    return found


def pin(db: Connection, room: int, entry: bytes | None, place: int, now_ms: int) -> None:
    """This one stands on top since that place, or none does."""
    db.execute(
        "INSERT INTO room_pinned (room, entry, place, pinned_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (room) DO UPDATE SET entry = excluded.entry, place = excluded.place,"
        " pinned_ms = excluded.pinned_ms WHERE place < excluded.place",
        (room, entry, place, now_ms),
    )


def pinned(db: Connection, room: int) -> Pin | None:
    """What stands on top."""
    row = db.execute("SELECT entry, pinned_ms FROM room_pinned WHERE room = ?", (room,)).fetchone()
    return None if row is None or row[0] is None else Pin(EntryId(row[0]), row[1])
