"""What is said again: the same message under fresh bytes, and each at most once an hour."""

from __future__ import annotations

from typing import ClassVar

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.engine.receiving import repair
from desktop.store import wishes
from protocol.e2e.contents import Gap, Receipt, RepairAsk
from protocol.e2e.envelope import olm_hash
from protocol.e2e.olm_message import OlmBytes
from protocol.ids import DeviceId
from protocol.wire.frames import Deposit, Reason, Refused
from relay.rules.clock import Now
from relay.rules.office import AnyRequest
from relay.store.storage import Answered, Inline
from tests.whole.held_back import put_back, take_away
from tests.whole.malice import Mallory
from tests.whole.mutant import the_story_fails
from tests.whole.world import World, befriend, member

MINUTE = 60
HOUR = 60 * MINUTE


async def asked_again_and_again(world: World) -> None:
    """Bob's desktop asks for one and the same message every ten minutes."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        message = await alice.engine.message_send(conversation, "once")
        await trio.sleep(2 * HOUR)
        asker = Mallory(bob, await member(alice))
        device = DeviceId(alice.ground.me.device.device_id)
        box = relay.store.mailboxes.find(bob.mailbox_at(relay))
        assert box is not None
        said: list[int] = []
        for _ in range(2):
            before = box.last
            for _ in range(5):
                gaps = (Gap(device=device, first=1, last=1),)
                await asker.say(RepairAsk(header=await asker.header(), gaps=gaps))
                await trio.sleep(10 * MINUTE)
            said.append(box.last - before)
            await trio.sleep(HOUR)
        assert said == [1, 1], "said again once, and once more after an hour"
        shown = await bob.engine.message_list(conversation, limit=100)
        assert [row.message_id for row in shown if row.text == "once"] == [message]
        assert not any("<unreadable" in one for one in await bob.texts(conversation))


async def test_a_message_is_said_again_at_most_hourly(
    world: World, autojump_clock: MockClock
) -> None:
    await asked_again_and_again(world)


async def test_mutant_that_says_again_whenever_it_is_asked(
    world: World, autojump_clock: MockClock
) -> None:
    world.timings = replace(world.timings, ask_again=1.0)
    with the_story_fails():
        await asked_again_and_again(world)


async def said_again_and_then_it_comes(world: World) -> None:
    """A relay brings a message long after it was asked for and said again."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        await alice.engine.message_send(conversation, "held back")
        await trio.sleep(20)
        held_back = take_away(relay, bob)
        await alice.engine.message_send(conversation, "what follows")
        await trio.sleep(20)
        async with world.desktop("Bob") as bob:
            await trio.sleep(5 * MINUTE)
            assert "held back" in await bob.texts(conversation)
            # So many turns that the key it was sealed under is forgotten.
            for number in range(8):
                await bob.engine.message_send(conversation, f"b{number}")
                await trio.sleep(10)
                await alice.engine.message_send(conversation, f"a{number}")
                await trio.sleep(10)
            before = await bob.texts(conversation)
        put_back(relay, bob, held_back)
        async with world.desktop("Bob") as bob:
            await trio.sleep(MINUTE)
            assert relay.waiting_for(bob) == []
            assert await bob.texts(conversation) == before


async def test_what_was_said_again_may_come_for_all_that(
    world: World, autojump_clock: MockClock
) -> None:
    await said_again_and_then_it_comes(world)


