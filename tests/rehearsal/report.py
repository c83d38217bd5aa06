"""What came of a rehearsal, as a page to be read. Pure: numbers in, words out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from desktop.demo.crowd.told import Tally
from tests.rehearsal.measuring import Taken


@dataclass
class Findings:
    """Everything that was measured, noticed and missed."""

    minutes: float
    people: int
    processes: int
    tallies: list[Tally] = field(default_factory=list[Tally])
    latencies_ms: list[int] = field(default_factory=list[int])
    eyes_ms: list[int] = field(default_factory=list[int])
    back_s: list[float] = field(default_factory=list[float])
    not_back: int = 0
    asides: int = 0
    asides_wanted: int = 0
    taken: dict[str, Taken] = field(default_factory=dict[str, Taken])
    happened: list[str] = field(default_factory=list[str])
    missed: list[str] = field(default_factory=list[str])

    @property
    def wrong(self) -> list[str]:
        """Why it is no success; empty where it is one."""
        return [*self._wrong_entries(), *self._wrong_people(), *self.missed]

    def _wrong_entries(self) -> list[str]:
        there = [one for one in self.tallies if one.removed is None]
        said = sum(one.said for one in self.tallies)
        counts = {
            "doubled": sum(one.doubled for one in self.tallies),
            "missing": sum(one.missing for one in there),
            "shown and moved": sum(one.moved for one in there),
            "unreadable": sum(one.unreadable for one in there),
            "not numbered": sum(one.waiting for one in there),
        }
        found = [f"{count} entries {what}" for what, count in counts.items() if count]
        orders = Counter(one.order for one in there)
        if len(orders) > 1:
            found.append(f"{len(orders)} orders instead of one: {sorted(orders.values())}")
        if not said:
            found.append("nobody said anything")
        return found

    def _wrong_people(self) -> list[str]:
        found: list[str] = []
        if len(self.tallies) < self.people:
            found.append(f"only {len(self.tallies)} of {self.people} people could be counted")
        if warned := Counter(one.warned for one in self.tallies if one.warned):
            found.append(f"warned of the relay: {dict(warned)}")
        if outside := sum(not one.inside and one.removed is None for one in self.tallies):
            found.append(f"{outside} were not in the room at the end")
        if self.not_back:
            found.append(f"{self.not_back} were not back in time after the relay was killed")
        if self.asides < self.asides_wanted:
            found.append(f"{self.asides} of {self.asides_wanted} asides became conversations")
        return found

    def page(self) -> str:
        """The whole of it, in Markdown."""
        there = [one for one in self.tallies if one.removed is None]
        entries = max(map(_had, there), default=0)
        lines = [
            "# A rehearsal",
            "",
            f"{self.people} people without windows in {self.processes} processes, four with "
            f"windows, {self.minutes:g} minutes.",
            "",
            "**All of it was seen.**" if not self.wrong else "**It was not all well:**",
            *(f"- {one}" for one in self.wrong),
            "",
            "| what | found |",
            "|---|---|",
            f"| entries in the room | {entries:,} |",
            f"| said / confirmed by the crowd | {sum(one.said for one in self.tallies):,} / "
            f"{sum(one.numbered for one in self.tallies):,} |",
            f"| refused (muted, removed) | {sum(one.refused for one in self.tallies):,} |",
            f"| had by each, least / most | {_range([_had(one) for one in there])} |",
            f"| gaps, doubled, moved | {sum(one.missing for one in there)}, "
            f"{sum(one.doubled for one in self.tallies)}, {sum(one.moved for one in there)} |",
            f"| orders | {len({one.order for one in there})} |",
            f"| said to read, without a window | {quantiles(self.latencies_ms)} |",
            f"| key pressed to painted in another window | {quantiles(self.eyes_ms)} |",
            f"| back after the relay was killed | {_seconds(self.back_s)} |",
            f"| asides accepted | {self.asides} of {self.asides_wanted} |",
            "",
            "| process | CPU, of a core | most memory |",
            "|---|---:|---:|",
            *(
                f"| {name} | {100 * one.share:.0f} % | {one.most_mib:.0f} MiB |"
                for name, one in self.taken.items()
            ),
            "",
            *self.happened,
            "",
        ]
        return "\n".join(lines)


def quantiles(found_ms: Sequence[int]) -> str:
    """p50 and p99, and of how many."""
    if not found_ms:
        return "nothing measured"
    ordered = sorted(found_ms)
    p50, p99 = (ordered[min(len(ordered) - 1, int(part * len(ordered)))] for part in (0.5, 0.99))
    return f"p50 {p50:,} ms, p99 {p99:,} ms ({len(ordered):,} times)"


def _had(one: Tally) -> int:
    return one.seen + one.numbered


def _range(counts: Sequence[int]) -> str:
    return f"{min(counts):,} / {max(counts):,}" if counts else "nobody"


def _seconds(found_s: Sequence[float]) -> str:
    if not found_s:
        return "not tried"
    ordered = sorted(found_s)
    return f"half of them in {ordered[len(ordered) // 2]:.1f} s, all in {ordered[-1]:.1f} s"
