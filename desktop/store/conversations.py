"""Conversations: this device's own chain in each, the draft, and the list's lines."""

from __future__ import annotations

from dataclasses import dataclass

from sqlcipher3 import Connection

from protocol.ids import ConversationId, MemberId


@dataclass(frozen=True)
class OwnChain:
    """Where this device's own counter stands, and the hash its next content refers to."""

    counter: int
    head: bytes


@dataclass(frozen=True)
class Line:
    """What the list shows of one conversation, beside its last message."""

    conversation_id: ConversationId
    member_id: MemberId
    name: str
    unread: int
    draft: str
    verified: bool
    pending: bool


def add(db: Connection, conversation_id: ConversationId, member_id: MemberId, now_ms: int) -> None:
    """A conversation; one that is there already stays as it is."""
    db.execute(
        "INSERT OR IGNORE INTO conversation (conversation_id, member_id, touched_ms)"
        " VALUES (?, ?, ?)",
        (conversation_id, member_id, now_ms),
    )


def member(db: Connection, conversation_id: ConversationId) -> MemberId | None:
    """With whom it is."""
    row = db.execute(
        "SELECT member_id FROM conversation WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    return None if row is None else MemberId(row[0])


def own_chain(db: Connection, conversation_id: ConversationId) -> OwnChain:
    """Where this device's chain stands."""
    counter, head = db.execute(
        "SELECT counter, head FROM conversation WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    return OwnChain(counter, head)


def extend_own_chain(db: Connection, conversation_id: ConversationId, head: bytes) -> None:
    """One content was composed; ``head`` is its hash."""
    db.execute(
        "UPDATE conversation SET counter = counter + 1, head = ? WHERE conversation_id = ?",
        (head, conversation_id),
    )


def next_position(db: Connection, conversation_id: ConversationId, now_ms: int) -> int:
    """The place of the next row; places are never given twice."""
    (position,) = db.execute(
        "UPDATE conversation SET last_position = last_position + 1, touched_ms = ?"
        " WHERE conversation_id = ? RETURNING last_position",
        (now_ms, conversation_id),
    ).fetchone()
    return int(position)


def save_draft(db: Connection, conversation_id: ConversationId, text: str) -> None:
    """What stands in the composer."""
    db.execute(
        "UPDATE conversation SET draft = ? WHERE conversation_id = ?", (text, conversation_id)
    )


def lines(db: Connection) -> list[Line]:
    """The list, newest first."""
    rows = db.execute(
        "SELECT c.conversation_id, c.member_id, p.name, (SELECT count(*) FROM message m WHERE"
        " m.conversation_id = c.conversation_id AND m.unread = 1), c.draft,"
        " p.verified_ms IS NOT NULL, p.pending FROM conversation c"
        " JOIN contact p USING (member_id) ORDER BY c.touched_ms DESC, c.conversation_id"
    )
    return [
        Line(ConversationId(cid), MemberId(mid), name, unread, draft, bool(ok), bool(pending))
        for cid, mid, name, unread, draft, ok, pending in rows
    ]


def remove(db: Connection, conversation_id: ConversationId) -> None:
    """The conversation with its rows, chains, and what waits to be sent in it."""
    for table in ("outbox", "chain", "message", "conversation"):
        db.execute(f"DELETE FROM {table} WHERE conversation_id = ?", (conversation_id,))
