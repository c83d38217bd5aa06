"""Taken aside: from an entry in a room to a conversation of two that knows where it began."""

from __future__ import annotations

from functools import partial

import pytest
import trio
from msgspec.structs import replace
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.doors import Opening
from desktop.core.events import MessageReceived
from desktop.core.models import Cause
from desktop.core.questions import QuestionState
from desktop.core.requests import Proof, Purpose, Request
from desktop.core.room_errors import AsideNotAllowed, AsidesSpent, RequestUnknown
from desktop.core.room_facade import RequestsChanged
from desktop.core.rooms import Act, Role, Way
from desktop.engine.ground import Said
from desktop.engine.rooms.asides import cards, letters
from desktop.store.rooms import items, rooms
from protocol.e2e.rooms.letters import AsideRequest
from protocol.ids import ConversationId, EntryId, RoomId
from relay.store.memory import MemoryStore
from tests.whole.world import Desktop, World, befriend

POTTERY = Opening(
    title="Making things",
    about="Wheel, glaze and fire",
    rules="Be kind",
    way=Way.LINK,
    seats=50,
    name="Marta Kessler",
)


async def gather(alice: Desktop, *guests: Desktop) -> RoomId:
    """A room of alice's, with these in it under pseudonyms."""
    opened = await alice.engine.room_open(POTTERY)
    for guest in guests:
        await guest.engine.room_enter(opened.link, f"quiet-{guest.name.lower()}")
    return opened.room_id


async def said(desktop: Desktop, room: RoomId, text: str) -> EntryId:
    entry = await desktop.engine.room_say(room, text)
    await trio.sleep(1)
    return entry


async def ask(desktop: Desktop, room: RoomId, entry: EntryId, words: str = "A word?") -> None:
    await desktop.engine.room_aside(room, entry, words, Purpose.FEEDBACK)


async def only_request(desktop: Desktop) -> Request:
    (one,) = await desktop.engine.requests()
    return one


def told_aside(desktop: Desktop) -> int:
    """How often its window was told that somebody went aside with its member."""
    came = [one.message for one in desktop.heard if isinstance(one, MessageReceived)]
    return sum(message.cause is Cause.WENT_ASIDE for message in came)


def owed_receipts(db: Connection) -> int:
    return int(db.execute("SELECT count(*) FROM receipt").fetchone()[0])


async def unread(desktop: Desktop, where: ConversationId) -> tuple[int, int]:
    """How many are, and how many of them the app said itself."""
    rows = await desktop.engine.conversation_list()
    (row,) = (one for one in rows if one.conversation_id == where)
    return row.unread, row.notes


async def both_talk(one: Desktop, other: Desktop, where: ConversationId) -> None:
    """What each writes there comes to the other."""
    await one.engine.message_send(where, "So, your glaze")
    await trio.sleep(5)
    await other.engine.message_send(where, "Yes, it runs")
    await trio.sleep(5)
    texts = [text for text in await one.texts(where) if not text.startswith("<")]
    assert texts == ["So, your glaze", "Yes, it runs"]
    assert [text for text in await other.texts(where) if not text.startswith("<")] == texts


async def both_talk_again(one: Desktop, other: Desktop, where: ConversationId) -> None:
    """And the ways that they knew before still lead to both."""
    await trio.sleep(3600)
    await one.engine.message_send(where, "Still there?")
    await other.engine.message_send(where, "Still here")
    await trio.sleep(5)
    assert "Still here" in await one.texts(where)
    assert "Still there?" in await other.texts(where)


