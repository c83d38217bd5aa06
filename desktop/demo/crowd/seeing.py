"""What a member has seen of a room: live, as it came, and once more at the end, from the vault.

Law: what was shown never moves. Whoever compares two members compares every entry in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from desktop.core.rooms import Entry, EntryKind, EntryState
from protocol.ids import EntryId


class Live:
    """The stage as somebody read it while it went on."""

    def __init__(self) -> None:
        self.place = 0  # read up to here
        self.shown: list[tuple[int, EntryId]] = []
        self.latencies_ms: list[int] = []

    def begin(self, entries: Iterable[Entry]) -> None:
        """What was there when they came in."""
        for entry in entries:
            self.place = max(self.place, entry.place)

    def came(self, entries: Iterable[Entry], now_ms: int, *, timed: bool) -> None:
        """These were read just now; ``timed``: at once, when they were told."""
        for entry in entries:
            self.place = max(self.place, entry.place)
            if entry.kind is not EntryKind.TEXT:
                continue
            self.shown.append((entry.place, entry.entry_id))
            if timed and not entry.mine:
                self.latencies_ms.append(now_ms - entry.sent_ms)


class Audit:
    """The whole stage behind a place, read again."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.place = after
        self.mine = self.others = self.doubled = self.missing = self.unreadable = 0
        self._places: dict[EntryId, int] = {}
        self._order = blake2b(digest_size=16)

    def take(self, entries: Iterable[Entry]) -> None:
        """The next ones, in the room's order."""
        for entry in entries:
            if entry.place <= self.place or entry.entry_id in self._places:
                self.doubled += 1
            self.place = max(self.place, entry.place)
            match entry.kind:
                case EntryKind.TEXT:
                    self._count(entry)
                case EntryKind.GAP:
                    self.missing += entry.count
                case EntryKind.UNREADABLE | EntryKind.FORK:
                    self.unreadable += 1
                case EntryKind.ORDER:
                    pass

    def _count(self, entry: Entry) -> None:
        self._places[entry.entry_id] = entry.place
        if entry.mine:
            self.mine += 1
        else:
            self.others += 1
        for part in (entry.place.to_bytes(8, "big"), entry.entry_id, entry.text.encode()):
            self._order.update(len(part).to_bytes(4, "big") + part)

    def moved(self, live: Live) -> int:
        """How many were shown in another place than they stand in now, or twice."""
        shown = [one for one in live.shown if one[0] > self.after]
        elsewhere = sum(self._places.get(entry_id) != place for place, entry_id in shown)
        return elsewhere + len(shown) - len(set(shown))

    @property
    def order(self) -> str:
        """Two who have the same have the same entries in one order."""
        return self._order.hexdigest()


def waiting(entries: Iterable[Entry]) -> tuple[int, int]:
    """Of what has no place yet: how many are on their way, and how many were refused."""
    states = [entry.state for entry in entries]
    return states.count(EntryState.WAITING), states.count(EntryState.REFUSED)
