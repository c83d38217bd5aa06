"""What the engine says unasked: knocks. A client that misses one re-reads and is right again."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from desktop.core.models import Cause, Contact, Message, Presence, ProfileState, Relay, State
from desktop.core.room_facade import RoomEvent
from protocol.ids import ConversationId, Fingerprint, MemberId, MessageId


class MessageReceived(Struct, frozen=True):
    """A message of somebody else is on disk."""

    message: Message


class MessageStateChanged(Struct, frozen=True):
    """A message of mine moved on."""

    conversation_id: ConversationId
    message_id: MessageId
    state: State
    cause: Cause | None = None


class ConversationChanged(Struct, frozen=True):
    """Rows were added or changed, or the unread count or draft did."""

    conversation_id: ConversationId


class ContactAdded(Struct, frozen=True):
    """Somebody became a contact."""

    contact: Contact


class ContactChanged(Struct, frozen=True):
    """A contact was renamed, answered, or was removed."""

    contact_id: MemberId


class PresenceChanged(Struct, frozen=True):
    """A contact came or went, or nobody can tell any more."""

    contact_id: MemberId
    presence: Presence


class TypingChanged(Struct, frozen=True):
    """A contact is writing, or is not any more."""

    conversation_id: ConversationId
    contact_id: MemberId
    writing: bool


class RelayStatus(Struct, frozen=True):
    """A connection came or went."""

    relay: Relay


class RelaysChanged(Struct, frozen=True):
    """A relay was added or removed."""


class RelayPractices(Struct, frozen=True):
    """What a relay of mine says of what it keeps was heard. ``changed``: it said otherwise before,
    or says what it did not sign."""

    relay_id: Fingerprint
    changed: bool


class ClockWarning(Struct, frozen=True):
    """This computer's clock and a relay's differ by more than an hour; 0 means it is well again."""

    ahead_ms: int


class ProfileChanged(Struct, frozen=True):
    """Created, unlocked or locked."""

    state: ProfileState


Event: TypeAlias = (
    MessageReceived
    | MessageStateChanged
    | ConversationChanged
    | ContactAdded
    | ContactChanged
    | PresenceChanged
    | TypingChanged
    | RelayStatus
    | RelaysChanged
    | RelayPractices
    | ClockWarning
    | ProfileChanged
    | RoomEvent
)
