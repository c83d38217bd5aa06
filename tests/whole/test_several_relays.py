"""More than one relay: contacts learn it, either alone suffices, and leaving one loses nothing."""

from __future__ import annotations

import pytest
import trio
from msgspec.structs import replace
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.models import Cause
from desktop.engine.ground import Said
from desktop.engine.relays import keeper, moves
from desktop.engine.sending.elsewhere import further
from desktop.engine.sending.posted import record
from desktop.engine.witness import Witness
from desktop.store import contacts, copies, outbox, relays
from protocol.ids import CallId, DeviceId, Fingerprint
from protocol.wire.frames import DeleteMailbox, Reason, Refused, Stored
from tests.whole.breaking import BreaksOff, breaking
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, World, befriend, member

UNKNOWN = Refused(call=CallId(1), reason=Reason.UNKNOWN)
A_WHILE = 700.0  # longer than a relay that knows nothing is asked again


def brisk(world: World) -> None:
    """A world whose people look after things more often."""
    world.timings = replace(world.timings, ping=45.0, upkeep=120.0, elsewhere_after=300.0)


async def collects_at(asked: Desktop, about: Desktop) -> list[str]:
    """Where somebody's contact believes that they collect."""
    who = await member(about)

    found = await asked.ground.vault.read(
        lambda db: [
            box.relay
            for device in contacts.devices(db, who)
            for box in contacts.mailboxes(db, device.device_id)
        ]
    )
    return [address.partition("//")[2].partition(":")[0] for address in found]


async def test_a_second_relay_is_told_to_contacts_and_carries_on_alone(
    world: World, autojump_clock: MockClock
) -> None:
    brisk(world)
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=one) as alice, world.desktop("Bob", at=one) as bob:
        conversation = await befriend(world, alice, bob)
        await bob.engine.relay_add(str(two.address))
        await trio.sleep(10)
        assert await collects_at(alice, bob) == ["one.example", "two.example"]
        await one.off()
        await alice.engine.message_send(conversation, "by whichever way")
        await trio.sleep(A_WHILE)
        assert await alice.states(conversation) == ["queued"]
        await bob.engine.relay_remove(one.address.fingerprint)
        await one.on()
        await trio.sleep(A_WHILE)
        assert await collects_at(alice, bob) == ["two.example"]
        assert await alice.states(conversation) == ["delivered"]
        await bob.engine.message_send(conversation, "got it")
        await trio.sleep(60)
        assert await bob.states(conversation) == ["delivered"]


async def test_a_relay_that_swallows_everything_is_got_around_by_the_other(
    world: World, autojump_clock: MockClock
) -> None:
    brisk(world)
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=one) as alice:
        async with world.desktop("Bob", at=one) as bob:
            conversation = await befriend(world, alice, bob)
            await bob.engine.relay_add(str(two.address))
            await trio.sleep(10)
        for number in range(5):
            await alice.engine.message_send(conversation, f"{number}")
        await trio.sleep(60)
        one.waiting_for(bob).clear()
        assert await alice.states(conversation) == ["sent"] * 5
        async with world.desktop("Bob") as bob:
            await trio.sleep(A_WHILE)
            assert await alice.states(conversation) == ["delivered"] * 5
            found = await bob.texts(conversation)
            assert [t for t in found if not t.startswith("<")] == [f"{n}" for n in range(5)]


async def test_what_waits_where_somebody_has_left_goes_where_they_are(
    world: World, autojump_clock: MockClock
) -> None:
    brisk(world)
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=two) as alice:
        async with world.desktop("Bob", at=one) as bob:
            conversation = await befriend(world, alice, bob)
        await alice.engine.message_send(conversation, "left at one")
        await trio.sleep(60)
        await one.off()
        async with world.desktop("Bob") as bob:
            await bob.engine.relay_add(str(two.address))
            await bob.engine.relay_remove(one.address.fingerprint)
            await trio.sleep(60)
            assert "left at one" in await bob.texts(conversation)
            assert await alice.states(conversation) == ["delivered"]


async def test_a_second_relay_that_dies_at_once_holds_nothing_up(
    world: World, autojump_clock: MockClock
) -> None:
    brisk(world)
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=one) as alice, world.desktop("Bob", at=one) as bob:
        conversation = await befriend(world, alice, bob)
        await bob.engine.relay_add(str(two.address))
        await two.off()
        await bob.engine.message_send(conversation, "not held up")
        await trio.sleep(10)
        assert await bob.states(conversation) == ["delivered"]
        await alice.engine.message_send(conversation, "neither is this")
        await trio.sleep(10)
        assert await alice.states(conversation) == ["delivered"]


async def test_without_any_relay_others_are_told_that_nothing_arrives(
    world: World, autojump_clock: MockClock
) -> None:
    brisk(world)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await trio.sleep(10)
        await bob.engine.relay_remove(relay.address.fingerprint)
        assert await bob.engine.relay_list() == []
        await trio.sleep(1)
        await alice.engine.message_send(conversation, "hello?")
        await trio.sleep(A_WHILE)
        [mine] = [row for row in await alice.engine.message_list(conversation) if row.mine]
        assert (mine.state.value, mine.cause) == ("failed", Cause.CONTACT_GONE)
        await bob.engine.relay_add(str(relay.address))
        await trio.sleep(60)
        await alice.engine.message_resend(mine.message_id)
        await trio.sleep(60)
        assert await alice.states(conversation) == ["delivered"]
        assert "hello?" in await bob.texts(conversation)


