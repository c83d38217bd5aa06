"""Who is there and who is writing, on screen: a dot and words, and no more than a person does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.core.models import Presence
from desktop.ui import strings
from desktop.ui.conversation import strings as conversation_words
from desktop.ui.settings.sections import Others
from desktop.ui.tokens import DARK, LIGHT, Tokens
from tests.fakes.facade import FakeFacade
from tests.ui.conftest import Begin
from tests.ui.test_conversation import opened
from tests.ui.test_shell import names
from tests.ui.test_tokens import contrast


def test_a_contact_who_comes_is_shown_and_said_at_once(begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    rows, header = stage.shell.list.list.model(), stage.shell.page.header
    spoken = Qt.ItemDataRole.AccessibleTextRole
    assert "online" not in rows.data(rows.index(0, 0), spoken)
    assert header.state.text() == conversation_words.UNVERIFIED
    read = alice.heard.count("conversation_list")
    alice.comes(bob)
    assert rows.data(rows.index(0, 0), spoken).startswith("Bob, online")
    assert header.state.text() == f"{conversation_words.ONLINE} · {conversation_words.UNVERIFIED}"
    alice.comes(bob, Presence.OFFLINE)
    assert "online" not in rows.data(rows.index(0, 0), spoken)
    assert header.state.text() == conversation_words.UNVERIFIED
    assert alice.heard.count("conversation_list") == read, "nothing is read again for it"


def test_the_header_says_who_writes_while_it_lasts(begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    carol = alice.befriend("Carol", quiet=False)
    stage.settle()
    header = stage.shell.page.header
    alice.types(carol)
    assert header.state.text() == conversation_words.UNVERIFIED, "somebody else"
    alice.types(bob)
    assert header.state.text() == conversation_words.WRITING
    alice.comes(bob)
    assert header.state.text() == conversation_words.WRITING
    stage.shell.open_conversation(carol.conversation_id)
    stage.settle()
    assert header.state.text() == conversation_words.WRITING, (
        "she was at it before she was looked at"
    )
    alice.types(carol, writing=False)
    assert header.state.text() == conversation_words.UNVERIFIED


def said(alice: FakeFacade) -> list[str]:
    return [one.removeprefix("conversation_") for one in alice.heard if one in SIGNALS]


SIGNALS = ("conversation_writing", "conversation_stopped", "message_send")


def test_writing_is_said_once_in_a_while_and_ends(begin: Begin) -> None:
    stage, alice, _ = opened(begin)
    box = stage.shell.page.composer.box
    QTest.keyClicks(box, "  ")
    assert said(alice) == []
    QTest.keyClicks(box, "hello, Bob, this is a long letter")
    assert said(alice) == ["writing"]
    box.clear()
    assert said(alice) == ["writing", "stopped"]
    QTest.keyClicks(box, "hello")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert said(alice)[2:] == ["writing", "message_send"], "the message says so itself"


def test_leaving_a_conversation_ends_it_and_a_draft_is_no_writing(begin: Begin) -> None:
    stage, alice, bob = opened(begin)
    carol = alice.befriend("Carol", quiet=False)
    stage.until(lambda: "Carol" in names(stage))
    QTest.keyClicks(stage.shell.page.composer.box, "a thought")
    stage.shell.open_conversation(carol.conversation_id)
    stage.settle()
    assert said(alice) == ["writing", "stopped"]
    stage.shell.open_conversation(bob.conversation_id)
    stage.settle()
    assert stage.shell.page.composer.box.toPlainText() == "a thought"
    assert said(alice) == ["writing", "stopped"]


def test_each_has_a_switch_that_undoes_no_other(begin: Begin) -> None:
    alice = FakeFacade()
    stage = begin(alice)
    stage.shell.show_settings(strings.SET_OTHERS)
    others = stage.shell.settings.findChild(Others)
    assert isinstance(others, Others)
    kept: list[tuple[bool, bool]] = []
    for switch in (others.online, others.writing, others.online):
        switch.click()
        kept.append((alice.kept_settings.presence, alice.kept_settings.typing))
    assert kept == [(False, True), (False, False), (True, False)]
    assert alice.kept_settings.read_receipts


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_the_dot_stands_out_from_whatever_is_around_it(tokens: Tokens) -> None:
    for ground in (tokens.surface, tokens.hover, tokens.selected, tokens.bg):
        assert contrast(tokens.ok, ground) >= 3
    for ground in (tokens.bg,):
        assert contrast(tokens.accent, ground) >= 4.5
