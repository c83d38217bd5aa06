"""Coming back to a room over a real relay: under another name, and after a removal was undone."""

from __future__ import annotations

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.room_errors import NotInRoom, RoomRemoved
from desktop.core.rooms import Act, Line, Presence, Standing, Way
from desktop.engine.timings import Timings
from tests.whole.test_hosting import seat_of, states
from tests.whole.test_rooms import POTTERY, texts
from tests.whole.test_rooms_life import said, standing
from tests.whole.world import World

UNDONE = Timings().room_undone + 10


async def test_another_name_while_inside_gets_up_from_the_seat_before(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        before = await seat_of(bob, room)
        await bob.engine.room_say(room, "one")
        await trio.sleep(3)
        await bob.engine.room_enter(opened.link, "slow-otter")
        await bob.engine.room_say(room, "two")
        await trio.sleep(5)
        assert await texts(alice, room) == ["quiet-fern: one", "slow-otter: two"]
        assert await seat_of(bob, room) != before
        assert [one.name for one in await bob.engine.people(room) if one.me] == ["slow-otter"]
        seen = await states(alice, room)
        assert seen == {"Marta Kessler": Presence.HERE, "slow-otter": Presence.HERE}
        await alice.engine.room_enter(opened.link, "Marta")  # a host has one seat
        await alice.engine.room_say(room, "three")
        await trio.sleep(3)
        assert (await texts(bob, room))[-1] == "Marta Kessler: three"


@pytest.mark.parametrize("act", [Act.REMOVE, Act.BAN])
async def test_who_was_put_out_by_mistake_is_in_again_without_being_asked(
    world: World, autojump_clock: MockClock, act: Act
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        await trio.sleep(3)
        whom = await seat_of(bob, room)
        done = await alice.engine.room_act(room, whom, act)
        assert done is not None
        await trio.sleep(2)
        out = await bob.engine.room_show(room)
        assert (out.removed, out.line) == ("", Line.NONE)
        with pytest.raises(RoomRemoved):
            await bob.engine.room_enter(opened.link, "quiet-fern")
        await alice.engine.room_undo(room, done.undo_id)
        await trio.sleep(1)
        await bob.engine.room_enter(opened.link, "quiet-fern")  # by hand, before it comes by itself
        await bob.engine.room_leave(room)
        await bob.engine.room_enter(opened.link, "quiet-fern")

        again = await alice.engine.room_act(room, whom, act)
        assert again is not None
        await trio.sleep(9)
        await alice.engine.room_undo(room, again.undo_id)
        await trio.sleep(UNDONE)
        back = await bob.engine.room_show(room)
        assert (back.removed, back.line, back.me) == (None, Line.UP, whom)
        await bob.engine.room_say(room, "Thanks")
        await trio.sleep(3)
        assert (await texts(alice, room))[-1] == "quiet-fern: Thanks"

        await alice.engine.room_act(room, whom, act, reason="this time for good")
        await trio.sleep(UNDONE)
        gone = await bob.engine.room_show(room)
        assert (gone.removed, gone.line) == ("this time for good", Line.NONE)
        with pytest.raises(NotInRoom):
            await bob.engine.room_say(room, "And now?")

        await alice.engine.room_act(room, whom, Act.LET_BACK)  # long after it could be undone
        await trio.sleep(3)
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await bob.engine.room_say(room, "After all")
        await trio.sleep(3)
        assert (await texts(alice, room))[-1] == "quiet-fern: After all"
        stage = (await bob.engine.stage(room)).entries
        last = [one.order for one in stage if one.order is not None][-1]
        assert (last.act, last.of_me) == (Act.LET_BACK, True)


async def test_who_waits_at_the_door_of_a_room_that_ends_is_told(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(replace(POTTERY, way=Way.APPROVAL))
        async with world.desktop("Carol", at=relay) as carol:
            for guest, name in ((bob, "quiet-fern"), (carol, "slow-otter")):
                await guest.engine.room_enter(opened.link, name)
                assert await standing(guest) == [Standing.KNOCKING]
        await trio.sleep(5)
        await alice.engine.room_end(opened.room_id)
        await trio.sleep(Timings().room_door + 5)
        assert await standing(bob) == [Standing.PAST]
        async with world.desktop("Carol", at=relay) as carol:  # her app was closed meanwhile
            await trio.sleep(10)
            assert await standing(carol) == [Standing.PAST]
            assert (await carol.engine.rooms())[0].line is Line.NONE


async def test_who_is_back_in_a_closed_room_is_given_its_key_and_does_not_knock(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(replace(POTTERY, way=Way.APPROVAL))
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        await trio.sleep(5)
        whom = await seat_of(bob, room)
        await alice.engine.room_act(room, whom, Act.LET_IN)
        await trio.sleep(10)
        done = await alice.engine.room_act(room, whom, Act.REMOVE)
        assert done is not None
        await trio.sleep(5)
        await alice.engine.room_say(room, "Sorry")
        await alice.engine.room_undo(room, done.undo_id)
        await trio.sleep(UNDONE)
        await bob.engine.room_say(room, "It is fine")
        await trio.sleep(5)
        assert await said(alice, room) == await said(bob, room) == ["Sorry", "It is fine"]
        assert await alice.engine.desk(room) == []
