"""What a person reads in the list of conversations, and what a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop.core.models import Cause, Kind, Message, Relay, RelayState
from desktop.core.texts import is_blank
from desktop.ui.strings import NOTHING_TO_SEE

# Above it

NEW: Final = "New"
YOU: Final = "You"

# The conversation list

SEARCH: Final = "Search and jump"
ALL: Final = "All"
UNREAD: Final = "Unread"
ROOMS: Final = "Rooms"
NOT_LIVE: Final = "Not live"
ENDED: Final = "Ended"
WAITING: Final = "Waiting to be let in"
ASIDE: Final = "began as an aside"
LIVE: Final = "LIVE"
NOBODY: Final = "Nobody here yet"
NOBODY_TEXT: Final = (
    "People appear here as soon as an invitation has been used, rooms while you are in them."
)
NOBODY_BUT_ROOMS: Final = (
    "A room stands here while you are in it and it can be reached. All you know of are under Rooms."
)
SEE_ROOMS: Final = "See your rooms"
NOTHING_UNREAD: Final = "Nothing unread"
NOTHING_UNREAD_TEXT: Final = "You have read everything that came."
LIST_FAILED: Final = "The list could not be read"
LOADING: Final = "Loading…"
DRAFT: Final = "Draft:"
NOT_ANSWERED: Final = "Waiting for their first answer"
NOTHING_SAID: Final = "Nothing written yet"
NO_RELAY_FOOTER: Final = "No relay yet. An invitation brings one."
_KINDS: Final = {
    Kind.UNREADABLE: "A message could not be read",
    Kind.MISSING: "A message has not come yet",
}
_NOTICES: Final = {
    Cause.FRESH_SESSION: "Encryption was started anew",
    Cause.BECAME_CONTACTS: "You can write to each other now",
    Cause.WENT_ASIDE: "Gone aside, just the two of you",
    Cause.DEVICES_FORKED: "Their devices contradict each other",
}


def preview(message: Message, *, whose: bool = True) -> str:
    """One line of the last message of a conversation; ``whose``: say when it is mine."""
    match message.kind:
        case Kind.TEXT:
            said = NOTHING_TO_SEE if is_blank(message.text) else message.text
            text = " ".join(said.split())
            return f"{YOU}: {text}" if message.mine and whose else text
        case Kind.NOTICE:
            return _NOTICES.get(message.cause, "") if message.cause else ""
        case Kind.UNREADABLE | Kind.MISSING:
            return _KINDS[message.kind]


def row_spoken(
    name: str, text: str, time: str, unread: int, *, online: bool = False, aside: bool = False
) -> str:
    """What a screen reader says for a row of the list."""
    count = (", online" if online else "") + (f", {unread} unread" if unread else "")
    count += f", {ASIDE}" if aside else ""
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
        return "Connecting…"
    return "Offline. What you write is kept and sent later."


_NUMBER: Final = ("None", "One", "Two", "Three")

# Search and jump

PEOPLE: Final = "People"
MESSAGES: Final = "Messages"


def live_room(people: int, live_ms: int) -> str:
    """How many are there, and for how long it has been live."""
    there = "1 person" if people == 1 else f"{people:,} people"
    minutes = max(0, live_ms) // 60_000
    long = f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
    return f"{there} · {long}" if people else long


def want_to_write(count: int) -> str:
    return (
        "1 person wants to write to you" if count == 1 else f"{count:,} people want to write to you"
    )
