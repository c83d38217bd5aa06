"""What a person reads where invitations are made and used."""

from __future__ import annotations

from datetime import datetime
from typing import Final

# Hello


def hello(name: str) -> str:
    return f"Hello {name}"


HELLO_TEXT: Final = (
    "Somebody has to begin. If you were given a link, put it here: from a person, for a room or "
    "for a relay, any of them will do."
)
PASTE: Final = "Paste your link or invitation"
PASTE_ROOM: Final = "Paste the room’s link"
PASTE_NOTE: Final = "You see where it leads and which relay it uses before anything connects."
INVITE_TEXT: Final = "A link for one person, good for seven days"
INVITE_FIRST_RELAY: Final = "As soon as you have a relay"
ENTER_ROOM_TEXT: Final = "With its link, under a name for that room alone"
OPEN_ROOM_TEXT: Final = "Bring people together, for an evening or a year"
OR_LOOK: Final = "Or look around"
OTHERS_SEE: Final = "What others can see of you"
OTHERS_SEE_NOTHING: Final = "Right now: nothing"
OTHERS_SEE_TEXT: Final = "Your name, and what you choose to tell"
NO_MOUSE_TEXT: Final = "All keys on one page"

# Invitations

ACCEPT: Final = "Accept and connect"
ACCEPTING: Final = "Connecting…"
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
TO_THE_DOOR: Final = "To its door"
ROOM_TEXT: Final = (
    "You see its title and house rules before you enter. The relay sees your internet address as "
    "soon as you go to the door, and nothing of who you are."
)
RELAY_BARE: Final = (
    "This is a relay’s address without an invitation. That is enough where everybody is let in."
)
RELAY_BARE_REFUSED: Final = (
    "This relay lets in only those it has invited. Ask whoever runs it for its invitation link."
)


def until(then: datetime) -> str:
    return f"Good until {then.day} {then:%B}, {then:%H:%M}"


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
LINK_COPIED: Final = "Link copied"
INVITE_QR: Final = "The link as a picture to scan"
INVITE_MAKING: Final = "Making a link…"
INVITE_LINK: Final = "Invitation link"
INVITE_NO_RELAY: Final = (
    "You have no relay yet, so nothing could reach you. Use an invitation that brings one, "
    "or the link of whoever runs a relay."
)


def room_on(host: str) -> str:
    return f"A room on {host}"