async def removed_while_it_is_away(world: World) -> None:
    relay = await world.relay(storage=BreaksOff)
    async with world.desktop("Alice", at=relay) as alice:
        mailbox = alice.mailbox_at(relay)
        await relay.off()
        await alice.engine.relay_remove(relay.address.fingerprint)
        assert await alice.engine.relay_list() == []
        await trio.sleep(3600)
    async with world.desktop("Alice") as alice:
        with breaking(DeleteMailbox, alice.wire.die):
            await relay.on()
            await trio.sleep(600)
            assert relay.store.mailboxes.find(mailbox) is None
        assert await alice.count("relay") == 1, "she has not heard that it is gone"
        assert await alice.engine.relay_list() == []
        alice.wire.on()
        await trio.sleep(600)
        assert await alice.count("relay") == 0


async def test_the_last_relay_is_told_to_delete_the_mailbox_until_it_says_that_it_did(
    world: World, autojump_clock: MockClock
) -> None:
    await removed_while_it_is_away(world)


async def test_mutant_that_throws_the_keys_of_the_mailbox_away(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(db: Connection, _: object, relay_id: Fingerprint) -> None:
        relays.remove(db, relay_id)

    monkeypatch.setattr(moves, "give_up", give_up)
    with the_story_fails():
        await removed_while_it_is_away(world)


async def test_a_relay_that_never_comes_back_is_forgotten_in_the_end(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.timings = replace(world.timings, drain=3600.0)
    monkeypatch.setattr(keeper, "DRAIN_GRACE", 3600.0)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        await trio.sleep(5)  # it bears witness to her clock
        await relay.off()
        await alice.engine.relay_remove(relay.address.fingerprint)
        await trio.sleep(3000)
        assert await alice.count("relay") == 1
        await trio.sleep(1200)
        assert await alice.count("relay") == 0


async def test_nobody_is_given_up_of_whom_another_mailbox_has_a_copy(
    world: World, autojump_clock: MockClock
) -> None:
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=one) as alice, world.desktop("Bob", at=one) as bob:
        conversation = await befriend(world, alice, bob)
        await bob.engine.relay_add(str(two.address))
        await trio.sleep(10)
        await alice.wire.off()
        await alice.engine.message_send(conversation, "at two all the same")
        await trio.sleep(1)
        ground = alice.ground

        def unknown_at_one(db: Connection, said: Said) -> None:
            [copy] = copies.waiting(db, str(one.address), ground.now(), 10)
            entry = outbox.entry(db, copy.entry)
            assert entry is not None
            further(db, said, ground, entry)  # where it is there already, this does nothing
            assert copies.tried(db, copy.entry) == {str(one.address), str(two.address)}
            copy = replace(copy, unknown=len(ground.timings.unknown_retries))
            record(db, said, ground, [(copy, UNKNOWN)])

        await ground.do(unknown_at_one)
        assert await ground.vault.read(copies.relays) == [str(two.address)]
        assert await alice.states(conversation) == ["queued"], "another mailbox has a copy"
        alice.wire.on()
        await trio.sleep(60)
        assert "at two all the same" in await bob.texts(conversation)


async def a_jump_while_it_is_drained(world: World) -> None:
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Bob", at=one) as bob:
        mailbox = bob.mailbox_at(one)
        await bob.engine.relay_add(str(two.address))
        await bob.engine.relay_remove(one.address.fingerprint)
        await trio.sleep(10)
        world.ahead_ms["Bob"] = 40 * 24 * 3600 * 1000
        await one.off()
        await one.on()
        await trio.sleep(60)
        assert one.store.mailboxes.find(mailbox) is not None, "it was left a minute ago"


async def test_a_clock_that_jumps_deletes_nothing_that_is_drained(
    world: World, autojump_clock: MockClock
) -> None:
    await a_jump_while_it_is_drained(world)


async def test_mutant_that_believes_a_clock_that_jumped(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Witness, "agrees", True)
    with the_story_fails():
        await a_jump_while_it_is_drained(world)


@pytest.mark.parametrize("answer", [Stored(call=CallId(1)), UNKNOWN])
async def test_an_answer_says_nothing_of_the_mailbox_that_a_copy_went_to_meanwhile(
    answer: Stored | Refused, world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.wire.off()
        await alice.engine.message_send(conversation, "rerouted under way")
        await trio.sleep(1)
        ground, device = alice.ground, DeviceId(bob.ground.me.device.device_id)

        def answered_too_late(db: Connection, said: Said) -> None:
            [copy] = copies.waiting(db, str(relay.address), ground.now(), 10)
            copy = replace(copy, unknown=len(ground.timings.unknown_retries))
            [box] = contacts.mailboxes(db, device)
            contacts.set_mailboxes(db, device, [replace(box, relay="wss://other.example:7443#")])
            copies.reroute(db, device, "wss://other.example:7443#", copy.capability)
            record(db, said, ground, [(copy, answer)])

        await ground.do(answered_too_late)
        assert await alice.states(conversation) == ["queued"]
        left = await ground.vault.read(copies.relays)
        assert left == ["wss://other.example:7443#"]
