"""What a person reads in a room and on the page of rooms. No Qt."""

from __future__ import annotations

from typing import Final

from desktop.core.refused_orders import OrderCause
from desktop.core.rooms import Act, Order, Role, Room, Speak, Warned, Way
from desktop.core.texts import harmless_name
from desktop.ui.rooms import stage_words

# The stage

STAGE: Final = "Stage"
REACT: Final = "React"
REPLY: Final = "Reply"
PIN: Final = "Pin"
UNPIN: Final = "Take the pin away"
MUTE: Final = "Mute the author"
MORE: Final = "More"
TAKE_ASIDE: Final = "Take aside"
COPY: Final = "Copy"
PINNED: Final = "Pinned"
UNPIN_HERE: Final = "Take the pin away"
SIGNS: Final = ("👏", "🔥", "❤️", "😂", "🤔", "🙌")
LOADING: Final = "Loading the stage"
EMPTY: Final = "Nobody has written yet"
EMPTY_TEXT: Final = "What you write here, everybody in the room can read."
NOT_READ: Final = "The stage could not be read"
OFFLINE: Final = "The room’s relay does not answer."
OFFLINE_TEXT: Final = "You see what came before. What you write waits here until it is back."
CONNECTING: Final = "Connecting to the room again…"
LIVE: Final = "LIVE"
LINK_NOT_OPENED: Final = "This link did not open: no browser took it. You can copy it instead."


def aside_tip(*, towards_host: bool, named: bool) -> str:
    if named:
        return "Go on with whoever asked, just you two"
    return "Go on with the host, just you two" if towards_host else "Go on, just you two"


def announced(count: int, who: str, said: str, *, of_me: bool) -> str:
    """Said politely to screen readers, at most once in two seconds."""
    if count == 1:
        names = " names you" if of_me else ""
        return f"{who}{names}: {said[:120]}"
    return f"{count:,} new entries{', one names you' if of_me else ''}"


# Its header

WATCH: Final = "Watch"
RAISE_HAND: Final = "Raise hand"
LOWER_HAND: Final = "Take your hand back"
HAND_RAISED: Final = "Your hand is up. Host and moderators see it."
PANEL: Final = "Questions and people"
ROOM_MENU: Final = "About this room"
COPY_LINK: Final = "Copy link"
LINK_COPIED: Final = "The link was copied. Whoever has it can enter and read."
ABOUT: Final = "About and house rules"
LEAVE: Final = "Leave the room"
BACK: Final = "Rooms"


def people(count: int) -> str:
    return "nobody there" if not count else "1 person" if count == 1 else f"{count:,} people"


def lasted(ms: int) -> str:
    minutes = max(0, ms) // 60_000
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"


def subtitle(room: Room, now_ms: int) -> str:
    live = lasted(now_ms - room.live_since_ms) if room.live_since_ms is not None else ""
    if room.ended:
        return "Ended · you can still read what was said"
    if room.role is Role.HOST:
        way = "open to everyone with the link" if room.way is Way.LINK else "only people you let in"
        return " · ".join(part for part in ("You host", live, way) if part)
    here = live or "the host is not here at the moment"
    return f"{people(room.people)} · {here}"


WARNED: Final = {
    Warned.FORKED: (
        "This relay tells people different stories.",
        "It signed two histories of this room. The proof stands where they part.",
    ),
    Warned.DROPS: (
        "This relay keeps something back.",
        "Somebody’s entries do not come, though they were written. They are asked for again.",
    ),
    Warned.DISOBEYS: (
        "This relay does not do as the host says.",
        "An order is not enforced. What it should have stopped is not shown here.",
    ),
    Warned.FULL: (
        "This room takes no more of what you do.",
        "Too much was done here by hosts and moderators. The last of it is not in force; the host "
        "can still end the room.",
    ),
}

# Its composer


def write_as(room: Room) -> str:
    if room.helps:
        return "Write to the room"
    return f"Write as {harmless_name(room.my_name)}"


def reply_to(name: str) -> str:
    return f"Reply to {name}"


STOP_REPLY: Final = "Do not reply"
SAY: Final = "Say"
ONLY_HOSTS: Final = "Only the host and guests may write at the moment. You can ask a question."
MUTED: Final = "You were muted and can read on. You can ask for a word aside."
ENDED: Final = "This room has ended."
SAY_HINT: Final = "Enter sends · everybody in the room can read it"


