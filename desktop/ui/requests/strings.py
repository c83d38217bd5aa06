"""What a person reads about requests and where a conversation began. No Qt.

Law: a stranger's name or text goes through ``harmless`` before it is shown or spoken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from desktop.core.models import Relay, RelayState
from desktop.core.requests import BridgeCard, Proof, Purpose, Quoted, Request
from desktop.core.rooms import Role
from desktop.core.texts import harmless, harmless_name, is_blank
from desktop.ui.messages.strings import clock, long_day
from desktop.ui.messages.when import local
from desktop.ui.rooms.stage_words import IMITATES

PURPOSES: Final = {
    Purpose.MENTORING: "Mentoring",
    Purpose.COLLABORATION: "Collaboration",
    Purpose.FEEDBACK: "Feedback",
    Purpose.SUPPORT: "Support",
    Purpose.OWN: "Something else",
}
WHAT_FOR: Final = "What for"
OWN_WORD: Final = "In a word of your own"
FIRST_WORDS: Final = "First words"
WORDS_HINT: Final = (
    "They see this and the entry above before they answer. Links are shown as text, and nothing is "
    "told to you before they accept."
)

# The page

REQUESTS: Final = "Requests"
INTRO: Final = "Nobody here learns that you are online, or that you have read this."
LOADING: Final = "Loading requests"
EMPTY: Final = "Nobody is asking"
EMPTY_TEXT: Final = "When somebody of a room wants to go on with just you, it waits here."
NOT_READ: Final = "The requests could not be read"
PICK: Final = "Pick a request"
PICK_TEXT: Final = "You see what it is about before anybody learns anything of you."
KEPT: Final = "Kept here for 30 days"
OFFLINE: Final = "Not connected: new requests come later"
BACK: Final = "Requests"
WANTS: Final = "wants to go on with you, just you two"
ACCEPT: Final = "Accept"
DECLINE: Final = "Decline"
BLOCK: Final = "Block"
SAID_YES: Final = "Accepted · they are away"
NO_WORDS: Final = "Sent without words."
SOMEBODY: Final = "Somebody"
ROOM: Final = "a room"
ROLES: Final = {Role.HOST: "Host", Role.MODERATOR: "Moderator", Role.GUEST: "Guest"}

# The card

BEGAN: Final = "This conversation began as an aside"
BOTH_SEE: Final = "You both see this card."
SHOW_MOMENT: Final = "Show the moment in the room"
YOU: Final = "you"
FOLD: Final = "Show less"
PROOFS: Final = {
    Proof.SIGNED: ("Signature checked", "shield-check", "ok"),
    Proof.CLAIMED: ("Words not proven", "info", "warn"),
    Proof.UNKNOWN: ("Not checked", "circle-help", "warn"),
}
NO_CARD: Final = "There is no card to show."
NO_CARD_TEXT: Final = (
    "What came with this request quotes something that was not written like that in the room. It "
    "is left out, so that nobody puts words into anybody’s mouth. Do not trust what it says."
)


def purpose(card: BridgeCard) -> str:
    if card.purpose is Purpose.OWN:
        return harmless_name(card.word)[:40] or PURPOSES[Purpose.OWN]
    return PURPOSES[card.purpose]


def asker(request: Request) -> str:
    return harmless_name(request.name) or SOMEBODY


def room(title: str) -> str:
    return harmless_name(title) or ROOM


def through(request: Request) -> str:
    """Host of Glazes without fear"""
    role, title = ROLES.get(request.role), room(request.room)
    return f"{role} of {title}" if role else f"From {title}"


def words(request: Request) -> str:
    return NO_WORDS if is_blank(request.words) else harmless(request.words)


def row_words(request: Request) -> str:
    """The line of the list that says how it goes on, or how it begins."""
    if request.accepted_ms is not None:
        return SAID_YES
    return " ".join(words(request)[:300].split())


def row_spoken(request: Request, when: str) -> str:
    said = row_words(request)[:200]
    who = f"{asker(request)}, {IMITATES}" if request.imitates else asker(request)
    return f"{who}, {through(request)}, {when}: {said}"


def is_doubtful(request: Request) -> bool:
    """Whether nothing here should invite to say yes."""
    return request.card is None or request.imitates


def and_more(count: int) -> str:
    return f"And {count:,} more. They move up as you answer these."


def about(request: Request) -> str:
    """What stands above the card."""
    if request.card is None:
        return f"It comes from {room(request.room)}"
    mine = request.card.quoted.mine
    return f"It is about what {'you' if mine else 'they'} wrote in the room"


def from_room(card: BridgeCard) -> str:
    return f"From {room(card.room)}"


def moment(card: BridgeCard) -> str:
    """Thursday 19 November · 19:38 · hosted by Marta Kessler"""
    then = local(card.quoted.sent_ms)
    parts = [long_day(then.date()), clock(then)]
    host = harmless_name(card.host)
    return " · ".join([*parts, f"hosted by {host}"] if host else parts)


def quoted_name(one: Quoted) -> str:
    return harmless_name(one.name) or SOMEBODY


def quoted_text(one: Quoted) -> str:
    return harmless(one.text)


def proven(one: Quoted) -> str:
    """What the proof does not cover, in a sentence; nothing where it covers all."""
    name = quoted_name(one)
    return {
        Proof.SIGNED: "",
        Proof.CLAIMED: f"{name} signed something here. That it says this is only claimed.",
        Proof.UNKNOWN: "There is nothing here to check it against. It is only claimed.",
    }[one.proof]


def around(card: BridgeCard) -> str:
    """The same of the entries around it."""
    some = (*card.before, *card.after)
    if all(one.proof is Proof.SIGNED for one in some):
        return ""
    return "What stands around it is only claimed."


def more_around(count: int) -> str:
    return f"Show {count} more around it"


def known_as(card: BridgeCard) -> str:
    me = harmless_name(card.known_as)
    return f"Knows you only as {me}" if me else ""


def card_spoken(card: BridgeCard) -> str:
    one = card.quoted
    said = f"{quoted_name(one)}: {' '.join(quoted_text(one)[:200].split())}"
    return f"{from_room(card)}, {moment(card)}, {purpose(card)}. {said}. {PROOFS[one.proof][0]}"


def accepted(ms: int, now: datetime) -> str:
    then = local(ms)
    if then.date() == now.date():
        return f"Accepted today at {clock(then)}"
    return f"Accepted on {long_day(then.date())} at {clock(then)}"


# What follows from an answer


def consequence(name: str, me: str) -> str:
    you = f"your name, {me}," if me else "your name"
    return (
        f"If you accept, {name} learns {you} and you can write to each other. Until then {name} is "
        "told nothing, and a decline is not told either."
    )


def on_its_way(name: str, accepted_ms: int, now: datetime) -> str:
    """After *Accept*, while they are away."""
    return (
        f"{accepted(accepted_ms, now)}. Your answer is on its way. Once {name} is there, this "
        "becomes a conversation."
    )


def accepted_later(name: str) -> str:
    return f"Accepted. {name} is not there at the moment; the conversation comes by itself."


def kept_until(ms: int) -> str:
    return f"It is kept until {long_day(local(ms).date())}."


def declined(name: str) -> str:
    return f"Declined. {name} is told nothing."


def blocked(name: str) -> str:
    return f"Blocked. {name} is told nothing."


def block_title(name: str) -> str:
    return f"Block {name}?"


BLOCK_TEXT: Final = (
    "Nothing that is sent from this seat of the room reaches you any more, and they are not told. "
    "In a room that is open to everyone with the link they could come back under another name."
)


def footer(relays: Sequence[Relay]) -> tuple[str, str]:
    """Words and their icon."""
    if any(relay.state is RelayState.ONLINE for relay in relays):
        return KEPT, "clock"
    return OFFLINE, "wifi-off"
