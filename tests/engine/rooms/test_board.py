"""Questions, votes, reactions and what is pinned, from desk to stage and back."""

from __future__ import annotations

import pytest

from desktop.core.errors import TextMissing, TextTooLong
from desktop.core.questions import QuestionId, QuestionState
from desktop.core.room_errors import (
    EntryUnknown,
    QuestionClosed,
    QuestionsWait,
    QuestionUnknown,
    RoomNotAllowed,
)
from desktop.core.room_facade import BoardChanged
from desktop.core.rooms import Act
from desktop.engine.rooms.desk import asking, counting, showing
from desktop.engine.rooms.desk import incoming as desks
from desktop.engine.rooms.order import giving
from desktop.store.rooms import board, reactions
from desktop.store.rooms import said as sayings
from desktop.store.rooms.board import KeptQuestion
from protocol.e2e.rooms import words
from protocol.e2e.rooms.contents import Counted, Question
from protocol.e2e.rooms.contents import QuestionState as Told
from protocol.e2e.rooms.desk_contents import Ask, React, Vote
from protocol.ids import EntryId
from protocol.wire.frames.room_entries import Lane
from tests.engine.rooms.cast import DICE, ROOM, Desktop, Hall


@pytest.fixture
def hall() -> Hall:
    return Hall()


def on_board(one: Desktop) -> list[KeptQuestion]:
    return board.every(one.db, one.row, one.me)


def ask(one: Desktop, text: str, *, nameless: bool = False) -> QuestionId:
    return one.do(asking.ask, text, one.hall.now, nameless=nameless)


def publish(hall: Hall) -> None:
    hall.now += 1000
    hall.alice.do(counting.publish, hall.now)


def test_a_question_waits_with_its_asker_and_is_published_by_the_hosts_app(hall: Hall) -> None:
    asked = ask(hall.bob, "How hot is the kiln?")
    (mine,) = on_board(hall.bob)
    assert (mine.question_id, mine.mine, mine.state) == (asked, True, QuestionState.QUEUED)
    assert on_board(hall.carol) == []
    publish(hall)
    (seen,) = on_board(hall.carol)
    assert (seen.text, seen.name, seen.asker) == ("How hot is the kiln?", "bob", hall.bob.me)
    assert on_board(hall.bob)[0].mine and not on_board(hall.carol)[0].mine
    assert BoardChanged(ROOM.room) in hall.carol.said.events


def test_a_nameless_question_names_nobody_on_the_stage_and_its_seat_at_the_desk(
    hall: Hall,
) -> None:
    ask(hall.bob, "Why?", nameless=True)
    publish(hall)
    assert [(one.asker, one.name) for one in on_board(hall.carol)] == [(None, "")]
    assert [(one.asker, one.nameless) for one in on_board(hall.alice)] == [(hall.bob.me, True)]


def test_one_vote_of_each_seat_counts_however_often_it_comes(hall: Hall) -> None:
    asked = ask(hall.bob, "How hot?")
    publish(hall)
    for _ in range(3):
        hall.carol.do(asking.vote, asked, hall.now)
    again = Vote(name="carol", sent_ms=hall.now, question=EntryId(asked))
    for _ in range(3):
        hall.carol.do(desk_say, again)
    publish(hall)
    assert [one.votes for one in on_board(hall.bob)] == [1]
    back = Vote(name="carol", sent_ms=hall.now, question=EntryId(asked), taken_back=True)
    hall.carol.do(desk_say, back)
    publish(hall)
    assert [one.votes for one in on_board(hall.bob)] == [0]


def desk_say(db: object, said: object, room: object, content: object) -> None:
    from desktop.engine.rooms.stage import compose

    compose.say(db, said, room, content, 0)  # type: ignore[arg-type]


def test_what_was_counted_before_a_crash_is_published_after_it_and_once(hall: Hall) -> None:
    asked = ask(hall.bob, "How hot?")
    publish(hall)
    hall.carol.do(asking.vote, asked, hall.now)
    stage = hall.numbers[Lane.STAGE]
    publish(hall)
    publish(hall)
    assert hall.numbers[Lane.STAGE] == stage + 1


def test_only_one_app_publishes(hall: Hall) -> None:
    ask(hall.bob, "How hot?")
    before = dict(hall.numbers)
    hall.bob.do(counting.publish, hall.now)
    hall.carol.do(counting.publish, hall.now)
    assert hall.numbers == before


