"""Two hops and several relays: whatever one relay does, the words get there by another way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import ClassVar

import msgspec
import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core import ways
from desktop.core.errors import RelayOrderUneven, RelayOther, RelayUnknown, TooManyRelays
from desktop.core.ways import Direct, Way
from desktop.engine.relays import carding
from desktop.engine.sending import elsewhere
from protocol.ids import CallId, ConversationId, Fingerprint
from protocol.keys import Secret
from protocol.wire.frames import (
    Accepted,
    Answers,
    Card,
    CardBody,
    Deposit,
    FetchAnswers,
    Forward,
    Reason,
    Refused,
    Stored,
)
from relay.rules.clock import Now
from relay.rules.federation import Federation, Openness
from relay.rules.limits import House
from relay.rules.office import AnyRequest
from relay.store.storage import Answered, Inline
from relay.two_hops.forwarder import Forwarder
from relay.two_hops.pauses import Resting
from relay.two_hops.sealing import Sealing, new_sealing_key
from tests.whole.mutant import the_story_fails
from tests.whole.test_clocks import brisk, days_pass
from tests.whole.test_relay_faults import written
from tests.whole.test_several_relays import collects_at
from tests.whole.world import Desktop, Place, World, befriend, breathing_slowly

DAY = 24 * 3600
MINUTE = 60


async def arrives(
    writer: Desktop, reader: Desktop, conversation: ConversationId, words: list[str], within: float
) -> None:
    """All of these are with the reader in time, in order and once; the writer knows it."""
    with trio.move_on_after(within):
        while set(await writer.states(conversation)) - {"delivered", "read"}:
            await trio.sleep(0.5)
    found = [one for one in await written(reader, conversation) if one in words]
    assert found == words
    assert set(await writer.states(conversation)) == {"delivered"}


@asynccontextmanager
async def apart(world: World) -> AsyncGenerator[tuple[Desktop, Desktop, Place, Place]]:
    """Alice and Bob, each at a relay of their own."""
    north, south = await world.relay("north.example"), await world.relay("south.example")
    async with world.desktop("Alice", at=north) as alice, world.desktop("Bob", at=south) as bob:
        yield alice, bob, north, south


async def each_at_their_own(world: World) -> None:
    async with apart(world) as (alice, bob, north, south):
        conversation = await befriend(world, alice, bob)
        for number in range(40):
            await alice.engine.message_send(conversation, f"a{number}")
            await bob.engine.message_send(conversation, f"b{number}")
        await arrives(alice, bob, conversation, [f"a{n}" for n in range(40)], 20)
        await arrives(bob, alice, conversation, [f"b{n}" for n in range(40)], 20)
        assert set(alice.wire.asked) == {north.host}, "nobody else sees where she is"
        assert set(bob.wire.asked) == {south.host}
        for desktop in (alice, bob):
            await trio.sleep(MINUTE)
            assert await desktop.count("ticket") == 0, "every answer came, and was forgotten"
        for place in (north, south):
            assert not place.store.packets.all


async def test_two_people_at_two_relays_are_seen_by_their_own_alone(
    world: World, autojump_clock: MockClock
) -> None:
    await each_at_their_own(world)


async def test_mutant_that_goes_straight_to_a_contacts_relay(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def straight(*_: object) -> Way:
        return Direct()

    monkeypatch.setattr(ways, "choose", straight)
    with the_story_fails():
        await each_at_their_own(world)


async def own_relay_dies(world: World) -> None:
    async with apart(world) as (alice, bob, north, _):
        conversation = await befriend(world, alice, bob)
        third = await world.relay("third.example")
        await alice.engine.relay_add(str(third.address))
        await trio.sleep(30)
        await north.off()
        await alice.engine.message_send(conversation, "by the other one")
        await arrives(alice, bob, conversation, ["by the other one"], MINUTE)
        assert set(alice.wire.asked) == {north.host, third.host}


async def test_where_ones_own_relay_is_dead_another_own_one_carries(
    world: World, autojump_clock: MockClock
) -> None:
    await own_relay_dies(world)


async def test_mutant_that_knows_one_way_alone(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def the_first(own: list[ways.OwnRelay], destination: Fingerprint, *rest: object) -> Way:
        first = next(one for one in own if one.relay_id != destination)
        return ways.Through(first.relay_id) if first.online else ways.Wait()

    monkeypatch.setattr(ways, "choose", the_first)
    with the_story_fails():
        await own_relay_dies(world)


async def destination_away(world: World) -> None:
    async with apart(world) as (alice, bob, _, south):
        conversation = await befriend(world, alice, bob)
        await south.off()
        words = [f"{number}" for number in range(50)]
        for word in words:
            await alice.engine.message_send(conversation, word)
        await trio.sleep(MINUTE)
        assert await alice.states(conversation) == ["sent"] * 50, "her own relay has them"
        await trio.sleep(DAY)
        await south.on()
        await arrives(alice, bob, conversation, words, 16 * MINUTE)
        assert "missing" not in "".join(await bob.texts(conversation))


async def test_a_destination_away_for_a_day_costs_a_day(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    breathing_slowly(world, monkeypatch)
    await destination_away(world)


async def test_mutant_relay_that_hardly_tries_again(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    breathing_slowly(world, monkeypatch)

    def sleep_on(self: Forwarder, relay: Fingerprint) -> None:
        """Whoever calls."""

    monkeypatch.setattr(Forwarder, "wake", sleep_on)

    def rests_for_days(self: Resting, failures: int) -> float:
        return 10.0 * DAY if failures > 3 else 1.0  # whatever chance says

    monkeypatch.setattr(Resting, "_pause_s", rests_for_days)
    with the_story_fails():
        await destination_away(world)


class Loses(Inline):
    """Says Stored to every deposit, and keeps only some."""

    deposits: ClassVar[Iterator[bool]]

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if isinstance(asked, Deposit) and next(self.deposits, False):
            answered(Stored(call=asked.call))
        else:
            super().submit(asked, now, answered)


async def two_mailboxes(world: World, *, loses: bool, cheat: bool) -> None:
    """Bob collects at two relays; one of them misbehaves. At most a minute is lost, and nothing."""
    Loses.deposits = iter(())
    north, south = (
        await world.relay("north.example"),
        await world.relay("south.example", storage=Loses),
    )
    other = await world.relay("other.example")
    async with world.desktop("Alice", at=north) as alice, world.desktop("Bob", at=south) as bob:
        conversation = await befriend(world, alice, bob)
        await bob.engine.relay_add(str(other.address))
        await trio.sleep(30)
        if loses:
            Loses.deposits = iter(lambda: world.random.random() < 0.3, None)
        words = [f"{number}" for number in range(40)]
        for word in words:
            await alice.engine.message_send(conversation, word)
            await trio.sleep(0.2)
            queue = south.waiting_for(bob)
            if cheat and len(queue) > 1:
                queue[0], queue[1] = (
                    (replace(queue[1][0], number=queue[0][0].number), *queue[1][1:]),
                    (replace(queue[0][0], number=queue[1][0].number), *queue[0][1:]),
                )
        await trio.sleep(MINUTE)
        assert sorted(map(int, await written(bob, conversation))) == list(range(40))
        found = await bob.texts(conversation)
        assert not any("missing" in one or "unreadable" in one for one in found)
        with trio.move_on_after(2 * MINUTE):
            while set(await alice.states(conversation)) != {"delivered"}:
                await trio.sleep(1)
        assert set(await alice.states(conversation)) == {"delivered"}


async def test_a_relay_that_drops_a_third_costs_a_minute_with_two_mailboxes(
    world: World, autojump_clock: MockClock
) -> None:
    await two_mailboxes(world, loses=True, cheat=True)


async def test_mutant_that_waits_for_a_receipt_for_ever(
    world: World, autojump_clock: MockClock
) -> None:
    world.timings = replace(world.timings, heard_patience=DAY, gap_grace=DAY)
    with the_story_fails():
        await two_mailboxes(world, loses=True, cheat=False)


async def one_mailbox_is_dead(world: World) -> None:
    async with apart(world) as (alice, bob, _, south):
        conversation = await befriend(world, alice, bob)
        other = await world.relay("other.example")
        await bob.engine.relay_add(str(other.address))
        await trio.sleep(30)
        await south.off()
        words = [f"{number}" for number in range(10)]
        for word in words:
            await alice.engine.message_send(conversation, word)
        await arrives(alice, bob, conversation, words, MINUTE)


async def test_a_dead_mailbox_costs_a_minute_with_two(
    world: World, autojump_clock: MockClock
) -> None:
    await one_mailbox_is_dead(world)


async def test_mutant_that_tries_nothing_further(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> bool:
        return False

    monkeypatch.setattr(elsewhere, "further", nothing)
    with the_story_fails():
        await one_mailbox_is_dead(world)


class Swallows(Inline):
    """Says Accepted, keeps nothing, and still waits for the answer when asked."""

    swallows: ClassVar[bool] = False

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if self.swallows and isinstance(asked, Forward):
            answered(Accepted(call=asked.call))
        elif self.swallows and isinstance(asked, FetchAnswers):
            answered(Answers(call=asked.call))
        else:
            super().submit(asked, now, answered)


class Refuses(Inline):
    """Takes no deposit any more."""

    reason: ClassVar[Reason | None] = None

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if isinstance(asked, Deposit) and self.reason is not None:
            answered(Refused(call=asked.call, reason=self.reason))
        else:
            super().submit(asked, now, answered)


async def one_mailbox_refuses(world: World, reason: Reason) -> None:
    """Bob's first relay refuses all that is for him, whether that is true or a lie."""
    Refuses.reason = None
    north = await world.relay("north.example")
    south = await world.relay("south.example", storage=Refuses)
    other = await world.relay("other.example")
    async with world.desktop("Alice", at=north) as alice, world.desktop("Bob", at=south) as bob:
        conversation = await befriend(world, alice, bob)
        await bob.engine.relay_add(str(other.address))
        await trio.sleep(30)
        Refuses.reason = reason
        words = [f"{number}" for number in range(5)]
        for word in words:
            await alice.engine.message_send(conversation, word)
            await trio.sleep(20)
        await arrives(alice, bob, conversation, words, MINUTE)
        Refuses.reason = None
        await trio.sleep(6 * MINUTE)
        assert not south.waiting_for(bob)
        await arrives(alice, bob, conversation, words, MINUTE)


