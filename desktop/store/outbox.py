"""What waits to be sent: one entry per content and recipient device.

An entry's sealed bytes are written once and repeated by every retry (law 1). Messages and
greetings stay until the contact's own receipt; the rest until a relay's Stored. The envelopes
around those bytes are in :mod:`desktop.store.copies`, what may be sealed in
:mod:`desktop.store.sealable`.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.rows import reads_a_row
from protocol.e2e.olm_message import OlmBytes
from protocol.ids import ConversationId, DeviceId, MemberId, MessageId


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


class Entry(Struct, frozen=True):
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
    stored_ms: int | None
    olm_hash: bytes | None


ENTRY = (
    "SELECT entry, conversation_id, member_id, device_id, message_id, purpose, content, olm_kind,"
    " olm_body, repairs, copies, made_ms, repaired_ms,"
    " stored_ms, olm_hash FROM outbox"
)


@reads_a_row
def entry_of(row: tuple[Any, ...]) -> Entry:
    """A row of ENTRY."""
    entry, cid, member, device, mid, purpose, content, kind, body, *rest = row
    repairs, copies, made, repaired, stored_ms, olm_hash = rest
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
        stored_ms=stored_ms,
        olm_hash=olm_hash,
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


def replace_greeting(
    db: Connection, device_id: DeviceId, content: bytes, message_id: MessageId
) -> bool:
    """A newer greeting takes the place of one that was not sealed yet; whether there was one."""
    changed = db.execute(
        "UPDATE outbox SET content = ?, message_id = ? WHERE entry = (SELECT min(entry) FROM outbox"
        " WHERE device_id = ? AND purpose = 'greeting' AND olm_body IS NULL)",
        (content, message_id, device_id),
    )
    return changed.rowcount > 0


def sealed(db: Connection, entry: int, olm: OlmBytes, olm_hash: bytes) -> None:
    """The Olm bytes of an entry, made once."""
    db.execute(
        "UPDATE outbox SET olm_kind = ?, olm_body = ?, olm_hash = ? WHERE entry = ?",
        (olm.kind, olm.body, olm_hash, entry),
    )


def stored(db: Connection, number: int, now_ms: int) -> Entry | None:
    """A relay has a copy of it on disk. What nobody sends a receipt for has done its work, but for
    what is meant to come by every mailbox."""
    found = entry(db, number)
    if found is None:
        return None
    waits = "SELECT 1 FROM copy WHERE entry = ? AND stored_ms IS NULL"
    if found.purpose.receipted or (
        found.purpose is Purpose.REPAIR and db.execute(waits, (number,)).fetchone() is not None
    ):
        db.execute("UPDATE outbox SET stored_ms = ? WHERE entry = ?", (now_ms, number))
    else:
        drop(db, number)
    return found


def delivered(db: Connection, device_id: DeviceId, message_id: MessageId) -> None:
    """A contact's device has it on disk; nothing more is sent to that device."""
    db.execute("DELETE FROM outbox WHERE device_id = ? AND message_id = ?", (device_id, message_id))


def drop(db: Connection, entry: int) -> None:
    """Give an entry up, with its copies."""
    db.execute("DELETE FROM outbox WHERE entry = ?", (entry,))


def drop_for(db: Connection, member_id: MemberId) -> None:
    """Give up everything for a contact."""
    db.execute("DELETE FROM outbox WHERE member_id = ?", (member_id,))


def messages_to(db: Connection, member_id: MemberId) -> list[MessageId]:
    """The messages to a contact that are on their way."""
    rows = db.execute(
        "SELECT DISTINCT message_id FROM outbox WHERE member_id = ? AND purpose = 'message'",
        (member_id,),
    )
    return [MessageId(row[0]) for row in rows]


def holds(db: Connection, message_id: MessageId) -> bool:
    """Whether this message is on its way to any device."""
    row = db.execute("SELECT 1 FROM outbox WHERE message_id = ?", (message_id,)).fetchone()
    return row is not None


def drop_message(db: Connection, message_id: MessageId) -> None:
    """Give up a message to all devices."""
    db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))


def by_hash(db: Connection, olm_hash: bytes) -> Entry | None:
    """The entry these Olm bytes were made for, or say again, while it is kept."""
    row = db.execute(
        ENTRY + " WHERE olm_hash = ? UNION ALL " + ENTRY + " WHERE repairs = ? AND repairs <> x''",
        (olm_hash, olm_hash),
    ).fetchone()
    return None if row is None else entry_of(row)


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
    row = db.execute(ENTRY + " WHERE entry = ?", (number,)).fetchone()
    return None if row is None else entry_of(row)


def of_message(db: Connection, device_id: DeviceId, message_id: MessageId) -> Entry | None:
    """This message on its way to this device, if it is."""
    row = db.execute(
        ENTRY + " WHERE device_id = ? AND message_id = ?", (device_id, message_id)
    ).fetchone()
    return None if row is None else entry_of(row)


def unanswered_greetings(db: Connection, stored_before_ms: int) -> list[Entry]:
    """Greetings a relay has had so long, without an answer, that a fresh session may help."""
    rows = db.execute(
        ENTRY + " AS o WHERE purpose = 'greeting' AND stored_ms < ?"
        " AND EXISTS (SELECT 1 FROM contact p WHERE p.member_id = o.member_id AND p.pending = 1"
        "   AND p.gone IS NULL)",
        (stored_before_ms,),
    )
    return [entry_of(row) for row in rows]


def older_than(db: Connection, made_before_ms: int) -> list[Entry]:
    """What was written so long ago that it is given up."""
    rows = db.execute(ENTRY + " WHERE made_ms < ? ORDER BY made_ms LIMIT 500", (made_before_ms,))
    return [entry_of(row) for row in rows]
