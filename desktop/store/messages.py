"""Rows of conversations as they are written; reading them is in :mod:`desktop.store.history`.

A row's place never changes; what fills a gap takes the place of the row that stood for it.
"""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.models import Cause, Kind, State
from protocol.ids import ConversationId, DeviceId, MemberId, MessageId


class Row(Struct, frozen=True):
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
    last_counter: int | None = None  # of a gap that one row stands for


def add(db: Connection, row: Row) -> None:
    """A new row at its place."""
    db.execute(
        "INSERT INTO message (conversation_id, position, message_id, kind, sender_id, device_id,"
        " mine, counter, previous, text, sent_ms, came_ms, state, cause, count, late, unread,"
        " olm_hash, last_counter)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            row.last_counter,
        ),
    )


def fill(db: Connection, row: Row) -> None:
    """What was missing or unreadable has come: it takes that row's place."""
    db.execute(
        "UPDATE message SET message_id = ?, kind = ?, sender_id = ?, device_id = ?, counter = ?,"
        " previous = ?, text = ?, sent_ms = ?, came_ms = ?, state = ?, cause = NULL, count = 1,"
        " late = 1, unread = 1, olm_hash = NULL, whole_at = NULL,"
        " last_counter = NULL WHERE conversation_id = ? AND position = ?",
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


class Kept(Struct, frozen=True):
    """The place that was kept for a message when it was missing."""

    position: int
    alone: bool  # the row at this place stands for it alone; otherwise nothing stands there yet


def keep_place(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, counter: int
) -> Kept | None:
    """The place of a missing message, which is missing no more; None if none was kept."""
    row = db.execute(
        "SELECT position, counter, last_counter, count FROM message"
        " WHERE conversation_id = ? AND device_id = ? AND counter <= ? AND kind = 'missing'"
        " ORDER BY counter DESC LIMIT 1",
        (conversation_id, device_id, counter),
    ).fetchone()
    if row is None:
        return None
    position, first, last, count = row
    if count == 1 and first == counter:
        return Kept(int(position), alone=True)
    if counter > (first + count - 1 if last is None else last):
        return None
    if count == 1:
        drop_empty(db, conversation_id, position)
    else:
        db.execute(
            "UPDATE message SET count = count - 1 WHERE conversation_id = ? AND position = ?",
            (conversation_id, position),
        )
    return None if last is None else Kept(int(position) + 1 + counter - first, alone=False)


def place_of_unopened(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, olm_hash: bytes
) -> int | None:
    """Where an unreadable row of these bytes stands."""
    row = db.execute(
        "SELECT position FROM message WHERE olm_hash = ? AND conversation_id = ? AND device_id = ?"
        " AND kind = 'unreadable'",
        (olm_hash, conversation_id, device_id),
    ).fetchone()
    return None if row is None else int(row[0])


def fits(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, counter: int, place: int
) -> bool:
    """Whether a message of this counter may stand there: none of its device that was written
    before it stands behind, and none that was written later before."""
    (wrong,) = db.execute(
        "SELECT EXISTS (SELECT 1 FROM message INDEXED BY message_place"
        "   WHERE conversation_id = ? AND position > ? AND device_id = ?"
        "   AND counter BETWEEN 1 AND ?)"
        " OR EXISTS (SELECT 1 FROM message INDEXED BY message_counter"
        "   WHERE conversation_id = ? AND device_id = ? AND counter > ? AND counter > 0"
        "   AND position < ?)",
        (conversation_id, place, device_id, counter, conversation_id, device_id, counter, place),
    ).fetchone()
    return not wrong


def drop_at_whole(
    db: Connection,
    conversation_id: ConversationId,
    device_id: DeviceId,
    olm_hash: bytes,
    counter: int,
) -> None:
    """The row of these bytes goes when all of its device up to this counter is here."""
    db.execute(
        "UPDATE message SET whole_at = ? WHERE olm_hash = ? AND conversation_id = ?"
        " AND device_id = ? AND kind = 'unreadable'",
        (counter, olm_hash, conversation_id, device_id),
    )


_UNNAMED = " olm_hash IS NULL AND kind = 'unreadable' AND cause = 'not_openable'"


def drop_unnamed_at_whole(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, counter: int
) -> None:
    """The same of rows of bytes that are not known by name, and were asked for with all others."""
    db.execute(
        "UPDATE message SET whole_at = ? WHERE conversation_id = ? AND device_id = ? AND"
        + _UNNAMED,
        (counter, conversation_id, device_id),
    )


def unnamed(db: Connection, conversation_id: ConversationId, device_id: DeviceId) -> bool:
    """Whether there is such a row."""
    (found,) = db.execute(
        "SELECT EXISTS (SELECT 1 FROM message WHERE conversation_id = ? AND device_id = ? AND"
        + _UNNAMED
        + ")",
        (conversation_id, device_id),
    ).fetchone()
    return bool(found)


def drop_whole(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, counter: int
) -> bool:
    """All of a device up to this counter is here: the rows that waited for that go. Whether there
    were any."""
    dropped = db.execute(
        "DELETE FROM message WHERE conversation_id = ? AND device_id = ? AND whole_at <= ?"
        " AND whole_at IS NOT NULL AND kind = 'unreadable'",
        (conversation_id, device_id, counter),
    )
    return dropped.rowcount > 0


def drop_empty(db: Connection, conversation_id: ConversationId, place: int) -> None:
    """A row that stood for a message which is shown at another row's place."""
    db.execute(
        "DELETE FROM message WHERE conversation_id = ? AND position = ?"
        " AND kind IN ('missing', 'unreadable')",
        (conversation_id, place),
    )


def last_alike(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, kind: Kind, cause: Cause
) -> int | None:
    """Where the last row stands, if it is a device's of this kind and cause without known bytes."""
    row = db.execute(
        "SELECT position, device_id, kind, cause, olm_hash FROM message WHERE conversation_id = ?"
        " ORDER BY position DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    if row is None or row[1:] != (device_id, kind.value, cause.value, None):
        return None
    return int(row[0])


def count_one_more(db: Connection, conversation_id: ConversationId, place: int) -> None:
    """A row that stands for several stands for one more."""
    db.execute(
        "UPDATE message SET count = count + 1, whole_at = NULL"
        " WHERE conversation_id = ? AND position = ?",
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
) -> list[tuple[MessageId, Kind]]:
    """Others' messages up to a place are read now, and what the app itself said; which of them had
    not been."""
    rows = db.execute(
        "UPDATE message SET unread = 0, read_ms = ? WHERE conversation_id = ? AND unread = 1"
        " AND position <= ? RETURNING message_id, kind",
        (now_ms, conversation_id, place),
    ).fetchall()
    return [(MessageId(message_id), Kind(kind)) for message_id, kind in rows]