def test_the_asker_sees_each_state_and_why(hall: Hall) -> None:
    hall.bob.text("hello")
    first, second = ask(hall.bob, "How hot?"), ask(hall.bob, "How cold?")
    publish(hall)
    said = hall.carol.text("look at it glow")
    hall.alice.do(asking.move, first, QuestionState.ANSWERING, hall.now)
    state = {one.question_id: one for one in on_board(hall.bob)}
    assert state[first].state is QuestionState.ANSWERING and state[first].moment == said
    hall.alice.do(asking.move, first, QuestionState.ANSWERED, hall.now, "1240 degrees")
    hall.alice.do(asking.move, second, QuestionState.DECLINED, hall.now, "another day")
    state = {one.question_id: one for one in on_board(hall.bob)}
    assert (state[first].state, state[first].words) == (QuestionState.ANSWERED, "1240 degrees")
    assert state[first].answered_ms == hall.now and state[first].moment == said
    assert (state[second].state, state[second].words) == (QuestionState.DECLINED, "another day")
    with pytest.raises(QuestionClosed):
        hall.alice.do(asking.move, first, QuestionState.ANSWERING, hall.now)
    with pytest.raises(QuestionClosed):
        hall.carol.do(asking.vote, first, hall.now)


def test_a_question_never_goes_back_to_waiting(hall: Hall) -> None:
    asked = ask(hall.bob, "How hot?")
    publish(hall)
    hall.alice.do(asking.move, asked, QuestionState.ANSWERING, hall.now)
    late = Question(
        name="alice",
        sent_ms=hall.now,
        question=EntryId(asked),
        text="How hot?",
        state=Told.QUEUED,
    )
    hall.alice.do(desk_say, late)
    assert [one.state for one in on_board(hall.bob)] == [QuestionState.ANSWERING]


def test_whoever_has_no_role_changes_nothing_on_the_board(hall: Hall) -> None:
    asked = ask(hall.bob, "How hot?")
    publish(hall)
    with pytest.raises(RoomNotAllowed):
        hall.carol.do(asking.move, asked, QuestionState.DECLINED, hall.now)
    forged = Question(
        name="alice",
        sent_ms=hall.now,
        question=EntryId(asked),
        text="Buy links",
        state=Told.ANSWERED,
        votes=9,
    )
    counted = Counted(name="alice", sent_ms=hall.now, votes=())
    hall.carol.do(desk_say, forged)
    hall.carol.do(desk_say, counted)
    assert [(one.text, one.votes) for one in on_board(hall.bob)] == [("How hot?", 0)]


def test_who_is_muted_asks_the_host_alone_until_they_may_speak(hall: Hall) -> None:
    publish(hall)
    hall.alice.do(giving.act, hall.bob.me, Act.TIME_OUT, hall.now, DICE.randbytes, seconds=60)
    for nameless in (False, True):
        ask(hall.bob, "Buy links?", nameless=nameless)
    ask(hall.carol, "How hot?")
    publish(hall)
    assert [one.text for one in on_board(hall.carol)] == ["How hot?"]
    assert not board.waits(hall.alice.db, hall.alice.row, hall.now)
    in_queue = showing.questions(hall.alice.db, hall.alice.room, hall.now)
    assert sorted(one.held for one in in_queue) == [False, True, True]
    mine = showing.questions(hall.bob.db, hall.bob.room, hall.now)
    assert not any(one.held for one in mine)
    answered = next(one for one in in_queue if one.held)
    hall.alice.do(
        asking.move, answered.question_id, QuestionState.ANSWERED, hall.now, "No"
    )  # who is answered stands on the board
    assert len(on_board(hall.carol)) == 2
    hall.now += 60_000
    assert board.waits(hall.alice.db, hall.alice.row, hall.now)
    publish(hall)
    assert len(on_board(hall.carol)) == 3
    shown = showing.questions(hall.alice.db, hall.alice.room, hall.now)
    assert not any(one.held for one in shown)


def test_the_eleventh_question_that_waits_is_refused_where_it_is_asked(hall: Hall) -> None:
    asked = [ask(hall.bob, f"Question {number}?") for number in range(desks.MOST_QUESTIONS)]
    with pytest.raises(QuestionsWait):
        ask(hall.bob, "One more?")
    assert len(on_board(hall.bob)) == desks.MOST_QUESTIONS
    hall.alice.do(asking.move, asked[0], QuestionState.DECLINED, hall.now, "no")
    more = ask(hall.bob, "One more?")
    assert more in [one.question_id for one in on_board(hall.alice)]


def test_a_seat_has_so_many_questions_waiting_and_no_more(hall: Hall) -> None:
    for number in range(desks.MOST_QUESTIONS + 5):
        hall.bob.do(desk_say, Ask(name="bob", sent_ms=hall.now, text=f"Question {number}?"))
    ask(hall.carol, "One of mine?")
    assert len(on_board(hall.alice)) == desks.MOST_QUESTIONS + 1


def test_controls_and_what_turns_text_around_do_not_reach_the_board(hall: Hall) -> None:
    ugly = "<img src=file:///etc/passwd>\u202egnirts \x07 https://evil.example"
    hall.bob.do(desk_say, Ask(name="b\u202eob", sent_ms=hall.now, text=ugly))
    publish(hall)
    (seen,) = on_board(hall.alice)
    assert seen.text == "<img src=file:///etc/passwd>gnirts https://evil.example"
    assert seen.name == "bob"


