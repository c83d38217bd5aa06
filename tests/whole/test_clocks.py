"""Clocks wrong by years, clocks that jump, and months that pass: order is kept, little expires."""

from __future__ import annotations

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.events import ClockWarning
from desktop.core.models import Cause, RelayState
from desktop.core.rooms import Act, Presence, Role
from desktop.engine.rooms.line.clocks import RoomClocks
from desktop.engine.witness import Witness
from desktop.store import sealing_keys
from protocol.ids import RoomId
from tests.whole.mutant import the_story_fails
from tests.whole.test_hosting import seat_of, states
from tests.whole.test_rooms import POTTERY
from tests.whole.world import Desktop, World, befriend

A_WHILE = 260.0  # two rounds of upkeep, which is more frequent here
DAY = 24 * 3600
HOUR_MS = 3_600_000
YEAR_MS = 365 * DAY * 1000


def brisk(world: World) -> None:
    """A world whose people look after things more often."""
    world.timings = replace(world.timings, upkeep=120.0, ping=45.0)


async def days_pass(world: World, days: int) -> None:
    """Some days, and a while for everybody to look at the calendar."""
    world.clock.jump(days * DAY)
    await trio.sleep(A_WHILE)


def warnings(desktop: Desktop) -> list[int]:
    return [event.ahead_ms for event in desktop.heard if isinstance(event, ClockWarning)]


async def wrong_by_years(world: World, ahead_ms: int, whose: str) -> None:
    brisk(world)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        for number in range(5):
            await alice.engine.message_send(conversation, f"before {number}")
        await trio.sleep(A_WHILE)
    if whose == "relay":
        await relay.off()
        world.ahead_ms[relay.host] = ahead_ms
        await relay.on()
    else:
        world.ahead_ms[whose] = ahead_ms
    async with world.desktop("Alice") as alice:
        for number in range(5):
            await alice.engine.message_send(conversation, f"while {number}")
        await trio.sleep(A_WHILE)
        assert await alice.states(conversation) == ["sent"] * 10, "nothing expires in a jump"
        async with world.desktop("Bob") as bob:
            await trio.sleep(A_WHILE)
            assert await alice.states(conversation) == ["delivered"] * 10
            await bob.engine.message_send(conversation, "and back")
            await trio.sleep(A_WHILE)
            if whose != "relay":  # a relay does not believe such a clock itself
                wrong = bob if whose == "Bob" else alice
                assert any(abs(ahead) > YEAR_MS for ahead in warnings(wrong))
            world.ahead_ms.clear()
            await relay.off()
            await relay.on()
            await trio.sleep(A_WHILE)
            if whose != "relay":
                assert warnings(alice)[-1] == warnings(bob)[-1] == 0
            for desktop in (alice, bob):
                await desktop.engine.message_send(conversation, "well again")
                await trio.sleep(60)
                assert set(await desktop.states(conversation)) == {"delivered"}
            expected = [f"before {n}" for n in range(5)] + [f"while {n}" for n in range(5)]
            expected += ["and back", "well again", "well again"]
            for desktop in (alice, bob):
                found = await desktop.texts(conversation)
                assert [one for one in found if not one.startswith("<")] == expected
                assert "<missing>" not in found
                [line] = await desktop.engine.conversation_list()
                assert line.last is not None and line.last.text == "well again"
            assert (await alice.engine.relay_list())[0].state is RelayState.ONLINE


@pytest.mark.parametrize("whose", ["Alice", "Bob", "relay"])
@pytest.mark.parametrize("years", [5, -5])
async def test_a_clock_wrong_by_years_costs_nothing(
    world: World, autojump_clock: MockClock, years: int, whose: str
) -> None:
    await wrong_by_years(world, years * YEAR_MS, whose)


async def test_mutant_that_believes_its_own_clock(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Witness, "agrees", True)
    with the_story_fails():
        await wrong_by_years(world, 5 * YEAR_MS, "Alice")


async def test_a_jump_while_running_is_told_and_expires_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    brisk(world)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
        await alice.engine.message_send(conversation, "wait for it")
        await trio.sleep(60)
        world.ahead_ms["Alice"] = YEAR_MS
        await trio.sleep(A_WHILE)
        assert await alice.states(conversation) == ["sent"]
        assert warnings(alice)[-1] == YEAR_MS
        world.ahead_ms["Alice"] = -YEAR_MS
        await alice.engine.message_send(conversation, "and another")
        async with world.desktop("Bob") as bob:
            await trio.sleep(A_WHILE)
            assert await bob.texts(conversation) == [
                "<notice became_contacts>",
                "wait for it",
                "and another",
            ]