@pytest.mark.parametrize("reason", [Reason.QUOTA, Reason.UNKNOWN])
async def test_a_mailbox_that_takes_nothing_costs_a_minute_with_two(
    reason: Reason, world: World, autojump_clock: MockClock
) -> None:
    await one_mailbox_refuses(world, reason)


async def test_mutant_that_waits_where_it_was_refused(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> bool:
        return False

    monkeypatch.setattr(elsewhere, "further", nothing)
    with the_story_fails():
        await one_mailbox_refuses(world, Reason.QUOTA)


async def own_relay_swallows(world: World, *, further: bool) -> None:
    """Alice's first relay lies; with another of hers, or another mailbox of Bob's, it is shown."""
    Swallows.swallows = False
    north = await world.relay("north.example", storage=Swallows)
    south, third = await world.relay("south.example"), await world.relay("third.example")
    async with world.desktop("Alice", at=north) as alice, world.desktop("Bob", at=south) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.engine.relay_add(str(third.address))
        if further:
            other = await world.relay("other.example")
            await bob.engine.relay_add(str(other.address))
        await trio.sleep(30)
        Swallows.swallows = True
        words = [f"{number}" for number in range(10)]
        for word in words:
            await alice.engine.message_send(conversation, word)
        await trio.sleep(10)
        assert await alice.states(conversation) == ["sent"] * 10, "so it said"
        await arrives(alice, bob, conversation, words, MINUTE)


@pytest.mark.parametrize("further", [True, False])
async def test_an_own_relay_that_accepts_and_drops_is_got_around(
    further: bool, world: World, autojump_clock: MockClock
) -> None:
    await own_relay_swallows(world, further=further)


async def test_mutant_that_believes_accepted(world: World, autojump_clock: MockClock) -> None:
    world.timings = replace(world.timings, stored_patience=DAY)
    with the_story_fails():
        await own_relay_swallows(world, further=True)


class Slow(Inline):
    """Never answers a Forward."""

    slow: ClassVar[bool] = False

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if not (self.slow and isinstance(asked, Forward)):
            super().submit(asked, now, answered)


async def own_relay_is_mute(world: World) -> None:
    Slow.slow = False
    north = await world.relay("north.example", storage=Slow)
    south, third = await world.relay("south.example"), await world.relay("third.example")
    async with world.desktop("Alice", at=north) as alice, world.desktop("Bob", at=south) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.engine.relay_add(str(third.address))
        await trio.sleep(30)
        Slow.slow = True
        await alice.engine.message_send(conversation, "is it on disk?")
        await trio.sleep(8)
        assert await alice.states(conversation) in (["sent"], ["delivered"])
        await arrives(alice, bob, conversation, ["is it on disk?"], 10)


async def test_without_an_answer_for_five_seconds_the_next_own_relay_is_asked(
    world: World, autojump_clock: MockClock
) -> None:
    await own_relay_is_mute(world)


async def test_mutant_that_waits_for_one_relay(world: World, autojump_clock: MockClock) -> None:
    world.timings = replace(world.timings, other_way=25.0)
    with the_story_fails():
        await own_relay_is_mute(world)


async def shut_out(world: World) -> None:
    closed = House(open=True, federation=Federation(openness=Openness.ALLOW))
    north = await world.relay("north.example", house=closed)
    south, third = await world.relay("south.example"), await world.relay("third.example")
    async with world.desktop("Alice", at=third) as alice, world.desktop("Bob", at=south) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.engine.relay_add(str(north.address))
        await alice.engine.relay_order([north.address.fingerprint, third.address.fingerprint])
        await trio.sleep(10)
        await alice.engine.message_send(conversation, "the first carries nothing")
        await arrives(alice, bob, conversation, ["the first carries nothing"], MINUTE)
        await third.off()
        await alice.engine.message_send(conversation, "nobody does")
        await trio.sleep(2 * 3600)
        assert await alice.states(conversation) == ["delivered", "queued"]
        assert south.host not in alice.wire.asked, "and still not straight there"
        await third.on()
        await arrives(alice, bob, conversation, ["nobody does"], 6 * MINUTE)


async def test_an_own_relay_that_carries_nothing_is_passed_over(
    world: World, autojump_clock: MockClock
) -> None:
    await shut_out(world)


async def away(world: World, days: int) -> tuple[list[str], list[str]]:
    north, south = await world.relay("north.example"), await world.relay("south.example")
    brisk(world)
    async with world.desktop("Alice", at=north) as alice:
        async with world.desktop("Bob", at=south) as bob:
            conversation = await befriend(world, alice, bob)
        await alice.engine.message_send(conversation, "before a long journey")
        await trio.sleep(MINUTE)
        for _ in range(days // 4):
            await days_pass(world, 4)
        await days_pass(world, days % 4)
        async with world.desktop("Bob") as bob:
            await trio.sleep(5 * MINUTE)
            return await alice.states(conversation), await written(bob, conversation)


async def test_who_comes_back_after_sixty_days_finds_it(
    world: World, autojump_clock: MockClock
) -> None:
    assert await away(world, 60) == (["delivered"], ["before a long journey"])


async def test_mutant_that_deposits_once(world: World, autojump_clock: MockClock) -> None:
    world.timings = replace(world.timings, again_after=400 * DAY)
    with the_story_fails():
        await test_who_comes_back_after_sixty_days_finds_it(world, autojump_clock)


async def test_after_ninety_one_days_it_has_failed_and_says_why(
    world: World, autojump_clock: MockClock
) -> None:
    states, found = await away(world, 91)
    assert states == ["failed"]
    assert found in ([], ["before a long journey"]), "a relay may hold it for its thirty days yet"


async def lying_card(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alice's first relay puts a key of its own into the card of Bob's relay."""
    async with apart(world) as (alice, bob, north, _):
        conversation = await befriend(world, alice, bob)
        third = await world.relay("third.example")
        await alice.engine.relay_add(str(third.address))
        await trio.sleep(30)
        sealing = Sealing(Secret(bytes(32)), [new_sealing_key(2)])
        lie = Card(call=CallId(0), body=sealing.card_body, signature=sealing.card_signature)

        async def lying(*_: object) -> Card:
            await trio.lowlevel.checkpoint()
            return lie

        assert north.relay is not None
        forwarder = north.relay.premises.forwarder  # pyright: ignore[reportPrivateUsage]
        monkeypatch.setattr(forwarder, "card", lying)
        await alice.ground.vault.transact(lambda db: db.execute("DELETE FROM card").rowcount)
        await alice.engine.message_send(conversation, "for him alone")
        await arrives(alice, bob, conversation, ["for him alone"], 20)


async def test_a_card_that_lies_is_not_believed_and_another_relay_asked(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lying_card(world, monkeypatch)


async def test_mutant_that_believes_any_card(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believing(body: bytes, signature: bytes, pinned: bytes) -> CardBody:
        return msgspec.msgpack.decode(body, type=CardBody)

    monkeypatch.setattr(carding, "read_card", believing)
    with the_story_fails():
        await lying_card(world, monkeypatch)


async def left_and_drained(world: World) -> None:
    brisk(world)
    async with apart(world) as (alice, bob, north, south):
        conversation = await befriend(world, alice, bob)
        other = await world.relay("other.example")
        await bob.engine.relay_add(str(other.address))
        await trio.sleep(30)
        mailbox = bob.mailbox_at(south)
        await world.part((north.host, south.host), (north.host, other.host))
        await alice.engine.message_send(conversation, "to where you were")
        await trio.sleep(10)
        await bob.engine.relay_remove(south.address.fingerprint)
        assert [one.host for one in await bob.engine.relay_list()] == [other.host]
        await days_pass(world, 5)
        assert await collects_at(alice, bob) == [south.host, other.host], "she has not heard"
        world.parted = {frozenset((north.host, other.host))}
        await trio.sleep(16 * MINUTE)
        assert "to where you were" in await written(bob, conversation), "still collected from"
        world.parted.clear()
        await trio.sleep(3600)
        assert await alice.states(conversation) == ["delivered"]
        assert await collects_at(alice, bob) == [other.host]
        await days_pass(world, 20)
        assert south.store.mailboxes.find(mailbox) is not None
        await days_pass(world, 6)
        assert south.store.mailboxes.find(mailbox) is None, "and deleted in the end"
        assert await bob.count("relay") == 1


async def test_a_relay_that_is_left_is_collected_from_for_thirty_days(
    world: World, autojump_clock: MockClock
) -> None:
    await left_and_drained(world)


async def test_mutant_that_leaves_at_once(world: World, autojump_clock: MockClock) -> None:
    world.timings = replace(world.timings, drain=0.0)
    with the_story_fails():
        await left_and_drained(world)


async def test_ordered_moved_left_and_taken_again(world: World, autojump_clock: MockClock) -> None:
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=one) as alice, world.desktop("Bob", at=two) as bob:
        conversation = await befriend(world, alice, bob)
        for host in ("three.example", "four.example"):
            await bob.engine.relay_add(str((await world.relay(host)).address))
        with pytest.raises(TooManyRelays):
            await bob.engine.relay_add(str(one.address))
        ids = {place.host: place.address.fingerprint for place in world.places.values()}
        await bob.engine.relay_order([ids[f"{n}.example"] for n in ("four", "two", "three")])
        await trio.sleep(10)
        assert await collects_at(alice, bob) == ["four.example", "two.example", "three.example"]
        with pytest.raises(RelayUnknown):
            await bob.engine.relay_order([ids[f"{n}.example"] for n in ("one", "two", "three")])
        for uneven in (("four",), ("four", "two", "two")):
            with pytest.raises(RelayOrderUneven):
                await bob.engine.relay_order([ids[f"{n}.example"] for n in uneven])
        with pytest.raises(RelayOther):
            await bob.engine.relay_move(ids["four.example"], str(two.address))
        four = world.places["four.example"]
        await four.off()
        four.host = "five.example"
        world.places["five.example"] = world.places.pop("four.example")
        await four.on()
        await bob.engine.relay_move(ids["four.example"], str(four.address))
        await trio.sleep(MINUTE)
        assert (await bob.engine.relay_list())[0].host == "five.example"
        assert (await collects_at(alice, bob))[0] == "five.example"
        await alice.engine.message_send(conversation, "found you")
        await arrives(alice, bob, conversation, ["found you"], MINUTE)
        await bob.engine.relay_remove(ids["two.example"])
        await trio.sleep(10)
        assert await collects_at(alice, bob) == ["five.example", "three.example"]
        await bob.engine.relay_add(str(two.address))
        await trio.sleep(10)
        assert await collects_at(alice, bob) == ["five.example", "three.example", "two.example"]
        assert await bob.count("relay") == 3
