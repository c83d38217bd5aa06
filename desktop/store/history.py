"""Rows of conversations as they are read: pages, the last one, search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlcipher3 import Connection

from desktop.core.models import Cause, Kind, Message, State
from desktop.store.rows import reads_a_row
from protocol.ids import ConversationId, MemberId, MessageId

_SELECT = (
    "SELECT conversation_id, message_id, position, kind, sender_id, mine, text, sent_ms, state,"
    " cause, count, late, read_ms FROM message"
)


@reads_a_row
def _message(row: tuple[Any, ...]) -> Message:
    cid, mid, position, kind, sender, mine, text, sent, state, cause, count, late, read = row
    return Message(
        conversation_id=ConversationId(cid),
        message_id=MessageId(mid),
        position=position,
        kind=Kind(kind),
        sender_id=MemberId(sender),
        mine=bool(mine),
        text=text,
        sent_ms=sent,
        state=State(state),
        cause=None if cause is None else Cause(cause),
        count=count,
        late=bool(late),
        read_ms=read,
    )


def place(db: Connection, conversation_id: ConversationId, message_id: MessageId) -> int | None:
    """Where a row stands in its conversation."""
    row = db.execute(
        "SELECT position FROM message WHERE message_id = ? AND conversation_id = ?",
        (message_id, conversation_id),
    ).fetchone()
    return None if row is None else int(row[0])


def at(db: Connection, conversation_id: ConversationId, place: int) -> Message | None:
    """The row at a place."""
    row = db.execute(
        _SELECT + " WHERE conversation_id = ? AND position = ?", (conversation_id, place)
    ).fetchone()
    return None if row is None else _message(row)


def last(db: Connection, conversation_id: ConversationId) -> Message | None:
    """The last row of a conversation."""
    row = db.execute(
        _SELECT + " WHERE conversation_id = ? ORDER BY position DESC LIMIT 1", (conversation_id,)
    ).fetchone()
    return None if row is None else _message(row)


def before(
    db: Connection, conversation_id: ConversationId, place: int | None, limit: int
) -> list[Message]:
    """The last ``limit`` rows before a place (or at all), oldest first."""
    rows = db.execute(
        _SELECT + " WHERE conversation_id = ? AND position < ? ORDER BY position DESC LIMIT ?",
        (conversation_id, 2**62 if place is None else place, limit),
    ).fetchall()
    return [_message(row) for row in reversed(rows)]


def after(db: Connection, conversation_id: ConversationId, place: int, limit: int) -> list[Message]:
    """The first ``limit`` rows after a place, oldest first."""
    rows = db.execute(
        _SELECT + " WHERE conversation_id = ? AND position > ? ORDER BY position LIMIT ?",
        (conversation_id, place, limit),
    )
    return [_message(row) for row in rows]


def search(db: Connection, words: Iterable[str], limit: int) -> list[Message]:
    """Rows that hold a word beginning with each of ``words``, newest first."""
    # FTS5 reads a query up to its first NUL.
    quoted = ['"' + word.replace('"', '""').replace("\0", "") + '"*' for word in words]
    if not quoted:
        return []
    rows = db.execute(
        _SELECT + " WHERE row IN (SELECT rowid FROM message_words WHERE message_words MATCH ?"
        " ORDER BY rowid DESC LIMIT ?) ORDER BY row DESC",
        (" ".join(quoted), limit),
    )
    return [_message(row) for row in rows]
