"""What waits to be sent: one entry per content and recipient device, one copy per mailbox.

An entry's sealed bytes are written once and repeated by every retry (law 1). Messages and
greetings stay until the contact's own receipt; the rest until a relay's Stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlcipher3 import Connection

from protocol.e2e.session import OlmBytes
from protocol.ids import ConversationId, DeviceId, EnvelopeId, MemberId, MessageId
from protocol.keys import Secret


class Purpose(Enum):
    """What an entry is for, and so how long it stays."""

    MESSAGE = "message"
    GREETING = "greeting"
    RECEIPT = "receipt"
    REPAIR = "repair"
    NEWS = "news"

    @property
    def receipted(self) -> bool:
        """Whether the contact answers it with a receipt."""
        return self in (Purpose.MESSAGE, Purpose.GREETING)


@dataclass(frozen=True)
class Entry:
    """A content for one device."""

    entry: int
    conversation_id: ConversationId
    member_id: MemberId
    device_id: DeviceId
    message_id: MessageId | None
    purpose: Purpose
    content: bytes
    olm: OlmBytes | None
    repairs: bytes
    copies: int
    made_ms: int
    repaired_ms: int | None


@dataclass(frozen=True)
class Copy:
    """A sealed envelope for one mailbox."""

    envelope_id: EnvelopeId
    entry: int
    relay: str
    capability: Secret
    body: bytes
    refusals: int


PENDING_MOST = 4  # contents that go by the invitation's capability before the greeting's answer

_ENTRY = (
    "SELECT entry, conversation_id, member_id, device_id, message_id, purpose, content, olm_kind,"
    " olm_body, repairs, copies, made_ms, repaired_ms FROM outbox"
)


def _entry(row: tuple[Any, ...]) -> Entry:
    entry, cid, member, device, mid, purpose, content, kind, body, *rest = row
    repairs, copies, made, repaired = rest
    return Entry(
        entry=entry,
        conversation_id=ConversationId(cid),
        member_id=MemberId(member),
        device_id=DeviceId(device),
        message_id=None if mid is None else MessageId(mid),
        purpose=Purpose(purpose),
        content=content,
        olm=None if body is None else OlmBytes(kind, body),
        repairs=repairs,
        copies=copies,
        made_ms=made,
        repaired_ms=repaired,
    )


def add(
    db: Connection,
    conversation_id: ConversationId,
    member_id: MemberId,
    device_id: DeviceId,
    purpose: Purpose,
    content: bytes,
    now_ms: int,
    *,
    message_id: MessageId | None = None,
    repairs: bytes = b"",
    repaired_ms: int | None = None,
) -> int:
    """A content for a device, not sealed yet."""
    added = db.execute(
        "INSERT INTO outbox (conversation_id, member_id, device_id, message_id, purpose, content,"
        " repairs, repaired_ms, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING entry",
        (
            conversation_id,
            member_id,
            device_id,
            message_id,
            purpose.value,
            content,
            repairs,
            repaired_ms,
            now_ms,
        ),
    ).fetchone()
    return int(added[0])


def unsealed(db: Connection, limit: int) -> list[Entry]:
    """What may be sealed now, in the order it was composed.

    An entry waits for a session with its device. A greeting waits until the relay knows the
    capability that it carries, and holds back what follows it. Before its answer only a few
    contents go by the invitation's capability.
    """
    rows = db.execute(
        _ENTRY + " AS o WHERE olm_body IS NULL"
        " AND EXISTS (SELECT 1 FROM session n WHERE n.device_id = o.device_id)"
        " AND NOT EXISTS (SELECT 1 FROM outbox g JOIN capability c USING (member_id)"
        "   WHERE g.device_id = o.device_id AND g.entry <= o.entry AND g.purpose = 'greeting'"
        "   AND g.olm_body IS NULL AND c.state = 'wanted')"
        " AND (purpose = 'greeting' OR NOT EXISTS (SELECT 1 FROM contact p"
        "   WHERE p.member_id = o.member_id AND p.pending = 1)"
        "   OR (SELECT count(*) FROM outbox s WHERE s.device_id = o.device_id"
        "     AND (s.olm_body IS NOT NULL OR s.entry < o.entry)) < ?)"
        " ORDER BY entry LIMIT ?",
        (PENDING_MOST, limit),
    )
    return [_entry(row) for row in rows]


def without_session(db: Connection) -> list[DeviceId]:
    """Devices something waits for, and with which there is no session yet."""
    rows = db.execute(
        "SELECT DISTINCT device_id FROM outbox o WHERE olm_body IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM session n WHERE n.device_id = o.device_id)"
    )
    return [DeviceId(row[0]) for row in rows]


def sealed(db: Connection, entry: int, olm: OlmBytes, olm_hash: bytes) -> None:
    """The Olm bytes of an entry, made once."""
    db.execute(
        "UPDATE outbox SET olm_kind = ?, olm_body = ?, olm_hash = ? WHERE entry = ?",
        (olm.kind, olm.body, olm_hash, entry),
    )


def add_copy(db: Connection, copy: Copy, due_ms: int) -> None:
    """An envelope for one mailbox, ready to be offered."""
    db.execute(
        "INSERT INTO copy (envelope_id, entry, relay, capability, body, due_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (copy.envelope_id, copy.entry, copy.relay, bytes(copy.capability), copy.body, due_ms),
    )
    db.execute("UPDATE outbox SET copies = copies + 1 WHERE entry = ?", (copy.entry,))


def waiting(db: Connection, relay: str, now_ms: int, limit: int) -> list[Copy]:
    """What to offer to a relay now, in the order it was sealed."""
    rows = db.execute(
        "SELECT envelope_id, entry, relay, capability, body, refusals FROM copy"
        " WHERE relay = ? AND stored_ms IS NULL AND due_ms <= ? ORDER BY row LIMIT ?",
        (relay, now_ms, limit),
    )
    return [
        Copy(EnvelopeId(eid), entry, address, Secret(cap), body, refusals)
        for eid, entry, address, cap, body, refusals in rows
    ]


def agenda(db: Connection) -> dict[str, int]:
    """Every relay something waits for, and when the first of it is due."""
    rows = db.execute("SELECT relay, min(due_ms) FROM copy WHERE stored_ms IS NULL GROUP BY relay")
    return dict(rows.fetchall())


def stored(db: Connection, envelope_id: EnvelopeId, now_ms: int) -> Entry | None:
    """A relay has this copy on disk; the entry, unless it is gone already."""
    row = db.execute(
        "UPDATE copy SET stored_ms = ? WHERE envelope_id = ? RETURNING entry",
        (now_ms, envelope_id),
    ).fetchone()
    if row is None:
        return None
    found = db.execute(_ENTRY + " WHERE entry = ?", row).fetchone()
    if found is None:
        return None
    entry = _entry(found)
    if entry.purpose.receipted:
        db.execute(
            "UPDATE outbox SET stored_ms = coalesce(stored_ms, ?) WHERE entry = ?",
            (now_ms, entry.entry),
        )
    else:
        drop(db, entry.entry)
    return entry


def put_off(db: Connection, envelope_id: EnvelopeId, due_ms: int) -> None:
    """A relay refused this copy; offer it again later."""
    db.execute(
        "UPDATE copy SET refusals = refusals + 1, due_ms = ? WHERE envelope_id = ?",
        (due_ms, envelope_id),
    )


def reroute(db: Connection, device_id: DeviceId, relay: str, capability: Secret) -> None:
    """A device collects here now: what no relay has yet is offered here, the same bytes."""
    db.execute(
        "UPDATE copy SET relay = ?, capability = ?, due_ms = 0, refusals = 0"
        " WHERE stored_ms IS NULL AND entry IN (SELECT entry FROM outbox WHERE device_id = ?)",
        (relay, bytes(capability), device_id),
    )


def delivered(db: Connection, device_id: DeviceId, message_id: MessageId) -> None:
    """A contact's device has it on disk; nothing more is sent to that device."""
    db.execute("DELETE FROM outbox WHERE device_id = ? AND message_id = ?", (device_id, message_id))


