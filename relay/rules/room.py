"""Room in a queue: whether one more fits, and who was turned away and may come again.

Full is told as ``quota``. When there is room again, the capability that was turned away rings like
a mailbox that got something, and whoever showed it is told to go on. Nothing here is on disk, and
all of it is bounded: who is not told asks again by and by, as before.
"""

from __future__ import annotations

from typing import NamedTuple

from protocol.ids import CapabilityHash
from relay.rules.clock import HOUR_MS, Now
from relay.rules.limits import House
from relay.rules.policies import takes_one_more
from relay.rules.records import ID_BYTES, Capability, Pass
from relay.rules.store import Store

MOST_OWNERS = 1_000
MOST_OF_ONE = 64
FORGET_MS = HOUR_MS


class _Turned(NamedTuple):
    """The envelope that did not fit, and when."""

    size: int
    age_ms: int


class Room:
    """How full it is for whom. ``rung``: the capabilities that may come again."""

    def __init__(self, store: Store, house: House) -> None:
        self._store = store
        self._most_bytes = house.limits.stored_bytes
        # By the pass whose mailbox it is, since all of its mailboxes share its room.
        self._turned: dict[bytes, dict[CapabilityHash, _Turned]] = {}
        self.rung: set[CapabilityHash] = set()

    def fits(self, held: Capability, size: int, now: Now) -> bool:
        """Whether its owner, the owner's pass and the house have room for one of this size."""
        owner, more = held.mailbox.owner, size + ID_BYTES
        return (
            takes_one_more(held, size, now)
            and owner.used_bytes + more <= owner.stored_bytes
            and self._store.held_bytes + more <= self._most_bytes
        )

    def turn_away(self, held: Capability, size: int, now: Now) -> None:
        """One of this size did not fit."""
        owner = held.mailbox.owner.hash
        if owner not in self._turned and len(self._turned) >= MOST_OWNERS:
            return
        theirs = self._turned.setdefault(owner, {})
        if held.hash in theirs or len(theirs) < MOST_OF_ONE:
            theirs[held.hash] = _Turned(size, now.age_ms)

    def came_back(self, owner: Pass, now: Now) -> None:
        """Something of theirs was forgotten."""
        if self._turned:
            self._look_at(owner.hash, now)

    def look_around(self, now: Now) -> None:
        """Time gives room as well."""
        for owner in list(self._turned):
            self._look_at(owner, now)

    def _look_at(self, owner: bytes, now: Now) -> None:
        theirs = self._turned.get(owner, {})
        for hashed, turned in list(theirs.items()):
            held = self._store.mailboxes.find_good(hashed, now.wall_ms)
            if held is not None and self._is_worth_it(held, turned.size, now):
                self.rung.add(hashed)
            elif held is not None and now.age_ms - turned.age_ms < FORGET_MS:
                continue
            del theirs[hashed]
        if not theirs:
            self._turned.pop(owner, None)

    def _is_worth_it(self, held: Capability, size: int, now: Now) -> bool:
        """An eighth is free: otherwise each one that is collected would call for many."""
        policy, owner = held.policy, held.mailbox.owner
        bounds = (
            (held.pending, policy.pending),
            (held.pending_bytes, policy.pending_bytes),
            (owner.used_bytes, owner.stored_bytes),
            (self._store.held_bytes, self._most_bytes),
        )
        return all(8 * used <= 7 * most for used, most in bounds) and self.fits(held, size, now)
