"""Whoever was blocked reaches nobody, learns nothing, and can write again once unblocked."""

from __future__ import annotations

import pytest
import trio
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.errors import ContactBlocked, ContactUnknown
from desktop.core.events import MessageReceived
from desktop.core.models import Cause
from desktop.engine.ground import Said
from desktop.engine.pairing import blocking
from desktop.store import contacts, inbox, slots, wishes
from desktop.store.slots import OwnSlot
from protocol.ids import ConversationId, MemberId, MessageId
from protocol.keys import Secret
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, Place, World, befriend, member

A_WHILE = 700.0  # longer than a relay that knows nothing is asked again


def good_at(place: Place, desktop: Desktop) -> int:
    """How many capabilities lead into somebody's mailbox."""
    held = place.store.mailboxes.find(desktop.mailbox_at(place))
    return 0 if held is None else sum(not one.revoked for one in held.capabilities.values())


async def said(desktop: Desktop, conversation: ConversationId) -> list[str]:
    """What people wrote, without what the app noted."""
    return [text for text in await desktop.texts(conversation) if not text.startswith("<")]


async def test_nothing_of_somebody_blocked_comes_any_more_until_they_are_unblocked(
    world: World, autojump_clock: MockClock
) -> None:
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=one) as alice, world.desktop("Bob", at=two) as bob:
        conversation = await befriend(world, alice, bob)
        who = await member(bob)
        await bob.engine.message_send(conversation, "before")
        await trio.sleep(10)
        assert good_at(one, alice) == 1
        await alice.engine.contact_block(who)
        await alice.engine.contact_block(who)
        await trio.sleep(10)
        assert good_at(one, alice) == 0
        assert (await alice.engine.contact_show(who)).blocked
        assert [one.blocked for one in await alice.engine.contact_list()] == [True]
        assert [one.blocked for one in await alice.engine.conversation_list()] == [True]
        with pytest.raises(ContactBlocked):
            await alice.engine.message_send(conversation, "and another thing")
        before = await bob.texts(conversation)
        rows = await alice.engine.message_list(conversation)
        await alice.engine.conversation_read(conversation, rows[-1].message_id)
        await alice.engine.relay_add(str(two.address))
        await alice.learn_mailboxes()
        await bob.engine.message_send(conversation, "after")
        await trio.sleep(A_WHILE)
        assert good_at(two, alice) == 0, "news of a relay is no news for somebody blocked"
        failed = (await bob.engine.message_list(conversation))[-1]
        assert (failed.text, failed.cause) == ("after", Cause.CONTACT_GONE)
        assert await bob.texts(conversation) == [*before, "after"]
        assert await bob.states(conversation) == ["delivered", "failed"]
    async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
        assert (await alice.engine.contact_show(who)).blocked
        assert await said(alice, conversation) == ["before"]
        with pytest.raises(ContactUnknown):
            await alice.engine.contact_block(MemberId(bytes(32)))
        await alice.engine.contact_unblock(who)
        await trio.sleep(60)
        await bob.engine.message_resend(failed.message_id)
        await trio.sleep(60)
        assert await bob.states(conversation) == ["delivered", "delivered"]
        assert await said(alice, conversation) == ["before", "after"]


