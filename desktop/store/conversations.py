"""Conversations: this device's own chain in each, the draft, and the list's lines."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.ids import ConversationId, MemberId


class OwnChain(Struct, frozen=True):
    """Where this device's own counter stands, and the hash its next content refers to."""

    counter: int
    head: bytes


class Line(Struct, frozen=True):
    """What the list shows of one conversation, beside its last message."""

    conversation_id: ConversationId
    member_id: MemberId
    name: str
    unread: int
    notes: int  # of those: said by the app itself
    draft: str
    verified: bool
    pending: bool
    blocked: bool
    aside: bool  # it began beside a room, and has its card


def add(db: Connection, conversation_id: ConversationId, member_id: MemberId, now_ms: int) -> None:
    """A conversation; one that was removed goes on where its chains stood."""
    db.execute(
        "INSERT INTO conversation (conversation_id, member_id, touched_ms) VALUES (?, ?, ?)"
        " ON CONFLICT (conversation_id) DO UPDATE SET touched_ms = excluded.touched_ms",
        (conversation_id, member_id, _newest(db, now_ms)),
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
        (_newest(db, now_ms), conversation_id),
    ).fetchone()
    return int(position)


def keep_places(db: Connection, conversation_id: ConversationId, count: int) -> None:
    """So many places behind the last row are kept for what is known to be missing."""
    db.execute(
        "UPDATE conversation SET last_position = last_position + ? WHERE conversation_id = ?",
        (count, conversation_id),
    )


def _newest(db: Connection, now_ms: int) -> int:
    """Later than any other conversation was touched, whatever the clock did meanwhile."""
    (latest,) = db.execute("SELECT max(touched_ms) FROM conversation").fetchone()
    return now_ms if latest is None else max(now_ms, latest + 1)


def save_draft(db: Connection, conversation_id: ConversationId, text: str) -> None:
    """What stands in the composer."""
    db.execute(
        "UPDATE conversation SET draft = ? WHERE conversation_id = ?", (text, conversation_id)
    )


def lines(db: Connection) -> list[Line]:
    """The list, newest first."""
    rows = db.execute(
        "SELECT c.conversation_id, c.member_id, p.name, (SELECT count(*) FROM message m WHERE"
        " m.conversation_id = c.conversation_id AND m.unread = 1),"
        " (SELECT count(*) FROM message m WHERE m.conversation_id = c.conversation_id"
        " AND m.unread = 1 AND m.kind = 'notice'), c.draft,"
        " p.verified_ms IS NOT NULL, p.pending, p.blocked_ms IS NOT NULL,"
        " EXISTS (SELECT 1 FROM bridge b WHERE b.conversation_id = c.conversation_id)"
        " FROM conversation c JOIN contact p USING (member_id)"
        " ORDER BY c.touched_ms DESC, c.conversation_id"
    )
    return [
        Line(ConversationId(cid), MemberId(mid), name, unread, notes, draft, *map(bool, flags))
        for cid, mid, name, unread, notes, draft, *flags in rows
    ]


def remove(db: Connection, conversation_id: ConversationId) -> None:
    """The conversation with its rows. The chains stay: should the two become contacts again, what
    either says next goes on from there, and nothing said before is asked for."""
    db.execute("DELETE FROM message WHERE conversation_id = ?", (conversation_id,))
    save_draft(db, conversation_id, "")
