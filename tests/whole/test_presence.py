"""Who is there and who is writing: seen across relays, kept nowhere, and all of it can be off."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock, wait_all_tasks_blocked

from desktop.core.events import Event, PresenceChanged, TypingChanged
from desktop.core.models import Presence
from desktop.engine.lines.line import Line
from desktop.engine.presence import signalling
from desktop.engine.presence.presences import TYPING_LASTS
from desktop.engine.relays import passing_on
from desktop.engine.timings import Timings
from protocol.e2e.contents import Fleeting
from protocol.ids import CallId, ConversationId
from protocol.wire.frames import PassOn, Publish, Watch
from protocol.wire.packet import CARRIED
from relay.asked import by_relays
from relay.asked import fleeting as asked
from relay.rules.limits import Allowance
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, Place, World, befriend, member

E = TypeVar("E", bound=Event)
TIMINGS = Timings()


@dataclass
class Pair:
    """Alice and Bob, who know each other, each at a relay."""

    world: World
    alice: Desktop
    bob: Desktop
    hers: Place
    his: Place
    conversation: ConversationId


@asynccontextmanager
async def a_pair(world: World, *, relays: int = 2) -> AsyncGenerator[Pair]:
    world.presence = True
    hers = await world.relay("hers.example")
    his = hers if relays == 1 else await world.relay("his.example")
    async with world.desktop("alice", at=hers) as alice, world.desktop("bob", at=his) as bob:
        conversation = await befriend(world, alice, bob)
        await trio.sleep(20)
        yield Pair(world, alice, bob, hers, his, conversation)


async def sees(watcher: Desktop, other: Desktop) -> Presence:
    """What somebody is told of another, who may be locked; alike wherever it stands."""
    (who,) = [
        one.contact_id for one in await watcher.engine.contact_list() if one.name == other.name
    ]
    listed = {one.contact_id: one.presence for one in await watcher.engine.contact_list()}
    shown = {one.contact_id: one.presence for one in await watcher.engine.conversation_list()}
    assert listed[who] is shown[who] is (await watcher.engine.contact_show(who)).presence
    return listed[who]


def heard(desktop: Desktop, kind: type[E]) -> list[E]:
    return [each for each in desktop.heard if isinstance(each, kind)]


def presences(desktop: Desktop) -> list[str]:
    return [each.presence.value for each in heard(desktop, PresenceChanged)]


def requests(place: Place, kind: type[object]) -> int:
    assert place.relay is not None
    return sum(n for one, n in place.relay.premises.counters.requests.items() if one is kind)


@pytest.mark.parametrize("relays", [1, 2])
async def test_contacts_see_each_other_come_and_go(
    world: World, autojump_clock: MockClock, relays: int
) -> None:
    async with a_pair(world, relays=relays) as pair:
        alice, bob = pair.alice, pair.bob
        assert await sees(alice, bob) is await sees(bob, alice) is Presence.ONLINE
        await bob.engine.profile_lock()
        await trio.sleep(1)
        assert await sees(alice, bob) is Presence.OFFLINE
        await bob.engine.profile_unlock("four kilns and a slow river")
        await trio.sleep(20)
        assert await sees(alice, bob) is Presence.ONLINE
        assert presences(alice)[-2:] == ["offline", "online"]


async def test_it_goes_on_for_hours_and_says_nothing_new(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        before = presences(pair.alice)
        await trio.sleep(1800)
        assert presences(pair.alice) == before
        assert await sees(pair.alice, pair.bob) is Presence.ONLINE


async def test_who_is_cut_off_is_there_for_some_minutes_and_then_not(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        await pair.bob.wire.off()
        await trio.sleep(TIMINGS.presence_again / 2)
        assert await sees(pair.alice, pair.bob) is Presence.ONLINE
        await trio.sleep(TIMINGS.presence_lasts)
        assert await sees(pair.alice, pair.bob) is Presence.OFFLINE
        assert await sees(pair.bob, pair.alice) is Presence.UNKNOWN


async def test_a_relay_that_begins_anew_is_told_anew(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        await pair.his.off()
        await trio.sleep(5)
        assert await sees(pair.alice, pair.bob) is Presence.UNKNOWN
        await pair.his.on()
        await trio.sleep(60)
        assert await sees(pair.alice, pair.bob) is Presence.ONLINE


async def test_switched_off_nobody_sees_and_nothing_is_said(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        await pair.bob.engine.presence_set(presence=False)
        await trio.sleep(10)
        assert await sees(pair.alice, pair.bob) is Presence.OFFLINE
        assert await sees(pair.bob, pair.alice) is Presence.UNKNOWN
        said = [requests(pair.his, kind) for kind in (Publish, Watch, PassOn)]
        await trio.sleep(900)
        assert [requests(pair.his, kind) for kind in (Publish, Watch, PassOn)] == said
        await pair.bob.engine.presence_set(presence=True)
        await trio.sleep(20)
        assert await sees(pair.alice, pair.bob) is await sees(pair.bob, pair.alice)
        assert await sees(pair.alice, pair.bob) is Presence.ONLINE


async def test_who_is_removed_sees_nothing_any_more(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        assert pair.his.relay is not None and pair.his.relay.premises.presence.slots == 1
        await pair.bob.engine.contact_remove(await member(pair.alice))
        await trio.sleep(10)
        assert pair.his.relay.premises.presence.slots == 0
        assert await sees(pair.alice, pair.bob) is Presence.OFFLINE


async def test_who_is_blocked_sees_nothing_and_is_not_seen_until_unblocked(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        who = pair.alice.ground.me.member_id
        await pair.bob.engine.contact_block(who)
        await trio.sleep(10)
        assert pair.his.relay is not None and pair.his.relay.premises.presence.slots == 0
        assert await sees(pair.alice, pair.bob) is Presence.OFFLINE
        assert await sees(pair.bob, pair.alice) is Presence.UNKNOWN
        await pair.alice.engine.conversation_writing(pair.conversation)
        await trio.sleep(5)
        assert typing(pair.bob) == []
        await pair.bob.engine.contact_unblock(who)
        await trio.sleep(120)
        assert await sees(pair.alice, pair.bob) is await sees(pair.bob, pair.alice)
        assert await sees(pair.alice, pair.bob) is Presence.ONLINE


async def test_presence_moves_with_the_first_relay(world: World, autojump_clock: MockClock) -> None:
    async with a_pair(world) as pair:
        third = await world.relay("third.example")
        await pair.bob.engine.relay_add(str(third.address))
        await trio.sleep(60)
        assert third.relay is not None and third.relay.premises.presence.slots == 0
        ids = [one.relay_id for one in await pair.bob.engine.relay_list()]
        await pair.bob.engine.relay_order(ids[::-1])
        await trio.sleep(60)
        assert third.relay.premises.presence.slots == 1
        assert pair.his.relay is not None and pair.his.relay.premises.presence.slots == 0
        assert await sees(pair.alice, pair.bob) is Presence.ONLINE


async def test_a_relay_without_room_for_slots_harms_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        assert pair.his.relay is not None
        pair.his.relay.premises.presence.__dict__["_slots"].__dict__["_most"] = 0
        await pair.bob.engine.presence_set(presence=False)
        await trio.sleep(5)
        await pair.bob.engine.presence_set(presence=True)
        await trio.sleep(60)
        assert await sees(pair.alice, pair.bob) is Presence.OFFLINE
        await pair.bob.engine.message_send(pair.conversation, "all the same")
        await trio.sleep(5)
        assert await pair.alice.texts(pair.conversation) == [
            "<notice became_contacts>",
            "all the same",
        ]


# Typing


def typing(desktop: Desktop) -> list[bool]:
    return [each.writing for each in heard(desktop, TypingChanged)]


@pytest.mark.parametrize("relays", [1, 2])
async def test_who_writes_is_seen_to_write_for_a_few_seconds(
    world: World, autojump_clock: MockClock, relays: int
) -> None:
    async with a_pair(world, relays=relays) as pair:
        await pair.bob.engine.conversation_writing(pair.conversation)
        await trio.sleep(1)
        assert heard(pair.alice, TypingChanged) == [
            TypingChanged(pair.conversation, await member(pair.bob), writing=True)
        ]
        await trio.sleep(TYPING_LASTS)
        assert typing(pair.alice) == [True, False]


async def test_it_is_said_seldom_however_fast_somebody_types(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        before = requests(pair.his, PassOn)
        for _ in range(200):
            await pair.bob.engine.conversation_writing(pair.conversation)
            await trio.sleep(0.1)
        assert 4 <= requests(pair.his, PassOn) - before <= 6
        assert typing(pair.alice) == [True], "and it is shown all the time"


async def test_a_message_or_an_empty_composer_ends_it(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        await pair.bob.engine.conversation_writing(pair.conversation)
        await trio.sleep(1)
        await pair.bob.engine.message_send(pair.conversation, "there")
        await trio.sleep(1)
        assert typing(pair.alice) == [True, False]
        await pair.bob.engine.conversation_writing(pair.conversation)
        await trio.sleep(1)
        await pair.bob.engine.conversation_writing(pair.conversation, stopped=True)
        await trio.sleep(1)
        assert typing(pair.alice) == [True, False, True, False]


async def talkative(world: World) -> None:
    """Bob types and stops, again and again, on a line that has room for a few watches."""
    async with a_pair(world) as pair:
        for _ in range(6):
            await pair.bob.engine.conversation_writing(pair.conversation)
            await trio.sleep(1)
            await pair.bob.engine.conversation_writing(pair.conversation, stopped=True)
            await trio.sleep(3)
        assert typing(pair.alice) == [True, False] * 6
        await pair.alice.engine.profile_lock()
        await trio.sleep(1)
        assert await sees(pair.bob, pair.alice) is Presence.OFFLINE


async def test_signals_take_no_place_from_what_is_watched(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "WATCHES", 4)
    await talkative(world)


def _hold_on(line: Line, call: CallId) -> None:
    """What the mutant does instead of letting go."""


async def test_mutant_whose_signals_are_never_let_go_of(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "WATCHES", 4)
    monkeypatch.setattr(passing_on, "let_go", _hold_on)
    with the_story_fails():
        await talkative(world)


async def quick_words(pair: Pair) -> None:
    """Bob's words are sent as fast as he begins them: only they are said."""
    for number in range(5):
        before = requests(pair.his, PassOn)
        await pair.bob.engine.conversation_writing(pair.conversation)
        await wait_all_tasks_blocked()  # no time passes, and whoever would say it at once has
        await pair.bob.engine.conversation_writing(pair.conversation, stopped=True)
        await trio.sleep(1)
        assert requests(pair.his, PassOn) == before
        await pair.bob.engine.conversation_writing(pair.conversation)
        await wait_all_tasks_blocked()
        await pair.bob.engine.message_send(pair.conversation, f"word {number}")
        await trio.sleep(1)
    assert typing(pair.alice) == []


