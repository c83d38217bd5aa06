"""A relay that holds back what it was given for somebody, and brings it later."""

from __future__ import annotations

from msgspec.structs import replace

from relay.rules.records import Capability, Waiting
from tests.whole.world import Desktop, Place

HeldBack = tuple[Waiting, Capability, int]


def take_away(relay: Place, whose: Desktop) -> list[HeldBack]:
    """What a relay holds for somebody comes no more, until it is put back."""
    held = list(relay.waiting_for(whose))
    relay.waiting_for(whose).clear()
    return held


def put_back(relay: Place, whose: Desktop, held: list[HeldBack]) -> None:
    """It comes behind all that came since."""
    box = relay.store.mailboxes.find(whose.mailbox_at(relay))
    assert box is not None
    for waiting, capability, size in held:
        box.last += 1
        again = replace(waiting, number=box.last)
        relay.waiting_for(whose).append((again, capability, size))