def drop(db: Connection, entry: int) -> None:
    """Give an entry up, with its copies."""
    db.execute("DELETE FROM outbox WHERE entry = ?", (entry,))


def drop_for(db: Connection, member_id: MemberId) -> None:
    """Give up everything for a contact."""
    db.execute("DELETE FROM outbox WHERE member_id = ?", (member_id,))


def drop_message(db: Connection, message_id: MessageId) -> None:
    """Give up a message to all devices."""
    db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))


def by_hash(db: Connection, olm_hash: bytes) -> Entry | None:
    """The entry these Olm bytes were made for, while it is kept."""
    row = db.execute(_ENTRY + " WHERE olm_hash = ?", (olm_hash,)).fetchone()
    return None if row is None else _entry(row)


def reseal(db: Connection, entry: int, repairs: bytes, now_ms: int) -> None:
    """A repair: forget the sealed bytes and copies, so that the content is encrypted anew."""
    db.execute("DELETE FROM copy WHERE entry = ?", (entry,))
    db.execute(
        "UPDATE outbox SET olm_kind = NULL, olm_body = NULL, olm_hash = NULL, stored_ms = NULL,"
        " copies = 0, repairs = ?, repaired_ms = ? WHERE entry = ?",
        (repairs, now_ms, entry),
    )


def entry(db: Connection, number: int) -> Entry | None:
    """One entry."""
    row = db.execute(_ENTRY + " WHERE entry = ?", (number,)).fetchone()
    return None if row is None else _entry(row)


def of_message(db: Connection, device_id: DeviceId, message_id: MessageId) -> Entry | None:
    """This message on its way to this device, if it is."""
    row = db.execute(
        _ENTRY + " WHERE device_id = ? AND message_id = ?", (device_id, message_id)
    ).fetchone()
    return None if row is None else _entry(row)


def unanswered_greetings(db: Connection, stored_before_ms: int) -> list[Entry]:
    """Greetings a relay has had so long, without an answer, that a fresh session may help."""
    rows = db.execute(
        _ENTRY + " AS o WHERE purpose = 'greeting' AND stored_ms < ?"
        " AND EXISTS (SELECT 1 FROM contact p WHERE p.member_id = o.member_id AND p.pending = 1"
        "   AND p.gone IS NULL)",
        (stored_before_ms,),
    )
    return [_entry(row) for row in rows]


def silent(db: Connection, copies: int, stored_before_ms: int, limit: int) -> list[Entry]:
    """Stored so long ago without a receipt that one more copy is due."""
    rows = db.execute(
        _ENTRY + " WHERE stored_ms < ? AND copies = ? AND olm_body IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM copy c WHERE c.entry = outbox.entry"
        "   AND c.stored_ms IS NULL) ORDER BY entry LIMIT ?",
        (stored_before_ms, copies, limit),
    )
    return [_entry(row) for row in rows]


def older_than(db: Connection, made_before_ms: int) -> list[Entry]:
    """What was written so long ago that it is given up."""
    rows = db.execute(_ENTRY + " WHERE made_ms < ? ORDER BY entry LIMIT 500", (made_before_ms,))
    return [_entry(row) for row in rows]
