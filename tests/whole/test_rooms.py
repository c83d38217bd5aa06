"""A room over a real relay: opened, entered, spoken in, left and come back to."""

from __future__ import annotations

import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.doors import Opening
from desktop.core.events import Event
from desktop.core.models import RoomInvitation
from desktop.core.room_facade import BoardChanged
from desktop.core.rooms import Act, Entries, EntryState, Presence, Role, Standing, Way
from protocol.ids import RoomId
from tests.whole.world import Desktop, World

POTTERY = Opening(
    title="Making things",
    about="Wheel, glaze and fire",
    rules="Be kind",
    way=Way.LINK,
    seats=50,
    stream="https://video.example/pottery",
    name="Marta Kessler",
)


def said(stage: Entries) -> list[str]:
    return [f"{one.name}: {one.text}" for one in stage.entries]


async def texts(desktop: Desktop, room: RoomId) -> list[str]:
    return said(await desktop.engine.stage(room))


async def test_an_open_room_is_entered_by_its_link_and_everybody_hears_the_same(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        host = relay.address.host
        seen = await bob.engine.look_at(f"Come: {opened.link}.")  # its relay is one of bob's
        assert seen == RoomInvitation(host, opened.room_id, known=True)
        door = await bob.engine.room_look(opened.link)
        assert (door.title, door.host, door.rules, door.way) == (
            "Making things",
            "Marta Kessler",
            "Be kind",
            Way.LINK,
        )
        for desktop, name in ((bob, "quiet-fern"), (carol, "slow-otter")):
            assert await desktop.engine.room_enter(opened.link, name) == opened.room_id
        await alice.engine.room_say(opened.room_id, "Welcome")
        await trio.sleep(1)
        await bob.engine.room_say(opened.room_id, "Good evening")
        await trio.sleep(5)

        expected = ["Marta Kessler: Welcome", "quiet-fern: Good evening"]
        for desktop in (alice, bob, carol):
            stage = await desktop.engine.stage(opened.room_id)
            assert said(stage) == expected
            assert not stage.waiting
        roles = [one.role for one in (await carol.engine.stage(opened.room_id)).entries]
        assert roles == [Role.HOST, Role.MEMBER]
        room = await carol.engine.room_show(opened.room_id)
        assert (room.people, room.my_name, room.role) == (3, "slow-otter", Role.MEMBER)
        assert room.complete
        assert room.warning is None
        rows = await alice.engine.rooms()
        assert [(one.title, one.standing, one.inside) for one in rows] == [
            ("Making things", Standing.HOSTING, True)
        ]


async def test_what_is_said_without_a_line_is_numbered_once_there_is_one(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        await bob.wire.off()
        await trio.sleep(1)
        for number in range(40):
            await bob.engine.room_say(room, f"thought {number}")
        waiting = (await bob.engine.stage(room)).waiting
        assert [one.state for one in waiting] == [EntryState.WAITING] * 40
        bob.wire.on()
        await trio.sleep(20)
        expected = [f"quiet-fern: thought {number}" for number in range(40)]
        assert await texts(alice, room) == await texts(bob, room) == expected
        assert not (await bob.engine.stage(room)).waiting


async def test_a_relay_that_falls_and_comes_back_loses_nothing_that_was_said(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        for number in range(10):
            await bob.engine.room_say(room, f"before {number}")
        await trio.sleep(0.06)
        await relay.off()
        for number in range(10):
            await bob.engine.room_say(room, f"meanwhile {number}")
        await trio.sleep(3)
        await relay.on()
        began = trio.current_time()
        while (await bob.engine.room_show(room)).line.value != "up":
            await trio.sleep(0.1)
        assert trio.current_time() - began < 10
        await trio.sleep(10)
        expected = [f"quiet-fern: before {number}" for number in range(10)]
        expected += [f"quiet-fern: meanwhile {number}" for number in range(10)]
        for desktop in (alice, bob):
            assert await texts(desktop, room) == expected
            shown = await desktop.engine.room_show(room)
            assert shown.complete
            assert shown.warning is None


async def test_a_room_whose_relay_is_away_is_tried_again_within_five_seconds(
    world: World, autojump_clock: MockClock
) -> None:
    relay, home = await world.relay(), await world.relay("home.example")
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=home) as bob:
        opened = await alice.engine.room_open(POTTERY)
        await bob.engine.room_enter(opened.link, "quiet-fern")
        tries = bob.wire.asked
        await relay.off()
        tries.clear()
        pauses = [0.0]
        for _ in range(240):
            await trio.sleep(0.5)
            pauses[-1] += 0.5
            if relay.host in tries:
                tries.clear()
                pauses.append(0.0)
        assert max(pauses) <= 5.5
        assert len(pauses) > 24


async def names(desktop: Desktop, room: RoomId) -> list[str]:
    return sorted(one.name for one in await desktop.engine.people(room))


async def test_names_in_a_closed_room_are_read_by_whoever_has_its_key(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(replace(POTTERY, way=Way.APPROVAL))
        room = opened.room_id
        for desktop, name in ((bob, "quiet-fern"), (carol, "slow-otter")):
            await desktop.engine.room_enter(opened.link, name)
            await trio.sleep(5)
            at_door = [one for one in await alice.engine.people(room) if one.name == name]
            assert [one.state for one in at_door] == [Presence.AT_THE_DOOR]
            await alice.engine.room_act(room, at_door[0].seat_id, Act.LET_IN)
            await trio.sleep(15)
        everybody = ["Marta Kessler", "quiet-fern", "slow-otter"]
        for desktop in (alice, bob, carol):
            assert await names(desktop, room) == everybody

        fern = next(one for one in await alice.engine.people(room) if one.name == "quiet-fern")
        await alice.engine.room_act(room, fern.seat_id, Act.REMOVE, reason="spam")
        await trio.sleep(15)
        async with world.desktop("Dora", at=relay) as dora:
            await dora.engine.room_enter(opened.link, "pale-heron")
            await trio.sleep(5)
            heron = next(one for one in await alice.engine.people(room) if one.name == "pale-heron")
            await alice.engine.room_act(room, heron.seat_id, Act.LET_IN)
            await trio.sleep(20)
            assert await names(dora, room) == ["Marta Kessler", "pale-heron", "slow-otter"]


async def test_the_host_hears_of_the_votes_that_her_own_app_counted(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        asked = await alice.engine.room_ask(room, "How hot?", nameless=False)
        await trio.sleep(5)
        votes: list[int] = []

        async def read() -> None:
            votes.append((await alice.engine.questions(room))[0].votes)

        def hear(event: Event) -> None:
            if isinstance(event, BoardChanged):
                world.nursery.start_soon(read)

        alice.engine.listen(hear)
        await bob.engine.room_vote(room, asked)
        await trio.sleep(5)
        assert votes[-1] == 1