async def block_while_it_waits(world: World) -> list[str]:
    """Bob's words wait in Alice's mailbox when she blocks him; what she then sees of them."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.wire.off()
        await bob.engine.message_send(conversation, "on its way")
        await trio.sleep(10)
        assert relay.waiting_for(alice)
        await alice.engine.contact_block(await member(bob))
        alice.wire.on()
        await trio.sleep(60)
        assert not relay.waiting_for(alice)
        assert await bob.states(conversation) != ["delivered"]
        assert not [event for event in alice.heard if isinstance(event, MessageReceived)]
        assert await alice.count("quarantine") == 0
        return await said(alice, conversation)


async def test_what_waited_is_thrown_away_unopened(world: World, autojump_clock: MockClock) -> None:
    assert await block_while_it_waits(world) == []


def not_noted(db: Connection, member_id: MemberId, now_ms: int | None) -> None:
    """Nothing is written down."""


async def test_mutant_a_block_that_is_not_noted(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "set_blocked", not_noted)
    with the_story_fails():
        assert await block_while_it_waits(world) == []


async def test_unblocked_both_can_write_again_and_what_was_thrown_away_is_asked_for(
    world: World, autojump_clock: MockClock
) -> None:
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=one) as alice, world.desktop("Bob", at=two) as bob:
        conversation = await befriend(world, alice, bob)
        who = await member(bob)
        await alice.wire.off()
        await bob.engine.message_send(conversation, "thrown away")
        await trio.sleep(10)
        await alice.engine.contact_block(who)
        alice.wire.on()
        await trio.sleep(20)
        await alice.engine.contact_unblock(who)
        await alice.engine.contact_unblock(who)
        await trio.sleep(30)
        assert good_at(one, alice) == 1
        await bob.engine.message_send(conversation, "can you hear me?")
        await trio.sleep(60)
        await alice.engine.message_send(conversation, "I can")
        await trio.sleep(60)
        assert await said(alice, conversation) == ["thrown away", "can you hear me?", "I can"]
        assert await bob.states(conversation) == ["delivered"] * 2
        assert await alice.states(conversation) == ["delivered"]


async def test_what_was_on_its_way_to_them_has_failed_and_can_be_sent_once_unblocked(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        who = await member(bob)
        await alice.wire.off()
        await alice.engine.message_send(conversation, "second thoughts")
        await alice.engine.contact_block(who)
        [mine] = [row for row in await alice.engine.message_list(conversation) if row.mine]
        assert (mine.state.value, mine.cause) == ("failed", Cause.BLOCKED)
        assert await alice.count("outbox") == 0
        with pytest.raises(ContactBlocked):
            await alice.engine.message_resend(mine.message_id)
        alice.wire.on()
        await trio.sleep(60)
        assert await said(bob, conversation) == []
        await alice.engine.contact_unblock(who)
        await alice.engine.message_resend(mine.message_id)
        await trio.sleep(60)
        assert await said(bob, conversation) == ["second thoughts"]


async def test_nothing_is_owed_to_them_asked_of_them_or_said_to_them_any_more(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        await befriend(world, alice, bob)
        who, ground = await member(bob), alice.ground
        secret = Secret(bytes(32))

        def left_of_them(db: Connection) -> list[int]:
            return [
                db.execute(f"SELECT count(*) FROM {table} WHERE member_id = ?", (who,)).fetchone()[
                    0
                ]
                for table in ("receipt", "wish", "own_slot")
            ]

        def block(db: Connection, said: Said) -> tuple[list[int], list[int]]:
            [device] = contacts.devices(db, who)
            inbox.owe(db, who, MessageId(bytes(16)), read=False)
            wishes.for_holes(db, device.device_id, who, ground.now())
            slots.put_own(db, OwnSlot(who, str(relay.address), secret, secret, ground.now()))
            before = left_of_them(db)
            blocking.block(db, said, who, ground.now())
            return before, left_of_them(db)

        assert await ground.do(block) == ([1, 1, 1], [0, 0, 0])


def _faults(db: Connection) -> int:
    """What could not be taken in because of a bug of ours."""
    return int(db.execute("SELECT count(*) FROM quarantine WHERE cause = 'fault'").fetchone()[0])


async def test_an_invitation_does_not_let_them_in_again(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        who, me = await member(bob), await member(alice)
        link = await bob.engine.contact_invite()
        await alice.engine.contact_block(who)
        with pytest.raises(ContactBlocked):
            await alice.engine.contact_accept(link)
        alice.heard.clear()
        await bob.engine.contact_remove(me)
        for device_known in (True, False):
            if not device_known:
                await alice.ground.vault.transact(
                    lambda db: contacts.drop_device(db, contacts.devices(db, who)[0].device_id)
                )
                await bob.engine.contact_remove(me)
            await bob.engine.contact_accept(await alice.engine.contact_invite(), "me again")
            await trio.sleep(30)
            assert (await bob.engine.contact_show(me)).pending
            assert (await alice.engine.contact_show(who)).blocked
            assert await said(alice, conversation) == []
        assert not [event for event in alice.heard if isinstance(event, MessageReceived)]
        assert await alice.ground.vault.read(_faults) == 0
        assert not [text for text in await bob.texts(conversation) if "spent" in text]