async def test_an_author_is_asked_and_both_land_in_a_conversation_with_its_card(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        room = await gather(alice, bob, carol)
        await said(alice, room, "Show me your pots")
        entry = await said(bob, room, "My glaze runs")
        await said(carol, room, "Mine cracks")
        bob.heard.clear()
        await ask(alice, room, entry)
        await trio.sleep(1)
        assert RequestsChanged() in bob.heard
        request = await only_request(bob)
        assert (request.name, request.role, request.words, request.room) == (
            "Marta Kessler",
            Role.HOST,
            "A word?",
            "Making things",
        )
        assert not await alice.engine.contact_list()
        assert not await carol.engine.requests()

        where = await bob.engine.request_accept(request.request_id)
        assert where is not None
        await trio.sleep(5)
        assert (told_aside(alice), told_aside(bob)) == (1, 0)  # who said yes is led there by it
        assert await unread(alice, where) == (1, 1)
        last = (await alice.engine.message_list(where))[-1]
        await alice.engine.conversation_read(where, last.message_id)
        assert await unread(alice, where) == (0, 0)
        assert not await alice.ground.vault.read(owed_receipts)  # nobody else knows of it
        assert await bob.engine.requests() == []
        for desktop, known_as in ((bob, "quiet-bob"), (alice, "Marta Kessler")):
            card = await desktop.engine.bridge_card(where)
            assert card is not None
            assert (card.room, card.host, card.purpose) == (
                "Making things",
                "Marta Kessler",
                Purpose.FEEDBACK,
            )
            assert (card.quoted.text, card.quoted.proof) == ("My glaze runs", Proof.SIGNED)
            assert card.quoted.mine is (desktop is bob)
            assert [one.text for one in (*card.before, *card.after)] == [
                "Show me your pots",
                "Mine cracks",
            ]
            assert card.accepted_ms is not None
            assert card.known_as == known_as
            assert card.here
        await both_talk(alice, bob, where)


async def test_a_letter_arrives_when_its_reader_was_away_and_the_relay_fell(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            room = await gather(alice, bob)
            entry = await said(bob, room, "My glaze runs")
        await ask(alice, room, entry)
        await relay.off()
        await relay.on()
        await trio.sleep(60)
        async with world.desktop("Bob", at=relay) as bob:
            await trio.sleep(30)
            request = await only_request(bob)
            where = await bob.engine.request_accept(request.request_id)
            assert where is not None
            await both_talk(alice, bob, where)


async def test_a_question_taken_aside_finds_its_asker_after_the_room_and_a_fall(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        async with world.desktop("Bob", at=relay) as bob:
            room = await gather(alice, bob)
            question = await bob.engine.room_ask(room, "How hot is the kiln?", True)
            await trio.sleep(5)
        await alice.engine.question_aside(room, question, "Come", Purpose.OWN, "kilns")
        (shown,) = await alice.engine.questions(room)
        assert shown.state is QuestionState.ASIDE
        await trio.sleep(5)
        await alice.engine.room_end(room)
        await trio.sleep(5)
        await relay.off()
        await relay.on()
        await trio.sleep(60)
        async with world.desktop("Bob", at=relay) as bob:
            await trio.sleep(60)
            (mine,) = await bob.engine.questions(room)
            assert (mine.mine, mine.state) == (True, QuestionState.ASIDE)
            where = await bob.engine.request_accept((await only_request(bob)).request_id)
            assert where is not None
            await trio.sleep(30)
            for desktop in (alice, bob):
                card = await desktop.engine.bridge_card(where)
                assert card is not None
                assert (card.quoted.text, card.quoted.proof) == (
                    "How hot is the kiln?",
                    Proof.SIGNED,
                )
                assert (card.purpose, card.word) == (Purpose.OWN, "kilns")
            await both_talk(alice, bob, where)


async def test_after_the_room_all_who_were_not_answered_are_invited(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
        world.desktop("Dave", at=relay) as dave,
    ):
        room = await gather(alice, bob, carol, dave)
        for guest in (bob, carol, dave):
            await guest.engine.room_ask(room, f"{guest.name} asks", False)
        await trio.sleep(5)
        questions = await alice.engine.questions(room)
        answered = next(one for one in questions if one.text == "Dave asks")
        await alice.engine.question_answer(room, answered.question_id, "Like this")
        await trio.sleep(5)
        await alice.engine.room_end(room)
        await trio.sleep(5)
        assert [row.unanswered for row in await alice.engine.rooms()] == [2]
        assert await alice.engine.room_invite_askers(room, "There was no time") == 2
        assert [row.unanswered for row in await alice.engine.rooms()] == [0]
        await trio.sleep(700)
        for guest in (bob, carol):
            request = await only_request(guest)
            assert request.card is not None
            assert (request.words, request.card.quoted.text) == (
                "There was no time",
                f"{guest.name} asks",
            )
            assert await guest.engine.request_accept(request.request_id) is not None
        assert await dave.engine.requests() == []
        assert await alice.engine.room_invite_askers(room, "Again") == 0
        assert len(await alice.engine.contact_list()) == 2


async def test_who_accepts_while_the_asker_is_away_has_the_conversation_once_they_are_back(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Bob", at=relay) as bob:
        async with world.desktop("Alice", at=relay) as alice:
            room = await gather(alice, bob)
            entry = await said(bob, room, "My glaze runs")
            await ask(alice, room, entry)
            await trio.sleep(1)
        request = await only_request(bob)
        assert await bob.engine.request_accept(request.request_id) is None
        waiting = await only_request(bob)
        assert waiting.accepted_ms is not None
        async with world.desktop("Alice", at=relay) as alice:
            await trio.sleep(60)
            assert await bob.engine.requests() == []
            (row,) = await bob.engine.conversation_list()
            assert await bob.engine.bridge_card(row.conversation_id) is not None
            assert (told_aside(alice), told_aside(bob)) == (1, 1)
            assert await unread(bob, row.conversation_id) == (1, 1)
            await both_talk(alice, bob, row.conversation_id)


async def test_a_moderator_asks_an_author_while_the_host_is_away(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Bob", at=relay) as bob, world.desktop("Carol", at=relay) as carol:
        async with world.desktop("Alice", at=relay) as alice:
            room = await gather(alice, bob, carol)
            entry = await said(bob, room, "My glaze runs")
            with pytest.raises(AsideNotAllowed):
                await ask(carol, room, entry)
            whom = (await carol.engine.room_show(room)).me
            await trio.sleep(5)
            await alice.engine.room_act(room, whom, Act.MAKE_MODERATOR)
            await trio.sleep(10)
        await ask(carol, room, entry)
        await trio.sleep(5)
        request = await only_request(bob)
        assert (request.name, request.role) == ("quiet-carol", Role.MODERATOR)
        where = await bob.engine.request_accept(request.request_id)
        assert where is not None
        await both_talk(carol, bob, where)


async def test_two_who_know_each_other_find_that_out(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        where = await befriend(world, alice, bob)
        room = await gather(alice, bob)
        await ask(alice, room, await said(bob, room, "My glaze runs"))
        await trio.sleep(1)
        request = await only_request(bob)
        assert await bob.engine.request_accept(request.request_id) == where
        await trio.sleep(30)
        for desktop in (alice, bob):
            card = await desktop.engine.bridge_card(where)
            assert card is not None
            assert card.quoted.text == "My glaze runs"
            assert len(await desktop.engine.contact_list()) == 1
        assert told_aside(alice) == 1
        assert await unread(alice, where) == (1, 1)
        await both_talk(alice, bob, where)
        await both_talk_again(bob, alice, where)


async def test_an_author_asks_the_host_and_what_the_host_leaves_unsaid_is_not_told(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        room = await gather(alice, bob)
        entry = await said(bob, room, "My glaze runs")
        other = await said(alice, room, "Show me")
        with pytest.raises(AsideNotAllowed):
            await ask(bob, room, other)
        for _ in range(3):
            await ask(bob, room, entry)
        with pytest.raises(AsidesSpent):
            await ask(bob, room, entry)
        await trio.sleep(1)
        first, second, third = await alice.engine.requests()
        bob.heard.clear()
        await alice.engine.request_decline(first.request_id)
        with pytest.raises(RequestUnknown):
            await alice.engine.request_accept(first.request_id)
        await alice.engine.request_block(second.request_id)
        assert await alice.engine.requests() == []
        with pytest.raises(RequestUnknown):
            await alice.engine.request_decline(third.request_id)
        autojump_clock.jump(3601)
        await trio.sleep(30)
        await ask(bob, room, entry)
        await trio.sleep(30)
        assert await alice.engine.requests() == []
        assert RequestsChanged() not in bob.heard
        assert not await bob.engine.contact_list()


async def test_a_relay_takes_no_more_of_a_member_than_three_an_hour(
    world: World, autojump_clock: MockClock
) -> None:
    """One whose app does not keep to it."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        room = await gather(alice, bob)
        entry = await said(bob, room, "My glaze runs")
        for number in range(6):
            await bob.ground.do(partial(write_to_host, world=world, entry=entry, words=f"{number}"))
            await trio.sleep(1)
        assert len(await alice.engine.requests()) == 3
        assert await bob.count("room_letter") == 3


async def test_a_relay_that_forgot_the_room_is_not_asked_for_ever(
    world: World, autojump_clock: MockClock
) -> None:
    relay, elsewhere = await world.relay(), await world.relay("elsewhere.example")
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=elsewhere) as bob:
        room = await gather(alice, bob)
        entry = await said(bob, room, "My glaze runs")
        await bob.wire.off()
        await ask(bob, room, entry)
        await bob.engine.room_leave(room)
        await relay.off()
        relay.store = MemoryStore()
        await relay.on()
        bob.wire.on()
        await trio.sleep(900)
        assert await bob.count("room_letter") == 0
        bob.wire.asked.clear()
        await trio.sleep(3600)
        assert relay.host not in bob.wire.asked


async def test_a_bridge_card_with_a_false_quote_is_not_shown(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        room = await gather(alice, bob)
        entry = await said(bob, room, "My glaze runs")
        lie = partial(write_to_host, world=world, entry=entry, words="Keep your word", lies=True)
        await bob.ground.do(lie)
        await trio.sleep(1)
        request = await only_request(alice)
        assert (request.name, request.words, request.card) == ("quiet-bob", "Keep your word", None)
        assert room


def write_to_host(
    db: Connection, _said: Said, world: World, entry: EntryId, words: str, *, lies: bool = False
) -> None:
    """A request of bob's, past all that his app would say to it."""
    (room,) = rooms.every(db)
    quoted = items.by_id(db, room.row, entry)
    host = room.front().seat
    assert quoted is not None
    assert host is not None
    card = cards.make(db, room, quoted, quoted.text, Purpose.SUPPORT, "", world.now())
    if lies:
        card = replace(card, quoted=replace(card.quoted, said="You shall have my kiln"))
    content = AsideRequest(name=room.seat.pseudonym, card=card, words=words)
    letters.write(db, _said, room, host, content, world.now())


async def test_who_has_the_app_open_hears_of_an_invitation_soon_after_the_room(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        room = await gather(alice, bob)
        await bob.engine.room_ask(room, "Which clay for large bowls?", nameless=False)
        await trio.sleep(1300)  # a visitor's round and more
        await alice.engine.room_end(room)
        await trio.sleep(20)
        assert await alice.engine.room_invite_askers(room, "Let us go on") == 1
        await trio.sleep(60)
        assert (await only_request(bob)).words == "Let us go on"


async def test_a_letter_about_words_under_an_earlier_name_comes_while_the_room_goes_on(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        opened = await alice.engine.room_open(POTTERY)
        room = await bob.engine.room_enter(opened.link, "quiet-fern")
        await trio.sleep(60)
        entry = await said(bob, room, "I threw my first bowl today.")
        await bob.engine.room_enter(opened.link, "slow-otter")
        await trio.sleep(40)
        await ask(alice, room, entry)
        await trio.sleep(35)
        asked = await only_request(bob)
        assert asked.words == "A word?"
