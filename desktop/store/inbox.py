"""What has come: the window of opened bytes, the quarantine, and what is owed or wished for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlcipher3 import Connection

from protocol.ids import CapabilityHash, DeviceId, EnvelopeId, Fingerprint, MemberId, MessageId

QUARANTINE_MOST = 1000


@dataclass(frozen=True)
class Opened:
    """Whose bytes these were, and what message they held, if any."""

    member_id: MemberId
    message_id: MessageId | None


@dataclass(frozen=True)
class Wish:
    """Something to ask a device for again: bytes that did not open, or missing counters."""

    row: int
    device_id: DeviceId
    member_id: MemberId
    olm_hash: bytes | None
    first: int | None
    last: int | None
    asked: int


def opened(db: Connection, hash_: bytes) -> Opened | None:
    """Whether these bytes were opened in the last 60 days."""
    row = db.execute("SELECT member_id, message_id FROM opened WHERE hash = ?", (hash_,)).fetchone()
    if row is None:
        return None
    member, message = row
    return Opened(MemberId(member), None if message is None else MessageId(message))


def remember(
    db: Connection, hash_: bytes, member_id: MemberId, message_id: MessageId | None, now_ms: int
) -> None:
    """These bytes have been opened."""
    db.execute(
        "INSERT OR IGNORE INTO opened (hash, member_id, message_id, opened_ms) VALUES (?, ?, ?, ?)",
        (hash_, member_id, message_id, now_ms),
    )


def forget(db: Connection, opened_before_ms: int) -> None:
    """The window moves on."""
    db.execute("DELETE FROM opened WHERE opened_ms < ?", (opened_before_ms,))


def quarantine(
    db: Connection,
    relay_id: Fingerprint,
    capability: CapabilityHash,
    envelope_id: EnvelopeId,
    cause: str,
    body: bytes,
    now_ms: int,
) -> None:
    """Keep what may not be shown under anybody's name; the newest thousand of it."""
    db.execute(
        "INSERT INTO quarantine (relay_id, capability, envelope_id, cause, body, came_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (relay_id, capability, envelope_id, cause, body, now_ms),
    )
    db.execute(
        "DELETE FROM quarantine WHERE row <= (SELECT max(row) FROM quarantine) - ?",
        (QUARANTINE_MOST,),
    )


def quarantined(db: Connection) -> int:
    """How much is in quarantine."""
    (count,) = db.execute("SELECT count(*) FROM quarantine").fetchone()
    return int(count)


def owe(db: Connection, member_id: MemberId, message_id: MessageId, *, read: bool) -> None:
    """A receipt is owed; committed together with the message (transaction 4)."""
    db.execute(
        "INSERT OR IGNORE INTO receipt (member_id, message_id, read) VALUES (?, ?, ?)",
        (member_id, message_id, read),
    )


def owed(db: Connection, limit: int) -> dict[MemberId, tuple[list[MessageId], list[MessageId]]]:
    """Owed receipts by contact: delivered ones, read ones; taken out of the list."""
    rows = db.execute(
        "DELETE FROM receipt WHERE (member_id, message_id, read) IN"
        " (SELECT member_id, message_id, read FROM receipt LIMIT ?)"
        " RETURNING member_id, message_id, read",
        (limit,),
    ).fetchall()
    by_member: dict[MemberId, tuple[list[MessageId], list[MessageId]]] = {}
    for member, message, read in rows:
        both = by_member.setdefault(MemberId(member), ([], []))
        both[1 if read else 0].append(MessageId(message))
    return by_member


def wish_for_bytes(
    db: Connection, device_id: DeviceId, member_id: MemberId, olm_hash: bytes, due_ms: int
) -> None:
    """Bytes that did not open."""
    db.execute(
        "INSERT INTO wish (device_id, member_id, olm_hash, due_ms) SELECT ?, ?, ?, ?"
        " WHERE NOT EXISTS (SELECT 1 FROM wish WHERE olm_hash = ?)",
        (device_id, member_id, olm_hash, due_ms, olm_hash),
    )


def wish_for_counters(
    db: Connection, device_id: DeviceId, member_id: MemberId, first: int, last: int, due_ms: int
) -> None:
    """Counters that are missing."""
    db.execute(
        "INSERT INTO wish (device_id, member_id, first, last, due_ms) VALUES (?, ?, ?, ?, ?)",
        (device_id, member_id, first, last, due_ms),
    )


def wishes(db: Connection, now_ms: int) -> list[Wish]:
    """What is due to be asked for."""
    rows = db.execute(
        "SELECT row, device_id, member_id, olm_hash, first, last, asked FROM wish WHERE due_ms <= ?"
        " ORDER BY row LIMIT 64",
        (now_ms,),
    )
    return [
        Wish(row, DeviceId(device), MemberId(member), hash_, first, last, asked)
        for row, device, member, hash_, first, last, asked in rows
    ]


def next_wish_ms(db: Connection) -> int | None:
    """When the next one is due."""
    (due,) = db.execute("SELECT min(due_ms) FROM wish").fetchone()
    return None if due is None else int(due)


def put_off(db: Connection, row: int, due_ms: int) -> None:
    """It was asked for; ask again then."""
    db.execute("UPDATE wish SET due_ms = ?, asked = asked + 1 WHERE row = ?", (due_ms, row))


def granted_bytes(db: Connection, olm_hash: bytes) -> None:
    """What these bytes held has come, or will not."""
    db.execute("DELETE FROM wish WHERE olm_hash = ?", (olm_hash,))


def granted_counters(db: Connection, device_id: DeviceId, first: int, last: int) -> None:
    """These counters have come, or will not."""
    db.execute(
        "DELETE FROM wish WHERE device_id = ? AND first >= ? AND last <= ?",
        (device_id, first, last),
    )


def drop_wish(db: Connection, row: int) -> None:
    """Not wished for any more."""
    db.execute("DELETE FROM wish WHERE row = ?", (row,))


def drop_wishes_of(db: Connection, member_id: MemberId) -> None:
    """Nothing more is wished for from a contact."""
    db.execute("DELETE FROM wish WHERE member_id = ?", (member_id,))