def test_what_is_asked_has_words_and_fits(hall: Hall) -> None:
    with pytest.raises(TextMissing):
        ask(hall.bob, "  ")
    with pytest.raises(TextTooLong):
        ask(hall.bob, "x" * 601)
    with pytest.raises(QuestionUnknown):
        hall.bob.do(asking.vote, QuestionId(bytes(16)), hall.now)
    asked = ask(hall.bob, "How hot?")
    with pytest.raises(TextTooLong):
        hall.alice.do(asking.move, asked, QuestionState.ANSWERED, hall.now, "x" * 2001)
    with pytest.raises(TextTooLong):
        hall.alice.do(asking.move, asked, QuestionState.ANSWERED, hall.now, "\U0001f525" * 1500)


def test_who_asked_and_got_no_answer_is_named_once(hall: Hall) -> None:
    first = ask(hall.bob, "How hot?")
    ask(hall.bob, "How cold?")
    hall.now += 1
    ask(hall.carol, "When?")
    hall.alice.do(asking.move, first, QuestionState.ANSWERED, hall.now, "very")
    left = [(seat, text) for _, seat, text in board.unanswered(hall.alice.db, hall.alice.row)]
    assert left == [(hall.bob.me, "How cold?"), (hall.carol.me, "When?")]


def shown(one: Desktop, entry: EntryId) -> list[tuple[str, int, bool]]:
    found = reactions.of(one.db, one.row, [entry], one.me).get(entry, [])
    return [(each.sign, each.count, each.mine) for each in found]


def test_a_reaction_shows_at_once_counts_once_and_is_taken_back(hall: Hall) -> None:
    entry = hall.carol.text("hello")
    hall.bob.do(asking.react, entry, "♥", hall.now)
    assert shown(hall.bob, entry) == [("♥", 1, True)] and shown(hall.carol, entry) == []
    publish(hall)
    assert shown(hall.carol, entry) == [("♥", 1, False)]
    hall.carol.do(asking.react, entry, "♥", hall.now)
    publish(hall)
    assert shown(hall.bob, entry) == [("♥", 2, True)]
    hall.bob.do(asking.react, entry, "♥", hall.now)
    publish(hall)
    assert shown(hall.carol, entry) == [("♥", 1, True)]
    assert shown(hall.bob, entry) == [("♥", 1, False)]


def test_reactions_to_nothing_and_a_flood_of_signs_fill_no_vault(hall: Hall) -> None:
    entry = hall.carol.text("hello")
    with pytest.raises(EntryUnknown):
        hall.bob.do(asking.react, EntryId(bytes(16)), "♥", hall.now)
    hall.bob.do(desk_say, React(name="bob", sent_ms=0, entry=EntryId(bytes(16)), sign="♥"))
    for number in range(reactions.MOST_SIGNS + 8):
        hall.bob.do(desk_say, React(name="bob", sent_ms=0, entry=entry, sign=chr(0x1F600 + number)))
    publish(hall)
    assert len(shown(hall.carol, entry)) == reactions.MOST_SIGNS


def test_what_is_pinned_last_stands_on_top(hall: Hall) -> None:
    entry, other = hall.carol.text("hello"), hall.bob.text("rules")
    with pytest.raises(RoomNotAllowed):
        hall.bob.do(asking.pin, entry, hall.now)
    hall.alice.do(asking.pin, entry, hall.now)
    hall.alice.do(asking.pin, other, hall.now)
    pinned = reactions.pinned(hall.bob.db, hall.bob.row)
    assert pinned is not None and pinned.entry_id == other
    hall.alice.do(asking.pin, None, hall.now)
    assert reactions.pinned(hall.bob.db, hall.bob.row) is None


def test_a_question_keeps_its_asker_when_one_before_it_was_refused(hall: Hall) -> None:
    bob = hall.bob
    for text in ("First?", "Second?"):
        asking.ask(bob.db, bob.said, bob.room, text, hall.now, nameless=True)
    refused = sayings.waiting(bob.db, bob.room, Lane.DESK)[0]
    sayings.drop(bob.db, bob.room, refused)
    assert [one.text for one in on_board(bob)] == ["Second?"]
    hall.turn()
    publish(hall)
    assert [(one.text, one.mine) for one in on_board(bob)] == [("Second?", True)]


@pytest.mark.parametrize(
    ("sign", "counts"),
    [
        *((sign, True) for sign in ("♥", "❤\ufe0f", "👩\u200d🚀", "👍🏽", "🇩🇪")),
        *((sign, False) for sign in ("idiot", "<img>", "", "👍 ok", "\u202e", "👍" * 17)),
    ],
)
def test_a_reaction_is_a_picture_and_never_a_strangers_words(sign: str, counts: bool) -> None:
    assert words.sign(sign) == (sign if counts else "")
