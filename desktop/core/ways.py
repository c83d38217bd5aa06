"""By which way an envelope goes to a mailbox: through a relay of one's own, or directly.

Never directly to somebody else's relay while there is one of one's own: it would see where this
computer is. What stands in one's own network is reached by none but those who are as near.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from desktop.core.nearness import Nearness
from protocol.ids import Fingerprint


class OwnRelay(Struct, frozen=True):
    """What matters of a relay of mine for one destination."""

    relay_id: Fingerprint
    nearness: Nearness
    online: bool
    hopeful: bool  # not online, but so since a moment only
    rests: bool  # it did not take a packet for this destination lately


class Through(Struct, frozen=True):
    """As a packet, handed to this relay of mine."""

    relay_id: Fingerprint


class Direct(Struct, frozen=True):
    """On a line of its own."""


class Wait(Struct, frozen=True):
    """Not now."""


Way: TypeAlias = Through | Direct | Wait


def choose(
    own: Sequence[OwnRelay],
    destination: Fingerprint,
    near: Nearness,
    avoid: Fingerprint | None = None,
) -> Way:
    """The way to a relay that is ``near`` by its name; ``own`` in the member's order, those where
    a mailbox is. ``avoid``: another one is taken if there is any."""
    others = [one for one in own if one.relay_id != destination and one.nearness >= near]
    takes = [one for one in others if one.online and not one.rests]
    for one in takes:
        if one.relay_id != avoid:
            return Through(one.relay_id)
    if takes:
        return Through(takes[0].relay_id)
    if any(one.hopeful for one in others):
        return Wait()
    mine = any(one.relay_id == destination for one in own)
    return Direct() if mine or not own or near > Nearness.FAR else Wait()
