"""The card of a conversation that began in a room. Both have the same; it outlives the room."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.requests import BridgeCard
from desktop.store.rows import reads_a_row
from protocol.ids import ConversationId


def put(db: Connection, conversation_id: ConversationId, card: BridgeCard) -> None:
    """It began with this; a later aside of the two shows the later card."""
    db.execute(
        "INSERT INTO bridge (conversation_id, card) VALUES (?, ?)"
        " ON CONFLICT (conversation_id) DO UPDATE SET card = excluded.card",
        (conversation_id, msgspec.msgpack.encode(card)),
    )


def find(db: Connection, conversation_id: ConversationId) -> BridgeCard | None:
    """Where it began, if it began in a room."""
    row = db.execute(
        "SELECT card FROM bridge WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    return None if row is None else _card(row)


def shown(db: Connection, conversation_id: ConversationId) -> BridgeCard | None:
    """The same, and whether the moment can be shown: whether the room is still here."""
    card = find(db, conversation_id)
    if card is None:
        return None
    here = db.execute("SELECT 1 FROM room WHERE room_id = ?", (card.room_id,)).fetchone()
    return replace(card, here=here is not None)


@reads_a_row
def _card(row: tuple[bytes]) -> BridgeCard:
    return msgspec.msgpack.decode(row[0], type=BridgeCard)
