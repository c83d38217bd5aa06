"""Writing and reading: what is typed is sent once, kept when refused, and saved as a draft."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.models import Contact, State
from desktop.ui.conversation import strings as conversation_words
from desktop.ui.conversations import strings as list_words
from desktop.ui.strings import NOTHING_TO_SEE
from tests.fakes.facade import MAX_TEXT, FakeFacade
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin
from tests.ui.test_shell import names


def opened(begin: Begin) -> tuple[Stage, FakeFacade, Contact]:
    alice = FakeFacade()
    alice.set_relay("relay.example")
    bob = alice.befriend("Bob")
    alice.arrive(bob, "Hello Alice", quiet=True)
    stage = begin(alice)
    stage.shell.open_conversation(bob.conversation_id)
    stage.settle()
    return stage, alice, bob


def texts(stage: Stage) -> list[str]:
    model = stage.shell.page.pane.model
    return [model.message(row).text for row in range(model.rowCount())]


def test_enter_sends_and_shift_enter_makes_a_line(qtbot: QtBot, begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    box = stage.shell.page.composer.box
    QTest.keyClicks(box, "one")
    QTest.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(box, "two")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert [row.text for row in alice.messages[bob.conversation_id]] == ["Hello Alice", "one\ntwo"]
    qtbot.waitUntil(lambda: texts(stage) == ["Hello Alice", "one\ntwo"])
    assert box.toPlainText() == ""
    assert QApplication.focusWidget() is box


def test_what_nobody_would_see_is_not_sent(begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    composer = stage.shell.page.composer
    composer.box.setPlainText("\u200b\u2060 \ufeff\n\u202e")
    assert not composer.button.isEnabled()
    QTest.keyClick(composer.box, Qt.Key.Key_Return)
    assert [row.text for row in alice.messages[bob.conversation_id]] == ["Hello Alice"]
    alice.arrive(bob, "\u200b\u2060", quiet=True)
    assert list_words.preview(alice.messages[bob.conversation_id][-1]) == NOTHING_TO_SEE
    QTest.keyClicks(composer.box, "x")
    assert composer.button.isEnabled()


def test_page_keys_in_the_composer_turn_the_pages_of_the_conversation(begin: Begin) -> None:
    alice = FakeFacade()
    bob = alice.befriend("Bob")
    for number in range(60):
        alice.wrote(bob, f"{number}", State.DELIVERED)
    stage = begin(alice)
    stage.shell.open_conversation(bob.conversation_id)
    stage.settle()
    box, view = stage.shell.page.composer.box, stage.shell.page.pane.view
    QTest.keyClicks(box, "a draft")
    assert QApplication.focusWidget() is box
    bar = view.verticalScrollBar()
    end = bar.value()
    assert end > 2 * view.viewport().height(), "there are pages to turn"
    QTest.keyClick(box, Qt.Key.Key_PageUp)
    once = end - bar.value()
    assert view.viewport().height() * 3 // 4 < once < view.viewport().height()
    QTest.keyClick(box, Qt.Key.Key_PageUp, Qt.KeyboardModifier.KeypadModifier)
    assert bar.value() == end - 2 * once
    QTest.keyClick(box, Qt.Key.Key_PageDown)
    QTest.keyClick(box, Qt.Key.Key_PageDown)
    assert bar.value() == end and view.following
    assert box.toPlainText() == "a draft" and not box.textCursor().hasSelection()
    QTest.keyClick(box, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ShiftModifier)
    assert bar.value() == end, "with Shift it is about the draft"


def test_more_than_six_lines_scroll_by_whole_lines(begin: Begin) -> None:
    stage, _, _ = opened(begin)
    box = stage.shell.page.composer.box
    box.setPlainText("\n".join(f"{n}. shelf" for n in range(9)) + "w" * 400)
    box.moveCursor(box.textCursor().MoveOperation.End)
    stage.settle()
    assert box.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    line = box.cursorRect().height()
    assert box.viewport().height() >= 6 * line
    bottom = box.cursorRect().bottom()
    assert (bottom + 1) % line <= 1
    assert bottom < box.viewport().height()


def test_nothing_is_sent_for_nothing(begin: Begin) -> None:
    stage, alice, _ = opened(begin)
    box = stage.shell.page.composer.box
    QTest.keyClicks(box, "   ")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert "message_send" not in alice.heard
    assert not stage.shell.page.composer.button.isEnabled()


def test_a_text_that_is_too_long_stays_in_the_box(begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    composer = stage.shell.page.composer
    long = "x" * (MAX_TEXT + 1)
    composer.box.setPlainText(long)
    composer.send()
    assert composer.box.toPlainText() == long
    assert f"{MAX_TEXT:,}" in composer.hint.text()
    assert len(alice.messages[bob.conversation_id]) == 1


def test_what_is_typed_while_a_refusal_comes_is_kept_too(begin: Begin) -> None:
    stage, alice, _ = opened(begin)
    alice.failures["message_send"] = errors.VaultFull()
    composer = stage.shell.page.composer
    stage.calls.hold = True
    composer.box.setPlainText("first")
    composer.send()
    QTest.keyClicks(composer.box, "second")
    stage.calls.let_go()
    assert composer.box.toPlainText() == "first\nsecond"


def test_a_draft_is_saved_within_two_seconds(qtbot: QtBot, begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    QTest.keyClicks(stage.shell.page.composer.box, "half a thou")
    qtbot.waitUntil(lambda: alice.drafts.get(bob.conversation_id) == "half a thou", timeout=2000)
    assert stage.shell.page.composer.saved.text() == conversation_words.DRAFT_SAVED


def test_a_draft_is_saved_at_leaving_and_found_again(begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    carol = alice.befriend("Carol")
    stage.shell.list.reload()
    stage.until(lambda: "Carol" in names(stage))
    QTest.keyClicks(stage.shell.page.composer.box, "half")
    stage.shell.open_conversation(carol.conversation_id)
    assert alice.drafts[bob.conversation_id] == "half"
    assert stage.shell.page.composer.box.toPlainText() == ""
    stage.settle()
    stage.shell.open_conversation(bob.conversation_id)
    assert stage.shell.page.composer.box.toPlainText() == "half"


def test_a_draft_is_there_for_who_comes_back_before_the_list_was_read_again(begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    carol = alice.befriend("Carol")
    stage.shell.list.reload()
    stage.until(lambda: "Carol" in names(stage))
    stage.calls.hold_only = "conversation_list"
    box = stage.shell.page.composer.box
    QTest.keyClicks(box, "half")
    stage.shell.open_conversation(carol.conversation_id)
    stage.shell.open_conversation(bob.conversation_id)
    assert box.toPlainText() == "half"
    QTest.keyClick(box, Qt.Key.Key_Return)
    stage.shell.open_conversation(carol.conversation_id)
    stage.shell.open_conversation(bob.conversation_id)
    assert box.toPlainText() == ""
    assert alice.drafts.get(bob.conversation_id, "") == ""


def test_sending_clears_the_draft(begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    composer = stage.shell.page.composer
    QTest.keyClicks(composer.box, "half")
    composer.save()
    QTest.keyClick(composer.box, Qt.Key.Key_Return)
    assert alice.drafts.get(bob.conversation_id, "") == ""


def test_the_box_grows_to_six_lines(begin: Begin) -> None:
    stage, _, _ = opened(begin)
    box = stage.shell.page.composer.box
    heights: list[int] = []
    for lines in (1, 2, 6, 7, 20):
        box.setPlainText("\n".join("line" for _ in range(lines)))
        stage.settle(0.02)
        heights.append(box.height())
    assert heights[0] < heights[1] < heights[2] == heights[3] == heights[4]


def test_a_new_message_is_shown_and_takes_no_focus(qtbot: QtBot, begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    box = stage.shell.page.composer.box
    assert QApplication.focusWidget() is box
    alice.arrive(bob, "Are you there?")
    qtbot.waitUntil(lambda: texts(stage)[-1:] == ["Are you there?"])
    assert QApplication.focusWidget() is box


def test_a_message_on_screen_is_read(qtbot: QtBot, begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    qtbot.waitUntil(lambda: alice.read_up_to.get(bob.conversation_id) == 0)
    qtbot.waitUntil(lambda: stage.shell.list.conversations[0].unread == 0)


def test_states_come_by_a_knock(qtbot: QtBot, begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    QTest.keyClicks(stage.shell.page.composer.box, "Hello Bob")
    QTest.keyClick(stage.shell.page.composer.box, Qt.Key.Key_Return)
    sent = alice.messages[bob.conversation_id][-1]
    alice.advance(sent, State.DELIVERED)
    model = stage.shell.page.pane.model
    qtbot.waitUntil(lambda: model.message(model.rowCount() - 1).state is State.DELIVERED)


def test_older_pages_come_when_wanted(qtbot: QtBot, begin: Begin) -> None:
    alice = FakeFacade()
    bob = alice.befriend("Bob")
    for number in range(250):
        alice.arrive(bob, f"message {number}", quiet=True)
    alice.read_up_to[bob.conversation_id] = 249
    stage = begin(alice)
    stage.shell.open_conversation(bob.conversation_id)
    stage.settle()
    pane = stage.shell.page.pane
    assert texts(stage)[-1] == "message 249"
    pane.view.verticalScrollBar().setValue(0)
    qtbot.waitUntil(lambda: texts(stage)[0] != "message 150", timeout=3000)
    positions = [pane.model.message(row).position for row in range(pane.model.rowCount())]
    assert positions == list(range(positions[0], 250))


def test_a_burst_of_knocks_is_read_a_few_times(qtbot: QtBot, begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    before = alice.heard.count("message_list")
    for number in range(500):
        alice.arrive(bob, f"{number}")
    qtbot.waitUntil(lambda: texts(stage)[-1] == "499", timeout=5000)
    assert alice.heard.count("message_list") - before < 60


def test_a_removed_contact_leaves_no_page_behind(qtbot: QtBot, begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    stage.shell.page.header.remove_wanted.emit()
    from desktop.ui.widgets.dialog import Ask

    question = stage.window.findChild(Ask)
    assert isinstance(question, Ask)
    assert QApplication.focusWidget() is question.cancel  # Enter alone removes nobody
    question.action.click()
    qtbot.waitUntil(lambda: bob.contact_id not in alice.contacts)
    qtbot.waitUntil(lambda: stage.shell.page.conversation_id is None)


def test_whom_one_writes_to_is_said_in_one_line_however_long_the_name(begin: Begin) -> None:
    alice = FakeFacade()
    name = "Dr. Ayşe-Wilhelmine Yılmaz-Kowalczyk von der Heide zu Lindenhof " * 4
    bob = alice.befriend(name.strip())
    stage = begin(alice)
    stage.shell.open_conversation(bob.conversation_id)
    box = stage.shell.page.composer.box
    said = box.placeholderText()
    assert said.startswith(f"{conversation_words.MESSAGE_TO} Dr. Ay")
    assert said.endswith("…")
    assert box.fontMetrics().horizontalAdvance(said) <= box.viewport().width()
    assert box.accessibleName() == f"{conversation_words.MESSAGE_TO} {name.strip()}"
    stage.window.resize(stage.window.width() - 200, stage.window.height())
    stage.settle()
    assert len(box.placeholderText()) < len(said)
