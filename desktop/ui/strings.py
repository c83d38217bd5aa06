"""Every sentence a person reads in the window. No Qt: ``aside rpc`` says the same.

Law: nobody branches on these, and nothing here names a file, an id or a part of the machinery.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from desktop.core import errors
from desktop.core.models import Cause, Kind, Message, Relay, RelayState, Trouble

APP: Final = "Aside"

# What went wrong, and what to do about it


_SENTENCES: Final[dict[type[errors.AsideError], str]] = {
    errors.ProfileExists: "There is a profile here already. Open it with its passphrase.",
    errors.ProfileMissing: "There is no profile here yet. Make one first.",
    errors.ProfileLocked: "Aside is locked. Give your passphrase first.",
    errors.WrongPassphrase: "That is not the passphrase. Nothing was changed.",
    errors.NameMissing: "Give a name. It can be any name you like.",
    errors.NameTooLong: "A name can have at most 64 characters.",
    errors.PassphraseMissing: "Give a passphrase.",
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
}


def sentence(error: errors.AsideError) -> str:
    """What a person is told about an error."""
    if isinstance(error, errors.TextTooLong):
        return (
            f"This is too long to send in one message: {error.limit:,} plain letters fit, fewer "
            "of other scripts and emoji. It is still in the box; send it in parts."
        )
    return _SENTENCES[type(error)]


def too_long(text: str, limit: int) -> str:
    """The same of a text that is at hand: by how much, in what whoever wrote it can count."""
    fits = text.strip().encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
    over = len(text.strip()) - len(fits)
    return (
        f"This is too long to send in one message: of its {len(text.strip()):,} characters "
        f"{len(fits):,} fit, {over:,} do not. It is still in the box; send it in parts."
    )


UNEXPECTED: Final = (
    "Aside met an error it did not expect and has to close. Everything you sent or saw is on disk."
)
ENGINE_LATE: Final = "Aside did not finish in time and was ended. Everything you sent is on disk."

# First start and unlock

STEP_1: Final = "Step 1 of 2"
STEP_2: Final = "Step 2 of 2"
NAME_TITLE: Final = "What are you called?"
NAME_TEXT: Final = (
    "People you invite or accept see this name. It can be any name, and you can use "
    "another one elsewhere."
)
NAME_LABEL: Final = "Your name"
CONTINUE: Final = "Continue"


def name_room(length: int, limit: int) -> str:
    """Near the end of what a name can have."""
    return f"{length} of {limit}"


BACK: Final = "Back"
PASSPHRASE_TITLE: Final = "Choose a passphrase"
PASSPHRASE_TEXT: Final = (
    "It locks everything Aside keeps on this computer. You type it when you open the app."
)
PASSPHRASE_LABEL: Final = "Passphrase"
ONCE_MORE: Final = "Once more"
NOT_THE_SAME: Final = "The two are not the same yet."
SAME: Final = "Both are the same"
LOST_LEAD: Final = "A lost passphrase cannot be reset."
LOST_TEXT: Final = (
    "Nobody else has a copy, not even the people who make Aside. "
    "Write it down and keep it with your papers."
)
SET_PASSPHRASE: Final = "Set passphrase"
SETTING_UP: Final = "Setting up …"
SHOW_PASSPHRASE: Final = "Show the passphrase"
HIDE_PASSPHRASE: Final = "Hide the passphrase"
LEAVES_TITLE: Final = "What leaves this computer"
LEAVES_NOTHING: Final = "Up to now: nothing."
LEAVES_NAME: Final = "Your name"
LEAVES_NAME_TEXT: Final = "Stays here. People see it only after you have invited or accepted them."
LEAVES_PASSPHRASE: Final = "Your passphrase"
LEAVES_PASSPHRASE_TEXT: Final = "Never leaves, and is not stored here either."
LEAVES_RELAY: Final = "A relay"
LEAVES_RELAY_TEXT: Final = (
    "None yet. Your first invitation brings one, and you are asked before Aside connects."
)
UNLOCK_TITLE: Final = "Welcome back"
UNLOCK_TEXT: Final = "Your passphrase opens what Aside keeps on this computer."
UNLOCK: Final = "Unlock"
UNLOCKING: Final = "Unlocking …"
CANNOT_OPEN: Final = "This profile cannot be opened"
OPENING: Final = "Opening …"
TRY_AGAIN: Final = "Try again"
QUIT: Final = "Quit"
NOTIFICATION_OPEN: Final = "Open"


def your_name(name: str) -> str:
    return f"{LEAVES_NAME}, {name}" if name else LEAVES_NAME


# Strength of a passphrase, 0 to 4; a lead and what it means

STRENGTH: Final = (
    ("Very weak.", "Make it longer: four or five unrelated words."),
    ("Weak.", "Somebody with a good computer would guess it within days."),
    ("Fair.", "Guessing it would take a determined person some weeks. A few more words help."),
    ("Good.", "Guessing it would take years on one computer."),
    ("Strong.", "Guessing it would take centuries, even with many computers."),
)
STRENGTH_NONE: Final = "Four or five words that do not belong together are a good start."

# The shell

CONVERSATIONS: Final = "Conversations"
SETTINGS: Final = "Settings"
NEW: Final = "New"
INVITE: Final = "Invite someone"
HAVE_INVITATION: Final = "I have an invitation"
YOU: Final = "You"
LOCK_NOW: Final = "Lock now"
CLOSE: Final = "Close"
CANCEL: Final = "Cancel"
COPY: Final = "Copy"
SAVE: Final = "Save"
REMOVE: Final = "Remove"
RENAME: Final = "Rename"
MORE: Final = "More"
PANE_RAIL: Final = "Places"


def new_messages_title(count: int) -> str:
    """The window's title."""
    return f"({count}) {APP}" if count else APP


