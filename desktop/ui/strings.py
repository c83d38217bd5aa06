"""What is said of errors, and what several pages say; each page's own sentences are beside it.

No Qt: ``aside rpc`` says the same of errors. Law of all of them: nobody branches on
these, and nothing in them names a file, an id or a part of the machinery.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from desktop.core import errors, room_errors

APP: Final = "Aside"
NOTHING_TO_SEE: Final = "A message with nothing to see in it"

# What went wrong, and what to do about it

_SENTENCES: Final[dict[type[errors.AsideError], str]] = {
    errors.ProfileExists: "There is a profile here already. Open it with its passphrase.",
    errors.ProfileMissing: "There is no profile here yet. Make one first.",
    errors.ProfileLocked: "Aside is locked. Give your passphrase first.",
    errors.WrongPassphrase: "That is not the passphrase. Nothing was changed.",
    errors.NameMissing: "Give a name. It can be any name you like.",
    errors.NameTooLong: "A name can have at most 64 characters.",
    errors.PassphraseMissing: "Give a passphrase.",
    errors.PassphraseWeak: (
        "That passphrase is guessed at once. Take four or five unrelated words."
    ),
    errors.VaultNewer: (
        "This profile was written by a newer version of Aside and was not touched. "
        "Install that version to open it."
    ),
    errors.VaultDamaged: (
        "This profile cannot be read, and was not touched. If you have a copy of it, "
        "put the copy in its place."
    ),
    errors.VaultInUse: "This profile is open in another window or program. Close that one first.",
    errors.VaultFull: "The disk is full. Nothing was lost; make some room and try again.",
    errors.InvitationMalformed: (
        "This is not an invitation, or a part of it is missing. Copy the whole link again."
    ),
    errors.InvitationNewer: "This invitation needs a newer version of Aside.",
    errors.InvitationSpent: ("This invitation was used already or taken back. Ask for a new one."),
    errors.InvitationExpired: "This invitation is too old. Ask for a new one.",
    errors.InvitationIsMine: "This is your own invitation. Send it to somebody else.",
    errors.NotARelaysLink: (
        "This link is a person’s, and here a relay’s is wanted. "
        "Use it where you have an invitation from somebody."
    ),
    errors.NotAPersonsLink: (
        "This link is a relay’s, and here a person’s is wanted. Add the relay with it first."
    ),
    errors.JoinNotAllowed: (
        "Your relay does not let you bring other people to it. "
        "Make an invitation without your relay."
    ),
    errors.NoRelayToInvite: (
        "You have no relay yet, so nobody could answer. Ask whoever runs a relay for its link, "
        "and invite people after you have added it."
    ),
    errors.NoRelayToAnswer: (
        "You have no relay yet. Ask the person who invited you for a link that brings one, "
        "or ask whoever runs a relay for its link. This invitation is kept until then."
    ),
    errors.RelayUnavailable: (
        "The relay does not answer. Check your connection, or try again in a while."
    ),
    errors.RelayKeyWrong: (
        "Whoever answered is not the relay that this link names, so nothing was sent. "
        "Ask for a fresh link, and do not use this one."
    ),
    errors.RelayVersion: (
        "This relay and this Aside are of versions that do not understand each other. "
        "Update the older one."
    ),
    errors.RelayRefused: "The relay did not accept this invitation. Ask for a new one.",
    errors.RelayFull: "The relay has no room for this at the moment. Try again later.",
    errors.RelayUnknown: "This relay is not in your list any more.",
    errors.RelayOrderUneven: (
        "An order names each of your relays exactly once. One is missing in this, or named twice; "
        "your list may have changed meanwhile."
    ),
    errors.RelayOther: (
        "This is the address of another relay. Only the same relay, with the same key, can be "
        "moved to a new address; another one is added."
    ),
    errors.ProxyMalformed: (
        "This is not a proxy’s address. It is written in numbers with a port, such as "
        "127.0.0.1:9050; if the proxy wants a name, it wants a password too."
    ),
    errors.ProxyUnavailable: (
        "The proxy does not answer, and nothing goes around it. Start it, or change it in the "
        "settings."
    ),
    errors.TooManyRelays: "You can use up to three relays. Remove one first.",
    errors.ContactUnknown: "This person is not in your list any more.",
    errors.ContactBlocked: "You have blocked this person. Unblock them first.",
    errors.ConversationUnknown: "This conversation is not here any more.",
    errors.MessageUnknown: "This message is not here any more.",
    errors.TextMissing: "Write something first.",
    room_errors.NoRelayToHost: (
        "You have no relay yet, and a room lives on one. Ask whoever runs a relay for its link."
    ),
    room_errors.RelayHostsNoRooms: (
        "This relay does not let you open rooms. Ask whoever runs it, or take another one."
    ),
    room_errors.ClockJumped: (
        "This computer’s clock and the relay’s do not fit together. Set this computer’s, and open "
        "the room again."
    ),
    room_errors.TitleMissing: "Give the room a title.",
    room_errors.NotARoomsLink: "This link does not lead into a room. Ask for the room’s link.",
    room_errors.RoomKeyWrong: (
        "This link does not open the room it leads to. Ask whoever gave it to you for a new one."
    ),
    room_errors.RoomLinkChanged: (
        "The link that you have does not lead into this room any more. Its host has the new one."
    ),
    room_errors.RoomFull: "Every seat of this room is taken. Try again later.",
    room_errors.TooManyFromHere: (
        "This room lets in only so many people from one address, and only so many a minute. Try "
        "again later."
    ),
    room_errors.RoomRemoved: (
        "This room does not let you in: you were removed from it, or somebody was with whom you "
        "share an address. Its host can change that."
    ),
    room_errors.RoomUnknown: "This room is not in your list any more.",
    room_errors.NotInRoom: "You do not sit in this room at the moment. Enter it first.",
    room_errors.RoomEnded: "This room has ended. You can still read it.",
    room_errors.RoomNotAllowed: "You may not do this in this room.",
    room_errors.EntryUnknown: "This entry is not here any more.",
    room_errors.QuestionUnknown: "This question is not here any more.",
    room_errors.QuestionClosed: "This question was dealt with meanwhile.",
    room_errors.QuestionsWait: (
        "Ten of your questions wait already. Ask again when one of them was dealt with."
    ),
    room_errors.SeatUnknown: "This person is not in the room any more.",
    room_errors.UndoTooLate: "It is too late to take this back.",
    room_errors.AsideNotAllowed: (
        "Hosts and moderators may ask whoever wrote something aside, and you the host about "
        "your own words."
    ),
    room_errors.AsidesSpent: "You asked as many people aside as one may in an hour. Try later.",
    room_errors.RequestUnknown: "This request is not here any more.",
}


def sentence(error: errors.AsideError) -> str:
    """What a person is told about an error."""
    if isinstance(error, errors.TextTooLong):
        return (
            f"This is too long to send in one message: {error.limit:,} plain letters fit, fewer "
            "of other scripts and emoji. It is still in the box; send it in parts."
        )
    return _SENTENCES[type(error)]


UNEXPECTED: Final = (
    "Aside met an error it did not expect and has to close. Everything you sent or saw is on disk."
)
ENGINE_LATE: Final = "Aside did not finish in time and was ended. Everything you sent is on disk."

# What several pages say

CONTINUE: Final = "Continue"
ONCE_MORE: Final = "Once more"
NOT_THE_SAME: Final = "The two are not the same yet."
SAME: Final = "Both are the same"
TRY_AGAIN: Final = "Try again"
NOTIFICATION_OPEN: Final = "Open"

CONVERSATIONS: Final = "Conversations"
ROOMS: Final = "Rooms"
OPEN_ROOM: Final = "Open a room"
ENTER_ROOM: Final = "Enter a room"
SETTINGS: Final = "Settings"
INVITE: Final = "Invite someone"
HAVE_INVITATION: Final = "I have an invitation"
CLOSE: Final = "Close"
CANCEL: Final = "Cancel"
SAVE: Final = "Save"
REMOVE: Final = "Remove"


def new_messages_title(count: int) -> str:
    """The window's title."""
    return f"({count}) {APP}" if count else APP


