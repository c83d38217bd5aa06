"""Slots: what correspondents may know of each other at this moment, in memory and bounded.

Nothing here is ever written down. A slot is known by a hash of what lets somebody watch it; what
stands in it is sealed. Each has one size, so bounds in number are bounds in bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from protocol.wire.frames import BLOB_BYTES, Reason, SlotUpdate
from protocol.wire.slots import SlotName, name_of, watch_of
from relay.rules.limits import Allowance

# Of one pass: slots, and updates of them. A member with 300 contacts makes three in a second.
OF_A_PASS = 1_000
UPDATES_IN_A_ROW = 2_000
UPDATE_EACH_MS = 20


@dataclass(slots=True)
class Slot:
    """What stands in it, until when, and by whose pass it came."""

    blob: bytes
    until_ms: int
    owner: bytes


@dataclass(slots=True)
class Holder:
    """What one pass has here."""

    updates: Allowance
    slots: int = 0


class Slots:
    """All of one relay's; those that end within one second lie together, so that none holds
    another's place, and to forget them costs nothing but them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._slots: dict[SlotName, Slot] = {}
        self._ending: dict[int, dict[SlotName, None]] = {}
        self._holders: dict[bytes, Holder] = {}

    def publish(self, by: bytes, update: SlotUpdate, now_ms: int) -> SlotName | Reason:
        """Write into a slot, or empty it; which one it is, or why not."""
        holder = self._holders.get(by)
        if holder is None:
            holder = Holder(Allowance(UPDATES_IN_A_ROW, UPDATE_EACH_MS))
            self._holders[by] = holder
        if holder.updates.another(now_ms):
            return Reason.QUOTA
        if update.blob and (len(update.blob) != BLOB_BYTES or not update.lasts_s):
            return Reason.NOT_ALLOWED
        name = name_of(watch_of(update.write))
        self._drop(name)
        if not update.blob:
            return name
        if holder.slots >= OF_A_PASS:
            return Reason.QUOTA
        if len(self._slots) >= self._most:
            return Reason.TRY_LATER
        holder.slots += 1
        until_ms = now_ms + update.lasts_s * 1000
        self._slots[name] = Slot(update.blob, until_ms, by)
        self._ending.setdefault(_second(until_ms), {})[name] = None
        return name

    def blob(self, name: SlotName, now_ms: int) -> bytes:
        """What stands in it; nothing where there is none."""
        slot = self._slots.get(name)
        return b"" if slot is None or slot.until_ms <= now_ms else slot.blob

    def expire(self, now_ms: int) -> Iterator[SlotName]:
        """Forget those that were not written again in time, and who has none."""
        for second in sorted(each for each in self._ending if each * 1000 <= now_ms):
            for name in list(self._ending[second]):
                self._drop(name)
                yield name
        for by, holder in list(self._holders.items()):
            if not holder.slots and holder.updates.untouched(now_ms):
                del self._holders[by]

    def drop_own(self, owner: bytes) -> list[SlotName]:
        """Empty all that came by the pass whose hash begins so; which they were."""
        own = [name for name, slot in self._slots.items() if slot.owner.startswith(owner)]
        for name in own:
            self._drop(name)
        return own

    @property
    def at_rest(self) -> bool:
        """Whether nothing here will ever have to be forgotten."""
        return not self._slots and not self._holders

    def __len__(self) -> int:
        return len(self._slots)

    def _drop(self, name: SlotName) -> None:
        slot = self._slots.pop(name, None)
        if slot is not None:
            self._holders[slot.owner].slots -= 1
            second = _second(slot.until_ms)
            together = self._ending[second]
            del together[name]
            if not together:
                del self._ending[second]


def _second(until_ms: int) -> int:
    """At which it is over at the latest."""
    return -(-until_ms // 1000)