# The conversation list

SEARCH: Final = "Search and jump"
ALL: Final = "All"
UNREAD: Final = "Unread"
NOBODY: Final = "Nobody here yet"
NOBODY_TEXT: Final = "People appear here as soon as an invitation has been used."
NOTHING_UNREAD: Final = "Nothing unread"
NOTHING_UNREAD_TEXT: Final = "You have read everything that came."
LIST_FAILED: Final = "The list could not be read"
LOADING: Final = "Loading …"
DRAFT: Final = "Draft:"
NOT_ANSWERED: Final = "Waiting for their first answer"
NOTHING_SAID: Final = "Nothing written yet"
NO_RELAY_FOOTER: Final = "No relay yet. An invitation brings one."
PICK: Final = "Pick a conversation"
PICK_TEXT: Final = "Or press Ctrl+K and begin to type a name."

_KINDS: Final = {
    Kind.UNREADABLE: "A message could not be read",
    Kind.MISSING: "A message has not come yet",
}
_NOTICES: Final = {
    Cause.FRESH_SESSION: "Encryption was started anew",
    Cause.BECAME_CONTACTS: "You can write to each other now",
    Cause.DEVICES_FORKED: "Their devices contradict each other",
}


def preview(message: Message, *, whose: bool = True) -> str:
    """One line of the last message of a conversation; ``whose``: say when it is mine."""
    match message.kind:
        case Kind.TEXT:
            text = " ".join(message.text.split())
            return f"{YOU}: {text}" if message.mine and whose else text
        case Kind.NOTICE:
            return _NOTICES.get(message.cause, "") if message.cause else ""
        case Kind.UNREADABLE | Kind.MISSING:
            return _KINDS[message.kind]


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


def row_spoken(name: str, text: str, time: str, unread: int, *, online: bool = False) -> str:
    """What a screen reader says for a row of the list."""
    count = (", online" if online else "") + (f", {unread} unread" if unread else "")
    return f"{name}{count}: {text}, {time}" if time else f"{name}{count}: {text}"


def relay_footer(relays: Sequence[Relay]) -> str:
    """The state of all relays in one line."""
    if not relays:
        return NO_RELAY_FOOTER
    online = sum(relay.state is RelayState.ONLINE for relay in relays)
    total = len(relays)
    if online == total:
        return {1: "Connected", 2: "Connected to both relays"}.get(
            total, f"Connected to all {total} relays"
        )
    if online:
        return f"{_NUMBER[online]} of {_NUMBER[total].lower()} relays connected"
    if any(relay.state is RelayState.REFUSED for relay in relays):
        return "The relay does not let you in"
    if any(relay.state is RelayState.CONNECTING for relay in relays):
        return "Connecting …"
    return "Offline. What you write is kept and sent later."


_NUMBER: Final = ("None", "One", "Two", "Three")

# Banners

OFFLINE: Final = "Not connected."
OFFLINE_TEXT: Final = "What you write is kept here and goes out by itself."
OFFLINE_PROXY: Final = (
    "The proxy does not answer, and nothing goes around it. What you write waits."
)
TRY_NOW: Final = "Try now"
REFUSED: Final = "Your relay does not let you in."
REFUSED_TEXT: Final = "What you write waits here."
SEE_RELAYS: Final = "See relays"


