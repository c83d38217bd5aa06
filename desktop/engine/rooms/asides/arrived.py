"""Somebody comes with the link that answered their request: the card goes to the conversation."""

from __future__ import annotations

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.events import ConversationChanged
from desktop.core.room_facade import RequestsChanged
from desktop.engine.ground import Bell, Said
from desktop.engine.rooms.asides.cards import check
from desktop.engine.rooms.desk import words
from desktop.store.rooms import bridges, requests, rooms
from protocol.ids import ConversationId
from protocol.keys import Secret


def came(
    db: Connection, said: Said, invitation: Secret, conversation_id: ConversationId
) -> int | None:
    """Somebody greets by a link of mine: if it answered a request, this is where that led. When I
    had said yes, if it did."""
    request = requests.invited(db, invitation)
    if request is None or request.conversation_id is not None:
        return None
    requests.came(db, request.row, conversation_id)
    room = rooms.get(db, request.room)
    names = {request.by: request.name}
    card = check(db, room, request.card, request.seat, names, words.find)
    if card is not None:
        bridges.put(db, conversation_id, replace(card, accepted_ms=request.accepted_ms))
    said.bells.add(Bell.ASIDES)
    said.events += [RequestsChanged(), ConversationChanged(conversation_id)]
    return request.accepted_ms or 0
