"""What is said where a room is opened, and at its door. No Qt."""

from __future__ import annotations

from typing import Final

from desktop.core.doors import Doorplate
from desktop.core.models import Relay
from desktop.core.rooms import Way
from desktop.core.texts import harmless_name
from desktop.ui.rooms import strings
from desktop.ui.settings.strings import relay_state

# Opening one

OPEN_TITLE: Final = "Open a room"
TITLE: Final = "Title"
ABOUT: Final = "What it is about"
ABOUT_NOTE: Final = "Shown before people enter"
RULES: Final = "House rules"
RULES_NOTE: Final = "Accepted on entering"
WAY: Final = "Who may enter"
WITH_LINK: Final = "Anyone with the link"
WITH_LINK_TEXT: Final = "The link is the key: whoever has it can enter and read, again and again."
LET_IN: Final = "People I let in"
LET_IN_TEXT: Final = "They knock, you or a moderator opens. Whoever is removed stays out."
SEATS: Final = "Seats"
USUAL_SEATS: Final = "Usual numbers of seats"
STREAM: Final = "Picture and sound"
STREAM_NOTE: Final = "Optional link"
STREAM_HINT: Final = "https://"
MY_NAME: Final = "Your name in this room"
MY_NAME_NOTE: Final = "Everybody in the room sees it"
OPEN: Final = "Open room"
OPENING: Final = "Opening…"
NO_TITLE: Final = "Give the room a title."
NO_NAME: Final = "Give a name; the room shows it as its host’s."
NO_STREAM: Final = "This is no address of a web page. One begins with https://."
NO_SEATS: Final = "A room has 1 to 10,000 seats."
WHERE: Final = "Where it lives"
ADD_RELAY: Final = "Add a relay"
NO_RELAY: Final = (
    "A room lives on a relay, and you have none yet. Ask whoever runs a relay for its link, and "
    "add it here."
)
TOO_LONG: Final = (
    "Together these are too long to be shown at the door. Make the description or the house rules "
    "shorter."
)
SEAT_STEPS: Final = (12, 24, 50, 100, 250, 500, 1_000, 5_000)


def seat_step(count: int) -> str:
    return f"{count:,} seats"


def too_many(over: int) -> str:
    return "One letter too many." if over == 1 else f"{over:,} letters too many."


def runs_on(host: str) -> str:
    return f"Runs on {host}, which cannot read a word of it." if host else ""


def relay_away(relay: Relay, *, others: bool) -> str:
    """Said before anybody waits for it."""
    how = relay_state(relay).lower()
    lead = f"{relay.host} does not answer at the moment ({how})."
    if others:
        return f"{lead} Take another one, or the room opens as soon as it is back."
    return f"{lead} A room can be opened as soon as it is back."


def waits(host: str) -> str:
    """While a relay is asked."""
    return f"Asking {host}…"


def waits_long(host: str) -> str:
    """It takes longer than one that is there would need."""
    return f"{host} has not answered yet. Nothing happens before it does."


def room_away(host: str) -> str:
    """Said at a door."""
    return (
        f"{host} does not answer, and the room lives there. If it was moved or taken down, whoever "
        "gave you the link knows more."
    )


def no_answer(host: str) -> str:
    return f"{host} does not answer. Nothing was opened. Try again, or look at your connection."


# Opened: its link

IS_OPEN: Final = "Your room is open"
THE_LINK: Final = "Its link"
KEY_LEAD: Final = "This link is the key."
KEY_TEXT: Final = (
    "Whoever has it can enter and read, again and again, also somebody you removed. Give it only "
    "to people you want there. In the room you can change to letting people in yourself."
)
KNOCK_LEAD: Final = "With this link people knock."
KNOCK_TEXT: Final = (
    "They see the title and the house rules, and nothing of what is said, until you or a "
    "moderator lets them in."
)
COPIED: Final = "Copied"


def copied(way: Way) -> str:
    return strings.LINK_COPIED if way is Way.LINK else "The link was copied. Whoever has it knocks."


# At the door

DOOR: Final = "A room’s door"
ITS_RELAY: Final = "its relay"
ENTER: Final = "Enter"
KNOCK: Final = "Knock"
ENTERING: Final = "Entering…"
GO: Final = "Go to room"
READ: Final = "Read"
NAME: Final = "You enter as"
NAME_NOTE: Final = "For this room alone"
NAME_TEXT: Final = "People in the room see this name and do not learn who you are."
ACCEPTS: Final = "By entering you accept the house rules."
NO_RULES: Final = "This room has no house rules."
KNOCK_LEAD_HERE: Final = "The host or a moderator opens."
KNOCK_HERE: Final = (
    "Your name is shown to them once you are in. Until then you read nothing of what is said."
)
KNOCKED: Final = "You knocked."
KNOCKED_TEXT: Final = "As soon as somebody opens, the room is among those you can enter."
KNOCKED_BEFORE: Final = "You knocked before, and nobody has opened yet."
YOURS: Final = "This is your room."
ENDED: Final = "This room has ended, and nobody can enter it any more."
OVER: Final = "This room has ended. What you saw of it is still here."
NEED_NAME: Final = "Give a name for this room. It can be any name."
OWN_NAME: Final = "Your contacts know you by this name. In a room take another one."
HOSTS_NAME: Final = "This is the host’s name. Take another one."


def as_before(name: str) -> str:
    return f"As before: {name}"


def afresh(name: str) -> str:
    return f"Fresh: {name}"


def who(door: Doorplate) -> str:
    """Who hosts, how many are there, and whose relay it is."""
    host = harmless_name(door.host)
    there = strings.people(door.people)
    if door.seats:
        there = f"{door.people:,} of {door.seats:,} seats taken"
    parts = (f"{host} hosts" if host else "", there, f"on {door.relay_host}")
    return " · ".join(part for part in parts if part)
