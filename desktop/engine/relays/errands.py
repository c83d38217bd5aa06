"""Errands to relays of contacts' choice: nobody waits behind somebody else's relay.

A contact names the relays where it collects, and may name one that takes a call and says nothing.
So each contact has an errand of its own, and a relay that did not answer is left alone for a while
(:mod:`desktop.engine.relays.unanswered`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio

from protocol.ids import MemberId

MOST = 8  # errands under way of one kind


class Errands:
    """At most one errand per contact, a few at a time. ``ended`` is called after each."""

    def __init__(self, nursery: trio.Nursery, ended: Callable[[], None] | None = None) -> None:
        self._nursery = nursery
        self._ended = ended
        self._under_way: set[MemberId] = set()
        self._limiter = trio.CapacityLimiter(MOST)

    def start(self, member: MemberId, errand: Callable[[], Awaitable[None]]) -> None:
        """Do this for a contact, unless an errand for it is under way."""
        if member not in self._under_way:
            self._under_way.add(member)
            self._nursery.start_soon(self._run, member, errand)

    async def _run(self, member: MemberId, errand: Callable[[], Awaitable[None]]) -> None:
        try:
            async with self._limiter:
                await errand()
        finally:
            self._under_way.discard(member)
        if self._ended is not None:
            self._ended()
