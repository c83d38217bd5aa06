"""What is read where somebody is given a part in a room, and when it is over. No Qt."""

from __future__ import annotations

from typing import Final

from desktop.core.rooms import Act, May, Role

PARTS: Final = {
    Act.MAKE_MODERATOR: "Moderator",
    Act.MAKE_COHOST: "Co-host",
    Act.MAKE_GUEST: "Guest",
}
ABOUT: Final = {
    Act.MAKE_MODERATOR: "Helps you to keep order, as far as you say here.",
    Act.MAKE_COHOST: (
        "Runs the room while you are away, and may end it. Only you give parts in it and close its "
        "door."
    ),
    Act.MAKE_GUEST: "Writes on the stage also while only hosts may.",
}
RIGHTS: Final = {
    May.MODERATE: "Mute, remove, pin and answer questions",
    May.BAN: "Ban, and let back in",
    May.ADMIT: "Let people in who knock",
    May.SETTINGS: "Slow mode, and who may write",
    May.DESK: "See the desk: hands, reports, what is held back",
    May.MODERATORS: "All this towards other moderators, too",
}
UNTIL: Final = "Until"
FOREVER: Final = 0
LENGTHS: Final = {FOREVER: "The room ends", 3_600: "1 hour", 14_400: "4 hours", 86_400: "1 day"}
NOTHING: Final = "Choose at least one thing that they may do."
PART: Final = "Which part"

_OVER: Final = {Role.HOST: "co-host", Role.MODERATOR: "moderator", Role.GUEST: "guest"}


def title(name: str) -> str:
    return f"Give {name} a part in the room"


def over(role: Role) -> str:
    """Said to whoever had it."""
    return f"Your time as {_OVER[role]} is over. You are here as before it."
