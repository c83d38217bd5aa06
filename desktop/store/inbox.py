"""What has come: the window of opened bytes, the quarantine, the receipts that are owed."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.ids import CapabilityHash, EnvelopeId, Fingerprint, MemberId, MessageId

QUARANTINE_MOST = 1000
OWED_AGAIN = 2000  # of the last bytes that were opened


class Opened(Struct, frozen=True):
    """Whose bytes these were, and what message they held, if any."""

    member_id: MemberId
    message_id: MessageId | None


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
        "INSERT OR IGNORE INTO opened (hash, member_id, message_id, opened_ms, owed_ms)"
        " VALUES (?, ?, ?, ?, ?)",
        (hash_, member_id, message_id, now_ms, now_ms),
    )


def may_owe_again(db: Connection, hash_: bytes, now_ms: int, span_ms: int) -> bool:
    """Whether no receipt was owed for these bytes in this span; from now on one was."""
    owed = db.execute(
        "UPDATE opened SET owed_ms = ? WHERE hash = ? AND abs(? - owed_ms) >= ?",
        (now_ms, hash_, now_ms, span_ms),
    )
    return owed.rowcount > 0


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


def owe_again(db: Connection, member_id: MemberId, now_ms: int, span_ms: int) -> None:
    """Receipts that a contact may have missed are owed once more: for what came last from them, and
    for none twice in this span."""
    again = db.execute(
        "UPDATE opened SET owed_ms = ? WHERE hash IN"
        " (SELECT hash FROM (SELECT hash, member_id, message_id, owed_ms FROM opened"
        "   ORDER BY opened_ms DESC LIMIT ?)"
        "  WHERE member_id = ? AND message_id IS NOT NULL AND abs(? - owed_ms) >= ?)"
        " RETURNING message_id",
        (now_ms, OWED_AGAIN, member_id, now_ms, span_ms),
    ).fetchall()
    for (message_id,) in again:
        owe(db, member_id, MessageId(message_id), read=False)


def owe_nothing(db: Connection, member_id: MemberId) -> None:
    """No receipt goes to this member any more."""
    db.execute("DELETE FROM receipt WHERE member_id = ?", (member_id,))


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
