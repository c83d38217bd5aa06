"""The relays page and the proxy: order, addresses, what each keeps, and where the keyboard goes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.events import RelayPractices
from desktop.core.models import RelayState, Trouble
from desktop.core.proxy import parse_proxy
from desktop.ui import strings
from desktop.ui.settings import strings as words
from desktop.ui.settings.connection import Connection
from desktop.ui.settings.kept.dialog import PracticesDialog
from desktop.ui.settings.moving import MoveDialog
from desktop.ui.settings.relays import Relays
from desktop.ui.theme import Theme
from desktop.ui.widgets.dialog import Ask
from desktop.ui.widgets.notes import Dot, Note
from desktop.ui.widgets.plain import Plain
from tests.fakes.facade import FakeFacade
from tests.screens.cast import LINDENHOF, heard, says, three_relays
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin

HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def page_of(stage: Stage) -> Relays:
    stage.shell.show_settings(strings.SET_RELAYS)
    page = stage.shell.settings.findChild(Relays)
    assert isinstance(page, Relays)
    return page


def hosts(alice: FakeFacade) -> list[str]:
    return [relay.host.partition(".")[0] for relay in alice.relays.values()]


def kept(alice: FakeFacade) -> tuple[str, str] | None:
    proxy = alice.proxy
    return None if proxy is None else (proxy.address, proxy.password)


def said_in(widget: QWidget) -> str:
    return " ".join(one.text() for one in widget.findChildren(Plain) if one.isVisible())


def test_the_order_changes_by_arrows_and_by_keys_and_the_focus_goes_along(
    qtbot: QtBot, begin: Begin
) -> None:
    alice = FakeFacade()
    three_relays(alice)
    stage = begin(alice)
    page = page_of(stage)
    relay, post, north = page.relays
    assert not relay.up.isEnabled()
    assert not north.down.isEnabled()
    post.up.setFocus()
    QTest.keyClick(post.up, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.relays == [post, relay, north])
    assert hosts(alice) == ["post", "relay", "a-rather-long-name-of-a-relay"]
    assert QApplication.focusWidget() is post.down, "up leads nowhere any more"
    assert [one.tag.words.text() for one in page.relays] == list(words.RELAY_ORDER)
    qtbot.waitUntil(lambda: post.y() < relay.y() < north.y())
    north.all.setFocus()
    for _ in range(3):
        QTest.keyClick(north.all, Qt.Key.Key_Up, HELD)
    qtbot.waitUntil(lambda: page.relays == [north, post, relay])
    assert hosts(alice)[0] == "a-rather-long-name-of-a-relay"
    assert QApplication.focusWidget() is north.all
    QTest.keyClick(north.all, Qt.Key.Key_Down)
    assert page.relays[0] is north, "only with both keys held"
    north.down.setFocus()
    seen: list[QWidget | None] = []
    for _ in range(11):
        seen.append(QApplication.focusWidget())
        QTest.keyClick(page.window(), Qt.Key.Key_Tab)
    assert seen == [
        *(north.down, north.more, north.all),
        *(post.up, post.down, post.more, post.all),
        *(relay.up, relay.more, relay.all),
        page.link,
    ]
    assert all(button.accessibleName() for button in page.findChildren(QPushButton))


def test_what_a_relay_keeps_and_what_changed_is_said_in_plain_words(begin: Begin) -> None:
    alice = FakeFacade()
    three_relays(alice)
    stage = begin(alice)
    page = page_of(stage)
    relay, post, north = page.relays
    assert not relay.changed.isVisible()
    assert "kept longer now, 90 days at most." in said_in(post.changed)
    assert "not signed" in said_in(north.changed)
    assert words.CARRIES_NOTHING in said_in(north)
    post.all.click()
    dialog = stage.window.findChild(PracticesDialog)
    assert isinstance(dialog, PracticesDialog)
    assert QApplication.focusWidget() is dialog.list
    said = said_in(dialog)
    assert "90 days at most; until this computer has them" in said
    assert "Everybody may join." in said
    assert "longer" in said
    assert "mailbox" not in said.casefold()
    dialog.close_dialog()
    stage.shell.show_conversations()
    banner = stage.shell.banners.practices
    alice.emit(RelayPractices(relay.relay_id, changed=False))
    assert not banner.isVisible()
    alice.practices[relay.relay_id] = heard(says("Lindenhof neighbours", days=60), LINDENHOF)
    alice.emit(RelayPractices(relay.relay_id, changed=True))
    assert "relay.lindenhof.example" in said_in(banner)
    assert banner.action is not None
    banner.action.click()
    assert not banner.isVisible()
    assert relay.changed.isVisible()
    alice.proxy = parse_proxy("127.0.0.1:9050")
    alice.set_relay("relay.lindenhof.example")
    assert words.SEES_PROXY in said_in(relay)


def shows(page: Relays, count: int) -> bool:
    """So many relays, and who sees both ends only where there is one alone."""
    return len(page.relays) == count and page.both_ends.isVisible() is (count == 1)


def test_one_relay_of_ones_own_and_what_can_be_done_about_it(begin: Begin) -> None:
    alice = FakeFacade()
    relay = alice.set_relay("one.example", carries=False)
    stage = begin(alice)
    page = page_of(stage)
    assert "It has not said." in said_in(page.relays[0])
    assert not page.relays[0].all.isVisible()
    assert words.NONE_CARRIES in said_in(page)
    assert words.BOTH_ENDS in said_in(page.both_ends)
    page.second.click()
    assert QApplication.focusWidget() is page.link
    alice.set_relay("one.example", RelayState.OFFLINE, Trouble.PROXY)
    stage.until(lambda: words.NONE_CARRIES not in said_in(page))
    assert "The proxy does not answer" in said_in(page.relays[0])
    page.relays[0].move_wanted.emit(relay)
    dialog = stage.window.findChild(MoveDialog)
    assert isinstance(dialog, MoveDialog)
    assert QApplication.focusWidget() is dialog.field
    assert not dialog.save.isEnabled()
    alice.elsewhere.add("wss://other.example:1#key")
    QTest.keyClicks(dialog.field, "wss://other.example:1#key")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.problem.text() == strings.sentence(errors.RelayOther())
    assert QApplication.focusWidget() is dialog.field
    dialog.field.setText("wss://new.example:1#key")
    dialog.save.click()
    assert alice.relays[relay.relay_id].address == "wss://new.example:1#key"
    for host, text, left in (("two.example", words.REMOVE_ONE, 1), ("", words.REMOVE_LAST, 0)):
        if host:
            alice.set_relay(host)
        stage.until(partial(shows, page, left + 1))
        assert page.both_ends.isVisible() is not bool(host)
        page.relays[0].remove_wanted.emit(next(iter(alice.relays.values())))
        [question] = [one for one in stage.window.findChildren(Ask) if one.isVisible()]
        assert text in said_in(question)
        assert QApplication.focusWidget() is question.cancel
        question.action.click()
        stage.until(partial(shows, page, left))
        assert QApplication.focusWidget() is page.link


def test_with_large_letters_what_a_relay_keeps_scrolls_and_facts_stand_below_each_other(
    begin: Begin, theme: Theme
) -> None:
    alice = FakeFacade()
    three_relays(alice)
    stage = begin(alice)
    theme.set_scale(150)
    stage.window.resize(900, 600)
    stage.begin(alice)
    page = page_of(stage)
    stage.window.resize(1280, 800)
    stage.settle()
    card = page.relays[1]
    facts = {one.text(): one.geometry() for one in card.findChildren(Plain)}
    assert facts[words.RELAY_SEES].bottom() < facts[words.RELAY_KEEPS].top()
    tag = card.tag
    [host] = [one for one in card.findChildren(Plain) if one.text() == "post.aldermoor.example"]
    assert tag.isVisible()
    assert tag.geometry().bottom() < host.geometry().top(), "above, where there is little room"
    stage.window.resize(900, 600)  # the list folds away, so there is more room for the card
    stage.settle()
    assert tag.isVisible()
    assert facts.keys() == {one.text() for one in card.findChildren(Plain)}
    card.all.click()
    [dialog] = stage.window.findChildren(PracticesDialog)
    [note] = dialog.findChildren(Note)
    assert dialog.list.isAncestorOf(note)
    assert note.height() >= note.words.heightForWidth(note.words.width())
    assert dialog.list.height() > 200


def test_no_sentence_is_cut_while_the_page_comes_to_its_width(begin: Begin) -> None:
    alice = FakeFacade()
    three_relays(alice)
    stage = begin(alice)
    stage.window.resize(900, 600)
    stage.settle()
    page = page_of(stage)
    for _ in range(20):
        QTest.qWait(5)
        cut = [
            one.text()
            for one in page.findChildren(Plain)
            if one.isVisible() and one.wordWrap() and one.height() < one.heightForWidth(one.width())
        ]
        assert not cut


def test_who_runs_a_relay_that_has_said_nothing_is_not_known() -> None:
    relay = FakeFacade().set_relay("relay.example")
    assert words.who_runs(None, relay).startswith("It has not said. ")
    assert words.who_runs(heard(says("North")), relay).startswith("North. ")


def test_a_proxy_is_set_and_taken_away_and_what_is_none_gets_one_sentence(begin: Begin) -> None:
    alice = FakeFacade()
    alice.set_relay("relay.example")
    stage = begin(alice)
    stage.shell.show_settings(words.CONNECTION)
    page = stage.shell.settings.findChild(Connection)
    assert isinstance(page, Connection)
    assert page.state.text() == "Directly"
    assert not page.findChildren(Dot)[0].hollow, "it is in force, not a choice to be made"
    assert not page.none.isVisible()
    assert not page.use.isEnabled()
    page.address.setFocus()
    QTest.keyClicks(page.address, "proxy.example:9050")
    page.use.click()
    assert page.problem.text() == strings.sentence(errors.ProxyMalformed())
    assert alice.proxy is None
    assert QApplication.focusWidget() is page.address
    page.address.setText("127.0.0.1:9050")
    page.name.setText("alice")
    page.password.setText("four kilns")
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    assert kept(alice) == ("127.0.0.1:9050", "four kilns")
    assert page.state.text() == "Through the proxy at 127.0.0.1:9050"
    # The lines that were open go by it, too.
    stage.until(lambda: "Connecting…" in said_in(stage.window))
    assert page.password.text() == ""
    page.none.click()
    assert kept(alice) is None
    assert page.state.text() == "Directly"
    assert page.address.text() == ""
