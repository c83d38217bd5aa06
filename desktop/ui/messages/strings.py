"""What the message view says to people. No Qt, and no sentence anywhere else."""

from __future__ import annotations

from datetime import date, datetime

from desktop.core.models import Cause, Kind, Message, State
from desktop.core.texts import is_blank
from desktop.ui.messages.folding import beginning
from desktop.ui.messages.when import local
from desktop.ui.strings import NOTHING_TO_SEE

MESSAGES = "Messages"
ME = "You"
SOMEBODY = "Contact"
RESEND = "Send again"
SHOW_ALL = "Show all"
SHOW_LESS = "Show less"
MORE_SPOKEN = "there is more of it; Enter shows all"
COPY = "Copy"
COPY_LINK = "Copy link"
COPY_WORDS = "Copy selected words"
LOADING = "Loading messages"
EMPTY_TITLE = "No messages yet"
EMPTY = "What you write here, only the two of you can read."
ERROR_TITLE = "The messages could not be loaded"
RETRY = "Try again"
TO_NEWEST = "Go to the newest message"

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

_STATES = {
    State.QUEUED: "waiting to be sent",
    State.SENT: "sent",
    State.DELIVERED: "delivered",
    State.READ: "read",
    State.FAILED: "not delivered",
}

_FAILED = {
    Cause.EXPIRED: "it waited for too long",
    Cause.CONTACT_GONE: "this contact takes no more messages from you",
    Cause.INVITATION_SPENT: "the invitation had been used already",
    Cause.BLOCKED: "you blocked this person before it was delivered",
}

_UNREADABLE = {
    Cause.NOT_OPENABLE: "It could not be opened here. It is asked for again.",
    Cause.NOT_UNDERSTOOD: "It was opened, but this app cannot make sense of it.",
    Cause.NEWER_VERSION: "It needs a newer version of Aside.",
    Cause.EXPIRED: "It came too late to be opened.",
    Cause.FORKED: "Two different messages claim this place.",
}

_NOTICES = {
    Cause.FRESH_SESSION: "Encryption was started anew",
    Cause.BECAME_CONTACTS: "You can write to each other now",
    Cause.WENT_ASIDE: "Gone aside from the room, just the two of you",
    Cause.FORKED: "Two different messages claimed one place",
    Cause.DEVICES_FORKED: "A second list of this contact's devices contradicts the first and was"
    " not believed. Compare safety numbers with them.",
    Cause.CONTACT_GONE: "This contact takes no more messages from you",
}


def clock(when: datetime) -> str:
    return f"{when.hour:02}:{when.minute:02}"


def open_link(url: str) -> str:
    """A menu's line; Qt takes a single & for a key of its own."""
    short = url if len(url) <= 48 else f"{url[:47]}…"
    return f"Open {short.replace('&', '&&')}"


def leads_to(url: str) -> str:
    """Of a link whose letters look like others."""
    return f"Leads to {url}"


def late(when: str) -> str:
    """The time of a message that came after others that were sent later."""
    return f"came late · {when}"


def day(what: date, today: date) -> str:
    """A day as a divider names it."""
    ago = (today - what).days
    if ago == 0:
        return "Today"
    if ago == 1:
        return "Yesterday"
    if 1 < ago < 7:
        return _DAYS[what.weekday()]
    named = f"{what.day} {_MONTHS[what.month - 1]}"
    return named if what.year == today.year else f"{named} {what.year}"


def long_day(what: date) -> str:
    """Thursday 19 November"""
    return f"{_DAYS[what.weekday()]} {what.day} {_MONTHS[what.month - 1]}"


def unread(count: int) -> str:
    return f"{count:,} new"


def unread_spoken(count: int) -> str:
    return f"{count:,} new {'message' if count == 1 else 'messages'}"


def pill_spoken(count: int) -> str:
    return f"{unread_spoken(count)}. {TO_NEWEST}" if count else TO_NEWEST


def read_at(when: datetime) -> str:
    return f"Read {clock(when)}"


def failed(cause: Cause | None) -> str:
    return f"Not delivered{_because(cause)}"


def card(message: Message) -> tuple[str, str]:
    """Title and explanation of a message that cannot be shown."""
    some = message.count
    if message.kind is Kind.MISSING:
        title = "A message is missing" if some == 1 else f"{some:,} messages are missing"
        return title, "Asked for again. It appears here when it comes."
    title = (
        "This message could not be read" if some == 1 else f"{some:,} messages could not be read"
    )
    cause = message.cause or Cause.NOT_OPENABLE
    return title, _UNREADABLE.get(cause, _UNREADABLE[Cause.NOT_OPENABLE])


def notice(message: Message) -> str:
    """What the app itself says in a conversation."""
    said = _NOTICES.get(message.cause) if message.cause else None
    times = f" ({message.count:,} times)" if message.count > 1 else ""
    return f"{said or message.text}{times}"


def content(message: Message) -> str:
    """A row's own words, whatever it is."""
    if message.kind is Kind.TEXT:
        return NOTHING_TO_SEE if is_blank(message.text) else message.text
    if message.kind is Kind.NOTICE:
        return notice(message)
    title, why = card(message)
    return f"{title}. {why}"


def spoken(message: Message, name: str, *, folded: bool = False) -> str:
    """A whole row for a screen reader; of a long text as much as is shown of it."""
    if message.kind is Kind.NOTICE:
        return notice(message)
    who = ME if message.mine else name
    said = f"{beginning(message.text)[0]} …" if folded else content(message)
    parts = [f"{who}, {clock(local(message.sent_ms))}: {said}"]
    if folded:
        parts.append(MORE_SPOKEN)
    if message.late:
        parts.append("came late")
    if message.state is State.FAILED:
        parts.append(f"not delivered{_because(message.cause)}")
    elif message.state is State.READ and message.read_ms is not None:
        parts.append(f"read at {clock(local(message.read_ms))}")
    elif message.state in _STATES:
        parts.append(_STATES[message.state])
    return "; ".join(parts)


def quoted(message: Message, name: str) -> str:
    """A row among several that are copied together."""
    when = local(message.sent_ms)
    who = ME if message.mine else name
    return f"[{when:%Y-%m-%d} {clock(when)}] {who}: {content(message)}"


def _because(cause: Cause | None) -> str:
    why = _FAILED.get(cause) if cause else None
    return f": {why}" if why else ""