def says_as_host(room: Room, now_ms: int) -> str:
    said = f"You write as {harmless_name(room.my_name)}, "
    said += "host" if room.role is Role.HOST else "moderator"
    if ends := stage_words.until(room.role_until_ms, now_ms):
        said += f" until {ends}"
    said += "."
    return f"{said} Slow mode does not hold you." if room.slow_s else said


def removed(reason: str) -> str:
    why = f" The reason given: {harmless_name(reason)}." if reason else ""
    return f"You were removed from this room.{why}"


def slow(seconds: int) -> str:
    return f"Slow mode: one entry every {seconds} s."


def slow_wait(seconds: int, left: int) -> str:
    return f"{slow(seconds)} You can write again in {left} s."


def paused(left: int) -> str:
    if left > 90:
        return f"You were given a pause. You can write again in {-(-left // 60)} minutes."
    return f"You were given a pause. You can write again in {left} s."


def who_speaks(room: Room) -> bool:
    """Whether I may write as far as the room's policy goes."""
    return room.speak is Speak.ALL or room.role is not Role.MEMBER


# The host's figures

UP_TO_DATE: Final = "Nothing is missing here"
CATCHING_UP: Final = "Entries are missing here"
NOT_TOLD: Final = "As it was told last"


def figures(people: int, entries: int, questions: int, desk: int) -> tuple[str, str, str, str]:
    return (
        "person" if people == 1 else "people",
        "entry a minute" if entries == 1 else "entries a minute",
        "question open" if questions == 1 else "questions open",
        "waiting at the desk",
    )


# What was done, and can be undone for ten seconds

UNDO: Final = "Undo"
_DONE: Final = {
    Act.MUTE: "Muted",
    Act.UNMUTE: "Let write again:",
    Act.TIME_OUT: "Gave a pause to",
    Act.REMOVE: "Removed",
    Act.BAN: "Banned",
    Act.HIDE: "Took an entry off the stage:",
    Act.MAKE_COHOST: "Made a co-host:",
    Act.MAKE_MODERATOR: "Made a moderator:",
    Act.MAKE_GUEST: "Made a guest:",
    Act.MAKE_MEMBER: "Took the part from",
    Act.LET_IN: "Let in",
    Act.LET_BACK: "May come back:",
}


def done(order: Order) -> str:
    return f"{_DONE[order.act]} {harmless_name(order.whom)}"


_NOT_DONE: Final = {
    OrderCause.LATE: "the relay heard of it too late. Do it again.",
    OrderCause.NOT_ALLOWED: "your part in this room does not cover it.",
    OrderCause.UNKNOWN: "who or what it is about is not here any more.",
    OrderCause.FULL: "the relay keeps no more orders of this room.",
    OrderCause.ENDED: "the room has ended.",
    OrderCause.OTHER: "the relay did not take it.",
}


def not_done(order: Order | None, cause: OrderCause) -> str:
    what = "A change of the room" if order is None else f"“{done(order)}”"
    return f"{what} did not happen: {_NOT_DONE[cause]}"


def undo_spoken(seconds: int) -> str:
    return f"You can undo it for {seconds} seconds"


ASKED_ASIDE: Final = "Asked. It waits in their requests; nothing is told to you before they accept."
ASKED_HOST: Final = "Asked the host. It waits with them, also when the room is over."
ASIDE_WORDS: Final = "Take aside with a word…"
HIDE: Final = "Take this entry off the stage"
HIDE_WITH: Final = "Take it off with a reason…"
MUTE_WITH: Final = "Mute with a reason…"
TIME_OUT: Final = "Give a pause…"
REMOVE: Final = "Remove from the room…"
BAN: Final = "Ban from the room…"
LEAVE_TITLE: Final = "Leave this room?"
LEAVE_TEXT: Final = (
    "What was said so far stays in your vault. With the link you can come back, under the same name"
    " or a fresh one."
)
NO_RULES: Final = "This room has no house rules."
RULES: Final = "House rules"
WHAT: Final = "What it is about"


def open_link(url: str) -> str:
    return f"Open {url if len(url) <= 48 else f'{url[:47]}…'}"
