"""What a relay says of itself is kept from joining on, and whoever joined hears when it changes."""

from __future__ import annotations

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.errors import RelayUnknown
from desktop.core.events import RelayPractices
from desktop.core.practices import Change, Changed, Practices
from protocol.ids import Fingerprint
from protocol.keys import Secret
from protocol.wire.codec import UnknownFrame
from protocol.wire.frames import ShowPractices
from protocol.wire.practices import make_practices
from relay.practices import Declared, practices
from relay.requests import Requests
from relay.rules.federation import Federation, Openness
from relay.rules.limits import House, Limits, Terms
from tests.whole.world import Desktop, Place, World


async def shown(desktop: Desktop, place: Place) -> Practices:
    found = await desktop.engine.relay_practices(place.address.fingerprint)
    assert found is not None
    return found


def news(desktop: Desktop) -> list[bool]:
    found = [one.changed for one in desktop.heard if isinstance(one, RelayPractices)]
    desktop.heard.clear()
    return found


async def restart(place: Place, house: House) -> None:
    """The operator changed the settings."""
    await place.off()
    place.house = house
    await place.on()
    await trio.sleep(60)


async def test_a_relay_that_keeps_longer_than_when_one_joined_is_told_of(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        await trio.sleep(10)
        assert news(alice) == [False]
        joined = await shown(alice, relay)
        assert joined.now is not None
        assert joined.signed
        assert [one.what for one in joined.now.kept] == [one.what for one in practices(relay.house)]
        await restart(relay, relay.house)
        assert news(alice) == []
        await restart(relay, House(open=True, limits=Limits(keep_days=60)))
        assert news(alice) == [True]
    async with world.desktop("Alice") as alice:
        await trio.sleep(10)
        assert news(alice) == []
        found = await shown(alice, relay)
        assert Changed("envelope", Change.LONGER) in found.changed
        assert found.joined_ms == joined.joined_ms
        await restart(relay, House(open=True))
        assert (await shown(alice, relay)).changed == ()
        with pytest.raises(RelayUnknown):
            await alice.engine.relay_practices(Fingerprint(bytes(32)))


async def test_what_a_relay_did_not_sign_is_not_believed(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        await trio.sleep(10)
        joined = await shown(alice, relay)
        alice.heard.clear()
        kind = practices(House(limits=Limits(keep_days=1)))
        body, _ = make_practices(relay.seed, "Kinder", "", True, kind)
        _, other = make_practices(Secret(bytes(32)), "Kinder", "", True, kind)
        await relay.off()
        relay.declared = Declared(body, other)
        await relay.on()
        await trio.sleep(60)
        assert news(alice) == [True]
        found = await shown(alice, relay)
        assert (found.signed, found.now) == (False, joined.now)
        relay.declared = None
        await restart(relay, relay.house)
        assert (await shown(alice, relay)).signed


async def test_a_relay_that_does_not_say_it_any_more_is_told_of(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        await trio.sleep(10)
        joined = await shown(alice, relay)
        alice.heard.clear()
        with monkeypatch.context() as silent:
            handlers: dict[type, object] = getattr(Requests, "_HANDLERS")  # noqa: B009
            knows_nothing = handlers[UnknownFrame]

            def unsupported(requests: Requests, asked: ShowPractices) -> None:
                assert callable(knows_nothing)
                knows_nothing(requests, UnknownFrame(call=asked.call, name="show_practices"))

            silent.setitem(handlers, ShowPractices, unsupported)
            await restart(relay, relay.house)
            assert news(alice) == [True]
            found = await shown(alice, relay)
            assert (found.signed, found.now) == (False, joined.now)
            await restart(relay, relay.house)
            assert news(alice) == [], "it is told once"
        await restart(relay, relay.house)
        assert (await shown(alice, relay)).signed


async def test_whether_a_relay_carries_to_others_is_said(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        await trio.sleep(10)
        assert [one.carries for one in await alice.engine.relay_list()] == [True]
        await restart(relay, House(open=True, federation=Federation(Openness.ALLOW)))
        assert [one.carries for one in await alice.engine.relay_list()] == [False]
    shut = await world.relay("shut.example", house=House(open=True, terms=Terms(forwards=0)))
    async with world.desktop("Bob", at=shut) as bob:
        await trio.sleep(10)
        assert [one.carries for one in await bob.engine.relay_list()] == [False]
    assert replace(
        Federation(Openness.ALLOW), relays=frozenset({shut.address.fingerprint})
    ).meets_any