async def test_what_nobody_collects_goes_again_and_is_given_up_after_ninety_days(
    world: World, autojump_clock: MockClock
) -> None:
    brisk(world)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
            await trio.sleep(10)
        await alice.engine.message_send(conversation, "are you still there?")
        await trio.sleep(60)
        await days_pass(world, 29)
        kept = relay.store.mailboxes.find(bob.mailbox_at(relay))
        assert kept is not None and len(relay.waiting_for(bob)) == 1
        first = kept.last
        await days_pass(world, 5)
        assert (kept.last - first, len(relay.waiting_for(bob))) == (1, 1), "expired, put again"
        assert await alice.states(conversation) == ["sent"]
        await days_pass(world, 57)
        [mine] = [row for row in await alice.engine.message_list(conversation) if row.mine]
        assert (mine.state.value, mine.cause) == ("failed", Cause.EXPIRED)
        assert await alice.count("outbox") == 0
        await alice.engine.message_resend(mine.message_id)
        async with world.desktop("Bob") as bob:
            await trio.sleep(60)
            assert await alice.states(conversation) == ["delivered"]
            assert (await bob.texts(conversation)).count("are you still there?") == 1


async def test_sealing_keys_change_weekly_and_old_mail_still_opens(
    world: World, autojump_clock: MockClock
) -> None:
    brisk(world)
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            conversation = await befriend(world, alice, bob)
            first = await bob.ground.vault.read(sealing_keys.current)
            for week in range(1, 4):
                await days_pass(world, 8)
                keys = await bob.ground.vault.read(sealing_keys.every)
                assert len(keys) == week + 1
            await alice.engine.message_send(conversation, "to the key of three weeks ago")
            await trio.sleep(60)
            await bob.engine.message_send(conversation, "here is my new one")
            await trio.sleep(60)
            newest = await bob.ground.vault.read(sealing_keys.current)
            known = await alice.ground.vault.read(
                lambda db: db.execute("SELECT sealing_public FROM contact_device").fetchone()
            )
            assert known == (newest.public,)
            assert set(await alice.states(conversation)) == {"delivered"}
        for week in range(3):
            await alice.engine.message_send(conversation, f"week {week}")
            await days_pass(world, 7)
        async with world.desktop("Bob") as bob:
            await trio.sleep(A_WHILE)
            assert (await bob.texts(conversation))[-3:] == [f"week {week}" for week in range(3)]
            await days_pass(world, 70)
        async with world.desktop("Bob") as bob:
            await trio.sleep(A_WHILE)
            kept = [key.key_id for key in await bob.ground.vault.read(sealing_keys.every)]
            assert first.key_id not in kept, "forgotten sixty days after it was replaced"
            await alice.engine.message_send(conversation, "still fits")
            await trio.sleep(60)
            assert "still fits" in await bob.texts(conversation)


async def _runs_a_room(world: World, ahead_ms: int) -> None:
    """Alice's clock is wrong; what she orders in her room is in force all the same."""
    relay = await world.relay()
    world.ahead_ms["Alice"] = ahead_ms
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "otter")
        await carol.engine.room_enter(opened.link, "fox")
        await trio.sleep(5)
        done = await alice.engine.room_act(room, await seat_of(bob, room), Act.TIME_OUT, 600)
        assert done is not None
        assert done.until_ms == alice.ground.now() + 10_000, "she counts by her own clock"
        await alice.engine.room_act(room, await seat_of(carol, room), Act.MAKE_MODERATOR)
        await alice.engine.room_set(room, slow_s=30)
        await trio.sleep(5)
        for each in (alice, bob, carol):
            assert (await states(each, room))["otter"] is Presence.TIMED_OUT
            (timed_out,) = [one for one in await each.engine.people(room) if one.name == "otter"]
            assert timed_out.until_ms is not None
            assert abs(timed_out.until_ms - each.ground.now() - 595_000) < 1_000
            assert (await each.engine.room_show(room)).slow_s == 30
            assert (await each.engine.room_show(room)).warning is None
        assert (await bob.engine.room_show(room)).may_write_ms > bob.ground.now()
        assert (await carol.engine.room_show(room)).role is Role.MODERATOR
        await alice.engine.room_undo(room, done.undo_id)
        await trio.sleep(3)
        assert (await states(carol, room))["otter"] is Presence.HERE
        await alice.engine.room_end(room)
        await trio.sleep(5)
        assert (await carol.engine.room_show(room)).ended


@pytest.mark.parametrize("ahead_ms", [-2 * HOUR_MS, 400 * DAY * 1000])
async def test_a_room_is_run_by_its_relays_clock(
    world: World, autojump_clock: MockClock, ahead_ms: int
) -> None:
    await _runs_a_room(world, ahead_ms)


async def test_mutant_that_orders_by_its_own_clock(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(_: RoomClocks, __: RoomId, ___: int) -> None:
        return

    monkeypatch.setattr(RoomClocks, "heard", deaf)
    with the_story_fails():
        await _runs_a_room(world, -2 * HOUR_MS)
