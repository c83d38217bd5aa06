"""Questions beside a stage, people, and the host's tools."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from desktop.core import errors
from desktop.core.questions import QuestionState
from desktop.core.requests import Purpose
from desktop.core.rooms import Act, Person, Presence, Role, Speak, Way
from desktop.ui.rooms import board_words, people_words
from desktop.ui.rooms.page import RoomPage
from desktop.ui.rooms.people import MOST
from desktop.ui.rooms.question_card import QuestionCard, QueueCard
from desktop.ui.rooms.reasons import ActDialog, AnswerDialog, DeclineDialog
from desktop.ui.widgets.dialog import Ask
from protocol.ids import SeatId
from tests.fakes.rooms import FakeRooms
from tests.screens.rooms import evening
from tests.ui.rooms.hands import Open, asked_last, settle


def shown(page: RoomPage) -> list[str]:
    """The questions in the order of their cards."""
    cards = sorted(page.panel.board.cards.values(), key=lambda one: one.y())
    return [one.question.text[:10] for one in cards if one.question is not None]


def card(page: RoomPage, beginning: str) -> QuestionCard | QueueCard:
    return next(
        one
        for one in page.panel.board.cards.values()
        if one.question is not None and one.question.text.startswith(beginning)
    )


def test_a_question_is_asked_nameless_and_the_box_says_what_that_means(open_room: Open) -> None:
    rooms, room = evening()
    ask = open_room(rooms, room).panel.board.ask
    assert "Host and moderators still see it" in ask.nameless.accessibleName()
    ask.field.setText("What of salt?")
    ask.nameless.click()
    QTest.keyClick(ask.field, Qt.Key.Key_Return)
    assert asked_last(rooms) == ("room_ask", "What of salt?", True)
    assert ask.field.text() == ""
    rooms.failures["room_ask"] = errors.RelayUnavailable()
    ask.field.setText("Not lost?")
    ask.ask()
    assert ask.field.text() == "Not lost?" and ask.problem.isVisible()


def test_everybody_votes_once_and_nobody_for_their_own(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    free = card(page, "Does rain")
    assert isinstance(free, QuestionCard)
    free.vote.click()
    settle(page)
    free.vote.click()
    votes = [one for one in rooms.asked if one[0] == "room_vote"]
    assert len(votes) == 1
    assert "yours is one of them" in free.vote.accessibleName()
    mine = card(page, "Which ash")
    assert isinstance(mine, QuestionCard) and not mine.vote.isEnabled()


def test_the_asker_always_sees_how_far_it_has_come(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    mine = next(one for one in rooms.board[room.room_id] if one.mine)
    for state, said in (
        (QuestionState.QUEUED, "Waiting"),
        (QuestionState.ANSWERING, "Being answered"),
        (QuestionState.ANSWERED, "Answered"),
        (QuestionState.ASIDE, "Taken aside"),
        (QuestionState.DECLINED, "Declined"),
        (QuestionState.MERGED, "Asked already"),
    ):
        changed = replace(mine, state=state, reason="later" * (state is QuestionState.DECLINED))
        rooms.put(room.room_id, changed)
        settle(page)
        one = card(page, "Which ash")
        assert one.state.text == said
        assert said in one.accessibleName()
    rooms.put(room.room_id, replace(mine, state=QuestionState.DECLINED, reason="next week"))
    settle(page)
    asker = card(page, "Which ash")
    assert isinstance(asker, QuestionCard) and asker.who.text() == "next week"


def test_an_answered_question_leads_to_its_moment(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    answered = card(page, "How do you")
    assert isinstance(answered, QuestionCard)
    answered.moment.click()
    lit = page.stage.view.lit_entry()
    assert lit is not None and lit.entry_id == rooms.entries[room.room_id][0].entry_id


def test_the_queue_is_sorted_starred_answered_and_declined(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    board = page.panel.board
    assert shown(page)[:3] == ["Can ash gl", "Which ash ", "Does rain "]
    assert not board.ask.isVisible()
    rain = card(page, "Does rain")
    assert isinstance(rain, QueueCard) and rain.question is not None
    assert "Nameless on stage · tallow" in rain.who.text()
    rain.star.click()
    assert asked_last(rooms)[0] == "question_star"
    rain.answer_wanted.emit(rain.question)
    assert asked_last(rooms) == ("question_answer", rain.question.question_id, "")
    settle(page)
    assert rain.done.isVisible() and not rain.answer.isVisible()
    rain.done.click()
    assert asked_last(rooms)[0] == "question_done"
    first = card(page, "Which ash")
    assert isinstance(first, QueueCard)
    first.decline.click()
    dialog = page.window().findChild(DeclineDialog)
    assert isinstance(dialog, DeclineDialog)
    dialog.field.setText("next week")
    dialog.save.click()
    assert asked_last(rooms)[0] == "question_decline" and asked_last(rooms)[2] == "next week"


def test_an_imitators_question_is_marked_on_board_and_queue(open_room: Open) -> None:
    for hosting in (False, True):
        rooms, room = evening(hosting=hosting)
        asked = rooms.board[room.room_id]
        asked[:] = [replace(asked[4], name="", seat_name="Marta Kessler", imitates=True), asked[5]]
        cards = open_room(rooms, room).panel.board.cards
        marked, plain = (cards[one.question_id] for one in asked)
        assert marked.mark.isVisible() and not plain.mark.isVisible()
        assert ", Not the host." in marked.accessibleName()


def test_an_answer_in_writing_is_not_lost_when_it_is_refused(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    one = card(page, "Does rain")
    one.write_wanted.emit(one.question)
    dialog = page.window().findChild(AnswerDialog)
    assert isinstance(dialog, AnswerDialog)
    assert not dialog.go.isEnabled()
    rooms.failures["question_answer"] = errors.RelayUnavailable()
    dialog.text.setPlainText("It does.")
    dialog.go.click()
    assert dialog.isVisible() and dialog.text.toPlainText() == "It does."
    del rooms.failures["question_answer"]
    dialog.go.click()
    assert asked_last(rooms)[0] == "question_answer" and asked_last(rooms)[2] == "It does."


def test_cards_keep_their_order_while_somebody_is_among_them(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    board = rooms.board[room.room_id]
    rooms.board[room.room_id] = [replace(one, starred=False) for one in board]
    page = open_room(rooms, room)
    rain = card(page, "Does rain")
    assert isinstance(rain, QueueCard) and rain.question is not None
    before = shown(page)
    assert before[1:3] == ["Which ash ", "Does rain "]
    rain.star.setFocus(Qt.FocusReason.TabFocusReason)
    rooms.put(room.room_id, replace(rain.question, votes=900))
    settle(page)
    assert shown(page) == before
    page.panel.board.by_votes.click()
    QTest.qWait(20)
    assert shown(page)[1:3] == ["Does rain ", "Which ash "]


def test_a_question_is_taken_aside_by_its_key(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    rain = card(page, "Does rain")
    assert isinstance(rain, QueueCard) and rain.question is not None
    rain.aside.setFocus(Qt.FocusReason.TabFocusReason)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(rain.aside, Qt.Key.Key_A, both)
    asked = ("question_aside", rain.question.question_id, "", Purpose.SUPPORT, "")
    assert asked_last(rooms) == asked


def test_removing_asks_why_and_says_what_it_cannot_prevent(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    tallow = next(one for one in rooms.seats[room.room_id] if one.name == "tallow")
    page.panel.people.act(tallow, Act.REMOVE)
    dialog = page.window().findChild(ActDialog)
    assert isinstance(dialog, ActDialog)
    said = " ".join(one.text() for one in dialog.findChildren(QLabel))
    assert "the link lets anyone in" in said
    dialog.reason.setText("selling links")
    dialog.go.click()
    assert asked_last(rooms) == ("room_act", tallow.seat_id, Act.REMOVE, 0, "selling links")
    assert page.undo.isVisible()


def test_a_pause_has_a_length(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    tallow = next(one for one in rooms.seats[room.room_id] if one.name == "tallow")
    page.panel.people.act(tallow, Act.TIME_OUT)
    dialog = page.window().findChild(ActDialog)
    assert isinstance(dialog, ActDialog)
    dialog.lengths[3_600].click()
    dialog.go.click()
    assert asked_last(rooms) == ("room_act", tallow.seat_id, Act.TIME_OUT, 3_600, "")


def test_people_at_the_door_come_first_and_an_imitator_is_named(open_room: Open) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    people = page.panel.people
    first = next(iter(people.rows.values()))
    assert first.person.state is Presence.AT_THE_DOOR
    assert first.button is not None
    first.button.click()
    assert asked_last(rooms)[2] is Act.LET_IN
    imitator = next(one for one in people.rows.values() if one.person.imitates)
    assert imitator.accessibleName() == "Marta KessIer\ufffd, Not the host"


def test_of_thousands_a_hundred_are_shown_and_all_are_found(open_room: Open) -> None:
    rooms, room = evening()
    rooms.seats[room.room_id] += [
        Person(SeatId(n.to_bytes(32, "big")), f"heron-{n}", Role.MEMBER, Presence.HERE)
        for n in range(3_000)
    ]
    people = open_room(rooms, room).panel.people
    assert len(people.rows) == MOST
    people.finder.setText("HERON-2999")
    assert [one.person.name for one in people.rows.values()] == ["heron-2999"]
    people.finder.setText("nobody")
    assert not people.rows


def test_the_hosts_tools_set_the_room_and_ask_before_what_cannot_be_undone(
    open_room: Open,
) -> None:
    rooms, room = evening(hosting=True)
    page = open_room(rooms, room)
    tools = page.panel.tools
    assert tools.isVisible() and "also people you removed" in tools.words.text()
    tools.set_slow(60)
    assert asked_last(rooms) == ("room_set", 60, None, None)
    tools.hosts.click()
    assert asked_last(rooms) == ("room_set", None, Speak.HOSTS, None)
    tools.approval.click()
    assert asked_last(rooms)[0] == "room_set" and rooms.room[room.room_id].way is Way.LINK
    for what in (people_words.APPROVAL, people_words.END):
        if what == people_words.END:
            tools.end.click()
        question = next(one for one in page.window().findChildren(Ask) if one.isVisible())
        assert question.action.text() == what
        question.action.click()
    settle(page)
    assert rooms.room[room.room_id].way is Way.APPROVAL
    assert rooms.room[room.room_id].ended and not tools.isVisible()


def test_members_have_no_tools_of_the_host(open_room: Open) -> None:
    rooms, room = evening()
    page = open_room(rooms, room)
    assert not page.panel.tools.isVisible()
    assert all(isinstance(one, QuestionCard) for one in page.panel.board.cards.values())


def test_board_and_people_have_their_four_states(open_room: Open) -> None:
    rooms = FakeRooms()
    room = rooms.host("Monday mentoring")
    rooms.failures["questions"] = rooms.failures["people"] = errors.RelayUnavailable()
    page = open_room(rooms, room)

    def said() -> set[str]:
        labels = page.panel.findChildren(QLabel)
        return {one.text() for one in labels if one.isVisibleTo(page.panel)}

    assert board_words.NOT_READ in said()
    page.panel.show_people()
    assert people_words.NOT_READ in said()
    rooms.failures.clear()
    page.panel.people.knock()
    page.panel.board.knock()
    settle(page)
    assert people_words.EMPTY in said()
