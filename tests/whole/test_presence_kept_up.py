"""A relay that would have somebody seem to be there for ever: they stay as long as they said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias, cast

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.models import Presence
from desktop.engine.presence import watching
from desktop.store.slots import TheirSlot
from protocol.e2e.presence import Seen, open_presence
from protocol.keys import Secret
from protocol.wire.frames import SlotUpdate
from protocol.wire.slots import SlotName
from relay.rules.slots import Slot, Slots
from tests.whole.mutant import the_story_fails
from tests.whole.test_presence import TIMINGS, Pair, a_pair, sees
from tests.whole.world import Place, World

Story: TypeAlias = Callable[[Pair, "Hoard"], Awaitable[None]]

ROUNDS = 8
# One round and the next are nearer than what is said once lasts: else it would end between them.
EACH_S = TIMINGS.presence_lasts / 4


class Hoard:
    """A relay's slots, whose every blob is kept and of which none ends."""

    def __init__(self, place: Place) -> None:
        assert place.relay is not None
        self.presence = place.relay.premises.presence
        self.said: list[bytes] = []
        self._slots: Slots = vars(self.presence)["_slots"]
        self._publish = self._slots.publish
        vars(self._slots).update(publish=self.publish, blob=self.blob, expire=self.expire)

    @property
    def slot(self) -> tuple[SlotName, Slot]:
        """The only one there is."""
        ((name, slot),) = cast("dict[SlotName, Slot]", vars(self._slots)["_slots"]).items()
        return name, slot

    def publish(self, by: bytes, update: SlotUpdate, now_ms: int) -> object:
        self.said.append(update.blob)
        return self._publish(by, update, now_ms)

    def blob(self, name: SlotName, now_ms: int) -> bytes:
        kept, slot = self.slot
        assert kept == name
        return slot.blob

    def expire(self, now_ms: int) -> Iterator[SlotName]:
        return iter(())

    def repeat(self, blob: bytes) -> None:
        """Say it to whoever watches, as if it had just come."""
        name, slot = self.slot
        slot.blob = blob
        self.presence._note(name)  # pyright: ignore[reportPrivateUsage]


async def kept_for_ever(pair: Pair, hoard: Hoard) -> None:
    """Bob goes; his relay says nothing of it, and as often as it likes that he is there."""
    await trio.sleep(TIMINGS.presence_again * 3)
    await pair.bob.wire.off()
    *_, older, latest = hoard.said
    assert older != latest
    until = trio.current_time() + TIMINGS.presence_lasts + 1
    assert await sees(pair.alice, pair.bob) is Presence.ONLINE
    for _ in range(ROUNDS):
        for blob in (older, latest):
            hoard.repeat(blob)
            await trio.sleep(1)
            if trio.current_time() > until:
                assert await sees(pair.alice, pair.bob) is Presence.OFFLINE
        await trio.sleep(EACH_S)
    assert trio.current_time() > until + TIMINGS.presence_lasts


async def kept_in_silence(pair: Pair, hoard: Hoard) -> None:
    """Bob goes, and his relay never says another word of him."""
    await trio.sleep(TIMINGS.presence_again * 2)
    await pair.bob.wire.off()
    assert await sees(pair.alice, pair.bob) is Presence.ONLINE
    await trio.sleep(TIMINGS.presence_lasts + 1)
    assert hoard.slot[1].blob == hoard.said[-1], "it still stands there"
    assert await sees(pair.alice, pair.bob) is Presence.OFFLINE


STORIES = pytest.mark.parametrize("story", [kept_for_ever, kept_in_silence])


@STORIES
async def test_nobody_stays_longer_than_they_said(
    world: World, autojump_clock: MockClock, story: Story
) -> None:
    async with a_pair(world) as pair:
        await story(pair, Hoard(pair.his))


async def test_mutant_that_takes_them_to_stay(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stays(key: Secret, watch: bytes, blob: bytes) -> Seen:
        return replace(open_presence(key, watch, blob), lasts_s=10**9)

    monkeypatch.setattr(watching, "open_presence", stays)
    with the_story_fails():
        async with a_pair(world) as pair:
            await kept_in_silence(pair, Hoard(pair.his))


async def test_mutant_that_takes_what_is_older_for_news(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(watching._Sight):  # pyright: ignore[reportPrivateUsage]
        slot: TheirSlot

        def see(self, blob: bytes) -> None:
            if blob:
                made_ms = open_presence(self.slot.key, self.slot.watch, blob).made_ms
                self._made_ms = min(self._made_ms, made_ms)
            super().see(blob)

    monkeypatch.setattr(watching, "_Sight", Forgetful)
    with the_story_fails():
        async with a_pair(world) as pair:
            await kept_for_ever(pair, Hoard(pair.his))
