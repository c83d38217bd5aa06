"""Rows of conversations as they are written; reading them is in :mod:`desktop.store.history`.

A row's place never changes; what fills a gap takes the place of the row that stood for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlcipher3 import Connection

from desktop.core.models import Cause, Kind, State
from protocol.ids import ConversationId, DeviceId, MemberId, MessageId


@dataclass(frozen=True)
class Row:
    """What is written of a new row."""

    conversation_id: ConversationId
    position: int
    message_id: MessageId
    kind: Kind
    sender_id: MemberId
    device_id: DeviceId
    text: str
    sent_ms: int
    came_ms: int
    state: State
    mine: bool = False
    counter: int = 0
    previous: bytes = b""
    cause: Cause | None = None
    count: int = 1
    late: bool = False
    unread: bool = False
    olm_hash: bytes | None = None


def add(db: Connection, row: Row) -> None:
    """A new row at its place."""
    db.execute(
        "INSERT INTO message (conversation_id, position, message_id, kind, sender_id, device_id,"
        " mine, counter, previous, text, sent_ms, came_ms, state, cause, count, late, unread,"
        " olm_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.conversation_id,
            row.position,
            row.message_id,
            row.kind.value,
            row.sender_id,
            row.device_id,
            row.mine,
            row.counter,
            row.previous,
            row.text,
            row.sent_ms,
            row.came_ms,
            row.state.value,
            None if row.cause is None else row.cause.value,
            row.count,
            row.late,
            row.unread,
            row.olm_hash,
        ),
    )


def fill(db: Connection, row: Row) -> None:
    """What was missing or unreadable has come: it takes that row's place."""
    db.execute(
        "UPDATE message SET message_id = ?, kind = ?, sender_id = ?, device_id = ?, counter = ?,"
        " previous = ?, text = ?, sent_ms = ?, came_ms = ?, state = ?, cause = NULL, count = 1,"
        " late = 1, unread = 1, olm_hash = NULL WHERE conversation_id = ? AND position = ?",
        (
            row.message_id,
            row.kind.value,
            row.sender_id,
            row.device_id,
            row.counter,
            row.previous,
            row.text,
            row.sent_ms,
            row.came_ms,
            row.state.value,
            row.conversation_id,
            row.position,
        ),
    )


def place_of_counter(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, counter: int
) -> int | None:
    """Where a missing row of this counter alone stands."""
    row = db.execute(
        "SELECT position FROM message WHERE conversation_id = ? AND device_id = ? AND counter = ?"
        " AND kind = 'missing' AND count = 1",
        (conversation_id, device_id, counter),
    ).fetchone()
    return None if row is None else int(row[0])


def place_of_unopened(
    db: Connection, conversation_id: ConversationId, olm_hash: bytes
) -> int | None:
    """Where an unreadable row of these bytes stands."""
    row = db.execute(
        "SELECT position FROM message WHERE olm_hash = ? AND conversation_id = ?"
        " AND kind = 'unreadable'",
        (olm_hash, conversation_id),
    ).fetchone()
    return None if row is None else int(row[0])


def drop_empty(db: Connection, conversation_id: ConversationId, place: int) -> None:
    """A row that stood for a message which is shown at another row's place."""
    db.execute(
        "DELETE FROM message WHERE conversation_id = ? AND position = ?"
        " AND kind IN ('missing', 'unreadable')",
        (conversation_id, place),
    )


def last_alike(
    db: Connection, conversation_id: ConversationId, kind: Kind, cause: Cause
) -> int | None:
    """Where the last row stands, if it is one of this kind and cause without known bytes."""
    row = db.execute(
        "SELECT position, kind, cause, olm_hash FROM message WHERE conversation_id = ?"
        " ORDER BY position DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    if row is None or row[1:] != (kind.value, cause.value, None):
        return None
    return int(row[0])


def count_one_less(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, counter: int
) -> None:
    """One of those that a wide gap's row stands for has come; the row goes with the last."""
    wide = db.execute(
        "SELECT position, count FROM message WHERE conversation_id = ? AND device_id = ?"
        " AND counter <= ? AND kind = 'missing' ORDER BY counter DESC LIMIT 1",
        (conversation_id, device_id, counter),
    ).fetchone()
    if wide is None:
        return
    place, count = wide
    if count == 1:
        drop_empty(db, conversation_id, place)
        return
    db.execute(
        "UPDATE message SET count = count - 1 WHERE conversation_id = ? AND position = ?",
        (conversation_id, place),
    )


def count_one_more(db: Connection, conversation_id: ConversationId, place: int) -> None:
    """A row that stands for several stands for one more."""
    db.execute(
        "UPDATE message SET count = count + 1 WHERE conversation_id = ? AND position = ?",
        (conversation_id, place),
    )


def author_of(
    db: Connection, conversation_id: ConversationId, message_id: MessageId
) -> MemberId | None:
    """Whose text of this id stands in a conversation, if one does."""
    # Named, since without statistics SQLite would as soon read the whole conversation.
    row = db.execute(
        "SELECT sender_id FROM message INDEXED BY message_once"
        " WHERE message_id = ? AND conversation_id = ? AND kind = 'text'",
        (message_id, conversation_id),
    ).fetchone()
    return None if row is None else MemberId(row[0])


def read_up_to(
    db: Connection, conversation_id: ConversationId, place: int, now_ms: int
) -> list[MessageId]:
    """Others' messages up to a place are read now; which of them had not been."""
    rows = db.execute(
        "UPDATE message SET unread = 0, read_ms = ? WHERE conversation_id = ? AND unread = 1"
        " AND position <= ? RETURNING message_id",
        (now_ms, conversation_id, place),
    ).fetchall()
    return [MessageId(row[0]) for row in rows]
