"""Asked aside: who may ask whom, what goes along, what is believed of it, what is never told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop.core.errors import TextTooLong
from desktop.core.questions import QuestionState
from desktop.core.requests import Proof, Purpose, Request, RequestId
from desktop.core.room_errors import (
    AsideNotAllowed,
    AsidesSpent,
    EntryUnknown,
    NotInRoom,
    QuestionUnknown,
    RequestUnknown,
    RoomEnded,
    RoomNotAllowed,
    RoomRemoved,
)
from desktop.core.room_facade import RequestsChanged
from desktop.core.rooms import Role
from desktop.engine.ground import Bell
from desktop.engine.rooms.asides import answering, arrived, cards, letters, requesting
from desktop.engine.rooms.desk import asking
from desktop.store.rooms import board, bridges, items, requests, rooms
from desktop.store.rooms import letters as kept
from desktop.store.rooms.requests import AskedState
from protocol.e2e.link import SECRET_BYTES, ContactLink
from protocol.e2e.rooms import letters as sealed
from protocol.e2e.rooms.bridge import BridgeCard
from protocol.e2e.rooms.letters import AsideRequest
from protocol.ids import ConversationId, EntryId, MemberId
from protocol.keys import Secret
from protocol.wire.frames import Reason
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.entering import read_card
from protocol.wire.rooms.letters import read_letter
from tests.engine.rooms.cast import ADDRESS, DICE, NOW, ROOM, SEATS, Desktop
from tests.engine.rooms.letters_cast import CARDS, Boxes

WHERE = ConversationId(bytes(range(16)))


@pytest.fixture
def hall() -> Boxes:
    return Boxes()


def ask(one: Desktop, entry: EntryId, words: str = "A word with you?") -> int:
    boxes = one.hall
    assert isinstance(boxes, Boxes)
    return one.do(requesting.about_entry, boxes.ground, entry, words, Purpose.FEEDBACK, "")


def about(one: Desktop, entry: EntryId) -> BridgeCard:
    found = items.by_id(one.db, one.row, entry)
    assert found is not None
    return cards.make(one.db, one.room, found, found.text, Purpose.SUPPORT, "", NOW)


def asked_of(hall: Boxes, one: Desktop) -> list[Request]:
    return answering.shown(one.db, hall.ground)


def talked(hall: Boxes) -> EntryId:
    """Bob's entry amid others."""
    hall.alice.text("welcome")
    hall.carol.text("hello")
    entry = hall.bob.text("my glaze runs")
    hall.carol.text("mine too")
    return entry


def test_what_came_says_who_asks_why_and_what_was_said_around(hall: Boxes) -> None:
    ask(hall.alice, talked(hall))
    said = hall.collect(hall.bob, *hall.carry(hall.alice))
    assert said.events == [RequestsChanged()]
    (one,) = asked_of(hall, hall.bob)
    assert (one.name, one.role, one.words) == ("alice", Role.HOST, "A word with you?")
    assert (one.room, one.room_id, one.accepted_ms) == ("Glaze", ROOM.room, None)
    card = one.card
    assert card is not None
    assert (card.quoted.text, card.quoted.mine, card.quoted.proof) == (
        "my glaze runs",
        True,
        Proof.SIGNED,
    )
    assert [(each.name, each.text) for each in card.before] == [
        ("alice", "welcome"),
        ("carol", "hello"),
    ]
    assert [each.text for each in card.after] == ["mine too"]
    assert (card.purpose, card.known_as, card.host) == (Purpose.FEEDBACK, "bob", "alice")


def test_a_letter_counts_once_however_often_it_is_handed_out(hall: Boxes) -> None:
    ask(hall.alice, talked(hall))
    letters = hall.carry(hall.alice)
    hall.collect(hall.bob, *letters, *letters)
    assert not hall.collect(hall.bob, *letters).events
    assert len(asked_of(hall, hall.bob)) == 1
    assert hall.carry(hall.alice) == []


def test_every_try_repeats_the_bytes_that_were_saved(hall: Boxes) -> None:
    ask(hall.alice, talked(hall))
    first = hall.seal(hall.alice)
    assert hall.seal(hall.alice) == first
    assert hall.carry(hall.alice, Reason.TRY_LATER) == []
    assert hall.seal(hall.alice) == []  # not before its time
    hall.now += 3_600_000
    assert hall.seal(hall.alice) == first


