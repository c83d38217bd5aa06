"""Order and bounds, broken on purpose: the stories that hold them must see it."""

from __future__ import annotations

import pytest
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.models import Message
from desktop.store import history, messages
from protocol.ids import ConversationId, DeviceId
from relay.rules.clock import Now
from relay.rules.records import Capability
from relay.rules.room import Room
from tests.whole.mutant import the_story_fails
from tests.whole.test_clocks import YEAR_MS, wrong_by_years
from tests.whole.test_relay_faults import cheated, full_and_roomy_again
from tests.whole.world import World


async def test_mutant_that_puts_what_comes_late_at_the_end(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the place that was kept for it goes."""

    def no_place(db: Connection, where: ConversationId, device: DeviceId, counter: int) -> None:
        kept = keep_place(db, where, device, counter)
        if kept is not None and kept.alone:
            messages.drop_empty(db, where, kept.position)

    keep_place = messages.keep_place
    monkeypatch.setattr(messages, "keep_place", no_place)
    with the_story_fails():
        await cheated(world)


async def test_mutant_that_believes_when_something_says_it_was_written(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_their_clocks(
        db: Connection, conversation: ConversationId, place: int | None, limit: int
    ) -> list[Message]:
        return sorted(before(db, conversation, place, limit), key=lambda row: row.sent_ms)

    before = history.before
    monkeypatch.setattr(history, "before", by_their_clocks)
    with the_story_fails():
        await wrong_by_years(world, 5 * YEAR_MS, "Alice")


async def test_mutant_that_throws_the_oldest_away_to_make_room(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_force(room: Room, held: Capability, size: int, now: Now) -> bool:
        if not fits(room, held, size, now):
            [relay] = world.places.values()
            del relay.store.envelopes.queues[held.mailbox.id][0]
        return True

    fits = Room.fits
    monkeypatch.setattr(Room, "fits", with_force)
    with the_story_fails():
        await full_and_roomy_again(world)
