"""Transaction 4 when something fails in the middle of it: all or nothing, also what is said."""

from __future__ import annotations

import pytest
import trio
from sqlcipher3 import Connection
from sqlcipher3 import dbapi2 as sql
from trio.testing import MockClock

from desktop.core.errors import VaultDamaged, VaultFull
from desktop.core.events import MessageReceived
from desktop.engine.ground import Bell, Said
from desktop.engine.receiving import receive, undecodable
from desktop.engine.receiving.undecodable import STRIKES, Opening
from desktop.store import capabilities, inbox
from protocol.e2e.contents import Greeting
from protocol.ids import CapabilityHash, EnvelopeId
from protocol.wire.frames import Delivery
from tests.whole.malice import Mallory
from tests.whole.world import Desktop, Place, World, befriend, member


def opening(world: World, desktop: Desktop, place: Place, capability: CapabilityHash) -> Opening:
    """A delivery of junk that came by a capability."""
    ground, rng = desktop.ground, world.random.randbytes
    delivery = Delivery(
        mailbox=desktop.mailbox_at(place),
        sequence=1,
        envelope_id=EnvelopeId(rng(16)),
        capability=capability,
        body=rng(2048),
    )
    relay_id = place.address.fingerprint
    return Opening(ground.me, relay_id, delivery, ground.timings, ground.now(), ground.rng)


@pytest.mark.parametrize(
    "failure", [VaultFull(), sql.OperationalError("disk I/O error"), sql.DatabaseError("malformed")]
)
async def test_a_disk_that_fails_for_a_moment_quarantines_and_acknowledges_nothing(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        await befriend(world, alice, bob)
        junk = opening(world, alice, relay, CapabilityHash(bytes(32)))
        said = Said()

        def fails(*_: object) -> None:
            raise failure

        def take_in(db: Connection) -> None:
            with monkeypatch.context() as patched:
                patched.setattr(capabilities, "find", fails)
                receive.receive(db, said, junk)

        with pytest.raises((type(failure), VaultDamaged)):
            await alice.ground.vault.transact(take_in)
        assert await alice.count("quarantine") == 0
        assert said == Said()


async def test_what_was_undone_is_not_told_either(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug of ours behind the last step: in quarantine, and nobody hears of a message."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        before = await alice.texts(conversation)
        alice.heard.clear()

        def fails(*_: object) -> None:
            raise KeyError

        with monkeypatch.context() as patched:
            patched.setattr(inbox, "remember", fails)
            await bob.engine.message_send(conversation, "taken in, almost")
            await trio.sleep(10)
        assert await alice.count("quarantine") == 1
        assert await alice.texts(conversation) == before
        assert [one for one in alice.heard if isinstance(one, MessageReceived)] == []


async def test_a_capability_that_is_over_collects_no_further_blame(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        await befriend(world, alice, bob)
        who = await member(bob)

        def story(db: Connection) -> None:
            rung: list[bool] = []
            for _ in range(STRIKES + 3):
                [given] = given_to_bob
                now = capabilities.find(db, given.hash)
                said = Said()
                junk = opening(world, alice, relay, given.hash)
                undecodable.blame(db, said, junk, now)
                rung.append(Bell.TELL in said.bells)
            assert rung == [*[False] * (STRIKES - 1), True, False, False, False]
            strikes = db.execute("SELECT max(strikes) FROM capability").fetchone()
            assert strikes == (STRIKES,)

        given_to_bob = await alice.ground.vault.read(lambda db: capabilities.of_member(db, who))
        await alice.ground.vault.transact(story)
        assert await alice.count("quarantine") == STRIKES + 3


async def test_a_greetings_name_is_cleaned_like_any_other(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        await befriend(world, alice, bob)
        harm = Mallory(bob, await member(alice))
        me = bob.ground.me
        said = Greeting(
            header=await harm.header(),
            name="\u202eboB\n\x07",
            device_list=me.device_list,
            routes=(),
            reply=True,
        )
        await harm.say(said)
        await trio.sleep(5)
        assert [one.name for one in await alice.engine.contact_list()] == ["boB"]
