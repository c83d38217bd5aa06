"""What the engine says unasked: knocks. A client that misses one re-reads and is right again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from desktop.core.models import Cause, Contact, Message, Presence, ProfileState, Relay, State
from protocol.ids import ConversationId, Fingerprint, MemberId, MessageId


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message of somebody else is on disk."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageStateChanged:
    """A message of mine moved on."""

    conversation_id: ConversationId
    message_id: MessageId
    state: State
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class ConversationChanged:
    """Rows were added or changed, or the unread count or draft did."""

    conversation_id: ConversationId


@dataclass(frozen=True, slots=True)
class ContactAdded:
    """Somebody became a contact."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """A contact was renamed, answered, or was removed."""

    contact_id: MemberId


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """A contact came or went, or nobody can tell any more."""

    contact_id: MemberId
    presence: Presence


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """A contact is writing, or is not any more."""

    conversation_id: ConversationId
    contact_id: MemberId
    writing: bool


@dataclass(frozen=True, slots=True)
class RelayStatus:
    """A connection came or went."""

    relay: Relay


@dataclass(frozen=True, slots=True)
class RelaysChanged:
    """A relay was added or removed."""


@dataclass(frozen=True, slots=True)
class RelayPractices:
    """What a relay of mine says of what it keeps was heard. ``changed``: it said otherwise before,
    or says what it did not sign."""

    relay_id: Fingerprint
    changed: bool


@dataclass(frozen=True, slots=True)
class ClockWarning:
    """This computer's clock and a relay's differ by more than an hour; 0 means it is well again."""

    ahead_ms: int


@dataclass(frozen=True, slots=True)
class ProfileChanged:
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
)
