"""What crosses from the engine to its clients: plain immutable data (law 5).

The window and ``aside rpc`` see these and nothing else. Times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from protocol.ids import ConversationId, DeviceId, Fingerprint, MemberId, MessageId, RoomId


class State(Enum):
    """Where one of my messages is. Others' messages are RECEIVED."""

    QUEUED = "queued"  # on disk here
    SENT = "sent"  # a relay has it on disk
    DELIVERED = "delivered"  # the contact's device has it on disk
    READ = "read"
    FAILED = "failed"  # with a reason
    RECEIVED = "received"


class Kind(Enum):
    """What a row of a conversation is."""

    TEXT = "text"
    UNREADABLE = "unreadable"  # came, could not be opened; ``reason`` says why
    MISSING = "missing"  # known to exist, has not come; asked for again
    NOTICE = "notice"  # said by the app itself; ``reason`` says what


class Cause(Enum):
    """Why a message failed, cannot be read, or what a notice says. Sentences are made from it."""

    NOT_OPENABLE = "not_openable"  # the seal or the session does not open it
    NOT_UNDERSTOOD = "not_understood"  # opened, but no content that makes sense
    NEWER_VERSION = "newer_version"  # a content this version does not know
    EXPIRED = "expired"
    CONTACT_GONE = "contact_gone"  # capability revoked, or the contact was removed
    INVITATION_SPENT = "invitation_spent"
    FRESH_SESSION = "fresh_session"  # notice: encryption was started anew
    BECAME_CONTACTS = "became_contacts"  # notice
    WENT_ASIDE = "went_aside"  # notice: who was asked aside and I can go on here
    FORKED = "forked"  # two different messages claim one place
    BLOCKED = "blocked"  # I blocked the contact before it was delivered
    DEVICES_FORKED = "devices_forked"  # notice: two device lists of one version; the first is kept


class Message(Struct, frozen=True):
    """One row of a conversation. ``position`` never changes: a shown message never moves."""

    conversation_id: ConversationId
    message_id: MessageId
    position: int
    kind: Kind
    sender_id: MemberId
    mine: bool
    text: str
    sent_ms: int
    state: State
    cause: Cause | None = None
    count: int = 1  # how many missing or unreadable ones this row stands for
    late: bool = False  # came after something that was sent later
    read_ms: int | None = None


class Presence(Enum):
    """Whether a contact is there, as far as it is known."""

    ONLINE = "online"
    OFFLINE = "offline"  # they do not say that they are there
    UNKNOWN = "unknown"  # nobody can tell at the moment


class Conversation(Struct, frozen=True):
    """One line of the conversation list."""

    conversation_id: ConversationId
    contact_id: MemberId
    name: str
    last: Message | None
    unread: int
    draft: str
    verified: bool
    pending: bool  # the contact has not answered the greeting yet
    blocked: bool = False  # nothing of theirs is taken, and nothing goes to them
    presence: Presence = Presence.UNKNOWN
    aside: bool = False  # it began beside a room
    notes: int = 0  # of what is unread: said by the app itself


class Contact(Struct, frozen=True):
    """A member this member has accepted."""

    contact_id: MemberId
    name: str
    conversation_id: ConversationId
    verified: bool
    pending: bool
    safety_number: str
    presence: Presence = Presence.UNKNOWN
    blocked: bool = False


class RelayState(Enum):
    """How the connection to one of my relays is doing."""

    CONNECTING = "connecting"
    ONLINE = "online"
    OFFLINE = "offline"
    REFUSED = "refused"


class Trouble(Enum):
    """Why a relay is offline or refused."""

    UNREACHABLE = "unreachable"
    PROXY = "proxy"  # the proxy does not answer, and nothing goes around it
    OTHER_KEY = "other_key"  # it shows another key than the one that was pinned
    NO_COMMON_VERSION = "no_common_version"
    NOT_ALLOWED = "not_allowed"  # the pass or the mailbox is not accepted any more
    FULL = "full"
    DISK_FULL = "disk_full"  # this computer's: nothing is taken in until there is room


class Relay(Struct, frozen=True):
    """One of my relays."""

    relay_id: Fingerprint
    address: str
    host: str
    state: RelayState
    trouble: Trouble | None
    since_ms: int
    next_try_ms: int | None
    may_invite: bool
    carries: bool = True  # sealed packets to other relays, as far as it said


class Profile(Struct, frozen=True):
    """Who I am on this device."""

    name: str
    member_id: MemberId
    device_id: DeviceId


class ProfileState(Enum):
    """What this profile's folder holds."""

    NONE = "none"
    LOCKED = "locked"
    UNLOCKED = "unlocked"


class Settings(Struct, frozen=True):
    """Choices that live in the vault."""

    read_receipts: bool = True
    notifications: bool = True
    presence: bool = True  # contacts see when I am online, and I see it of them
    typing: bool = True  # contacts see that I am writing, and I see it of them


class PersonInvitation(Struct, frozen=True):
    """What a contact link says before anything connects."""

    name: str  # may be empty
    member_id: MemberId
    relay_host: str
    expires_ms: int
    brings_relay: bool
    known_as: str | None  # the contact's name, if this member is one already


class CommunityInvitation(Struct, frozen=True):
    """What a relay's link says before anything connects."""

    relay_host: str
    relay_id: Fingerprint
    known: bool
    bare: bool = False  # an address without a code: enough where everybody is let in


class RoomInvitation(Struct, frozen=True):
    """What a room's link says before anything connects."""

    relay_host: str
    room_id: RoomId
    known: bool  # the relay is one of mine, or the room is in my list


class Accepted(Struct, frozen=True):
    """A contact link was used."""

    contact_id: MemberId
    conversation_id: ConversationId


class Found(Struct, frozen=True):
    """One hit of a search."""

    message: Message
    name: str
