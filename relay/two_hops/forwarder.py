"""Carries packets to other relays: a route for each destination that anything waits for.

A hint says that something came; what waits is read from the store, also after a restart.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import trio

from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress
from protocol.wire.frames import Card, Reason
from relay import strings
from relay.faults import place
from relay.rules.clock import HOUR_MS
from relay.rules.federation import read_destination
from relay.store.storage import StoreUnavailable
from relay.two_hops.cards import Wanted
from relay.two_hops.fleeting import Passed
from relay.two_hops.route import Route
from relay.two_hops.shared import Means

_log = logging.getLogger(__name__)

RETRY_S = 5.0
# The call goes on: what takes longer, as through a proxy it may, is there when asked for again.
CARD_S = 10.0
CARDS_MS = HOUR_MS
MOST_CARDS = 1_000
START_SPREAD_S = 5.0


class Forwarder:
    """All routes, and the cards that were found on them."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._routes: dict[str, Route] = {}
        self._cards: dict[str, tuple[int, Card]] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            try:
                for text in await self._stored():
                    address = read_destination(text)
                    if address is not None and text not in self._routes:
                        self._start(address, wait_s=START_SPREAD_S * self._chance())
                await trio.sleep_forever()
            finally:
                self._nursery = None

    def note(self, address: RelayAddress) -> None:
        """A packet for this destination is on disk."""
        route = self._route(address)
        if route is not None:
            route.note()

    def pass_on(self, address: RelayAddress, passed: Passed) -> Callable[[], None] | None:
        """Carry this now; what lets go of it, or None where that relay is not to be had now."""
        route = self._route(address)
        if route is None or not route.pass_on(passed):
            return None
        return partial(route.let_go, passed)

    def forget_some(self, now_ms: int) -> None:
        """Forget who has not asked for anything lately."""
        for route in self._routes.values():
            route.passing.forget_some(now_ms)

    def wake(self, relay: Fingerprint) -> None:
        """It has called here: what waits for it need not wait for the end of a pause."""
        for route in self._routes.values():
            if route.address.fingerprint == relay:
                route.wake()

    async def card(self, address: RelayAddress) -> Card | Reason:
        """The destination's card, asked for there or an hour old at most."""
        kept = self._cards.get(str(address))
        now_ms = self._means.now().age_ms
        if kept is not None and now_ms - kept[0] < CARDS_MS:
            return kept[1]
        route, wanted = self._route(address), Wanted()
        if route is None:
            return Reason.TRY_LATER
        route.want(wanted)
        try:
            with trio.move_on_after(CARD_S):
                await wanted.settled.wait()
        finally:
            route.unwant(wanted)
        if isinstance(wanted.said, Card):
            self._keep(str(address), wanted.said)
        return wanted.said

    @property
    def destinations(self) -> int:
        """How many relays something waits for, or did a moment ago."""
        return len(self._routes)

    def _route(self, address: RelayAddress) -> Route | None:
        return self._routes.get(str(address)) or self._start(address)

    def _start(self, address: RelayAddress, wait_s: float = 0.0) -> Route | None:
        if self._nursery is None:
            return None
        route = self._routes[str(address)] = Route(address, self._means)
        self._nursery.start_soon(self._run_route, str(address), route, wait_s)
        return route

    async def _run_route(self, text: str, route: Route, wait_s: float) -> None:
        await trio.sleep(wait_s)
        try:
            await route.run()
        except Exception as exc:  # noqa: BLE001
            # A bug on the way to one destination must not end the relay for all others. What
            # waits there is taken up again by the next packet or start.
            _log.critical(strings.LOG_BUG, place(exc))
        # Nothing has had a turn since the route found nothing to do.
        del self._routes[text]

    async def _stored(self) -> list[str]:
        while True:
            try:
                return await self._means.storage.destinations()
            except StoreUnavailable as exc:
                _log.error(strings.LOG_STORE_READ, place(exc))
                await trio.sleep(RETRY_S)

    def _keep(self, text: str, card: Card) -> None:
        self._cards.pop(text, None)
        self._cards[text] = (self._means.now().age_ms, card)
        if len(self._cards) > MOST_CARDS:
            del self._cards[next(iter(self._cards))]

    def _chance(self) -> float:
        return int.from_bytes(self._means.myself.rng(4), "big") / 2**32
