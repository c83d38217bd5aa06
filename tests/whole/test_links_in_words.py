"""A link as people send it: in the middle of a sentence, and it is found all the same."""

from __future__ import annotations

import pytest
from trio.testing import MockClock

from desktop.core.errors import InvitationMalformed, NotAPersonsLink, RelayRefused
from desktop.core.models import CommunityInvitation, PersonInvitation
from relay.rules.limits import House
from tests.whole.test_links import invite_by_operator
from tests.whole.world import World

AROUND = (
    "{link}",
    "Here is the link: {link} See you there!",
    "I have put it in brackets ({link}), so mind them.",
    "“{link}”",
    "Dear Bob,\n\n{link}\n\nYours, Alice",
    "Copy this: {link}.",
)


@pytest.mark.parametrize("sentence", AROUND)
async def test_a_link_is_found_in_what_stands_around_it(
    world: World, autojump_clock: MockClock, sentence: str
) -> None:
    relay = await world.relay(house=House(open=False))
    async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
        of_the_relay = sentence.format(link=invite_by_operator(relay, invites=1))
        seen = await alice.engine.look_at(of_the_relay)
        assert isinstance(seen, CommunityInvitation)
        assert await alice.engine.relay_add(of_the_relay) == relay.address.fingerprint

        of_a_person = sentence.format(link=await alice.engine.contact_invite(join=True))
        found = await bob.engine.look_at(of_a_person)
        assert isinstance(found, PersonInvitation)
        assert found.name == "Alice"
        accepted = await bob.engine.contact_accept(of_a_person, "Hello")
        assert [one.contact_id for one in await bob.engine.contact_list()] == [accepted.contact_id]


@pytest.mark.parametrize("mailed", [False, True])
async def test_an_open_relays_address_is_enough(
    world: World, autojump_clock: MockClock, mailed: bool
) -> None:
    relay = await world.relay(house=House(open=True))
    async with world.desktop("Alice") as alice:
        address = str(relay.address).replace("#", "%23" if mailed else "#")
        seen = await alice.engine.look_at(f" {address}\n")
        assert isinstance(seen, CommunityInvitation)
        assert (seen.bare, seen.known) == (True, False)
        assert await alice.engine.relay_add(address) == relay.address.fingerprint
        with pytest.raises(NotAPersonsLink):
            await alice.engine.contact_accept(address)


async def test_a_closed_relays_address_lets_nobody_in(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay(house=House(open=False))
    async with world.desktop("Alice") as alice:
        assert await alice.engine.look_at(str(relay.address))
        with pytest.raises(RelayRefused):
            await alice.engine.relay_add(str(relay.address))


async def test_a_sentence_without_a_link_is_none(world: World, autojump_clock: MockClock) -> None:
    async with world.desktop("Bob") as bob:
        for words in ("Alice said she would send aside:// soon", "aside: see below", "#c."):
            with pytest.raises(InvitationMalformed):
                await bob.engine.look_at(words)
            with pytest.raises(InvitationMalformed):
                await bob.engine.relay_add(words)
