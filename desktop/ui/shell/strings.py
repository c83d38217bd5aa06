"""What a person reads around the pages: rail, banners, keys."""

from __future__ import annotations

from typing import Final

from desktop.core.texts import harmless_name

# The rail

PANE_RAIL: Final = "Places"

REQUESTS: Final = "Requests"

# Beside the list

PICK: Final = "Pick a conversation"
PICK_TEXT: Final = "Or press Ctrl+K and begin to type a name."

# What came while nobody looked

WENT_ASIDE: Final = "An aside has begun: the two of you can write to each other."
OPEN_CONVERSATION: Final = "Open conversation"
LET_IN: Final = "You were let into a room."
GO_TO_ROOM: Final = "Go to room"


def let_into(title: str) -> str:
    return f"You were let into “{harmless_name(title)}”."


def asks(count: int) -> str:
    """Requests that are new."""
    if count == 1:
        return "Somebody wants to write to you."
    return f"{count:,} people want to write to you."


# Banners

OFFLINE: Final = "Not connected."
OFFLINE_TEXT: Final = "What you write is kept here and goes out by itself."
OFFLINE_PROXY: Final = (
    "The proxy does not answer, and nothing goes around it. What you write waits."
)
REFUSED: Final = "Your relay does not let you in."
REFUSED_TEXT: Final = "What you write waits here."
SEE_RELAYS: Final = "See relays"


def practices_changed(host: str) -> tuple[str, str]:
    """The banner for a relay that says something else than before: lead and text."""
    return "A relay changed what it keeps.", f"See what {host or 'it'} says now."


def clock_wrong(ahead_ms: int) -> tuple[str, str]:
    """The banner for a clock that is off: lead and text."""
    hours = round(abs(ahead_ms) / 3_600_000)
    span = f"{hours} h" if hours < 48 else f"{round(hours / 24):,} days"
    way = "ahead of" if ahead_ms > 0 else "behind"
    return (
        f"This computer’s clock is about {span} {way} your relay’s.",
        "Nothing is lost or thrown away. Set the clock right, so that times on messages are true.",
    )
