"""What the relay counts, in the words of Prometheus, written by its own library.

No label tells people apart: every label's values are from a list that the code closes. The
store's totals are counted at most once a minute, because counting reads a whole index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

import trio
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from protocol.wire.frames import Reason
from relay.counters import Greeting, Pattern, Turned, tag_of
from relay.monitor import strings
from relay.rules.records import Totals
from relay.server import Relay
from relay.store.storage import StoreUnavailable
from relay.store.timing import Histogram

KIND = CONTENT_TYPE_PLAIN_0_0_4
TOTALS_S = 60.0

S = TypeVar("S", bound=str)
E = TypeVar("E", bound=StrEnum)
PREFIX = "aside_relay_"


class Metrics(Collector):
    """One relay's; ``free_bytes`` asks for the room on its disk."""

    def __init__(self, relay: Relay, free_bytes: Callable[[], int]) -> None:
        self._relay = relay
        self._free_bytes = free_bytes
        self._totals: Totals | None = None
        self._counted_at = float("-inf")
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    async def text(self) -> bytes:
        """All of them at this moment."""
        now = trio.current_time()
        if now - self._counted_at >= TOTALS_S:
            self._counted_at = now
            try:
                self._totals = await self._relay.premises.storage.totals()
            except StoreUnavailable:
                # What is not known is not said; the store's own metrics tell that it fails.
                self._totals = None
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        """None beforehand: the relay may not run yet."""
        return []

    def collect(self) -> Iterable[Metric]:
        """For the library."""
        yield from self._lines()
        yield from self._work()
        yield from self._store()

    def _lines(self) -> Iterable[Metric]:
        premises, counters = self._relay.premises, self._relay.premises.counters
        yield _gauge("connections", self._relay.connections)
        yield _gauge("waiting_lines", len(premises.entrance))
        yield _gauge("open_mailboxes", len(premises.switchboard))
        yield _gauge("stopping", self._relay.stopping)
        yield _gauge("unfinished_bytes", premises.unfinished.size)
        yield _gauge("unsent_bytes", premises.unsent.size)
        yield _counter("received_bytes", counters.received_bytes)
        yield _counter("sent_bytes", premises.flusher.sent_bytes)
        yield _counter("bugs", counters.bugs)
        yield _gauge("slots", premises.presence.slots)
        yield _gauge("watches", premises.presence.watches)
        yield _counter("slot_updates", premises.presence.updates)
        yield _counter("slot_changes_told", premises.presence.told)
        yield _counter("signals", premises.signals.heard)
        yield _counter("signals_delivered", premises.signals.delivered)
        yield _gauge("rooms_at_hand", premises.hall.rooms)
        yield _gauge("seated", premises.hall.seats)
        yield _counter("room_messages_delivered", premises.hall.delivered)
        yield _counters("turned_away", "why", _from_nothing(Turned, counters.turned_away))
        yield _counters("handshakes", "outcome", _from_nothing(Greeting, counters.greetings))
        yield _counters("suspicious", "pattern", _from_nothing(Pattern, counters.suspicious))

    def _work(self) -> Iterable[Metric]:
        counters, storage = self._relay.premises.counters, self._relay.premises.storage
        yield _counters("requests", "frame", {tag_of(k): n for k, n in counters.requests.items()})
        yield _counters("replies", "frame", {tag_of(k): n for k, n in counters.replies.items()})
        yield _counters("refused", "reason", _from_nothing(Reason, counters.refused))
        figures = storage.figures()
        yield _gauge("queued_requests", figures.queued)
        yield _gauge("queued_bytes", figures.queued_bytes)
        yield _gauge("takes_envelopes", figures.takes)
        yield _gauge("held_bytes", figures.held_bytes)
        yield _histogram("commit_seconds", storage.times.seconds)
        yield _histogram("commit_requests", storage.times.requests)
        yield _counter("commit_failures", storage.times.failures)

    def _store(self) -> Iterable[Metric]:
        yield _gauge("disk_free_bytes", self._free_bytes())
        if self._totals is not None:
            yield _gauge("envelopes", self._totals.envelopes)
            yield _gauge("envelope_bytes", self._totals.envelope_bytes)
            yield _gauge("mailboxes", self._totals.mailboxes)
            yield _gauge("capabilities", self._totals.capabilities)
            yield _gauge("bundles", self._totals.bundles)
            yield _gauge("packets", self._totals.packets)
            yield _gauge("packet_bytes", self._totals.packet_bytes)
            yield _gauge("answers", self._totals.answers)
            yield _gauge("blobs", self._totals.blobs)
            yield _gauge("blob_bytes", self._totals.blob_bytes)
            yield _gauge("rooms", self._totals.rooms)
            yield _gauge("ended_rooms", self._totals.ended_rooms)
            yield _gauge("room_seats", self._totals.room_seats)
            yield _gauge("room_items", self._totals.room_items)
            yield _gauge("room_bytes", self._totals.room_bytes)
            yield _gauge("room_letters", self._totals.room_letters)
            yield _gauge("passes", self._totals.passes)
            yield _gauge("codes", self._totals.codes)


def _help(name: str) -> str:
    return strings.METRICS[name]


def _gauge(name: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, _help(name), value)


def _counter(name: str, value: float) -> Metric:
    return CounterMetricFamily(PREFIX + name, _help(name), value)


def _counters(name: str, label: str, values: Mapping[S, int]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, _help(name), labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([str(value)], count)
    return family


def _from_nothing(kind: type[E], counted: Counter[E]) -> dict[E, int]:
    """All there can be, also what never was: an alarm on a rise would miss a first one."""
    return {each: counted[each] for each in kind}


def _histogram(name: str, held: Histogram) -> Metric:
    buckets: list[tuple[str, float]] = []
    below = 0
    for bound, count in zip([*map(float, held.bounds), float("inf")], held.counts, strict=True):
        below += count
        buckets.append(("+Inf" if bound == float("inf") else str(bound), below))
    return HistogramMetricFamily(PREFIX + name, _help(name), buckets=buckets, sum_value=held.sum)
