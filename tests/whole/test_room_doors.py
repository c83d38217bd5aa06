"""At a room's door and behind it, on a real relay: who comes in, as whom, and what stays."""

from __future__ import annotations

import random
from functools import partial

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.errors import InvitationMalformed, NameMissing, OutOfBounds, RelayUnavailable
from desktop.core.room_errors import (
    NotARoomsLink,
    RoomEnded,
    RoomFull,
    RoomKeyWrong,
    SeatUnknown,
    TooManyFromHere,
)
from desktop.core.rooms import Act, Line, Role, Speak, Standing
from desktop.engine.rooms.door.sitting_down import turned_away
from desktop.engine.rooms.line import keeper
from protocol.e2e.rooms.link import SECRET_BYTES, RoomLink, parse_room_link
from protocol.ids import RoomId, SeatId
from protocol.keys import Secret
from protocol.wire.frames import Reason
from tests.whole.test_rooms import POTTERY, texts
from tests.whole.world import World

NIGHT = "\u202egnineve doog\x07 <img src=file:///etc/passwd> https://bad.example"


def changed(link: str, **fields: object) -> str:
    """A link as somebody may have made it up: whole, and leading elsewhere."""
    found: RoomLink = replace(parse_room_link(link), **fields)
    return str(found)


async def test_a_link_that_leads_nowhere_is_told_for_what_it_is(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        dice = random.Random(5)
        wrong = changed(opened.link, secret=Secret(dice.randbytes(SECRET_BYTES)))
        nowhere = changed(opened.link, room=RoomId(dice.randbytes(32)))
        for link in (wrong, nowhere):
            with pytest.raises(RoomKeyWrong):
                await bob.engine.room_look(link)
            with pytest.raises(RoomKeyWrong):
                await bob.engine.room_enter(link, "quiet-fern")
        for cut in (opened.link[:-3], "come over"):
            with pytest.raises(InvitationMalformed):
                await bob.engine.room_look(cut)
        with pytest.raises(NotARoomsLink):
            await bob.engine.room_look(await alice.engine.contact_invite())
        with pytest.raises(NameMissing):
            await bob.engine.room_enter(opened.link, " \u200b ")
        assert await bob.engine.rooms() == []
        await alice.engine.room_end(opened.room_id)
        await trio.sleep(2)
        with pytest.raises(RoomEnded):
            await bob.engine.room_look(opened.link)
        with pytest.raises(RoomEnded):
            await bob.engine.room_enter(opened.link, "quiet-fern")


async def test_a_full_room_says_so_and_has_a_seat_once_somebody_goes(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(replace(POTTERY, seats=2))
        await bob.engine.room_enter(opened.link, "quiet-fern")
        with pytest.raises(RoomFull):
            await carol.engine.room_enter(opened.link, "slow-otter")
        await bob.engine.room_leave(opened.room_id)
        await carol.engine.room_enter(opened.link, "slow-otter")
        await carol.engine.room_say(opened.room_id, "At last")
        await trio.sleep(2)
        assert await texts(alice, opened.room_id) == ["slow-otter: At last"]


def test_too_many_of_one_address_is_another_reason_than_a_full_room() -> None:
    assert isinstance(turned_away(Reason.FULL), RoomFull)
    assert isinstance(turned_away(Reason.QUOTA), TooManyFromHere)


async def test_the_pseudonym_is_remembered_and_another_is_another_seat(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        seats: list[bytes] = []
        for name in ("quiet-fern", "quiet-fern", "loud-fern"):
            await bob.engine.room_enter(opened.link, name)
            seats.append((await bob.engine.room_show(room)).me)
            await bob.engine.room_say(room, f"as {name}")
            await trio.sleep(2)
            await bob.engine.room_leave(room)
            assert (await bob.engine.room_look(opened.link)).remembered == name
        assert seats[0] == seats[1] != seats[2]
        stage = (await alice.engine.stage(room)).entries
        assert [one.seat_id for one in stage] == seats
        assert (await bob.engine.profile_show()).member_id not in seats


async def test_who_imitates_the_host_is_marked_and_has_no_role(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        await bob.engine.room_enter(opened.link, "Martа Кessler\u202e")  # some of it is Cyrillic
        await alice.engine.room_say(opened.room_id, "Welcome")
        await bob.engine.room_say(opened.room_id, NIGHT)
        await trio.sleep(3)
        host, other = (await alice.engine.stage(opened.room_id)).entries
        assert (host.role, host.imitates) == (Role.HOST, False)
        assert (other.role, other.imitates, other.name) == (Role.MEMBER, True, "Martа Кessler")
        people = {one.role: one.imitates for one in await alice.engine.people(opened.room_id)}
        assert people == {Role.HOST: False, Role.MEMBER: True}
        await bob.engine.room_ask(opened.room_id, "May I?", True)
        await trio.sleep(3)
        (asked,) = await alice.engine.questions(opened.room_id)
        assert (asked.name, asked.imitates) == ("", True)  # the queue shows the seat's name
        (mine,) = await bob.engine.questions(opened.room_id)
        assert not mine.imitates  # the board shows none
        await alice.engine.room_act(opened.room_id, other.seat_id, Act.REMOVE)
        await trio.sleep(3)
        removed = (await alice.engine.stage(opened.room_id)).entries[-1].order
        assert removed is not None and removed.imitates


async def test_a_past_room_stays_readable_and_nothing_can_be_added(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            opened = await alice.engine.room_open(POTTERY)
            room = opened.room_id
            await bob.engine.room_enter(opened.link, "quiet-fern")
            await bob.engine.room_say(room, "My glaze runs")
            await trio.sleep(2)
            await alice.engine.room_end(room)
            await trio.sleep(5)
            assert (await bob.engine.room_show(room)).ended
            with pytest.raises(RoomEnded):
                await bob.engine.room_say(room, "One more thing")
        await relay.off()
        async with world.desktop("Bob", at=relay) as bob:
            (row,) = await bob.engine.rooms()
            assert (row.standing, row.title) == (Standing.PAST, "Making things")
            assert await texts(bob, room) == ["quiet-fern: My glaze runs"]


async def test_slow_mode_and_a_stage_of_hosts_only(world: World, autojump_clock: MockClock) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(replace(POTTERY, slow_s=30))
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "quiet-fern")
        for number in range(2):
            await bob.engine.room_say(room, f"thought {number}")
        await trio.sleep(10)
        assert await texts(alice, room) == ["quiet-fern: thought 0"]
        await trio.sleep(40)
        assert await texts(alice, room) == ["quiet-fern: thought 0", "quiet-fern: thought 1"]
        await alice.engine.room_set(room, speak=Speak.HOSTS)
        await trio.sleep(5)
        await bob.engine.room_say(room, "May I?")
        await alice.engine.room_say(room, "Now I talk")
        await trio.sleep(60)
        assert (await texts(alice, room))[2:] == ["Marta Kessler: Now I talk"]
        (refused,) = (await bob.engine.stage(room)).waiting
        assert (refused.text, refused.state.value) == ("May I?", "refused")


async def test_a_newcomer_is_given_what_the_policy_allows(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(replace(POTTERY, history=3))
        room = opened.room_id
        for number in range(10):
            await alice.engine.room_say(room, f"thought {number}")
        await trio.sleep(2)
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await trio.sleep(2)
        assert [text.split()[-1] for text in await texts(bob, room)] == ["7", "8", "9"]
        await alice.engine.room_say(room, "thought 10")
        await bob.wire.off()
        for number in range(11, 90):
            await alice.engine.room_say(room, f"thought {number}")
        await trio.sleep(5)
        bob.wire.on()
        await trio.sleep(30)
        found = await bob.engine.stage(room, limit=1000)
        assert [one.text.split()[-1] for one in found.entries] == [str(n) for n in range(7, 90)]
        shown = await bob.engine.room_show(room)
        assert (shown.complete, shown.warning) == (True, None)
        await carol.engine.room_enter(opened.link, "slow-otter")
        await trio.sleep(5)
        assert [text.split()[-1] for text in await texts(carol, room)] == ["87", "88", "89"]


async def test_a_relay_that_is_not_there_is_told_of_at_once_and_nothing_is_left_of_the_try(
    world: World, autojump_clock: MockClock
) -> None:
    relay, home = await world.relay(), await world.relay("home.example")
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=home) as bob:
        opened = await alice.engine.room_open(POTTERY)
        await relay.off()
        for asked in (
            partial(alice.engine.room_open, POTTERY),
            partial(bob.engine.room_look, opened.link),
            partial(bob.engine.room_enter, opened.link, "quiet-fern"),
        ):
            began = trio.current_time()
            with pytest.raises(RelayUnavailable):
                await asked()
            assert trio.current_time() - began < 1
        assert [row.room_id for row in await alice.engine.rooms()] == [opened.room_id]
        assert await bob.engine.rooms() == []


async def test_who_does_not_wait_any_more_has_opened_and_entered_nothing(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay answers nobody who wants to sit down."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)

        async def never(*_: object) -> None:
            await trio.sleep_forever()

        with monkeypatch.context() as silent:
            silent.setattr(keeper.RoomKeeper, "_sit", never)
            for asked in (
                partial(alice.engine.room_open, POTTERY),
                partial(bob.engine.room_enter, opened.link, "quiet-fern"),
            ):
                with trio.move_on_after(2) as given_up:
                    await asked()
                assert given_up.cancelled_caught
        assert [row.room_id for row in await alice.engine.rooms()] == [opened.room_id]
        (row,) = await bob.engine.rooms()
        assert (row.standing, row.inside, row.line) == (Standing.LINK, False, Line.NONE)
        await bob.engine.room_enter(opened.link, "quiet-fern")  # and can still


async def test_who_sat_there_comes_back_at_once_when_they_ask_to(
    world: World, autojump_clock: MockClock
) -> None:
    relay, home = await world.relay(), await world.relay("home.example")
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=home) as bob:
        opened = await alice.engine.room_open(POTTERY)
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await relay.off()
        await trio.sleep(30)
        await relay.on()
        await bob.engine.room_enter(opened.link, "quiet-fern")  # not told that it does not answer
        (row,) = await bob.engine.rooms()
        assert row.inside


async def test_whoever_just_came_can_be_acted_on(world: World, autojump_clock: MockClock) -> None:
    """The list of people follows a second later; an order need not wait for it."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        await trio.sleep(5)
        await bob.engine.room_enter(opened.link, "quiet-fern")
        seat = (await bob.engine.room_show(opened.room_id)).me
        assert seat not in [one.seat_id for one in await alice.engine.people(opened.room_id)]
        done = await alice.engine.room_act(opened.room_id, seat, Act.MUTE)
        assert done is not None
        assert done.order.whom == "quiet-fern"
        with pytest.raises(SeatUnknown):
            await alice.engine.room_act(opened.room_id, SeatId(bytes(32)), Act.MUTE)
        await trio.sleep(2)
        assert (await bob.engine.room_show(opened.room_id)).muted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "a" * 101),
        ("about", "a" * 1001),
        ("rules", "a" * 1501),
        ("rules", "陶" * 1500),
        ("stream", "javascript:alert(1)"),
        ("stream", "file:///etc/hostname"),
    ],
)
async def test_what_does_not_go_into_a_room_is_refused_and_never_left_out(
    world: World, autojump_clock: MockClock, field: str, value: str
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        about = {"about": "陶" * 900} if value.startswith("陶") else {}
        with pytest.raises(OutOfBounds) as refused:
            await alice.engine.room_open(replace(POTTERY, **{field: value, **about}))
        assert refused.value.field == field
        assert await alice.engine.rooms() == []