def practices_changed(host: str) -> tuple[str, str]:
    """The banner for a relay that says something else than before: lead and text."""
    return "A relay changed what it keeps.", f"See what {host or 'it'} says now."


def clock_wrong(ahead_ms: int) -> tuple[str, str]:
    """The banner for a clock that is off: lead and text."""
    hours = round(abs(ahead_ms) / 3_600_000)
    span = f"{hours} h" if hours < 48 else f"{round(hours / 24):,} days"
    way = "ahead of" if ahead_ms > 0 else "behind"
    return (
        f"This computer’s clock is about {span} {way} your relay’s.",
        "Nothing is lost or thrown away. Set the clock right, so that times on messages are true.",
    )


# Hello


def hello(name: str) -> str:
    return f"Hello {name}"


HELLO_TEXT: Final = (
    "Somebody has to begin. If you were given a link, put it here: from a person or for a relay, "
    "either will do."
)
PASTE: Final = "Paste your invitation"
PASTE_NOTE: Final = "You see who invites you and which relay it uses before anything connects."
INVITE_TEXT: Final = "A link for one person, good for seven days"
INVITE_FIRST_RELAY: Final = "As soon as you have a relay"
OR_LOOK: Final = "Or look around"
OTHERS_SEE: Final = "What others can see of you"
OTHERS_SEE_NOTHING: Final = "Right now: nothing"
OTHERS_SEE_TEXT: Final = "Your name, and what you choose to tell"
NO_MOUSE: Final = "Everything without a mouse"
NO_MOUSE_TEXT: Final = "All keys on one page"

# Invitations

ACCEPT: Final = "Accept and connect"
ACCEPTING: Final = "Connecting …"
ADD_RELAY: Final = "Add relay"
SOMEBODY: Final = "Somebody without a name"
GREETING_LABEL: Final = "First words, if you like"
ALREADY_KNOWN: Final = "Using this link again would change nothing."
OPEN_CONVERSATION: Final = "Open conversation"
RELAY_KNOWN: Final = "You use this relay already."
KEPT_LINK: Final = "An invitation is waiting for a relay"
KEPT_LINK_TEXT: Final = (
    "It is kept here, and goes on as soon as you have a relay. Ask the person who invited you for "
    "a link that brings one, or ask whoever runs a relay for its link."
)
KEPT_READY: Final = "An invitation is waiting for you"
KEPT_READY_TEXT: Final = "It is kept here until you use it or forget it."
USE_KEPT: Final = "Look at it"
FORGET_KEPT: Final = "Forget it"


def invites_you(name: str) -> str:
    return f"{name or SOMEBODY} invites you"


def already_talk_with(name: str) -> str:
    return f"You already talk with {name or SOMEBODY}"


def through_relay(host: str, *, brings: bool) -> str:
    if brings:
        return (
            f"The link brings a relay as well: {host}. Aside connects to it and your messages "
            "wait there until you collect them. It cannot read them."
        )
    return f"Their messages wait at {host}. Aside connects through your own relay."


def relay_invites(host: str) -> str:
    return f"A relay: {host}"


RELAY_INVITES_TEXT: Final = (
    "It holds your sealed messages until this computer collects them. It cannot read them. "
    "It sees your internet address while you are connected."
)
RELAY_BARE: Final = (
    "This is a relay’s address without an invitation. That is enough where everybody is let in."
)
RELAY_BARE_REFUSED: Final = (
    "This relay lets in only those it has invited. Ask whoever runs it for its invitation link."
)


def until(then: datetime) -> str:
    return f"Good until {then.day} {then:%B}, {then:%H:%M}"


RELAY_ADDED: Final = "The relay was added."

# Inviting

INVITE_TITLE: Final = "Invite someone"
INVITE_LEAD: Final = "For one person, for seven days."
INVITE_BODY: Final = (
    "Whoever comes with this link can write to you. Send it in a way that only "
    "the right person reads."
)
INVITE_NEW: Final = "Make another link"
INVITE_JOIN: Final = "It also brings them to my relay"
INVITE_JOIN_TEXT: Final = "For somebody who has no relay yet: they can use yours."
COPY_LINK: Final = "Copy link"
LINK_NOT_OPENED: Final = "This link did not open: no browser took it. You can copy it instead."
LINK_COPIED: Final = "Link copied"
INVITE_QR: Final = "The link as a picture to scan"
INVITE_MAKING: Final = "Making a link …"
INVITE_LINK: Final = "Invitation link"
INVITE_NO_RELAY: Final = (
    "You have no relay yet, so nothing could reach you. Use an invitation that brings one, "
    "or the link of whoever runs a relay."
)

