"""What to ask a contact's device for again: bytes that did not open, holes in its chain."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.ids import DeviceId, MemberId

MOST = 64  # bytes wished for by name from one device; of the others, whatever they held
MORE = b""  # in place of a name: whatever a device wrote behind what came of it


class Wish(Struct, frozen=True):
    """Something to ask for. Without ``olm_hash``: whatever is missing in the device's chain; with
    ``MORE``: whatever comes behind that, because bytes that nobody counted did not open."""

    row: int
    device_id: DeviceId
    member_id: MemberId
    olm_hash: bytes | None
    asked: int


def for_bytes(
    db: Connection, device_id: DeviceId, member_id: MemberId, olm_hash: bytes, due_ms: int
) -> bool:
    """Bytes that did not open; False where too many are wished for already, and these only with
    all that their author wrote."""
    known, more, count = db.execute(
        "SELECT count(*) FILTER (WHERE olm_hash = ?), count(*) FILTER (WHERE olm_hash = ?),"
        " count(*) FILTER (WHERE olm_hash <> ?) FROM wish WHERE device_id = ?",
        (olm_hash, MORE, MORE, device_id),
    ).fetchone()
    if known:
        return True
    named = bool(count < MOST)
    if named or not more:
        db.execute(
            "INSERT INTO wish (device_id, member_id, olm_hash, due_ms) VALUES (?, ?, ?, ?)",
            (device_id, member_id, olm_hash if named else MORE, due_ms),
        )
    return named


def for_holes(db: Connection, device_id: DeviceId, member_id: MemberId, due_ms: int) -> None:
    """Something is missing in a device's chain."""
    changed = db.execute(
        "UPDATE wish SET due_ms = min(due_ms, ?), asked = 0"
        " WHERE device_id = ? AND olm_hash IS NULL",
        (due_ms, device_id),
    )
    if changed.rowcount == 0:
        db.execute(
            "INSERT INTO wish (device_id, member_id, due_ms) VALUES (?, ?, ?)",
            (device_id, member_id, due_ms),
        )


def due_of(db: Connection, now_ms: int) -> list[MemberId]:
    """Whom something is due to be asked of, who waits longest first."""
    rows = db.execute("SELECT member_id FROM wish WHERE due_ms <= ? ORDER BY due_ms", (now_ms,))
    return list(dict.fromkeys(MemberId(row[0]) for row in rows))


def due(db: Connection, member_id: MemberId, now_ms: int) -> list[Wish]:
    """What is due to be asked of a contact."""
    rows = db.execute(
        "SELECT row, device_id, member_id, olm_hash, asked FROM wish"
        " WHERE member_id = ? AND due_ms <= ? ORDER BY due_ms LIMIT 64",
        (member_id, now_ms),
    )
    return [
        Wish(row, DeviceId(device), MemberId(member), hash_, asked)
        for row, device, member, hash_, asked in rows
    ]


def next_ms(db: Connection, after_ms: int) -> int | None:
    """When the next one is due that is not due already."""
    (at,) = db.execute("SELECT min(due_ms) FROM wish WHERE due_ms > ?", (after_ms,)).fetchone()
    return None if at is None else int(at)


def put_off(db: Connection, row: int, due_ms: int) -> None:
    """It could not be asked for; try then."""
    db.execute("UPDATE wish SET due_ms = ? WHERE row = ?", (due_ms, row))


def asked(db: Connection, row: int, due_ms: int) -> None:
    """It was asked for; ask again then."""
    db.execute("UPDATE wish SET due_ms = ?, asked = asked + 1 WHERE row = ?", (due_ms, row))


def hurry(db: Connection, latest_ms: int) -> None:
    """Nothing is put off for longer than this: after a clock that was ahead, ask now."""
    db.execute("UPDATE wish SET due_ms = 0 WHERE due_ms > ?", (latest_ms,))


def granted(db: Connection, device_id: DeviceId, olm_hash: bytes) -> bool:
    """What these bytes held has come, or will not; whether that was wished for."""
    gone = db.execute(
        "DELETE FROM wish WHERE device_id = ? AND olm_hash = ?", (device_id, olm_hash)
    )
    return gone.rowcount > 0


def drop(db: Connection, row: int) -> None:
    """Not wished for any more."""
    db.execute("DELETE FROM wish WHERE row = ?", (row,))


def drop_of(db: Connection, member_id: MemberId) -> None:
    """Nothing more is wished for from a contact."""
    db.execute("DELETE FROM wish WHERE member_id = ?", (member_id,))
