"""Requests: who asks, what for, what is proven of it, and one key for each answer."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.requests import BridgeCard, Proof, Purpose, Quoted, RequestId
from desktop.core.room_facade import RequestsChanged
from desktop.ui.requests import strings
from desktop.ui.requests.card import BridgeCardView
from desktop.ui.rooms.tags import StateTag
from desktop.ui.theme import Theme
from desktop.ui.widgets.busy import holds_focus
from desktop.ui.widgets.dialog import Ask
from desktop.ui.widgets.notes import Note
from tests.fakes.facade import FakeFacade
from tests.screens.requests import TRICK, card, quoted, request, some
from tests.ui.requests.conftest import Begin, Desk
from tests.ui.test_plain import RED, has_red


def press(key: Qt.Key) -> None:
    now = QApplication.focusWidget()
    assert now is not None
    QTest.keyClick(now, key)


def words_of(desk: Desk) -> list[str]:
    return [one.text() for one in desk.page.view.findChildren(QLabel) if not one.isHidden()]


def shown_card(desk: Desk) -> BridgeCardView:
    shown = desk.page.view.card
    assert isinstance(shown, BridgeCardView)
    return shown


def test_it_says_who_asks_through_what_and_what_for_and_tells_nobody(begin: Begin) -> None:
    desk = begin(some())
    counts: list[int] = []
    desk.page.counted.connect(counts.append)
    desk.open()
    marta, river = desk.page.column.rows.values()
    assert marta.accessibleName().startswith(
        "Marta Kessler, Host of Glazes without fear, 20:41: Yo"
    )
    assert river.through.text() == "From Glazes without fear"
    said = words_of(desk)
    assert "It is about what you wrote in the room" in said
    assert "Knows you only as quiet-fern" in said
    assert any("Until then Marta Kessler is told nothing" in one for one in said)
    assert any("learns your name, Clara," in one for one in said)
    press(Qt.Key.Key_Down)
    assert "It is about what they wrote in the room" in words_of(desk)
    assert shown_card(desk).purpose.text == "Cracked feet"
    assert river.hasFocus() and counts == [2]
    assert desk.rooms.asked == []  # reading and looking asks the engine for nothing else


def test_one_key_accepts_and_leads_into_the_conversation(begin: Begin) -> None:
    desk = begin(some())
    desk.open()
    wanted = desk.rooms.wanted[0].request_id
    press(Qt.Key.Key_A)
    assert desk.rooms.asked == [("request_accept", wanted)]
    assert desk.accepted == [wanted[:16]]


def test_whoever_is_away_is_waited_for_and_nothing_is_asked_again(
    begin: Begin, qtbot: QtBot
) -> None:
    desk = begin(some())
    counts: list[int] = []
    desk.page.counted.connect(counts.append)
    desk.open()
    desk.rooms.away = True
    press(Qt.Key.Key_A)
    qtbot.waitUntil(lambda: counts == [2, 1])
    assert desk.accepted == [] and desk.told[0].startswith("Accepted. Marta Kessler is not there")
    assert any("Once Marta Kessler is there" in one for one in words_of(desk))
    assert not desk.page.view.accept.isVisible()
    for key in (Qt.Key.Key_A, Qt.Key.Key_D, Qt.Key.Key_B):
        press(key)
    assert [one[0] for one in desk.rooms.asked] == ["request_accept"]
    press(Qt.Key.Key_Down)
    assert desk.page.view.accept.isVisible() and desk.page.view.accept.isEnabled()


def test_one_key_declines_and_the_next_is_open(begin: Begin, qtbot: QtBot) -> None:
    desk = begin([request("heron-3", "Hello"), *some()])
    desk.open()
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_D)
    qtbot.waitUntil(lambda: desk.names == ["heron-3", "river-5"])
    assert desk.page.view.request == desk.rooms.wanted[1]
    assert desk.told == ["Declined. Marta Kessler is told nothing."]
    assert desk.page.column.rows[desk.rooms.wanted[1].request_id].hasFocus()
    press(Qt.Key.Key_D)
    qtbot.waitUntil(lambda: desk.names == ["heron-3"])
    press(Qt.Key.Key_D)
    qtbot.waitUntil(lambda: desk.page.column.states.currentWidget() is desk.page.column.empty)
    press(Qt.Key.Key_A)
    assert [one[0] for one in desk.rooms.asked] == ["request_decline"] * 3


def test_block_asks_once(begin: Begin, qtbot: QtBot) -> None:
    desk = begin(some())
    desk.open()
    press(Qt.Key.Key_B)
    question = desk.window.findChild(Ask)
    assert isinstance(question, Ask) and question.cancel.hasFocus()
    press(Qt.Key.Key_A)  # the question hears no key of the page
    question.cancel.click()
    assert desk.rooms.asked == []
    press(Qt.Key.Key_B)
    question = next(one for one in desk.window.findChildren(Ask) if not one.isHidden())
    question.action.click()
    assert [one[0] for one in desk.rooms.asked] == ["request_block"]
    qtbot.waitUntil(lambda: desk.names == ["river-5"])


def test_an_answer_is_not_asked_for_twice_and_one_that_fails_can_be_given_again(
    begin: Begin,
) -> None:
    desk = begin(some())
    desk.open()
    desk.calls.hold_only = "request_accept"
    press(Qt.Key.Key_A)
    press(Qt.Key.Key_A)
    press(Qt.Key.Key_D)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Up)  # away and back: it is still under way
    assert not desk.page.view.accept.isEnabled()
    desk.page.accept()
    assert len(desk.calls.held) == 1
    desk.rooms.failures["request_accept"] = errors.VaultFull()
    desk.calls.let_go()
    assert desk.rooms.asked == [] and desk.accepted == []
    assert desk.page.view.trouble.isVisible()
    assert desk.page.view.accept.isEnabled()
    desk.rooms.failures.clear()
    press(Qt.Key.Key_A)
    assert len(desk.accepted) == 1 and not desk.page.view.trouble.isVisible()


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (Proof.SIGNED, "Signature checked"),
        (Proof.CLAIMED, "Words not proven"),
        (Proof.UNKNOWN, "Not checked"),
    ],
)
def test_what_is_proven_and_what_is_claimed_are_told_apart(
    theme: Theme, qtbot: QtBot, proof: Proof, said: str
) -> None:
    shown = BridgeCardView(theme, card(quoted=quoted("quiet-fern", "Grey.", 38, proof)), "")
    qtbot.addWidget(shown)
    assert shown.quote.proof.text() == said
    words = " ".join(one.text() for one in shown.quote.findChildren(QLabel))
    assert ("only claimed" in words) is (proof is not Proof.SIGNED)
    assert said in shown.accessibleName()


def test_a_false_quote_is_shown_without_a_card_and_says_so(begin: Begin) -> None:
    desk = begin([request("Marta Kessler", "It is about your pot.", card=None)])
    desk.open()
    note = desk.page.view.card
    assert isinstance(note, Note) and not desk.page.view.findChildren(BridgeCardView)
    assert note.words.text().startswith("There is no card to show.")
    assert kind_of(desk) == ("outline", "key")
    assert "It comes from Glazes without fear" in words_of(desk)
    assert desk.page.view.decline.isEnabled()


def test_what_strangers_write_is_plain_and_nothing_in_it_can_be_clicked(begin: Begin) -> None:
    bad = f"{RED}{TRICK}"
    trick = Quoted(card().quoted.entry_id, some()[0].seat_id, bad, bad, 2**60)
    evil = BridgeCard(
        room_id=some()[0].room_id,
        room=bad,
        host=bad,
        quoted=trick,
        before=(trick,) * 3,
        after=(trick,) * 3,
        purpose=Purpose.OWN,
        word=bad,
        known_as=bad,
    )
    desk = begin([request(bad, bad, -5, room=bad, until_ms=2**62, card=evil)])
    desk.open()
    shown_card(desk).more.click()
    assert not has_red(desk.window)
    for label in desk.window.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text()
        assert not set(label.text()) & {"\x07", "\u202e"}
        assert not label.openExternalLinks()
    view = desk.page.view
    buttons = {view.accept, view.decline, view.block, view.back}
    of_card = {shown_card(desk).more, shown_card(desk).show_moment}
    assert set(view.findChildren(QPushButton)) == buttons | of_card
    desk.page.ask_block()
    assert not has_red(desk.window)


def kind_of(desk: Desk) -> tuple[object, object]:
    accept = desk.page.view.accept
    return accept.property("kind"), accept.cap.property("card")


def test_an_imitator_who_asks_is_marked_and_nothing_invites_to_say_yes(begin: Begin) -> None:
    desk = begin([request("Marta KessIer", "I am the host.", imitates=True), *some()])
    desk.open()
    rows = list(desk.page.column.rows.values())
    assert rows[0].mark is not None and rows[0].mark.isVisible() and rows[1].mark is None
    assert rows[0].accessibleName().startswith("Marta KessIer, Not the host, ")
    assert desk.page.view.mark.isVisible() and kind_of(desk) == ("outline", "key")
    press(Qt.Key.Key_Down)
    assert not desk.page.view.mark.isVisible() and kind_of(desk) == ("filled", "key-on")


def test_the_answers_stay_in_view_however_much_stands_above(begin: Begin) -> None:
    desk = begin(some()[::-1])
    desk.window.resize(900, 600)
    desk.open()
    view = desk.page.view
    for _ in range(2):
        shown = shown_card(desk)
        if not shown.more.isHidden():
            shown.more.click()
        for one in (view.accept, view.decline, view.block):
            assert one.isVisible() and one.visibleRegion().boundingRect() == one.rect()
        press(Qt.Key.Key_Down)


def test_an_imitator_on_a_card_is_marked(theme: Theme, qtbot: QtBot) -> None:
    bad = replace(quoted("Marta Kessler", "I am the host.", 38), imitates=True)
    shown = BridgeCardView(theme, card(quoted=bad, before=(bad,)), "")
    qtbot.addWidget(shown)
    assert shown.before[0].accessibleName().startswith("Marta Kessler, Not the host, ")
    assert len(shown.quote.findChildren(StateTag)) == 1
    assert len(shown.before[0].findChildren(StateTag)) == 1
    assert not shown.after[0].findChildren(StateTag)


def test_around_it_is_folded_and_opens(theme: Theme, qtbot: QtBot) -> None:
    some_more = tuple(quoted(f"heron-{n}", "Mine too.", n) for n in range(4))
    shown = BridgeCardView(theme, card(before=some_more[:3], after=some_more[3:]), "")
    qtbot.addWidget(shown)
    shown.show()
    assert [one.isVisible() for one in shown.before] == [False, False, True]
    assert shown.after[0].isVisible() and shown.more.accessibleName() == "Show 2 more around it"
    low = shown.sizeHint().height()
    with qtbot.waitSignal(shown.grew):
        shown.more.click()
    assert all(one.isVisible() for one in shown.before) and shown.sizeHint().height() > low


def test_loading_empty_error_and_offline_are_drawn_on_purpose(begin: Begin, qtbot: QtBot) -> None:
    desk = begin(())
    column = desk.page.column
    desk.calls.hold = True
    desk.page.begin()
    qtbot.waitUntil(lambda: column.states.currentWidget() is column.states.loading)
    desk.rooms.failures["requests"] = errors.VaultDamaged()
    desk.calls.let_go()
    assert column.states.is_error
    desk.rooms.failures.clear()
    column.states.error.action.click()
    qtbot.waitUntil(lambda: column.states.currentWidget() is column.empty)
    clara = FakeFacade(name="Clara")
    desk.page.show_relays(list(clara.relays.values()))
    assert column.footer.text() == strings.OFFLINE
    clara.set_relay("relay.example")
    desk.page.show_relays(list(clara.relays.values()))
    assert column.footer.text() == strings.KEPT


def test_what_comes_takes_neither_the_focus_nor_the_place(begin: Begin, qtbot: QtBot) -> None:
    desk = begin(some())
    desk.open()
    press(Qt.Key.Key_Down)
    row = QApplication.focusWidget()
    desk.rooms.wanted = [request("heron-3", "Hello"), *desk.rooms.wanted]
    desk.rooms.emit(RequestsChanged())
    qtbot.waitUntil(lambda: len(desk.names) == 3)
    assert QApplication.focusWidget() is row
    request_shown = desk.page.view.request
    assert request_shown is not None and request_shown.name == "river-5"
    desk.page.view.accept.setFocus()
    desk.rooms.wanted.pop()  # it ran out while it was looked at
    desk.rooms.emit(RequestsChanged())
    qtbot.waitUntil(lambda: len(desk.names) == 2)
    assert holds_focus(desk.page.column)


def test_of_very_many_a_hundred_are_shown_and_the_rest_is_counted(begin: Begin) -> None:
    plain = request("heron", "Hello")
    many = [replace(plain, request_id=RequestId(n.to_bytes(16, "big"))) for n in range(130)]
    desk = begin(many)
    desk.open()
    assert len(desk.page.column.rows) == 100
    assert "And 30 more" in " ".join(one.text() for one in desk.page.column.findChildren(QLabel))