# A conversation

ONLINE: Final = "Online"
WRITING: Final = "Writing …"
UNVERIFIED: Final = "Not verified yet"
VERIFIED: Final = "Verified"
PENDING: Final = "Invitation used. Waiting for their first answer"
MESSAGE_TO: Final = "Write to"
KEYS_HINT: Final = "Enter sends · Shift+Enter starts a new line"
DRAFT_SAVED: Final = "Draft saved"
SEND: Final = "Send"
CONTACT_MENU: Final = "About this person"
FIND_HERE: Final = "Find here"
SAFETY: Final = "Safety number"
SAFETY_TEXT: Final = (
    "Compare it with the number in {name}’s Aside, face to face or on a call. If both are the "
    "same, nobody stands between you."
)
RENAME_TITLE: Final = "Rename"
RENAME_TEXT: Final = "Only you see this name."
NAME_HERE: Final = "Name"
REMOVE_ASK: Final = (
    "The conversation and its messages go from this computer, and they can no longer write to you. "
    "They are not told."
)
REMOVED: Final = "Removed."
BLOCK: Final = "Block"
UNBLOCK: Final = "Unblock"
BLOCKED: Final = "Blocked"
BLOCK_ASK: Final = (
    "Nothing they write reaches you any more, and what is on its way to them is stopped where it "
    "still can be. They are not told. The conversation stays, and you can unblock them at any time."
)
BLOCKED_DONE: Final = "Blocked."
UNBLOCKED: Final = "Unblocked. You can write to each other again in a moment."
BLOCKED_TEXT: Final = "Nothing they write reaches you, and they are not told."
NO_MESSAGES: Final = "Nothing written yet"


def remove_title(name: str) -> str:
    return f"Remove {name}?"


def block_title(name: str) -> str:
    return f"Block {name}?"


def blocked_lead(name: str) -> str:
    return f"You have blocked {name}."


def announced(name: str) -> str:
    """Said politely to screen readers when something arrives."""
    return f"New message from {name}"


# Search and jump

PEOPLE: Final = "People"
MESSAGES: Final = "Messages"
NOTHING_FOUND: Final = "Nothing found"
NOTHING_FOUND_TEXT: Final = "Try fewer letters, or another word."

# Notification

NEW_MESSAGE: Final = "New message"

# Settings

SET_SEARCH: Final = "Search settings"
SET_BACK: Final = "All settings"
SET_YOU: Final = "You"
SET_APPEARANCE: Final = "Appearance"
SET_NOTIFICATIONS: Final = "Notifications"
SET_OTHERS: Final = "What others see"
SET_RELAYS: Final = "Relays"
SET_LOCK: Final = "Lock and passphrase"
SET_KEYS: Final = "Keys"
SET_ABOUT: Final = "About Aside"

