"""A room's life over real relays: people come, go and come back, apps and relays fall, and what a
room was stays readable."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import trio
from msgspec.structs import replace
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.errors import AsideError, InvitationMalformed
from desktop.core.room_errors import NotARoomsLink, NotInRoom, RoomEnded, RoomFull, RoomKeyWrong
from desktop.core.rooms import Act, EntryKind, EntryState, Presence, Role, Standing, Way
from desktop.store.rooms import rooms
from protocol.e2e.names import may_stay
from protocol.e2e.rooms.link import SECRET_BYTES, parse_room_link
from protocol.ids import RoomId
from protocol.keys import Secret
from tests.whole.test_rooms import POTTERY, texts
from tests.whole.world import Desktop, World


async def standing(desktop: Desktop) -> list[Standing]:
    return [one.standing for one in await desktop.engine.rooms()]


async def said(desktop: Desktop, room: RoomId) -> list[str]:
    """Words only."""
    return [one.text for one in (await desktop.engine.stage(room, limit=200)).entries if one.text]


async def seat(desktop: Desktop, room: RoomId) -> bytes:
    return (await desktop.engine.room_show(room)).me


async def test_who_leaves_comes_back_as_the_same_seat_and_another_name_is_another_one(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        await bob.engine.room_say(room, "one")
        first = await seat(bob, room)
        await trio.sleep(1)
        await bob.engine.room_leave(room)
        with pytest.raises(NotInRoom):
            await bob.engine.room_say(room, "nobody hears this")
        await alice.engine.room_say(room, "meanwhile")
        assert (await bob.engine.room_look(opened.link)).remembered == "quiet-fern"
        await bob.engine.room_enter(opened.link, "quiet-fern")
        assert await seat(bob, room) == first
        await bob.engine.room_say(room, "two")
        await trio.sleep(1)
        await bob.engine.room_leave(room)
        await bob.engine.room_enter(opened.link, "slow-otter")
        assert await seat(bob, room) != first
        await bob.engine.room_say(room, "three")
        await trio.sleep(5)
        expected = [
            "quiet-fern: one",
            "Marta Kessler: meanwhile",
            "quiet-fern: two",
            "slow-otter: three",
        ]
        assert await texts(alice, room) == await texts(bob, room) == expected
        mine = [one.mine for one in (await bob.engine.stage(room)).entries]
        assert mine == [True, False, True, True]


async def test_full_ended_and_with_a_link_that_does_not_fit(
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
        assert await standing(carol) == [Standing.LINK]
        head, _, secret = opened.link.partition("#")
        other = replace(parse_room_link(opened.link), secret=Secret(bytes(SECRET_BYTES)))
        wrong: Sequence[tuple[str, type[AsideError]]] = [
            (str(other), RoomKeyWrong),
            (f"{head}#{secret[:-3]}", InvitationMalformed),
            (head, NotARoomsLink),
            (await bob.engine.contact_invite(), NotARoomsLink),
            (str(relay.address), InvitationMalformed),
        ]
        for link, why in wrong:
            with pytest.raises(why):
                await carol.engine.room_enter(link, "slow-otter")

        await alice.engine.room_say(opened.room_id, "Thank you all")
        await trio.sleep(1)
        await alice.engine.room_end(opened.room_id)
        await trio.sleep(10)
        assert Standing.PAST in await standing(alice)
        assert await standing(bob) == [Standing.PAST]
        with pytest.raises(RoomEnded):
            await bob.engine.room_say(opened.room_id, "one more thing")
        with pytest.raises(RoomEnded):
            await carol.engine.room_enter(opened.link, "slow-otter")
    await relay.off()
    async with world.desktop("Bob") as bob:  # a past room needs no relay
        assert await texts(bob, opened.room_id) == ["Marta Kessler: Thank you all"]
        assert (await bob.engine.room_show(opened.room_id)).ended


async def test_an_app_that_is_started_again_has_its_entries_and_what_waited_in_both_its_rooms(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        first = await alice.engine.room_open(POTTERY)
        second = await alice.engine.room_open(replace(POTTERY, title="Glaze", name="Marta K"))
        both = (first.room_id, second.room_id)
        async with world.desktop("Bob", at=relay) as bob:
            for opened, name in ((first, "quiet-fern"), (second, "slow-otter")):
                await bob.engine.room_enter(opened.link, name)
                await bob.engine.room_say(opened.room_id, f"hello from {name}")
            await trio.sleep(2)
            await bob.wire.off()
            await trio.sleep(1)
            for room in both:
                await bob.engine.room_say(room, "without a line")
        await relay.off()
        async with world.desktop("Bob") as bob:
            for room in both:
                stage = await bob.engine.stage(room)
                assert [one.text for one in stage.entries][-1].startswith("hello")
                assert [one.state for one in stage.waiting] == [EntryState.WAITING]
            await trio.sleep(300)  # however long it was away, they are back within ten seconds
            await relay.on()
            await trio.sleep(10)
            for room, name in zip(both, ("quiet-fern", "slow-otter"), strict=True):
                expected = [f"hello from {name}", "without a line"]
                assert await said(alice, room) == await said(bob, room) == expected
                assert not (await bob.engine.stage(room)).waiting


async def test_a_closed_room_opens_to_who_is_let_in_and_goes_on_without_its_host(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    closed = replace(POTTERY, way=Way.APPROVAL)
    async with world.desktop("Bob", at=relay) as bob, world.desktop("Carol", at=relay) as carol:
        async with world.desktop("Alice", at=relay) as alice:
            opened = await alice.engine.room_open(closed)
            room = opened.room_id
            for desktop, name in ((bob, "quiet-fern"), (carol, "slow-otter")):
                await desktop.engine.room_enter(opened.link, name)
                assert await standing(desktop) == [Standing.KNOCKING]
            await alice.engine.room_say(room, "Come in")
            await trio.sleep(3)
            assert await said(bob, room) == []
            waiting = [
                one for one in await alice.engine.people(room) if one.state is Presence.AT_THE_DOOR
            ]
            assert len(waiting) == 2
            for one in waiting:
                await alice.engine.room_act(room, one.seat_id, Act.LET_IN)
            await trio.sleep(10)
            await bob.engine.room_say(room, "Thank you")
            bobs = (await bob.engine.room_show(room)).me
            await alice.engine.room_act(room, bobs, Act.MAKE_MODERATOR)
            await trio.sleep(10)
            assert (await bob.engine.room_show(room)).role is Role.MODERATOR
        await carol.engine.room_ask(room, "What clay is it?", nameless=False)
        await relay.off()
        await relay.on()
        await trio.sleep(20)
        assert [one.text for one in await bob.engine.questions(room)] == ["What clay is it?"]
        carols = (await carol.engine.room_show(room)).me
        await bob.engine.room_act(room, carols, Act.MUTE, reason="not now")
        await trio.sleep(5)
        assert (await carol.engine.room_show(room)).muted
        async with world.desktop("Alice") as alice:
            await trio.sleep(15)
            assert [one.text for one in await alice.engine.questions(room)] == ["What clay is it?"]
            assert await said(alice, room) == await said(carol, room) == ["Come in", "Thank you"]


IMITATING = "\u202eMarta\u200b K\u0435ssler\x07"
EVIL = "\u202egnp.\x00exe\u200b\x07 <img src=file:///etc/passwd> https://evil.example/\n\u2066x"


async def test_what_strangers_write_has_no_controls_in_names_and_lines_and_imitates_nobody_unseen(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(replace(POTTERY, title=EVIL, about=EVIL, rules=EVIL))
        door = await bob.engine.room_look(opened.link)
        await bob.engine.room_enter(opened.link, EVIL)
        room = opened.room_id

        def no_longer_honest(db: Connection) -> None:
            kept = rooms.find(db, room)
            assert kept is not None
            rooms.rename(db, kept.seat.row, IMITATING)

        await bob.ground.vault.transact(no_longer_honest)
        await bob.engine.room_say(room, EVIL)
        await bob.engine.room_ask(room, EVIL, nameless=False)
        await trio.sleep(3)
        shown = await bob.engine.room_show(room)
        [entry] = (await alice.engine.stage(room)).entries
        people = await alice.engine.people(room)
        [asked] = await alice.engine.questions(room)
        await alice.engine.question_decline(room, asked.question_id, EVIL)
        await alice.engine.room_act(room, shown.me, Act.TIME_OUT, seconds=60, reason=EVIL)
        await trio.sleep(3)
        [question] = await alice.engine.questions(room)
        orders = [one.order for one in (await alice.engine.stage(room)).entries if one.order]
        lines = [door.title, door.host, shown.title, shown.host, entry.name]
        lines += [one.name for one in people]
        lines += [question.text, question.name, *question.reason.splitlines()]
        lines += [text for one in orders for text in (one.whom, one.by, one.reason)]
        assert len(orders) == 1
        assert entry.kind is EntryKind.TEXT
        for each in (*lines, *door.about.splitlines(), *shown.rules.splitlines()):
            assert all(may_stay(one) for one in each), ascii(each)
        assert entry.imitates
