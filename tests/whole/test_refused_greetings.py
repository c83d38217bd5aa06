"""What is refused of a stranger has never been: neither the link nor a key is used up by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import trio
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.engine.receiving import ratchet, undecodable
from desktop.engine.receiving.ratchet import Step
from desktop.engine.receiving.undecodable import Opening
from desktop.store import capabilities, sealing_keys
from desktop.store import me as mine
from desktop.store.capabilities import Given
from desktop.store.contacts import ContactDevice
from protocol.e2e.contents import Greeting, MailboxRoute, Route
from protocol.e2e.envelope import Inside
from protocol.e2e.link import ContactLink, parse_contact_link
from protocol.e2e.sealing import sign_sealing_key
from protocol.ids import ConversationId
from tests.whole.malice import Mallory
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, World, member

Story = Callable[[World], Awaitable[None]]
KEPT = ("me", "session", "contact", "capability", "invitation", "outbox", "opened")


async def kept(desktop: Desktop) -> list[tuple[object, ...]]:
    """All that what is refused must leave as it was."""

    def dump(db: Connection) -> list[tuple[object, ...]]:
        return [row for name in KEPT for row in db.execute(f"SELECT * FROM {name}").fetchall()]

    return await desktop.ground.vault.read(dump)


async def greeting(harm: Mallory, link: ContactLink, **changed: object) -> Greeting:
    """What an honest guest says first, but for what is changed in its header."""
    ground = harm.desktop.ground
    key = sign_sealing_key(ground.me.device, await ground.vault.read(sealing_keys.current))
    box = MailboxRoute(
        relay=str(link.address), capability=link.capability(), drawer_key=link.drawer_key()
    )
    device = ground.me.device.device_id
    return Greeting(
        header=await harm.header(**changed),
        name=ground.me.name,
        device_list=ground.me.device_list,
        routes=(Route(device=device, mailboxes=(box,), sealing_key=key),),
    )


async def first_words_overtake_the_greeting(world: World) -> None:
    """A relay hands out the second of two envelopes first; both begin the same session."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        link = parse_contact_link(await alice.engine.contact_invite())
        guest = Mallory(bob, await member(alice))
        await guest.begin(link)
        before = await kept(alice)
        await guest.say(await guest.text("too early"))
        await trio.sleep(5)
        assert await alice.count("quarantine") == 1
        assert await kept(alice) == before
        await guest.say(await greeting(guest, link))
        await trio.sleep(5)
        assert [one.name for one in await alice.engine.contact_list()] == ["Bob"]
        assert await alice.count("quarantine") == 1


async def test_a_greeting_opens_although_what_its_author_said_next_was_refused_before(
    world: World, autojump_clock: MockClock
) -> None:
    await first_words_overtake_the_greeting(world)


async def flood_through_a_link(world: World) -> None:
    """Mallory holds a link that was made for two; Carol comes by it all the same."""
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        text = await alice.engine.contact_invite(2)
        link = parse_contact_link(text)
        harm = Mallory(mallory, await member(alice))
        before = await kept(alice)
        refused = 0
        for _ in range(2):
            await harm.begin(link)
            elsewhere = ConversationId(world.random.randbytes(16))
            await harm.say(b"neither a greeting nor a content")
            await harm.say(await harm.text("nor a greeting"))
            again = await harm.say(await greeting(harm, link, conversation=elsewhere))
            await harm.post(again)
            refused += 4
        await trio.sleep(10)
        assert await alice.count("quarantine") == refused, "opened, and refused, each time anew"
        assert await kept(alice) == before
        await carol.engine.contact_accept(text)
        await trio.sleep(10)
        assert [one.name for one in await alice.engine.contact_list()] == ["Carol"]


async def test_a_flood_of_refused_greetings_uses_up_nothing_that_a_guest_needs(
    world: World, autojump_clock: MockClock
) -> None:
    await flood_through_a_link(world)


async def test_what_became_a_contact_is_not_greeted_twice_by_a_replay(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        link = parse_contact_link(await alice.engine.contact_invite(2))
        guest = Mallory(bob, await member(alice))
        await guest.begin(link)
        said = await guest.say(await greeting(guest, link))
        await trio.sleep(5)

        async def counted() -> list[int]:
            return [await alice.count(name) for name in ("message", "session", "quarantine")]

        before = await counted()
        for _ in range(3):
            await guest.post(said, capability=link.capability())
        await trio.sleep(5)
        assert await counted() == before
        assert len(await alice.engine.contact_list()) == 1


def saved_too_early(db: Connection, inside: Inside, known: ContactDevice | None) -> Step:
    made = true_step(db, inside, known)
    if made.account is not None:
        mine.save_account(db, made.account)
    return made


true_step = ratchet.step


@pytest.mark.parametrize("story", [first_words_overtake_the_greeting, flood_through_a_link])
async def test_mutant_that_uses_up_a_key_before_the_sender_is_judged(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, story: Story
) -> None:
    monkeypatch.setattr(ratchet, "step", saved_too_early)
    with the_story_fails():
        await story(world)


async def test_mutant_that_blames_a_link_for_who_comes_by_it(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_quarantine = undecodable.quarantine

    def strikes(db: Connection, opening: Opening, cause: str) -> None:
        true_quarantine(db, opening, cause)
        given: Given | None = capabilities.find(db, opening.delivery.capability)
        if given is not None and capabilities.strike(db, given.hash) >= undecodable.STRIKES:
            capabilities.take_back(db, given.hash)

    monkeypatch.setattr(undecodable, "quarantine", strikes)
    with the_story_fails():
        await flood_through_a_link(world)