async def test_what_is_sent_in_a_moment_needs_no_announcement(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        await quick_words(pair)


async def test_mutant_that_announces_each_word(world: World, autojump_clock: MockClock) -> None:
    world.timings = replace(world.timings, typing_after=-1.0)
    async with a_pair(world) as pair:
        with the_story_fails():
            await quick_words(pair)


@pytest.mark.parametrize("who", ["alice", "bob"])
async def test_typing_can_be_switched_off_on_either_side(
    world: World, autojump_clock: MockClock, who: str
) -> None:
    async with a_pair(world) as pair:
        before = requests(pair.his, PassOn)
        off = pair.alice if who == "alice" else pair.bob
        await off.engine.presence_set(typing=False)
        await pair.bob.engine.conversation_writing(pair.conversation)
        await trio.sleep(5)
        assert typing(pair.alice) == []
        assert requests(pair.his, PassOn) - before == (0 if who == "bob" else 1)


async def lost_typing(pair: Pair) -> None:
    """Bob types for minutes to alice, who is away, and then says it; every word comes."""
    await pair.alice.wire.off()
    for _ in range(60):
        await pair.bob.engine.conversation_writing(pair.conversation)
        await trio.sleep(4)
    await pair.bob.engine.message_send(pair.conversation, "sorry, that took me a while")
    await trio.sleep(5)
    for place in (pair.hers, pair.his):
        assert place.store.totals().packets == 0
    assert len(pair.hers.waiting_for(pair.alice)) == 1, "the message alone"
    pair.alice.wire.on()
    await trio.sleep(400)
    assert (await pair.alice.texts(pair.conversation))[1:] == ["sorry, that took me a while"]
    assert await pair.bob.states(pair.conversation) == ["delivered"]


async def test_sixty_lost_signals_cost_no_key_and_no_message(
    world: World, autojump_clock: MockClock
) -> None:
    async with a_pair(world) as pair:
        state = await _sessions(pair.bob)
        await pair.alice.wire.off()
        for _ in range(3):
            await pair.bob.engine.conversation_writing(pair.conversation)
            await trio.sleep(4)
        assert await _sessions(pair.bob) == state, "no session was turned"
        pair.alice.wire.on()
        await trio.sleep(60)
        await lost_typing(pair)


async def _sessions(desktop: Desktop) -> list[tuple[object, ...]]:
    return await desktop.ground.vault.read(
        lambda db: db.execute("SELECT * FROM session ORDER BY 1").fetchall()
    )


async def test_mutant_whose_signals_are_deposits(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Had they been kept like messages, dozens would wait for alice."""
    from protocol.ids import EnvelopeId
    from protocol.wire.frames import Deposit

    def kept(*, call: CallId, capability: bytes, body: bytes) -> Deposit:
        return Deposit(
            call=call, capability=capability, envelope_id=EnvelopeId(body[-16:]), body=body
        )

    monkeypatch.setattr(signalling, "Signal", kept)
    monkeypatch.setattr(by_relays, "FLEETING", CARRIED)
    with the_story_fails():
        async with a_pair(world) as pair:
            await lost_typing(pair)


async def test_somebody_elses_capability_says_nothing_in_a_contacts_name(
    world: World, autojump_clock: MockClock
) -> None:
    """Carol repeats what bob said, by the way that alice gave to her."""
    async with a_pair(world, relays=1) as pair, world.desktop("carol", at=pair.hers) as carol:
        await befriend(world, pair.alice, carol)
        assert pair.hers.relay is not None
        signals = pair.hers.relay.premises.signals
        caught: list[tuple[bytes, bytes]] = []
        say = signals.say

        def catch(capability: bytes, body: bytes, guesses: Allowance) -> None:
            caught.append((capability, body))

        vars(signals)["say"] = catch
        guesses = Allowance(10, 1_000)
        for desktop in (pair.bob, carol):
            for one in await desktop.engine.conversation_list():
                await desktop.engine.conversation_writing(one.conversation_id)
                await trio.sleep(1)
        (from_bob, his), (from_carol, _) = caught[0], caught[-1]
        say(from_carol, his, guesses)
        await trio.sleep(1)
        assert typing(pair.alice) == []
        say(from_bob, his, guesses)
        await trio.sleep(1)
        assert typing(pair.alice) == [True]
        say(from_bob, his, guesses)
        await trio.sleep(TYPING_LASTS - 0.5)
        assert typing(pair.alice) == [True, False], "what is repeated is nothing"


async def test_nothing_of_it_is_on_a_disk(world: World, autojump_clock: MockClock) -> None:
    async with a_pair(world) as pair:
        await pair.bob.engine.conversation_writing(pair.conversation)
        await trio.sleep(300)
        for place in (pair.hers, pair.his):
            held = place.store.totals()
            assert held.envelopes == held.packets == 0
        for desktop in (pair.alice, pair.bob):
            assert await desktop.count("outbox") == 0
            assert await desktop.count("own_slot") == await desktop.count("their_slot") == 1


def test_a_content_of_it_names_no_more_than_it_must() -> None:
    assert [one for one in Fleeting.__struct_fields__ if one != "header"] == ["key", "slot"]
