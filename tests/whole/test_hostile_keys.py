"""Keys and addresses that a contact tells and nobody can use: shown, put off, and never the end."""

from __future__ import annotations

from functools import partial

import pytest
import trio
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.models import Cause, Kind
from desktop.engine.ground import Said
from desktop.engine.pairing import greet
from desktop.store import contacts
from desktop.store.sealing_keys import current
from protocol.e2e.contents import Receipt
from protocol.e2e.packing import pack
from protocol.e2e.sealing import SealingKeyCard, SignedSealingKey
from protocol.ids import DeviceId
from protocol.keys import Domain, sign
from tests.whole.test_malice import still_well, trio_of_people
from tests.whole.world import Desktop, World, befriend, hurried


async def useless_key(desktop: Desktop) -> SignedSealingKey:
    """Signed by this device; its X25519 half agrees with everybody on nothing."""
    key = await desktop.ground.vault.read(current)
    public = key.public[:1184] + bytes(32)
    body = pack(SealingKeyCard(public=public, made_ms=key.made_ms + 1))
    seed = desktop.ground.me.device.seed
    return SignedSealingKey(body=body, signature=sign(seed, Domain.SEALING_KEY, body))


async def test_a_key_that_nothing_can_be_sealed_to_is_not_believed(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        head = await harm.header(sealing_key=await useless_key(mallory))
        await harm.say(Receipt(header=head))
        await trio.sleep(10)
        last = (await alice.engine.message_list(bad))[-1]
        assert (last.kind, last.cause) == (Kind.UNREADABLE, Cause.NOT_UNDERSTOOD)
        await alice.engine.message_send(bad, "sealed to the key before it")
        await trio.sleep(10)
        assert await alice.states(bad) == ["delivered"]
        await still_well(alice, carol, good)


async def test_a_vault_that_holds_such_a_key_starts_and_waits_for_another(
    world: World, autojump_clock: MockClock
) -> None:
    world.timings = hurried(world.timings, again_after=1800.0, sealing_key_life=3600.0)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await bob.wire.off()
        device = DeviceId(bob.ground.me.device.device_id)
        await alice.engine.message_send(conversation, "stored, and no receipt")
        await trio.sleep(10)
        await alice.wire.off()
        await alice.ground.vault.transact(partial(spoil, device=device))
        await alice.engine.message_send(conversation, "not sealed yet")
        await trio.sleep(1)
    async with world.desktop("Alice") as alice:
        await trio.sleep(3600)  # long enough for a further copy of what was stored
        assert await alice.states(conversation) == ["sent", "queued"]
        async with world.desktop("Bob") as bob:
            await trio.sleep(2 * 3600)
            await bob.engine.message_send(conversation, "another hour, another key")
            await trio.sleep(10)
            assert await alice.states(conversation) == ["delivered", "delivered"]
            assert "not sealed yet" in await bob.texts(conversation)


def spoil(db: Connection, device: DeviceId) -> None:
    """As a version that believed every key may have left it."""
    found = contacts.device(db, device)
    assert found is not None
    db.execute(
        "UPDATE contact_device SET sealing_public = ? WHERE device_id = ?",
        (found.sealing_public[:1184] + bytes(32), device),
    )


@pytest.mark.parametrize("lost", [False, True], ids=["with a session", "without one"])
async def test_a_vault_that_holds_an_address_of_nowhere_starts_and_waits_for_another(
    lost: bool, world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.wire.off()
        await alice.engine.message_send(conversation, "sealed for nowhere")
        await trio.sleep(10)
        await alice.ground.vault.transact(partial(mislead, lost=lost))
        await alice.engine.message_send(conversation, "not sealed yet")
    async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
        await trio.sleep(3600)
        assert await alice.states(conversation) == ["queued", "queued"]
        if lost:
            return
        await bob.ground.do(partial(greet_all, desktop=bob))
        await trio.sleep(3600)
        assert await alice.states(conversation) == ["delivered", "delivered"]


def mislead(db: Connection, *, lost: bool) -> None:
    """As a version that took this for an address may have left it."""
    (where,) = db.execute("SELECT relay FROM contact_mailbox").fetchone()
    nowhere = "wss://a..b:7443#" + where.partition("#")[2]
    db.execute("UPDATE contact_mailbox SET relay = ?", (nowhere,))
    db.execute("UPDATE copy SET relay = ?", (nowhere,))
    if lost:
        db.execute("DELETE FROM session")


def greet_all(db: Connection, said: Said, desktop: Desktop) -> None:
    """As when a relay is added: this is where I collect."""
    ground = desktop.ground
    for contact in contacts.every(db):
        greet.greet(db, said, ground.me, contact.member_id, ground.now(), ground.rng, reply=False)
