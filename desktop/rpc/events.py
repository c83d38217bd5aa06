"""The events of the core contract. Those of rooms are read and told by ``rooms.hall``."""

from __future__ import annotations

from desktop.core.events import (
    ContactAdded,
    Event,
    MessageReceived,
    MessageStateChanged,
    PresenceChanged,
    RelayPractices,
    RelayStatus,
    TypingChanged,
)
from desktop.core.models import Cause, Kind
from desktop.rpc import jsonrpc
from desktop.rpc.shapes import Shape, shown, text_of


def event_line(params: Shape) -> bytes:
    """A notification, as the client gets it."""
    return jsonrpc.dump(jsonrpc.notification("event", params))


def told(event: Event) -> Shape | None:
    """What the contract says of ``event``; the others are for the window."""
    match event:
        case MessageReceived(message) if message.kind is not Kind.NOTICE:
            return {"type": "message.received", "message": shown(message)}
        case MessageReceived(message) if message.cause is Cause.WENT_ASIDE:
            where = text_of(message.conversation_id)
            return {"type": "conversation.aside", "conversation_id": where}
        case MessageStateChanged():
            params: Shape = {
                "type": "message.state",
                "message_id": text_of(event.message_id),
                "conversation_id": text_of(event.conversation_id),
                "state": event.state.value,
            }
            if event.cause is not None:
                params["reason"] = event.cause.value
            return params
        case ContactAdded(contact):
            return {"type": "contact.added"} | shown(contact)
        case PresenceChanged():
            return {
                "type": "presence.changed",
                "contact_id": text_of(event.contact_id),
                "presence": event.presence.value,
            }
        case TypingChanged():
            return {
                "type": "conversation.writing",
                "conversation_id": text_of(event.conversation_id),
                "contact_id": text_of(event.contact_id),
                "writing": event.writing,
            }
        case RelayStatus(relay):
            return {"type": "relay.status"} | shown(relay)
        case RelayPractices(relay_id, changed):
            return {
                "type": "relay.practices",
                "relay_id": text_of(relay_id),
                "changed": changed,
            }
        case _:
            return None