async def test_a_receipt_that_no_key_opens_any_more_is_given_again(
    world: World, autojump_clock: MockClock
) -> None:
    """A relay holds it back until it says nothing to anybody. Its row goes, since nothing that was
    written is missing, and what it told of is told once more."""
    relay = await world.relay()
    async with world.desktop("Bob", at=relay) as bob:
        async with world.desktop("Alice", at=relay) as alice:
            conversation = await befriend(world, alice, bob)
            await alice.engine.message_send(conversation, "how are you?")
            await trio.sleep(0.1)
        await trio.sleep(10)
        held_back = take_away(relay, alice)
        async with world.desktop("Alice") as alice:
            for number in range(8):
                await bob.engine.message_send(conversation, f"b{number}")
                await trio.sleep(10)
                await alice.engine.message_send(conversation, f"a{number}")
                await trio.sleep(10)
            assert await alice.states(conversation) == ["sent"] + ["delivered"] * 8
            before = await alice.texts(conversation)
        put_back(relay, alice, held_back)
        async with world.desktop("Alice") as alice:
            await trio.sleep(MINUTE)
            assert await alice.states(conversation) == ["delivered"] * 9
            now = await alice.texts(conversation)
            assert [one for one in now if one != "<notice fresh_session>"] == before


async def test_what_is_said_again_takes_the_place_of_its_bytes_whatever_it_is(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.wire.off()
        mallory = Mallory(bob, await member(alice))
        lost = OlmBytes(1, b"opened by nobody" * 8)
        await mallory.post(lost)
        hash_ = olm_hash(DeviceId(bob.ground.me.device.device_id), lost)
        await mallory.say(Receipt(header=await mallory.header(repairs=hash_)))
        await trio.sleep(10)
        await bob.wire.off()  # so that it does not say that it knows nothing of them
        alice.wire.on()
        await trio.sleep(MINUTE)
        assert not any("unreadable" in one for one in await alice.texts(conversation))
        assert await alice.count("opened") > 1


class Full(Inline):
    """Refuses for want of room when told to."""

    refuses: ClassVar[bool] = False

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if self.refuses and isinstance(asked, Deposit):
            answered(Refused(call=asked.call, reason=Reason.QUOTA))
        else:
            super().submit(asked, now, answered)


async def test_nothing_overtakes_on_its_way_into_the_next_mailbox(
    world: World, autojump_clock: MockClock
) -> None:
    """One relay has the first words and takes no more; only the other can be collected from."""
    one, two = await world.relay("one.example", storage=Full), await world.relay("two.example")
    async with world.desktop("Alice", at=await world.relay("three.example")) as alice:
        async with world.desktop("Bob", at=one) as bob:
            conversation = await befriend(world, alice, bob)
            await bob.engine.relay_add(str(two.address))
            await trio.sleep(10)
            await bob.learn_mailboxes()
        for number in range(3):
            await alice.engine.message_send(conversation, f"{number}")
        await trio.sleep(2)
        assert (len(one.waiting_for(bob)), len(two.waiting_for(bob))) == (3, 0)
        Full.refuses = True
        await alice.engine.message_send(conversation, "3")
        await trio.sleep(5)
        Full.refuses = False
        await one.off()
        async with world.desktop("Bob") as bob:
            await trio.sleep(5)
            rows = [row for row in await bob.engine.message_list(conversation) if row.text]
            assert [row.text for row in rows] == ["0", "1", "2", "3"]
            assert not any(row.late for row in rows)


async def more_than_can_be_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bob lost the session with more under way than he asks for by name. Nothing comes behind."""
    monkeypatch.setattr(wishes, "MOST", 3)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await bob.wire.off()
        said = [f"{number}" for number in range(8)]
        for one in said:
            await alice.engine.message_send(conversation, one)
        await trio.sleep(10)
        await bob.ground.vault.transact(lambda db: db.execute("DELETE FROM session").rowcount)
        bob.wire.on()
        await trio.sleep(MINUTE)
        assert await bob.texts(conversation) == ["<notice became_contacts>", *said]
        assert set(await alice.states(conversation)) == {"delivered"}
        assert await bob.count("wish") == 0


async def test_more_than_can_be_named_comes_and_leaves_no_row(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await more_than_can_be_named(world, monkeypatch)


async def test_mutant_that_asks_for_nothing_more_than_it_names(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "MORE", b"nothing")
    with the_story_fails():
        await more_than_can_be_named(world, monkeypatch)
