"""What the page of rooms says. No Qt."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from desktop.core.rooms import Line, RoomRow, Standing, Way
from desktop.core.texts import harmless_name
from desktop.ui.rooms import strings

ROOMS: Final = "Rooms"
SEARCH: Final = "Search rooms"
SEARCH_SHORT: Final = "Search"
HAVE_LINK: Final = "I have a link"
OPEN: Final = "Open a room"

LIVE_NOW: Final = "Live now"
I_HOST: Final = "I host"
WITH_LINK: Final = "I have a link"
PAST: Final = "Past"
FEWER: Final = "Fewer"

LOADING: Final = "Reading your rooms"
EMPTY: Final = "No rooms yet"
EMPTY_TEXT: Final = (
    "A room brings people together for an evening, under names that are for that room alone. "
    "Open one yourself, or enter one with its link."
)
NOT_READ: Final = "Your rooms could not be read"
OFFLINE: Final = "No room can be reached at the moment."
OFFLINE_TEXT: Final = "You see them as they were. They come back by themselves."
NO_LINE: Final = "Not reached"
LINKING: Final = "Connecting…"

GO: Final = "Go to room"
ENTER: Final = "Enter"
WITHDRAW: Final = "Withdraw"
READ: Final = "Read"
WAITING: Final = "Waiting to be let in"
NOT_LIVE: Final = "Not live"

COPY_LINK: Final = "Copy link"
FORGET: Final = "Forget this room"
END: Final = "End the room"
INVITE: Final = "Invite those who were not answered"
FORGET_TITLE: Final = "Forget this room?"
FORGET_LINK: Final = "Its link goes from your list. With the link you can come back."
FORGET_PAST: Final = "What was said in it goes from this computer, and nobody can bring it back."
END_TITLE: Final = "End this room?"
END_TEXT: Final = "Nobody can write or enter any more. Everybody who was in it keeps what they saw."

INVITE_TITLE: Final = "Go on with those who asked"
INVITE_WORDS: Final = "First words"
INVITE_HINT: Final = "You asked, and the evening was too short. Shall we go on here?"


def invite_text(count: int) -> str:
    who = "Whoever asked and got no answer gets" if count == 1 else f"All {count:,} get"
    return (
        f"{who} a request from you, with the question. Nothing is told to you before they "
        "accept, and nobody sees who else was asked."
    )


def invited(count: int) -> str:
    return "One person was asked aside." if count == 1 else f"{count:,} people were asked aside."


def invite_those(count: int) -> str:
    return "Invite that one" if count == 1 else f"Invite those {count:,}"


def all_past(count: int) -> str:
    return f"All {count:,} past rooms"


def menu_of(row: RoomRow) -> str:
    return f"More about {harmless_name(row.title)}"


def at_the_door(count: int) -> str:
    return f"{count:,} at the door"


def hosted_by(row: RoomRow) -> str:
    if row.mine:
        return "You host"
    host = harmless_name(row.host)
    return f"{host} hosts" if host else "Without a host at the moment"


def questions(count: int, what: str) -> str:
    if not count:
        return ""
    return f"1 question {what}" if count == 1 else f"{count:,} questions {what}"


def seats(row: RoomRow) -> str:
    return f"{row.people:,} of {row.seats:,} seats taken"


def about(row: RoomRow, now: datetime) -> str:
    """The line under a title."""
    match row.standing:
        case Standing.PAST:
            parts = _past(row, now)
        case Standing.KNOCKING:
            parts = (hosted_by(row), _knocked(row, now))
        case Standing.HOSTING if row.live_since_ms is None:
            parts = _waiting_for_me(row)
        case _ if row.live_since_ms is not None:
            parts = (
                hosted_by(row),
                strings.people(row.people),
                questions(row.questions, "open") if row.mine else "",
            )
        case _:
            parts = (hosted_by(row),)
    return " · ".join(part for part in parts if part)


def state(row: RoomRow, now: datetime) -> str:
    """What stands before a row's button: how long it has been live, or why nothing is known."""
    if row.standing is Standing.PAST:
        return ""
    if row.line is Line.DOWN:
        return NO_LINE
    if row.line is Line.CONNECTING:
        return LINKING
    if row.live_since_ms is not None:
        return strings.lasted(round(now.timestamp() * 1000) - row.live_since_ms)
    known = row.standing is Standing.LINK and row.line is Line.UP
    return NOT_LIVE if known else ""


def spoken(row: RoomRow, now: datetime) -> str:
    """All of a row, for a screen reader."""
    live = strings.LIVE if is_live(row) else ""
    parts = (harmless_name(row.title), live, about(row, now), state(row, now))
    return ", ".join(part for part in parts if part)


def is_live(row: RoomRow) -> bool:
    """Whether it stands among the live ones: what is not reached any more may be over."""
    there = row.standing in (Standing.HOSTING, Standing.LINK)
    return there and row.live_since_ms is not None and row.line is not Line.DOWN


def matches(row: RoomRow, wanted: str) -> bool:
    said = f"{harmless_name(row.title)} {harmless_name(row.host)}".casefold()
    return all(part in said for part in wanted.casefold().split())


def _waiting_for_me(row: RoomRow) -> tuple[str, ...]:
    if row.way is Way.APPROVAL:
        return ("People I let in", seats(row), questions(row.questions, "waiting"))
    there = "nobody there now" if not row.people else f"{strings.people(row.people)} there"
    return ("Anyone with the link", there, questions(row.questions, "waiting"))


def _past(row: RoomRow, now: datetime) -> tuple[str, ...]:
    when = _day(row.ended_ms, now) if row.ended_ms is not None else ""
    host = harmless_name(row.host)
    who = "" if row.mine else f"{host} hosted" if host else ""
    return (
        when,
        strings.lasted(row.lasted_ms) if row.lasted_ms else "",
        who,
        strings.people(row.people) if row.people else "",
        questions(row.unanswered, "not answered") if row.mine else "",
    )


def _knocked(row: RoomRow, now: datetime) -> str:
    if row.knocked_ms is None:
        return ""
    then = datetime.fromtimestamp(row.knocked_ms / 1000, now.tzinfo)
    days = (now.date() - then.date()).days
    if days <= 0:
        return f"you knocked at {then:%H:%M}"
    return "you knocked yesterday" if days == 1 else f"you knocked {days:,} days ago"


def _day(ms: int, now: datetime) -> str:
    then = datetime.fromtimestamp(ms / 1000, now.tzinfo)
    days = (now.date() - then.date()).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    year = f" {then.year}" if then.year != now.year else ""
    return f"{then.day} {then:%B}{year}"
