"""Nobody chooses freely where a desktop connects: not on its computer, not in its network."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from desktop.core.nearness import Nearness
from desktop.engine.pairing import learn
from desktop.store import capabilities, sealing_keys
from protocol.e2e.contents import Greeting, MailboxRoute, Route
from protocol.e2e.sealing import sign_sealing_key
from protocol.keys import Secret
from tests.whole.malice import Mallory
from tests.whole.mutant import the_story_fails
from tests.whole.test_several_relays import collects_at
from tests.whole.world import Desktop, World, befriend, member

NEAR = ("127.0.0.1", "relay.localhost", "[::1]", "192.168.178.1", "169.254.169.254", "nas.local")
HOUR_S = 3600


async def greets_from(desktop: Desktop, harm: Mallory, *hosts: str) -> None:
    """Tell that one collects there, whether or not it is so."""
    ground = desktop.ground
    given = await ground.vault.read(lambda db: capabilities.of_member(db, harm.victim))
    own = (await desktop.engine.relay_list())[0]
    name = own.address.partition("#")[2]
    boxes = [
        MailboxRoute(
            relay=own.address if host in own.address else f"wss://{host}:7443#{name}",
            capability=given[0].secret,
            drawer_key=Secret(bytes(32)),
        )
        for host in hosts
    ]
    key = sign_sealing_key(ground.me.device, await ground.vault.read(sealing_keys.current))
    route = Route(device=ground.me.device.device_id, mailboxes=tuple(boxes), sealing_key=key)
    await harm.say(
        Greeting(
            header=await harm.header(),
            name=desktop.name,
            device_list=ground.me.device_list,
            routes=(route,),
            reply=True,
        )
    )
    await trio.sleep(10)


async def test_a_contact_sends_no_desktop_into_its_own_network(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    for host in NEAR:
        await world.relay(host)
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Mallory", at=relay) as eve:
        conversation = await befriend(world, alice, eve)
        harm = Mallory(eve, await member(alice))
        for host in NEAR:
            await greets_from(eve, harm, host)
            assert await collects_at(alice, eve) == [relay.host], "the former way stays"
        await greets_from(eve, harm, *NEAR[:2], relay.host)
        assert await collects_at(alice, eve) == [relay.host], "and what is far of a route is taken"
        await alice.engine.message_send(conversation, "by the way that I know")
        await trio.sleep(HOUR_S)
        assert await alice.states(conversation) == ["delivered"]
        assert set(alice.wire.asked) == {relay.host}


async def test_mutant_that_takes_every_host_for_far(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def far(host: str) -> Nearness:
        return Nearness.FAR

    monkeypatch.setattr(learn, "nearness", far)
    with the_story_fails():
        await test_a_contact_sends_no_desktop_into_its_own_network(world, autojump_clock)


async def test_a_far_name_that_leads_near_is_left_alone_until_an_own_relay_is_as_near(
    world: World, autojump_clock: MockClock
) -> None:
    relay, trap = await world.relay(), await world.relay("trap.example")
    trap.nearness = Nearness.HOME
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Eve", at=relay) as eve:
        conversation = await befriend(world, alice, eve)
        await eve.engine.relay_add(str(trap.address))
        await eve.engine.relay_remove(relay.address.fingerprint)
        await trio.sleep(10)
        assert await collects_at(alice, eve) == ["trap.example"]
        opened = alice.wire.opened
        await alice.engine.message_send(conversation, "not into my home")
        await trio.sleep(HOUR_S)
        assert await alice.states(conversation) == ["queued"]
        assert alice.wire.opened == opened
        relay.nearness = Nearness.HOME  # Alice's own turns out to stand at home as well
        await alice.wire.off()
        alice.wire.on()
        await trio.sleep(HOUR_S)
        assert await alice.states(conversation) == ["delivered"]


async def test_people_with_relays_at_home_meet_by_a_pasted_link(
    world: World, autojump_clock: MockClock
) -> None:
    far, home = await world.relay(), await world.relay("nas.local")
    home.nearness = Nearness.HOME
    async with world.desktop("Alice", at=home) as alice, world.desktop("Bob", at=far) as bob:
        conversation = await befriend(world, alice, bob)  # Bob pasted a link that names it
        await bob.engine.message_send(conversation, "into the house")
        await alice.engine.message_send(conversation, "and out of it")
        await trio.sleep(10)
        assert await bob.states(conversation) == ["delivered"]
        assert await alice.states(conversation) == ["delivered"]
    async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
        await bob.engine.message_send(conversation, "after a night as well")
        await trio.sleep(60)
        assert await bob.states(conversation) == ["delivered", "delivered"]


async def test_neighbours_learn_of_each_others_relays_at_home(
    world: World, autojump_clock: MockClock
) -> None:
    mine, yours = await world.relay("nas.local"), await world.relay("192.168.178.7")
    mine.nearness = yours.nearness = Nearness.HOME
    async with world.desktop("Alice", at=mine) as alice, world.desktop("Bob", at=yours) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.engine.message_send(conversation, "over the fence")
        await bob.engine.message_send(conversation, "and back")
        await trio.sleep(10)
        assert await alice.states(conversation) == await bob.states(conversation) == ["delivered"]


async def test_a_stranger_who_comes_too_late_is_not_told_so_in_ones_own_network(
    world: World, autojump_clock: MockClock
) -> None:
    relay, home = await world.relay(), await world.relay("nas.local")
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Mallory", at=home) as mallory,
    ):
        link = await alice.engine.contact_invite()
        await alice.wire.off()
        await bob.engine.contact_accept(link)
        await mallory.engine.contact_accept(link)
        await trio.sleep(10)
        alice.wire.on()
        await trio.sleep(HOUR_S)
        assert [one.name for one in await alice.engine.contact_list()] == ["Bob"]
        assert set(alice.wire.asked) == {relay.host}