def list_time(then: datetime, now: datetime) -> str:
    """When the last message came: a time today, a weekday this week, a date before."""
    days = (now.date() - then.date()).days
    if days <= 0:
        return f"{then:%H:%M}"
    if days == 1:
        return "Yesterday"
    if days < 7:
        return f"{then:%a}"
    if then.year == now.year:
        return f"{then.day} {then:%b}"
    return f"{then.day} {then:%b} {then.year}"


TRY_NOW: Final = "Try now"

NO_MOUSE: Final = "Everything without a mouse"

ADD_RELAY: Final = "Add relay"
RELAY_ADDED: Final = "The relay was added."

BLOCKED: Final = "Blocked"


def remove_title(name: str) -> str:
    return f"Remove {name}?"


NOTHING_FOUND: Final = "Nothing found"
NOTHING_FOUND_TEXT: Final = "Try fewer letters, or another word."

NEW_MESSAGE: Final = "New message"

SET_YOU: Final = "You"
SET_APPEARANCE: Final = "Appearance"
SET_OTHERS: Final = "What others see"
SET_RELAYS: Final = "Relays"

# Keys: (what, keys), in groups

KEY_GROUPS: Final = (
    (
        "Everywhere",
        (
            ("Search and jump", "Ctrl+K"),
            ("Invite someone", "Ctrl+N"),
            ("I have an invitation", "Ctrl+Shift+N"),
            ("Rooms: enter one, open one", "Ctrl+Shift+R"),
            ("Settings", "Ctrl+,"),
            ("Lock", "Ctrl+L"),
            ("A relay further up, down", "Ctrl+Shift+↑ ↓"),
            ("Next part of the window", "F6"),
            ("This page", "Ctrl+/"),
        ),
    ),
    (
        "Conversations",
        (
            ("Conversation 1 to 9", "Ctrl+1 … 9"),
            ("The one above, below", "Alt+↑ ↓"),
            ("Find in this conversation", "Ctrl+F"),
            ("Back to writing", "Esc"),
        ),
    ),
    (
        "Rooms and requests",
        (
            ("Take aside", "Ctrl+Shift+A"),
            ("Raise your hand, take it back", "Ctrl+Shift+H"),
            ("Accept, decline, block", "A  D  B"),
        ),
    ),
    (
        "Writing and reading",
        (
            ("Send", "Enter"),
            ("New line", "Shift+Enter"),
            ("Read on above, below", "Page Up, Page Down"),
            ("From message to message", "↑ ↓"),
            ("Newest message", "End"),
            ("What can be done with a message", "Menu"),
        ),
    ),
)
