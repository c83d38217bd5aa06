"""The rows of conversations. A row's place never changes; what fills a gap takes its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlcipher3 import Connection

from desktop.core.models import Cause, Kind, Message, State
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


@dataclass(frozen=True)
class Own:
    """One of my messages, as it has to be told again when asked for."""

    message_id: MessageId
    conversation_id: ConversationId
    counter: int
    previous: bytes
    text: str
    sent_ms: int
    state: State


_SELECT = (
    "SELECT conversation_id, message_id, position, kind, sender_id, mine, text, sent_ms, state,"
    " cause, count, late, read_ms FROM message"
)
_OWN = "SELECT message_id, conversation_id, counter, previous, text, sent_ms, state FROM message"


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


def _own(row: tuple[Any, ...]) -> Own:
    mid, cid, counter, previous, text, sent, state = row
    return Own(MessageId(mid), ConversationId(cid), counter, previous, text, sent, State(state))


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


def fill(db: Connection, place: int, row: Row) -> None:
    """What was missing or unreadable has come: it takes the place at ``place``."""
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
            place,
        ),
    )


def place_of_counter(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, counter: int
) -> int | None:
    """Where a missing row of this counter stands."""
    row = db.execute(
        "SELECT position FROM message WHERE conversation_id = ? AND device_id = ? AND counter = ?"
        " AND counter > 0 AND kind = 'missing'",
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


def drop_missing(db: Connection, conversation_id: ConversationId, place: int) -> None:
    """A missing row whose message was shown at an unreadable row's place."""
    db.execute(
        "DELETE FROM message WHERE conversation_id = ? AND position = ? AND kind = 'missing'",
        (conversation_id, place),
    )


def last_unreadable(
    db: Connection, conversation_id: ConversationId
) -> tuple[int, MessageId] | None:
    """The last row of a conversation, if it is an unreadable one without known bytes."""
    row = db.execute(
        "SELECT position, message_id, kind, olm_hash FROM message WHERE conversation_id = ?"
        " ORDER BY position DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    if row is None or row[2] != Kind.UNREADABLE.value or row[3] is not None:
        return None
    return int(row[0]), MessageId(row[1])


def count_one_more(db: Connection, conversation_id: ConversationId, place: int) -> None:
    """A row that stands for several stands for one more."""
    db.execute(
        "UPDATE message SET count = count + 1 WHERE conversation_id = ? AND position = ?",
        (conversation_id, place),
    )


def known(db: Connection, sender: MemberId, message_id: MessageId) -> bool:
    """Whether this message of this author is here already."""
    row = db.execute(
        "SELECT 1 FROM message WHERE message_id = ? AND sender_id = ? AND kind = 'text'",
        (message_id, sender),
    ).fetchone()
    return row is not None


def find(db: Connection, message_id: MessageId) -> Message | None:
    """One row by its id."""
    row = db.execute(_SELECT + " WHERE message_id = ?", (message_id,)).fetchone()
    return None if row is None else _message(row)


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


_FORWARD = {
    State.SENT: ("queued", "failed"),
    State.DELIVERED: ("queued", "sent", "failed"),
    State.READ: ("queued", "sent", "delivered", "failed"),
    State.FAILED: ("queued", "sent"),
    State.QUEUED: ("failed",),
}


def advance(
    db: Connection,
    message_id: MessageId,
    state: State,
    *,
    cause: Cause | None = None,
    read_ms: int | None = None,
) -> bool:
    """Move one of mine on; whether that was a step forward."""
    allowed = _FORWARD[state]
    marks = ", ".join("?" * len(allowed))
    changed = db.execute(
        "UPDATE message SET state = ?, cause = ?, read_ms = coalesce(?, read_ms)"
        f" WHERE message_id = ? AND mine = 1 AND state IN ({marks})",
        (state.value, None if cause is None else cause.value, read_ms, message_id, *allowed),
    )
    return changed.rowcount > 0


def own(db: Connection, message_id: MessageId) -> Own | None:
    """One of mine by its id."""
    row = db.execute(_OWN + " WHERE message_id = ? AND mine = 1", (message_id,)).fetchone()
    return None if row is None else _own(row)


def own_range(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, first: int, last_: int
) -> list[Own]:
    """Mine of these counters, in their order."""
    rows = db.execute(
        _OWN + " WHERE conversation_id = ? AND device_id = ? AND counter BETWEEN ? AND ?"
        " AND counter > 0 AND mine = 1 ORDER BY counter",
        (conversation_id, device_id, first, last_),
    )
    return [_own(row) for row in rows]


def unsettled(db: Connection) -> int:
    """How many of mine no relay has yet."""
    (count,) = db.execute("SELECT count(*) FROM message WHERE state = 'queued'").fetchone()
    return int(count)


def queued_of(db: Connection, conversation_id: ConversationId) -> list[MessageId]:
    """Mine in a conversation that have not been delivered."""
    rows = db.execute(
        "SELECT message_id FROM message WHERE conversation_id = ? AND mine = 1"
        " AND state IN ('queued', 'sent')",
        (conversation_id,),
    )
    return [MessageId(row[0]) for row in rows]


def search(db: Connection, words: Iterable[str], limit: int) -> list[Message]:
    """Rows that hold a word beginning with each of ``words``, newest first."""
    quoted = ['"' + word.replace('"', '""') + '"*' for word in words]
    if not quoted:
        return []
    rows = db.execute(
        _SELECT + " WHERE row IN (SELECT rowid FROM message_words WHERE message_words MATCH ?"
        " ORDER BY rowid DESC LIMIT ?) ORDER BY row DESC",
        (" ".join(quoted), limit),
    )
    return [_message(row) for row in rows]
