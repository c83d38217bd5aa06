"""Relays that go, come back, are full, cheat or fall silent; lines that are slow or half-open."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import ClassVar

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.events import RelayStatus
from desktop.core.models import RelayState, Trouble
from desktop.engine.ground import Ground
from desktop.engine.receiving import repairing
from desktop.engine.sending import post
from protocol.ids import ConversationId, EnvelopeId
from protocol.wire.frames import Deposit, Reason, Refused, Stored
from relay.rules.clock import Now
from relay.rules.limits import House, Limits, Terms
from relay.rules.office import AnyRequest
from relay.store.storage import Answered, Inline
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, Place, World, befriend, breathing_slowly

DAY = 24 * 3600


async def written(desktop: Desktop, conversation: ConversationId) -> list[str]:
    """The texts alone."""
    return [one for one in await desktop.texts(conversation) if not one.startswith("<")]


async def until_delivered(
    desktop: Desktop, conversation: ConversationId, patience: float = 120
) -> None:
    with trio.move_on_after(patience):
        while set(await desktop.states(conversation)) - {"delivered", "read"}:
            await trio.sleep(1)
    assert set(await desktop.states(conversation)) == {"delivered"}


async def relay_comes_and_goes(world: World, relay: Place) -> None:
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        for number in range(12):
            await alice.engine.message_send(conversation, f"a{number}")
            await trio.sleep(world.random.random() * 0.05)
            await relay.off()
            await bob.engine.message_send(conversation, f"b{number}")
            await trio.sleep(world.random.random() * 5)
            await relay.on()
            await trio.sleep(world.random.random() * 5)
        await until_delivered(alice, conversation)
        await until_delivered(bob, conversation)
        for desktop in (alice, bob):
            found = await written(desktop, conversation)
            for mark in "ab":
                expected = [f"{mark}{number}" for number in range(12)]
                assert [one for one in found if one.startswith(mark)] == expected
            assert "<" not in "".join((await desktop.texts(conversation))[1:])
        status = [e.relay.state for e in alice.heard if isinstance(e, RelayStatus)]
        assert {RelayState.ONLINE, RelayState.OFFLINE} <= set(status)


async def test_a_relay_that_comes_and_goes_loses_and_doubles_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    await relay_comes_and_goes(world, await world.relay())


class Promising(Inline):
    """Says Stored before anything is: what a crash takes then is lost."""

    deposits: ClassVar[Iterator[int]]

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        # Not the first ones, by which they become contacts.
        if isinstance(asked, Deposit) and next(self.deposits) % 8 == 7:
            answered(Stored(call=asked.call))
        else:
            super().submit(asked, now, answered)


async def test_mutant_relay_that_acknowledges_before_it_commits(
    world: World, autojump_clock: MockClock
) -> None:
    Promising.deposits = count()
    with the_story_fails():
        await relay_comes_and_goes(world, await world.relay(storage=Promising))


class Forgetful(Inline):
    """Commits, and is killed before it answers: nobody hears of the first try."""

    killed: set[EnvelopeId]

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if isinstance(asked, Deposit) and asked.envelope_id not in self.killed:
            self.killed.add(asked.envelope_id)
            super().submit(asked, now, lambda _: None)
            answered(Refused(call=asked.call, reason=Reason.TRY_LATER))
        else:
            super().submit(asked, now, answered)


async def test_committed_but_never_answered_is_put_again_and_kept_once(
    world: World, autojump_clock: MockClock
) -> None:
    Forgetful.killed = set()
    relay = await world.relay(storage=Forgetful)
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        link = await alice.engine.contact_invite()
        conversation = (await bob.engine.contact_accept(link)).conversation_id
        await trio.sleep(300)
        await alice.engine.message_send(conversation, "once")
        await until_delivered(alice, conversation, 600)
        assert await written(bob, conversation) == ["once"]
        kept = relay.store.mailboxes.find(bob.mailbox_at(relay))
        assert kept is not None and kept.last == await bob.count("opened")


async def away_for_a_day(world: World) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        await relay.off()
        for number in range(40):
            await alice.engine.message_send(conversation, f"{number}")
        await trio.sleep(DAY)
        assert await alice.states(conversation) == ["queued"] * 40
        [status] = await alice.engine.relay_list()
        assert (status.state, status.trouble) == (RelayState.OFFLINE, Trouble.UNREACHABLE)
        await relay.on()
        await trio.sleep(15 * 60)
        assert await alice.states(conversation) == ["delivered"] * 40
        assert await written(bob, conversation) == [f"{number}" for number in range(40)]


async def test_a_relay_that_is_away_for_a_day(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    breathing_slowly(world, monkeypatch)
    await away_for_a_day(world)


async def test_mutant_that_gives_up_trying(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def once(ground: Ground, relay: str, bell: object) -> None:
        await real(ground, relay, bell)  # type: ignore[arg-type]

    real = post._serve  # pyright: ignore[reportPrivateUsage]
    breathing_slowly(world, monkeypatch)
    world.timings = replace(world.timings, retry_cap=10 * DAY, retry_first_cap=10 * DAY)
    monkeypatch.setattr(post, "_serve", once)
    with the_story_fails():
        await away_for_a_day(world)


async def test_a_lost_line_is_tried_often_at_first_and_seldom_later(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        await trio.sleep(60)
        await relay.off()
        tries = [
            e.relay.next_try_ms
            for e in await heard_for(alice, 3600)
            if isinstance(e, RelayStatus) and e.relay.next_try_ms is not None
        ]
        early = [at for at in tries if at - tries[0] < 120_000]
        assert 6 < len(early) < 40
        assert 12 < len(tries) - len(early) < 60, "five minutes at most between two"
        await relay.on()
        await alice.engine.nudge()
        await trio.sleep(0.1)
        assert (await alice.engine.relay_list())[0].state is RelayState.ONLINE


async def heard_for(desktop: Desktop, seconds: float) -> list[object]:
    desktop.heard.clear()
    await trio.sleep(seconds)
    return list(desktop.heard)


async def full_and_roomy_again(world: World) -> None:
    house = House(open=True, terms=Terms(stored_bytes=300_000), limits=Limits(bundles=60))
    relay = await world.relay(house=house)
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        for number in range(120):
            await alice.engine.message_send(conversation, f"{number}")
        await trio.sleep(3600)
        states = await alice.states(conversation)
        assert states == ["sent"] * states.count("sent") + ["queued"] * states.count("queued")
        assert 10 < states.count("queued") < 110, "full, and nothing old thrown away"
        async with world.desktop("Bob") as bob:
            await until_delivered(alice, conversation, 4 * 3600)
            assert await written(bob, conversation) == [f"{number}" for number in range(120)]
            assert "<missing>" not in await bob.texts(conversation)


async def test_what_a_full_relay_refuses_waits_and_goes_in_order_when_there_is_room(
    world: World, autojump_clock: MockClock
) -> None:
    await full_and_roomy_again(world)


async def cheated(world: World) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        for number in range(30):
            await alice.engine.message_send(conversation, f"{number}")
        await trio.sleep(20)
        queue = relay.waiting_for(bob)
        assert len(queue) == 30

        def swap(one: int, other: int) -> None:
            first, second = queue[one], queue[other]
            queue[one] = (replace(second[0], number=first[0].number), second[1], second[2])
            queue[other] = (replace(first[0], number=second[0].number), first[1], first[2])

        swap(3, 4)
        swap(10, 17)
        queue[21] = (replace(queue[20][0], number=queue[21][0].number), *queue[21][1:])
        del queue[25:28]
        async with world.desktop("Bob") as bob:
            await trio.sleep(1)
            assert "<missing>" in await bob.texts(conversation), "a gap shows"
            await until_delivered(alice, conversation)
            found = await bob.texts(conversation)
            assert written_in(found) == [f"{number}" for number in range(30)]
            assert "<missing>" not in found, "and is filled"
            assert not any("unreadable" in one for one in found)
            assert await bob.count("wish") == 1  # noticed as needless when it is due next
            await trio.sleep(3 * 3600)
            assert await bob.count("wish") == 0
            rows = await bob.engine.message_list(conversation, limit=100)
            assert sum(row.late for row in rows) >= 4
            assert [row.position for row in rows] == sorted(row.position for row in rows)


def written_in(found: list[str]) -> list[str]:
    return [one for one in found if not one.startswith("<")]


async def test_what_a_relay_drops_swaps_and_repeats_is_noticed_and_filled(
    world: World, autojump_clock: MockClock
) -> None:
    await cheated(world)


async def test_mutant_that_asks_for_nothing_again(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def idle(ground: Ground) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr(repairing, "keep_repairing", idle)
    with the_story_fails():
        await cheated(world)


async def test_a_wide_gap_is_one_row_that_goes_when_all_has_come(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        for number in range(90):
            await alice.engine.message_send(conversation, f"{number}")
        await trio.sleep(20)
        del relay.waiting_for(bob)[5:85]
        async with world.desktop("Bob") as bob:
            await trio.sleep(1)
            rows = await bob.engine.message_list(conversation, limit=100)
            assert [row.count for row in rows if row.kind.value == "missing"] == [80]
            await until_delivered(alice, conversation)
            assert "<missing>" not in await bob.texts(conversation)
            assert sorted(map(int, await written(bob, conversation))) == list(range(90))


async def test_a_replay_of_everything_is_taken_in_silence(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        for number in range(10):
            await alice.engine.message_send(conversation, f"{number}")
        await trio.sleep(20)
        copied = list(relay.waiting_for(bob))
        async with world.desktop("Bob") as bob:
            await trio.sleep(20)
            before = await bob.texts(conversation)
            kept = relay.store.mailboxes.find(bob.mailbox_at(relay))
            assert kept is not None
            for _ in range(3):
                for waiting, by, age in copied:
                    kept.last += 1
                    fresh = EnvelopeId(world.random.randbytes(16))
                    again = replace(waiting, number=kept.last, envelope_id=fresh)
                    relay.waiting_for(bob).append((again, by, age))
        async with world.desktop("Bob") as bob:
            await trio.sleep(20)
            assert await bob.texts(conversation) == before
            assert relay.waiting_for(bob) == []
        assert await alice.states(conversation) == ["delivered"] * 10


class Mute(Inline):
    """Takes every deposit, and says nothing; it answers pings all the same."""

    mute = True

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if isinstance(asked, Deposit) and Mute.mute:
            return
        super().submit(asked, now, answered)


async def test_a_relay_that_answers_pings_alone_is_given_up_and_tried_again(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay(storage=Mute)
    Mute.mute = True
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        link = await alice.engine.contact_invite()
        conversation = (await bob.engine.contact_accept(link)).conversation_id
        await trio.sleep(600)
        assert (await bob.engine.contact_list())[0].pending
        Mute.mute = False
        await trio.sleep(600)
        assert not (await bob.engine.contact_list())[0].pending
        await bob.engine.message_send(conversation, "at last")
        await until_delivered(bob, conversation)
