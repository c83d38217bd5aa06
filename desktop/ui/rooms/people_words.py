"""What is read of people in a room, and of what hosts and moderators do. No Qt."""

from __future__ import annotations

from typing import Final

from desktop.core.rooms import Act, Person, Presence, Role, Way
from desktop.core.texts import harmless_name
from desktop.ui.rooms import stage_words

FIND: Final = "Find somebody"
LOADING: Final = "Loading the people"
EMPTY: Final = "Nobody is here yet"
EMPTY_TEXT: Final = "Send the link to those who shall come."
NOBODY: Final = "Nobody is called that"
NOT_READ: Final = "The people could not be read"
LET_IN: Final = "Let in"
LET_ALL_IN: Final = "Let all in"
LET_ALL_TEXT: Final = "They come in at once, each with a key to what is said from now on."
TURN_AWAY: Final = "Turn away"
LENGTHS: Final = (60, 600, 3_600, 86_400)
REASON_HINT: Final = "Reason, shown to everybody"

STATES: Final = {
    Presence.HERE: ("", "neutral"),
    Presence.AWAY: ("Away", "neutral"),
    Presence.AT_THE_DOOR: ("At the door", "warn"),
    Presence.MUTED: ("Muted", "neutral"),
    Presence.TIMED_OUT: ("Has a pause", "neutral"),
    Presence.REMOVED: ("Removed", "danger"),
}
ACTS: Final = {
    Act.MUTE: "Mute",
    Act.UNMUTE: "Let write again",
    Act.TIME_OUT: "Give a pause",
    Act.REMOVE: "Remove",
    Act.BAN: "Ban",
    Act.HIDE: "Take off the stage",
    Act.MAKE_COHOST: "Make a co-host",
    Act.MAKE_MODERATOR: "Make a moderator",
    Act.MAKE_GUEST: "Make a guest",
    Act.MAKE_MEMBER: "Take the part away",
    Act.LET_IN: "Let in",
    Act.LET_BACK: "Let back in",
}
ACT_TEXT: Final = {
    Act.TIME_OUT: "They read on, and can write again when it is over.",
    Act.REMOVE: "They leave the room at once. Everybody sees that, and the reason.",
    Act.BAN: "They leave the room at once, and the relay lets this seat in no more.",
}
PAUSE_OPEN: Final = (
    "This holds for the seat only:",
    "the link gives anyone a new seat under another name, without a pause. Approval only ends it.",
)
OPEN_ROOM: Final = (
    "This cannot keep them out:",
    "the link lets anyone in, also people you removed, under another name. Nobody new comes in "
    "from their address until you let them back: that also holds off who shares it, and another "
    "address gets round it. Approval only ends it: everyone here stays, and the old link stops "
    "working.",
)

WITH_REASON: Final = {
    Act.MUTE: "They read on, and write nothing until you let them. Everybody sees the reason.",
    Act.HIDE: "It goes from everybody’s stage. Everybody sees that, and the reason.",
}
"""What is done at once, and can have a reason too."""

ASKS: Final = frozenset({*ACT_TEXT, Act.MAKE_COHOST, Act.MAKE_MODERATOR, Act.MAKE_GUEST})
"""What asks for more before it is done."""


def act_title(act: Act, name: str) -> str:
    return {
        Act.TIME_OUT: f"Give {name} a pause",
        Act.REMOVE: f"Remove {name} from the room?",
        Act.BAN: f"Ban {name} from the room?",
        Act.MUTE: f"Mute {name}?",
        Act.HIDE: f"Take this entry of {name} off the stage?",
    }[act]


def name(person: Person) -> str:
    return harmless_name(person.name) or stage_words.SOMEBODY


def tag(person: Person) -> tuple[str, str]:
    """The one word beside a name that matters most."""
    if person.imitates:
        return stage_words.IMITATES, "danger"
    said, look = STATES[person.state]
    if said:
        return said, look
    if person.role in stage_words.ROLES:
        host = stage_words.ROLES[person.role] == "Host"
        return stage_words.ROLES[person.role], "accent" if host else "outline"
    return (stage_words.NEWCOMER, "neutral") if person.newcomer else ("", "neutral")


_WHY: Final = {
    Act.MUTE: "Muted",
    Act.TIME_OUT: "Has a pause",
    Act.REMOVE: "Removed",
    Act.BAN: "Banned",
}


def standing(person: Person, now_ms: int) -> str:
    """Why somebody stands as they do, by whom, and until when: removed by you · selling links"""
    done, ends = person.done, stage_words.until(person.until_ms, now_ms)
    if done is None and person.state is Presence.REMOVED:
        return "Not let in"
    if done is not None and done.act in _WHY:
        until = f" until {ends}" if ends else ""
        by = stage_words.YOU if done.by_me else harmless_name(done.by) or stage_words.SOMEBODY
        reason = f" · {harmless_name(done.reason)}" if done.reason else ""
        return f"{_WHY[done.act]}{until} by {by}{reason}"
    ends = stage_words.until(person.role_until_ms, now_ms)
    return f"Until {ends}" if ends else ""


def spoken(person: Person, now_ms: int) -> str:
    said = [stage_words.YOU if person.me else "", tag(person)[0], standing(person, now_ms)]
    return ", ".join(part for part in [name(person), *said] if part)


def offer(act: Act, person: Person) -> str:
    """What can be done with them, in a menu."""
    if act is Act.MAKE_MODERATOR and person.role is Role.MODERATOR:
        return "Change their part…"
    return f"{ACTS[act]}…" if act in ASKS else ACTS[act]


def out(count: int) -> str:
    return f"Out of the room · {count:,}"


def menu_of(person: Person) -> str:
    return f"What can be done with {name(person)}"


def at_the_door(count: int) -> str:
    return f"{count:,} at the door"


def let_all(count: int) -> str:
    return f"Let {count:,} people in?"


def and_more(count: int) -> str:
    return f"And {count:,} more. Find them by name."


# The host's tools

TOOLS: Final = "Host tools"
HOSTS_ONLY: Final = "Hosts only"
APPROVAL: Final = "Approval only"
END: Final = "End room"
SLOW_STEPS: Final = (0, 5, 20, 60, 300)
END_TITLE: Final = "End this room?"
END_TEXT: Final = (
    "Nobody can write here any more. What was said stays in the vaults of those who were there, "
    "and requests wait for seven days."
)
APPROVAL_TITLE: Final = "Let in only people you approve?"
APPROVAL_TEXT: Final = (
    "Everyone here stays and gets a new key. The old link stops working; whoever comes from now on "
    "knocks, and you or a moderator opens. It cannot be switched back."
)
TOOLS_OPEN: Final = (
    "The link lets anyone in, also people you removed or muted: another name is another seat, and "
    "slow mode counts each anew. Approval only ends that: everyone here stays, the old link stops "
    "working."
)
TOOLS_CLOSED: Final = (
    "People knock, and you or a moderator opens. Whoever is removed stays out: the room takes "
    "another key."
)


def tools(way: Way) -> str:
    return TOOLS_OPEN if way is Way.LINK else TOOLS_CLOSED


def slow(seconds: int) -> str:
    if not seconds:
        return "Slow mode"
    return f"Slow mode {seconds} s" if seconds < 60 else f"Slow mode {seconds // 60} min"


def slow_step(seconds: int) -> str:
    if not seconds:
        return "Off: as often as one likes"
    return f"One entry every {stage_words.length(seconds)}"