@pytest.mark.parametrize("reason", [Reason.UNKNOWN, Reason.NOT_ALLOWED])
def test_what_nobody_will_ever_take_is_not_offered_again(hall: Boxes, reason: Reason) -> None:
    row = ask(hall.alice, talked(hall))
    hall.carry(hall.alice, reason)
    hall.now += 7 * 86_400_000
    assert hall.seal(hall.alice) == []
    found = requests.asked(hall.alice.db, row)
    assert found is not None
    assert found.state is AskedState.REFUSED


def test_a_full_box_is_tried_again_later_and_later(hall: Boxes) -> None:
    row = ask(hall.alice, talked(hall))
    pauses: list[int] = []
    for _ in range(9):
        hall.carry(hall.alice, Reason.QUOTA)
        due_ms = kept.next_due(hall.alice.db)
        assert due_ms is not None
        pauses.append((due_ms - hall.now) // 60_000)
        hall.now = due_ms
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert requests.refusals(hall.alice.db, row) == 9
    requests.withdraw(hall.alice.db, row)
    assert hall.seal(hall.alice) == []


def test_authors_may_ask_the_host_and_members_nobody_else(hall: Boxes) -> None:
    entry = talked(hall)
    with pytest.raises(AsideNotAllowed):
        ask(hall.carol, entry)
    ask(hall.bob, entry)
    hall.collect(hall.alice, *hall.carry(hall.bob))
    (one,) = asked_of(hall, hall.alice)
    assert (one.name, one.role) == ("bob", Role.MEMBER)
    assert one.card is not None
    assert one.card.quoted.proof is Proof.SIGNED
    with pytest.raises(AsideNotAllowed):  # towards oneself
        ask(hall.alice, hall.alice.text("mine"))
    with pytest.raises(EntryUnknown):
        ask(hall.alice, EntryId(bytes(16)))


@pytest.mark.parametrize("name", ["alice", "Moderator", "AIice"])
def test_a_letter_names_nobody_else_than_the_room_does_and_whoever_tries_is_marked(
    hall: Boxes, name: str
) -> None:
    entry = talked(hall)
    seat = hall.bob.room.seat
    said = AsideRequest(name=name, card=about(hall.bob, entry), words="Trust me")
    made = letters.write(hall.bob.db, hall.bob.said, hall.bob.room, SEATS["alice"].seat, said, 0)
    requests.ask(hall.bob.db, hall.bob.row, seat.row, SEATS["alice"].seat, made, b"", hall.now)
    hall.collect(hall.alice, *hall.carry(hall.bob))
    (one,) = asked_of(hall, hall.alice)
    assert (one.name, one.imitates, one.role) == ("bob", True, Role.MEMBER)
    hall.alice.db.execute("DELETE FROM room_person WHERE seat = ?", (SEATS["bob"].seat,))
    (one,) = asked_of(hall, hall.alice)
    assert (one.name, one.imitates) == (name, True)  # nothing here knows a better one


def test_hosts_and_whoever_has_a_name_of_their_own_imitate_nobody(hall: Boxes) -> None:
    entry = talked(hall)
    ask(hall.alice, entry)
    hall.collect(hall.bob, *hall.carry(hall.alice))
    ask(hall.bob, entry)
    hall.collect(hall.alice, *hall.carry(hall.bob))
    found = [*asked_of(hall, hall.bob), *asked_of(hall, hall.alice)]
    assert [(one.name, one.imitates) for one in found] == [("alice", False), ("bob", False)]


def test_a_member_may_ask_three_times_an_hour(hall: Boxes) -> None:
    entry = talked(hall)
    for _ in range(3):
        ask(hall.bob, entry)
    with pytest.raises(AsidesSpent):
        ask(hall.bob, entry)
    hall.now += 3_600_001
    ask(hall.bob, entry)
    for _ in range(4):
        ask(hall.alice, entry)


def test_who_does_not_sit_there_or_was_put_out_asks_nobody(hall: Boxes) -> None:
    entry = talked(hall)
    rooms.put(hall.bob.db, hall.bob.row, seat_state=SeatState.REMOVED.value)
    with pytest.raises(RoomRemoved):
        ask(hall.bob, entry)
    rooms.put(hall.alice.db, hall.alice.row, ended_ms=hall.now)
    hall.now += 6 * 86_400_000
    ask(hall.alice, entry)
    hall.now += 2 * 86_400_000
    with pytest.raises(RoomEnded):
        ask(hall.alice, entry)
    rooms.put(hall.carol.db, hall.carol.row, entered_ms=None)
    with pytest.raises(NotInRoom):
        ask(hall.carol, entry)


def test_first_words_have_a_bound_and_a_full_letter_leaves_out_what_was_said_around(
    hall: Boxes,
) -> None:
    for number in range(7):
        hall.carol.text(f"{number} " + "\U0001f3fa" * 60)
    entry = hall.bob.text("\U0001f3fa" * 400)
    with pytest.raises(TextTooLong):
        ask(hall.alice, entry, "x" * 501)
    for words in ("short", "\U0001f3fa" * 500):
        ask(hall.alice, entry, words)
    hall.collect(hall.bob, *hall.carry(hall.alice))
    long, short = asked_of(hall, hall.bob)
    assert (short.words, len(long.words)) == ("short", 500)
    assert long.card is not None
    assert short.card is not None
    assert long.card.quoted == short.card.quoted
    assert long.card.quoted.proof is Proof.SIGNED
    assert short.card.before
    assert not long.card.before


def test_a_question_taken_aside_says_so_on_the_board_and_quotes_the_desk(hall: Boxes) -> None:
    question = hall.bob.do(asking.ask, "How hot?", hall.now, nameless=True)
    with pytest.raises(QuestionUnknown):
        hall.carol.do(requesting.about_question, hall.ground, question, "", Purpose.SUPPORT, "")
    hall.alice.do(requesting.about_question, hall.ground, question, "", Purpose.OWN, "kilns")
    known = board.find(hall.bob.db, hall.bob.row, question, hall.bob.me)
    assert known is not None
    assert known.state is QuestionState.ASIDE
    hall.collect(hall.bob, *hall.carry(hall.alice))
    (one,) = asked_of(hall, hall.bob)
    assert one.card is not None
    assert (one.card.quoted.text, one.card.quoted.proof) == ("How hot?", Proof.SIGNED)
    assert (one.card.purpose, one.card.word) == (Purpose.OWN, "kilns")


def test_an_asker_asks_the_host_about_their_own_question(hall: Boxes) -> None:
    question = hall.bob.do(asking.ask, "How hot?", hall.now, nameless=False)
    hall.bob.do(requesting.about_question, hall.ground, question, "", Purpose.SUPPORT, "")
    hall.collect(hall.alice, *hall.carry(hall.bob))
    (one,) = asked_of(hall, hall.alice)
    assert one.card is not None
    assert (one.card.quoted.text, one.card.quoted.proof) == ("How hot?", Proof.SIGNED)


def test_all_who_asked_and_were_not_answered_are_invited_once(hall: Boxes) -> None:
    for asker in (hall.bob, hall.carol, hall.bob):
        asker.do(asking.ask, f"asks {asker.name}", hall.now, nameless=False)
    with pytest.raises(RoomNotAllowed):
        hall.bob.do(requesting.invite_askers, hall.ground, "come")
    assert hall.alice.do(requesting.invite_askers, hall.ground, "come") == 2
    assert board.unanswered(hall.alice.db, hall.alice.row) == []
    assert hall.alice.do(requesting.invite_askers, hall.ground, "come") == 0
    letters = hall.carry(hall.alice)
    hall.collect(hall.carol, *[one for one in letters if to(one) == hall.carol.me])
    (one,) = asked_of(hall, hall.carol)
    assert one.card is not None
    assert one.card.quoted.text == "asks carol"
    hall.bob.do(asking.ask, "asks again", hall.now, nameless=False)
    assert len(board.unanswered(hall.alice.db, hall.alice.row)) == 1
    assert hall.alice.do(requesting.invite_askers, hall.ground, "come") == 0  # each once, for good


def to(letter: bytes) -> bytes:
    return read_letter(letter, ROOM.room).to


# What harm a letter can do


def forged(hall: Boxes, letter: bytes, **changed: object) -> bytes:
    """Bob's request to the host, changed on its way out, sealed and signed as it should be."""
    body = read_letter(letter, ROOM.room)
    content = sealed.read(body, ROOM.room, hall.alice.room.seat.sealing)
    assert isinstance(content, AsideRequest)
    lying = replace(content, **changed)
    card = read_card(CARDS[hall.alice.me], ROOM.room, hall.alice.me)
    return sealed.write(
        lying, card, hall.alice.me, SEATS["bob"], ROOM.room, hall.now, DICE.randbytes
    )


def test_a_false_quote_is_shown_without_its_card(hall: Boxes) -> None:
    ask(hall.bob, talked(hall))
    (letter,) = hall.carry(hall.bob)
    body = read_letter(letter, ROOM.room)
    content = sealed.read(body, ROOM.room, hall.alice.room.seat.sealing)
    assert isinstance(content, AsideRequest)
    quoted = replace(content.card.quoted, said="you promised me a kiln")
    hall.collect(hall.alice, forged(hall, letter, card=replace(content.card, quoted=quoted)))
    (one,) = asked_of(hall, hall.alice)
    assert (one.name, one.words, one.card) == ("bob", "A word with you?", None)


def test_a_quote_from_where_something_else_stands_is_shown_without_its_card(hall: Boxes) -> None:
    ask(hall.bob, talked(hall))
    (letter,) = hall.carry(hall.bob)
    body = read_letter(letter, ROOM.room)
    content = sealed.read(body, ROOM.room, hall.alice.room.seat.sealing)
    assert isinstance(content, AsideRequest)
    card = replace(content.card, around=())
    for number, shown in ((card.quoted.number, True), (card.quoted.number + 1, False)):
        quoted = replace(card.quoted, number=number)
        hall.collect(hall.alice, forged(hall, letter, card=replace(card, quoted=quoted)))
        assert (asked_of(hall, hall.alice)[0].card is not None) is shown
        hall.now += 1


def test_strangers_words_are_plain_text_in_lines(hall: Boxes) -> None:
    ask(hall.bob, talked(hall))
    (letter,) = hall.carry(hall.bob)
    hall.alice.db.execute("DELETE FROM room_person WHERE seat = ?", (SEATS["bob"].seat,))
    words = "\u202eevil\x07 <img src=file:///etc/passwd> https://bad.example\nnext"
    hall.collect(hall.alice, forged(hall, letter, words=words, name="al\u2066ice\x00"))
    (one,) = asked_of(hall, hall.alice)
    assert one.words == "evil <img src=file:///etc/passwd> https://bad.example\nnext"
    assert one.name == "alice"


def test_what_is_not_for_this_seat_not_signed_or_does_not_open_does_nothing(hall: Boxes) -> None:
    ask(hall.alice, talked(hall))
    (letter,) = hall.carry(hall.alice)
    broken = [letter[:-1] + bytes([letter[-1] ^ 1]), bytes(len(letter)), letter[:2200]]
    assert not hall.collect(hall.bob, *broken).events
    assert not hall.collect(hall.carol, letter).events
    assert hall.collect(hall.bob, letter).events


def test_a_blocked_seat_is_not_heard_again_and_learns_nothing(hall: Boxes) -> None:
    entry = talked(hall)
    ask(hall.bob, entry)
    hall.collect(hall.alice, *hall.carry(hall.bob))
    (one,) = asked_of(hall, hall.alice)
    hall.alice.said.bells.clear()
    answering.block(hall.alice.db, hall.alice.said, one.request_id)
    assert asked_of(hall, hall.alice) == []
    ask(hall.bob, entry)
    assert not hall.collect(hall.alice, *hall.carry(hall.bob)).events
    assert asked_of(hall, hall.alice) == []
    assert Bell.LETTERS not in hall.alice.said.bells


def test_declining_tells_nobody(hall: Boxes) -> None:
    ask(hall.bob, talked(hall))
    hall.collect(hall.alice, *hall.carry(hall.bob))
    (one,) = asked_of(hall, hall.alice)
    answering.decline(hall.alice.db, hall.alice.said, one.request_id)
    assert asked_of(hall, hall.alice) == []
    assert hall.seal(hall.alice) == []
    for wrong in (one.request_id, b"", bytes(99)):
        with pytest.raises(RequestUnknown):
            answering.decline(hall.alice.db, hall.alice.said, RequestId(wrong))


def test_one_seat_fills_no_list(hall: Boxes) -> None:
    entry = talked(hall)
    for _ in range(5):
        hall.now += 3_600_001
        ask(hall.bob, entry)
        hall.collect(hall.alice, *hall.carry(hall.bob))
    assert len(asked_of(hall, hall.alice)) == 3


def test_what_nobody_answers_runs_out(hall: Boxes) -> None:
    ask(hall.bob, talked(hall))
    hall.collect(hall.alice, *hall.carry(hall.bob))
    (one,) = asked_of(hall, hall.alice)
    assert one.until_ms == hall.now + 30 * 86_400_000
    rooms.put(hall.alice.db, hall.alice.row, ended_ms=hall.now)
    (one,) = asked_of(hall, hall.alice)
    assert one.until_ms == hall.now + 7 * 86_400_000
    hall.now = one.until_ms
    answering.run_out(hall.alice.db, hall.alice.said, hall.ground)
    assert asked_of(hall, hall.alice)
    hall.now += 1
    answering.run_out(hall.alice.db, hall.alice.said, hall.ground)
    assert asked_of(hall, hall.alice) == []


# From yes to a conversation


def accepted(hall: Boxes) -> ContactLink:
    """Alice says yes to bob with this link, and again with another, as fast as one can click."""
    (one,) = asked_of(hall, hall.alice)
    links = [
        ContactLink(
            address=ADDRESS,
            member_id=MemberId(bytes(32)),
            secret=Secret(DICE.randbytes(SECRET_BYTES)),
            expires_ms=hall.now + 1000,
            name="Alice",
        )
        for _ in range(2)
    ]
    for link in links:
        row = answering.row_of(one.request_id)
        answering.say_yes(hall.alice.db, hall.alice.said, row, str(link), hall.now)
    return links[0]


def test_only_who_was_asked_can_say_yes_and_only_once(hall: Boxes) -> None:
    row = ask(hall.bob, talked(hall))
    hall.collect(hall.alice, *hall.carry(hall.bob))
    link = accepted(hall)
    (shown,) = asked_of(hall, hall.alice)
    assert shown.accepted_ms == hall.now
    (letter,) = hall.carry(hall.alice)
    content = sealed.read(read_letter(letter, ROOM.room), ROOM.room, hall.bob.room.seat.sealing)
    card = read_card(CARDS[hall.bob.me], ROOM.room, hall.bob.me)
    assert isinstance(content, sealed.AsideAccepted)
    others = sealed.write(
        replace(content, link="aside://carol"),
        *(card, hall.bob.me, SEATS["carol"], ROOM.room, hall.now, DICE.randbytes),
    )
    assert Bell.ASIDES not in hall.collect(hall.bob, others).bells
    assert requests.accepted(hall.bob.db) == []
    assert Bell.ASIDES in hall.collect(hall.bob, letter).bells
    (found,) = requests.accepted(hall.bob.db)
    assert (found.row, found.link) == (row, str(link))


def test_the_card_goes_to_the_conversation_that_the_link_led_to(hall: Boxes) -> None:
    ask(hall.bob, talked(hall))
    hall.collect(hall.alice, *hall.carry(hall.bob))
    link = accepted(hall)
    arrived.came(hall.alice.db, hall.alice.said, Secret(bytes(16)), WHERE)
    assert bridges.find(hall.alice.db, WHERE) is None
    arrived.came(hall.alice.db, hall.alice.said, link.secret, WHERE)
    card = bridges.find(hall.alice.db, WHERE)
    assert card is not None
    assert (card.quoted.text, card.accepted_ms, card.known_as) == (
        "my glaze runs",
        hall.now,
        "alice",
    )
    assert asked_of(hall, hall.alice) == []
    rooms.forget(hall.alice.db, hall.alice.row)
    assert bridges.find(hall.alice.db, WHERE) == card