YOU_TEXT: Final = "This is how people you have invited or accepted know you."
YOU_CALLED: Final = "Your name"
APPEARANCE_TEXT: Final = "Changes at once."
THEME: Final = "Theme"
THEME_TEXT: Final = "“System” follows what this computer uses."
THEME_SYSTEM: Final = "System"
THEME_LIGHT: Final = "Light"
THEME_DARK: Final = "Dark"
SIZE: Final = "Size"
SIZE_TEXT: Final = "Letters and everything around them grow together."
NOTIFICATIONS_TEXT: Final = "Aside never puts names or words into a notification."
NOTIFY: Final = "Tell me when a message arrives"
NOTIFY_TEXT: Final = "Shows “New message” while you look elsewhere."
OTHERS_TEXT: Final = "Each line says what another person learns from you, and what not."
RECEIPTS: Final = "Say when I have read something"
RECEIPTS_TEXT: Final = "Your contacts see “Read” and the time under their last message."
SHOW_ONLINE: Final = "Say when I am online"
SHOW_ONLINE_TEXT: Final = (
    "Your contacts see a dot while Aside is open and unlocked, and you see theirs. "
    "Off: neither, and nothing is sent."
)
SHOW_WRITING: Final = "Say when I am writing"
SHOW_WRITING_TEXT: Final = (
    "The person you write to sees it for a few seconds. Off: you do not see it of them either."
)
OTHERS_NAME: Final = "Your name"
OTHERS_NAME_TEXT: Final = "Seen by people you invited or accepted, by nobody else."
OTHERS_DELIVERED: Final = "That a message has come"
OTHERS_DELIVERED_TEXT: Final = "Your contacts see two ticks when this computer has their message."
OTHERS_ADDRESS: Final = "Your internet address"
OTHERS_ADDRESS_TEXT: Final = "Your own relays see it while you are connected. Your contacts do not."
RELAYS_TEXT: Final = (
    "A relay holds your sealed messages until this computer collects them. It cannot read them. "
    "You can use up to three; people who write to you try them from top to bottom."
)
RELAY_LINK: Final = "Paste a relay link"
RELAY_NONE: Final = "No relay yet"
RELAY_NONE_TEXT: Final = "A link from a person or from whoever runs a relay brings one."
RELAY_SEES: Final = "What it sees"
RELAY_SEES_TEXT: Final = "Your internet address while you are connected, and how much arrives"
RELAY_KEEPS: Final = "How long it keeps it"
RELAY_ORDER: Final = ("First", "Second", "Third")
RELAYS_STILL: Final = "Nothing is lost meanwhile: messages come through the other relay."
LOCK_TEXT: Final = "Your passphrase opens what Aside keeps on this computer."
LOCK_LINE: Final = "Lock Aside"
LOCK_LINE_TEXT: Final = "Closes everything that is open and asks for the passphrase."
CHANGE_PASSPHRASE: Final = "Change the passphrase"
CHANGE_TEXT: Final = "A lost passphrase cannot be reset by anybody."
OLD_PASSPHRASE: Final = "The one you use now"
NEW_PASSPHRASE: Final = "The new one"
PASSPHRASE_CHANGED: Final = "The passphrase was changed."
CHANGING: Final = "Changing …"
KEYS_TEXT: Final = "Everything in Aside can be done without a mouse."
ABOUT_TEXT: Final = "A messenger for communities and the creators they gather around."
ABOUT_VERSION: Final = "Version"
ABOUT_UNINSTALLED: Final = "From a working copy"
ABOUT_OPEN: Final = "Said openly"
ABOUT_OPEN_TEXT: Final = (
    "The way Aside seals messages has had no outside audit yet. It cannot protect you from a "
    "program that already runs on your computer, or from a contact who keeps what you wrote."
)
ABOUT_LICENCES: Final = "Made with"
ABOUT_LICENCES_TEXT: Final = (
    "Aside is under the Apache License 2.0. Letters: Inter (SIL Open Font License). "
    "Icons: Lucide (ISC)."
)


def relay_state(relay: Relay) -> str:
    """A relay's state in words."""
    match relay.state:
        case RelayState.ONLINE:
            return "Connected"
        case RelayState.CONNECTING:
            return "Connecting"
        case RelayState.OFFLINE:
            return _TROUBLES[relay.trouble] if relay.trouble else "Not connected"
        case RelayState.REFUSED:
            return _TROUBLES[relay.trouble] if relay.trouble else "Does not let you in"


_TROUBLES: Final = {
    Trouble.UNREACHABLE: "Not reachable",
    Trouble.PROXY: "The proxy does not answer",
    Trouble.OTHER_KEY: "Shows another key; not connected",
    Trouble.NO_COMMON_VERSION: "Too old or too new for this Aside",
    Trouble.NOT_ALLOWED: "Does not let you in any more",
    Trouble.FULL: "Full",
    Trouble.DISK_FULL: "Waiting: this computer's disk is full",
}


def since(then: datetime, now: datetime) -> str:
    return f"since {list_time(then, now)}"


def next_try(seconds: int) -> str:
    if seconds <= 0:
        return "trying now"
    return f"next try in {seconds} s" if seconds < 120 else f"next try in {seconds // 60} min"


# Keys: (what, keys), in groups

KEY_GROUPS: Final = (
    (
        "Everywhere",
        (
            ("Search and jump", "Ctrl+K"),
            ("Invite someone", "Ctrl+N"),
            ("I have an invitation", "Ctrl+Shift+N"),
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
        "Writing and reading",
        (
            ("Send", "Enter"),
            ("New line", "Shift+Enter"),
            ("From message to message", "↑ ↓"),
            ("Newest message", "End"),
            ("What can be done with a message", "Menu"),
        ),
    ),
)


# Find in a conversation

FIND_OLDER: Final = "Older"
FIND_NEWER: Final = "Newer"


def find_place(at: int, count: int) -> str:
    return f"{at} of {count}" if count else NOTHING_FOUND


def safety_text(name: str) -> str:
    return SAFETY_TEXT.replace("{name}", name)
