"""What the command line says to people."""

from __future__ import annotations

from pathlib import Path
from typing import Final

PROFILE: Final = "the folder of the profile; one of the member's own by default"
RPC: Final = "`aside rpc --profile DIR` serves the same engine as JSON-RPC over stdin and stdout."
DEMO: Final = "`aside demo` shows two desktops, two relays and a full room on this machine."
DEMO_SECONDS: Final = "how long the windows stay afterwards; without it, until they are closed"
DEMO_OUT: Final = (
    "where the transcript and the pictures go, the room's in light and dark; demo-out by default"
)
DEMO_PEOPLE: Final = (
    "how many people without windows come to the room, 4 to 500; 102 by default, 0: no room"
)

SECONDS_WANTED: Final = "give a number of seconds, 0 or more"
PEOPLE_WANTED: Final = "give 0, or a number of people from 4 to 500"
NO_SCREEN: Final = (
    "Aside finds no screen for its window. Start it from a desktop, or use `aside rpc`, "
    "which needs none."
)


def no_folder(folder: Path) -> str:
    return f"Aside cannot keep files in {folder}: give a folder that you may write to."


def wrong_use(what: str) -> str:
    return f"aside: {what}. Try `aside --help`."
