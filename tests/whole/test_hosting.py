"""Running a room over a real relay: questions, order, the door, another key for who stays."""

from __future__ import annotations

import pytest
import trio
from msgspec.structs import replace
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.desk import DeskKind, Verdict
from desktop.core.questions import QuestionState
from desktop.core.room_errors import RoomKeyWrong, RoomLinkChanged, RoomNotAllowed, RoomRemoved
from desktop.core.rooms import Act, EntryState, Presence, Role, Speak, Way
from desktop.store.rooms import epochs, rooms
from protocol.ids import RoomId, SeatId
from protocol.wire.frames.room_entries import Lane
from relay.rules.rooms.lanes import RECENT
from tests.whole.test_rooms import POTTERY, texts
from tests.whole.world import Desktop, World

CLOSED = replace(POTTERY, way=Way.APPROVAL)


async def seat_of(desktop: Desktop, room: RoomId) -> SeatId:
    return (await desktop.engine.room_show(room)).me


async def states(desktop: Desktop, room: RoomId) -> dict[str, Presence]:
    return {one.name: one.state for one in await desktop.engine.people(room)}


async def test_a_question_goes_from_the_asker_to_the_board_and_comes_back_answered(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await carol.engine.room_enter(opened.link, "slow-otter")
        asked = await bob.engine.room_ask(room, "How hot is the kiln?", nameless=False)
        await trio.sleep(10)
        (seen,) = await carol.engine.questions(room)
        assert (seen.question_id, seen.text, seen.name) == (
            asked,
            "How hot is the kiln?",
            "quiet-fern",
        )
        await carol.engine.room_vote(room, asked)
        entry = await carol.engine.room_say(room, "It glows")
        await trio.sleep(5)
        await bob.engine.room_react(room, entry, "♥")
        await trio.sleep(5)
        (one,) = await carol.engine.stage_some(room, [entry])
        assert [(each.sign, each.count) for each in one.reactions] == [("♥", 1)]
        assert [each.votes for each in await bob.engine.questions(room)] == [1]
        with pytest.raises(RoomNotAllowed):
            await carol.engine.question_answer(room, asked, "very")
        await alice.engine.question_answer(room, asked)
        await trio.sleep(2)
        (mine,) = await bob.engine.questions(room)
        assert (mine.state, mine.moment, mine.mine) == (QuestionState.ANSWERING, entry, True)
        await alice.engine.question_done(room, asked)
        await trio.sleep(2)
        assert (await bob.engine.questions(room))[0].state is QuestionState.ANSWERED
        people = [(one.name, one.role) for one in await alice.engine.people(room)]
        assert people[0] == ("Marta Kessler", Role.HOST)
        assert sorted(people[1:], key=lambda one: one[0]) == [
            ("quiet-fern", Role.MEMBER),
            ("slow-otter", Role.MEMBER),
        ]


async def test_questions_wait_for_an_absent_host_and_are_counted_when_the_app_is_back(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Bob", at=relay) as bob:
        async with world.desktop("Alice", at=relay) as alice:
            opened = await alice.engine.room_open(POTTERY)
            await bob.engine.room_enter(opened.link, "quiet-fern")
            await trio.sleep(5)
        await trio.sleep(5)
        await bob.engine.room_ask(opened.room_id, "Still there?", nameless=True)
        await trio.sleep(30)
        assert (await bob.engine.room_show(opened.room_id)).live_since_ms is None
        async with world.desktop("Alice", at=relay) as alice:
            await trio.sleep(20)
            (seen,) = await alice.engine.questions(opened.room_id)
            assert (seen.text, seen.name, seen.seat_name) == ("Still there?", "", "quiet-fern")
            assert (await bob.engine.room_show(opened.room_id)).live_since_ms is not None


async def test_what_the_host_orders_is_in_force_at_once_and_can_be_undone(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await carol.engine.room_enter(opened.link, "slow-otter")
        await trio.sleep(5)
        whom = await seat_of(bob, room)
        muted = await alice.engine.room_act(room, whom, Act.MUTE, reason="noise")
        assert muted is not None and muted.order.reason == "noise"
        await trio.sleep(2)
        assert (await bob.engine.room_show(room)).muted
        assert (await states(carol, room))["quiet-fern"] is Presence.MUTED
        await bob.engine.room_say(room, "But")
        await trio.sleep(3)
        waiting = (await bob.engine.stage(room)).waiting
        assert [one.state for one in waiting] == [EntryState.REFUSED]
        await alice.engine.room_undo(room, muted.undo_id)
        await trio.sleep(2)
        await bob.engine.room_say(room, "Thanks")
        await alice.engine.room_set(room, slow_s=30, speak=Speak.HOSTS)
        await trio.sleep(3)
        assert "quiet-fern: Thanks" in await texts(carol, room)
        shown = await carol.engine.room_show(room)
        assert (shown.slow_s, shown.speak) == (30, Speak.HOSTS)
        await alice.engine.room_act(room, whom, Act.REMOVE, reason="selling links")
        await trio.sleep(3)
        gone = await bob.engine.room_show(room)
        assert gone.removed is not None
        with pytest.raises(RoomRemoved):
            await bob.engine.room_enter(opened.link, "quiet-fern")
        assert (await carol.engine.room_show(room)).warning is None
        await alice.engine.room_end(room)
        await trio.sleep(3)
        assert (await carol.engine.room_show(room)).ended


async def test_a_closed_room_is_opened_by_its_host_and_shut_behind_who_is_put_out(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(CLOSED)
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await carol.engine.room_enter(opened.link, "slow-otter")
        await trio.sleep(5)
        knocks = {one.name: one for one in await alice.engine.desk(room)}
        assert {one.kind for one in knocks.values()} == {DeskKind.DOOR}
        assert set(knocks) == {"quiet-fern", "slow-otter"}
        for one in knocks.values():
            await alice.engine.desk_done(room, one.desk_id, Verdict.GRANTED)
        await trio.sleep(10)
        await alice.engine.room_say(room, "Come in")
        await trio.sleep(2)
        for desktop in (bob, carol):
            assert "Marta Kessler: Come in" in await texts(desktop, room)
        whom = await seat_of(bob, room)
        await alice.engine.room_act(room, whom, Act.REMOVE)
        await trio.sleep(10)
        await carol.engine.room_say(room, "Among us")
        await trio.sleep(3)
        assert "slow-otter: Among us" in await texts(alice, room)
        assert await alice.engine.desk(room) == []
        newest = await epochs_of(carol, room)
        assert newest > await epochs_of(bob, room)
        assert newest == await epochs_of(alice, room)


async def epochs_of(desktop: Desktop, room: RoomId) -> int:
    """The newest key that this vault has."""

    def read(db: Connection) -> int:
        kept = rooms.find(db, room)
        newest = None if kept is None else epochs.newest(db, kept.row)
        return 0 if newest is None else newest.epoch

    return await desktop.ground.vault.read(read)


async def test_a_room_is_closed_to_strangers_with_a_new_key_for_those_who_stay(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await trio.sleep(10)
        await alice.engine.room_set(room, way=Way.APPROVAL)
        link = await alice.engine.room_link(room)
        assert link != opened.link
        await trio.sleep(10)
        with pytest.raises(RoomLinkChanged):  # the one that Bob came by is dead
            await bob.engine.room_link(room)
        await bob.engine.room_say(room, "Still here")
        await trio.sleep(3)
        assert "quiet-fern: Still here" in await texts(alice, room)
        shown = await bob.engine.room_show(room)
        assert (shown.way, shown.title) == (Way.APPROVAL, "Making things")
        with pytest.raises(RoomKeyWrong):
            await carol.engine.room_enter(opened.link, "slow-otter")
        await carol.engine.room_enter(link, "slow-otter")
        await trio.sleep(5)
        assert await texts(carol, room) == []
        (knock,) = await alice.engine.desk(room)
        await alice.engine.desk_done(room, knock.desk_id, Verdict.GRANTED)
        await trio.sleep(10)
        await bob.engine.room_say(room, "Hello, you")
        await trio.sleep(3)
        assert "quiet-fern: Hello, you" in await texts(carol, room)
        assert (await carol.engine.room_show(room)).role is Role.MEMBER
        assert await carol.engine.room_link(room) == link


async def test_what_many_give_goes_to_the_stage_once_a_second(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        entry = await alice.engine.room_say(room, "It glows")
        await trio.sleep(5)
        before = await bob.count("room_item")
        for sign in ("♥", "🔥") * 8:
            await bob.engine.room_react(room, entry, sign)
            await trio.sleep(0.1)
        await trio.sleep(3)
        assert 1 <= await bob.count("room_item") - before <= 4  # in less than five seconds


async def test_a_moderator_reads_the_desk_opens_the_door_and_changes_the_key_without_the_host(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
        world.desktop("Dave", at=relay) as dave,
    ):
        async with world.desktop("Alice", at=relay) as alice:
            opened = await alice.engine.room_open(CLOSED)
            room = opened.room_id
            await bob.engine.room_enter(opened.link, "quiet-fern")
            await trio.sleep(5)
            (knock,) = await alice.engine.desk(room)
            await alice.engine.desk_done(room, knock.desk_id, Verdict.GRANTED)
            await trio.sleep(5)
            await alice.engine.room_act(room, knock.seat_id, Act.MAKE_MODERATOR)
            await trio.sleep(20)
            assert (await bob.engine.room_show(room)).role is Role.MODERATOR
        await carol.engine.room_enter(opened.link, "slow-otter")
        await dave.engine.room_enter(opened.link, "late-heron")
        await trio.sleep(10)
        knocks = {one.name: one for one in await bob.engine.desk(room)}
        assert set(knocks) == {"slow-otter", "late-heron"}
        for one in knocks.values():
            await bob.engine.desk_done(room, one.desk_id, Verdict.GRANTED)
        await trio.sleep(10)
        await carol.engine.room_say(room, "Thank you")
        await trio.sleep(3)
        assert "slow-otter: Thank you" in await texts(dave, room)
        before = await epochs_of(bob, room)
        await bob.engine.room_act(room, knocks["late-heron"].seat_id, Act.REMOVE)
        await trio.sleep(10)
        assert await epochs_of(bob, room) == await epochs_of(carol, room) == before + 1
        assert await epochs_of(dave, room) == before


async def test_who_was_a_moderator_reads_the_desk_no_more(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "quiet-fern")
        await carol.engine.room_enter(opened.link, "slow-otter")
        await trio.sleep(5)
        whom = await seat_of(bob, room)
        await alice.engine.room_act(room, whom, Act.MAKE_MODERATOR)
        await trio.sleep(20)
        await carol.engine.room_hand(room, raised=True)
        await trio.sleep(5)
        assert [one.kind for one in await bob.engine.desk(room)] == [DeskKind.HAND]
        await alice.engine.room_act(room, whom, Act.MAKE_MEMBER)
        await trio.sleep(20)
        assert (await bob.engine.room_show(room)).role is Role.MEMBER
        assert await bob.engine.desk(room) == []
        await carol.engine.room_ask(room, "Who sees this?", nameless=True)
        await trio.sleep(10)
        (seen,) = await alice.engine.questions(room)
        assert seen.seat_name == "slow-otter"
        (nameless,) = await bob.engine.questions(room)
        assert (nameless.text, nameless.seat_id) == ("Who sees this?", None)


async def test_a_co_host_carries_on_while_the_host_is_away(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        async with world.desktop("Alice", at=relay) as alice:
            opened = await alice.engine.room_open(POTTERY)
            room = opened.room_id
            await bob.engine.room_enter(opened.link, "quiet-fern")
            await carol.engine.room_enter(opened.link, "slow-otter")
            await trio.sleep(5)
            await alice.engine.room_act(room, await seat_of(bob, room), Act.MAKE_COHOST)
            await trio.sleep(20)
        assert (await bob.engine.room_show(room)).role is Role.HOST
        await trio.sleep(10)
        assert (await carol.engine.room_show(room)).live_since_ms is not None
        asked = await carol.engine.room_ask(room, "Who answers?", nameless=False)
        await trio.sleep(10)
        assert [one.question_id for one in await bob.engine.questions(room)] == [asked]
        await bob.engine.question_answer(room, asked, "I do")
        await trio.sleep(3)
        assert [one.answer for one in await carol.engine.questions(room)] == ["I do"]
        async with world.desktop("Alice", at=relay) as alice:
            await trio.sleep(10)
            (seen,) = await alice.engine.questions(room)
            assert (seen.state, seen.seat_name) == (QuestionState.ANSWERED, "slow-otter")


async def test_who_comes_to_the_desk_later_takes_what_was_before_for_nothing_kept_back(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECENT, Lane.DESK, 4)  # a longer evening's desk is not at hand any more
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(POTTERY)
        room = opened.room_id
        await bob.engine.room_enter(opened.link, "steady-otter")
        await carol.engine.room_enter(opened.link, "quiet-fern")
        for number in range(8):
            await carol.engine.room_ask(room, f"question {number}", nameless=False)
            await trio.sleep(2)
        await trio.sleep(20)  # the host's app has taken them, and the relay lets go of them
        otter = next(p for p in await alice.engine.people(room) if p.name == "steady-otter")
        await alice.engine.room_act(room, otter.seat_id, Act.MAKE_MODERATOR)
        await trio.sleep(10)
        await carol.engine.room_ask(room, "and another", nameless=False)
        await trio.sleep(30)
        shown = await bob.engine.room_show(room)
        assert shown.role is Role.MODERATOR
        assert shown.warning is None
