"""With a proxy set, everything goes through it, from the first line after unlocking to the last."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from desktop.core.errors import ProxyUnavailable
from desktop.core.models import Trouble
from desktop.core.proxy import Proxy, ProxyShown
from desktop.engine.lines.outward import Outward
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, World, befriend

PROXY = "127.0.0.1:9050"


async def trouble(desktop: Desktop) -> list[Trouble | None]:
    return [relay.trouble for relay in await desktop.engine.relay_list()]


async def set_while_lines_are_open(world: World) -> None:
    """A proxy is set in the middle of a conversation; then it dies; then it is taken away."""
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=one) as alice, world.desktop("Bob", at=two) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.engine.proxy_set(PROXY)
        alice.wire.asked.clear()
        await trio.sleep(10)
        await alice.engine.message_send(conversation, "through it")
        await alice.engine.relay_add(str(two.address))
        await trio.sleep(60)
        assert await alice.states(conversation) == ["delivered"]
        assert alice.wire.asked == []
        assert {host for _, host in alice.wire.proxied} == {"one.example", "two.example"}
        alice.wire.proxy_down = True
        await alice.wire.off()
        alice.wire.on()
        await alice.engine.message_send(conversation, "waits")
        await trio.sleep(120)
        assert await trouble(alice) == [Trouble.PROXY, Trouble.PROXY]
        assert await alice.states(conversation) == ["delivered", "queued"]
        with pytest.raises(ProxyUnavailable):
            await alice.engine.relay_add(str((await world.relay("three.example")).address))
        assert alice.wire.asked == []
    async with world.desktop("Alice") as alice, world.desktop("Bob"):
        alice.wire.proxy_down = True
        assert await alice.engine.proxy_show() == ProxyShown(PROXY, "")
        await trio.sleep(60)
        assert alice.wire.asked == []
        alice.wire.proxy_down = False
        await trio.sleep(600)
        assert await alice.states(conversation) == ["delivered", "delivered"]
        assert alice.wire.asked == []
        await alice.engine.proxy_set("")
        alice.wire.proxied.clear()
        await trio.sleep(10)
        assert await trouble(alice) == [None, None]
        assert alice.wire.proxied == []


async def test_with_a_proxy_everything_goes_through_it_or_not_at_all(
    world: World, autojump_clock: MockClock
) -> None:
    await set_while_lines_are_open(world)


async def test_mutant_that_keeps_the_lines_that_were_open(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use(self: Outward, proxy: Proxy | None) -> None:
        await trio.lowlevel.checkpoint()

    monkeypatch.setattr(Outward, "use", use)
    with the_story_fails():
        await set_while_lines_are_open(world)
