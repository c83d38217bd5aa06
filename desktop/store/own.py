"""My own messages: where each of them is, and what is needed to say it again."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.models import Cause, State
from desktop.store.rows import reads_a_row
from protocol.ids import ConversationId, DeviceId, MessageId


class Own(Struct, frozen=True):
    """One of my messages, as it has to be told again when asked for."""

    message_id: MessageId
    conversation_id: ConversationId
    counter: int
    previous: bytes
    text: str
    sent_ms: int
    state: State


_OWN = "SELECT message_id, conversation_id, counter, previous, text, sent_ms, state FROM message"


@reads_a_row
def _own(row: tuple[Any, ...]) -> Own:
    mid, cid, counter, previous, text, sent, state = row
    return Own(MessageId(mid), ConversationId(cid), counter, previous, text, sent, State(state))


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


def find(db: Connection, message_id: MessageId) -> Own | None:
    """One of mine by its id."""
    row = db.execute(_OWN + " WHERE message_id = ? AND mine = 1", (message_id,)).fetchone()
    return None if row is None else _own(row)


def between(
    db: Connection, conversation_id: ConversationId, device_id: DeviceId, first: int, last_: int
) -> list[Own]:
    """Mine of these counters, in their order."""
    rows = db.execute(
        _OWN + " WHERE conversation_id = ? AND device_id = ? AND counter BETWEEN ? AND ?"
        " AND counter > 0 AND mine = 1 ORDER BY counter",
        (conversation_id, device_id, first, last_),
    )
    return [_own(row) for row in rows]


def unsettled(db: Connection) -> bool:
    """Whether there is any of mine that no relay has yet."""
    row = db.execute("SELECT 1 FROM message WHERE state = 'queued' LIMIT 1").fetchone()
    return row is not None
