"""What somebody may leave in a mailbox, as their owners' apps choose it; and full queues."""

from __future__ import annotations

from typing import ClassVar

import pytest
import trio
from trio.testing import MockClock

from desktop.engine.lines import line as lines
from desktop.engine.relays.mailbox import CONTACT, INVITATION_USES
from desktop.engine.sending import room
from protocol.ids import ConversationId
from protocol.wire.frames import Deposit, Policy, Reason, Refused
from relay.rules.clock import Now
from relay.rules.deposits import capability_hash
from relay.rules.limits import House, Limits, Terms
from relay.rules.office import AnyRequest
from relay.rules.records import Bell
from relay.store.storage import Answered, Inline
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, Place, World, befriend

MINUTE = 60.0
NARROW = House(open=True, terms=Terms(stored_bytes=300_000), limits=Limits(bundles=60))
TINY = House(open=True, terms=Terms(stored_bytes=60_000), limits=Limits(bundles=5))


async def test_a_contact_s_quota_is_wide_and_an_invitation_s_tiny(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        await befriend(world, alice, bob)
        await alice.engine.contact_invite(uses=2)
        granted = relay.store.mailboxes.capabilities.values()
        good = [held.policy for held in granted if not held.revoked]
        assert good.count(CONTACT) == 2, "each gave one to the other"
        (link,) = (policy for policy in good if policy != CONTACT)
        most = 2 * INVITATION_USES
        assert link == Policy(pending=most, deposits=most, bundles=most, expires_ms=link.expires_ms)
        assert link.expires_ms is not None


async def room_again(world: World) -> None:
    """Bob's queue is full for hours while he is away; when he collects, Alice is told at once."""
    relay = await world.relay(house=NARROW)
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        texts = [f"{number}" for number in range(120)]
        for text in texts:
            await alice.engine.message_send(conversation, text)
        await trio.sleep(3 * 3600)
        assert (await alice.states(conversation)).count("queued") > 10
        async with world.desktop("Bob") as bob:
            await trio.sleep(30)
            assert (await bob.texts(conversation))[1:] == texts
            assert set(await alice.states(conversation)) == {"delivered"}


async def test_room_in_a_full_queue_is_told_and_used_at_once(
    world: World, autojump_clock: MockClock
) -> None:
    await room_again(world)


async def room_again_over_two_hops(world: World) -> None:
    """Alice's own relay tells her, and knows nothing of it; she would ask ten minutes later."""
    his, hers = await world.relay(house=TINY), await world.relay("hers.example")
    async with world.desktop("Alice", at=hers) as alice:
        async with world.desktop("Bob", at=his) as bob:
            conversation = await befriend(world, alice, bob)
        texts = [f"{number}" for number in range(30)]
        for text in texts:
            await alice.engine.message_send(conversation, text)
        await trio.sleep(20 * MINUTE)
        async with world.desktop("Bob") as bob:
            await trio.sleep(15)
            assert (await bob.texts(conversation))[1:] == texts
            assert set(await alice.states(conversation)) == {"delivered"}


async def test_room_is_told_over_two_hops(world: World, autojump_clock: MockClock) -> None:
    await room_again_over_two_hops(world)


async def test_mutant_that_watches_no_room_over_two_hops(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_WATCHED", 0)
    with the_story_fails():
        await room_again_over_two_hops(world)


async def test_mutant_that_hears_of_no_room(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_ROOM", 0)
    with the_story_fails():
        await room_again(world)


async def leave_too_much(world: World, relay: Place, alice: Desktop) -> ConversationId:
    """Bob is away, and Alice has written to him until there was no room."""
    async with world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
    for number in range(120):
        await alice.engine.message_send(conversation, f"{number}")
    await trio.sleep(5 * MINUTE)  # tried again in ten more
    assert (await alice.states(conversation)).count("queued") > 10
    return conversation


async def test_a_relay_that_began_anew_is_asked_for_room(
    world: World, autojump_clock: MockClock
) -> None:
    """It does not know any more who waits for it to tell."""
    relay = await world.relay(house=NARROW)
    async with world.desktop("Alice", at=relay) as alice:
        conversation = await leave_too_much(world, relay, alice)
        await relay.off()
        await relay.on()
        await trio.sleep(MINUTE)
        async with world.desktop("Bob"):
            await trio.sleep(MINUTE)
            assert set(await alice.states(conversation)) == {"delivered"}


async def test_a_desktop_that_begins_anew_looks_for_room(
    world: World, autojump_clock: MockClock
) -> None:
    """Nobody could tell it."""
    relay = await world.relay(house=NARROW)
    async with world.desktop("Alice", at=relay) as alice:
        conversation = await leave_too_much(world, relay, alice)
    async with world.desktop("Bob") as bob:
        await trio.sleep(MINUTE)
        async with world.desktop("Alice") as alice:
            await trio.sleep(MINUTE)
            assert set(await alice.states(conversation)) == {"delivered"}
            assert (await bob.texts(conversation))[1:] == [f"{number}" for number in range(120)]


async def test_a_relay_that_speaks_of_room_all_the_time_is_heeded_now_and_then(
    world: World, autojump_clock: MockClock
) -> None:
    """It could have every envelope offered again and again."""
    relay = await world.relay(storage=Insisting)
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        Insisting.refuses, Insisting.asked = True, 0
        await alice.engine.message_send(conversation, "are you there?")
        await trio.sleep(60)
        assert 20 < Insisting.asked < 70
        Insisting.refuses = False
        await trio.sleep(60)
        assert (await bob.texts(conversation))[1:] == ["are you there?"]


class Insisting(Inline):
    """Refuses for want of room, and says at once that there is some."""

    refuses: ClassVar[bool] = False
    asked: ClassVar[int] = 0

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if not (self.refuses and isinstance(asked, Deposit)):
            super().submit(asked, now, answered)
            return
        type(self).asked += 1
        answered(Refused(call=asked.call, reason=Reason.QUOTA))
        assert self._ring is not None
        self._ring(frozenset[Bell]({capability_hash(asked.capability)}))
