"""What is read at a room's desk: hands, reports, held messages, people at the door. No Qt."""

from __future__ import annotations

from typing import Final

from desktop.core.desk import DeskItem, DeskKind, Verdict
from desktop.core.requests import Proof
from desktop.core.rooms import Act, May, Room
from desktop.core.texts import harmless, harmless_name, is_blank
from desktop.ui.messages.strings import clock
from desktop.ui.messages.when import local
from desktop.ui.rooms import stage_words

DESK: Final = "Desk"
LOADING: Final = "Loading the desk"
EMPTY: Final = "Nothing waits at the desk"
EMPTY_TEXT: Final = "Raised hands, reports, held messages and people at the door come here."
NOT_READ: Final = "The desk could not be read"
NO_ENTRY: Final = "What was reported cannot be shown: it does not prove that it was said."
CLAIMED: Final = "Signed by them; that it says this is only claimed."
MORE: Final = "What can be done with its author"

KINDS: Final = {
    DeskKind.DOOR: ("would like to come in", "door-closed"),
    DeskKind.HAND: ("raised a hand", "hand"),
    DeskKind.HELD: ("wrote what is held back", "message-square-dashed"),
    DeskKind.REPORT: ("reports an entry", "triangle-alert"),
}
ORDER: Final = (DeskKind.DOOR, DeskKind.HAND, DeskKind.HELD, DeskKind.REPORT)

# The first is what the card is there for.
ANSWERS: Final = {
    DeskKind.DOOR: ((Verdict.GRANTED, "Let in"), (Verdict.REFUSED, "Refuse")),
    DeskKind.HAND: ((Verdict.GRANTED, "Let speak"), (Verdict.CLOSED, "Lower it")),
    DeskKind.HELD: ((Verdict.GRANTED, "Put on stage"), (Verdict.REFUSED, "Leave off")),
    DeskKind.REPORT: ((Verdict.CLOSED, "Seen"),),
}
_NEEDED: Final = {DeskKind.DOOR: May.ADMIT, DeskKind.HAND: May.OWN}
HIDE: Final = "Take off the stage"
OF_AUTHOR: Final = (Act.MUTE, Act.TIME_OUT, Act.REMOVE, Act.BAN)

# Reporting

REPORT: Final = "Report this entry…"
REPORT_TITLE: Final = "Report this entry"
REPORT_TEXT: Final = "Host and moderators see the entry, your words and your name here."
REPORT_WORDS: Final = "What is wrong with it"
SEND: Final = "Report"
REPORTED: Final = "Reported. Its author is not told."


def answers(item: DeskItem, room: Room) -> list[tuple[Verdict, str]]:
    """What my part in the room lets me answer; what waits can always be left to others."""
    needed = _NEEDED.get(item.kind)
    may = needed is None or needed in room.may
    every = ANSWERS[item.kind]
    return [one for one in every if may or (one[0] is Verdict.CLOSED)]


def name(item: DeskItem) -> str:
    return harmless_name(item.name) or stage_words.SOMEBODY


def what(item: DeskItem) -> str:
    """raised a hand · 19:38"""
    return f"{KINDS[item.kind][0]} · {clock(local(item.came_ms))}"


def words(item: DeskItem) -> str:
    return "" if is_blank(item.words) else harmless(item.words)


def quoted(item: DeskItem) -> tuple[str, str]:
    """Who is reported, and for what; no name where nothing can be shown."""
    if item.entry is None:
        return "", NO_ENTRY
    text = harmless(item.entry.text)
    if item.entry.proof is not Proof.SIGNED:
        text = f"{text}\n{CLAIMED}"
    return harmless_name(item.entry.name) or stage_words.SOMEBODY, text


def spoken(item: DeskItem) -> str:
    parts = [f"{name(item)} {what(item)}", words(item)]
    if item.kind is DeskKind.REPORT:
        parts.append(": ".join(part for part in quoted(item) if part))
    return ". ".join(part for part in parts if part)


def of_author(item: DeskItem) -> str:
    return f"{MORE}: {quoted(item)[0]}"
