"""What a person reads at first start, at the cover and when nothing can be opened."""

from __future__ import annotations

from typing import Final

STEP_1: Final = "Step 1 of 2"
STEP_2: Final = "Step 2 of 2"
NAME_TITLE: Final = "What are you called?"
NAME_TEXT: Final = (
    "People you invite or accept see this name. It can be any name, and you can use "
    "another one elsewhere."
)
NAME_LABEL: Final = "Your name"


def name_room(length: int, limit: int) -> str:
    """Near the end of what a name can have."""
    return f"{length} of {limit}"


BACK: Final = "Back"
PASSPHRASE_TITLE: Final = "Choose a passphrase"
PASSPHRASE_TEXT: Final = (
    "It locks everything Aside keeps on this computer. You type it when you open the app."
)
PASSPHRASE_LABEL: Final = "Passphrase"
LOST_LEAD: Final = "A lost passphrase cannot be reset."
LOST_TEXT: Final = (
    "Nobody else has a copy, not even the people who make Aside. "
    "Write it down and keep it with your papers."
)
SET_PASSPHRASE: Final = "Set passphrase"
SETTING_UP: Final = "Setting up…"
LEAVES_TITLE: Final = "What leaves this computer"
LEAVES_NOTHING: Final = "Up to now: nothing."
LEAVES_NAME: Final = "Your name"
LEAVES_NAME_TEXT: Final = "Stays here. People see it only after you have invited or accepted them."
LEAVES_PASSPHRASE: Final = "Your passphrase"
LEAVES_PASSPHRASE_TEXT: Final = "Never leaves, and is not stored here either."
LEAVES_RELAY: Final = "A relay"
LEAVES_RELAY_TEXT: Final = (
    "None yet. Your first invitation brings one, and you are asked before Aside connects."
)
UNLOCK_TITLE: Final = "Welcome back"
UNLOCK_TEXT: Final = "Your passphrase opens what Aside keeps on this computer."
UNLOCK: Final = "Unlock"
UNLOCKING: Final = "Unlocking…"
CANNOT_OPEN: Final = "This profile cannot be opened"
OPENING: Final = "Opening…"
QUIT: Final = "Quit"


def your_name(name: str) -> str:
    return f"{LEAVES_NAME}, {name}" if name else LEAVES_NAME
