"""Invitations: one field for either link, and nothing connects before it has been shown."""

from __future__ import annotations

import pytest
import segno
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.errors import AsideError
from desktop.ui import strings
from desktop.ui.invitations.cards import KeptCard, PersonCard, RelayCard
from desktop.ui.invitations.invite import InviteDialog
from desktop.ui.invitations.link_field import LinkField
from desktop.ui.settings.relays import Relays
from tests.screens.cast import PERSON_LINK, RELAY_LINK, fresh, lively
from tests.screens.scenes import Stage
from tests.ui.conftest import Begin


def entered(stage: Stage, link: str) -> LinkField:
    field = stage.shell.hello.link
    QTest.keyClicks(field.field, link)
    QTest.keyClick(field.field, Qt.Key.Key_Return)
    return field


def test_a_persons_link_says_who_and_which_relay_before_anything_connects(
    qtbot: QtBot, begin: Begin
) -> None:
    clara = fresh()
    stage = begin(clara)
    link = entered(stage, PERSON_LINK)
    assert isinstance(link.card, PersonCard)
    said = " ".join(label.text() for label in link.card.findChildren(type(stage.shell.hello.title)))
    assert "Hana Okafor" in said
    assert "relay.lindenhof.example" in said
    assert "contact_accept" not in clara.heard
    link.card.greeting.setPlainText("Hello Hana")
    link.card.go.click()
    stage.settle()
    assert [contact.name for contact in clara.contacts.values()] == ["Hana Okafor"]
    assert stage.shell.page.isVisible()
    assert stage.shell.page.header.name.text() == "Hana Okafor"


def test_the_same_field_takes_a_relays_link(qtbot: QtBot, begin: Begin) -> None:
    clara = fresh()
    stage = begin(clara)
    link = entered(stage, RELAY_LINK)
    assert isinstance(link.card, RelayCard)
    assert "relay_add" not in clara.heard
    link.card.go.click()
    assert [relay.host for relay in clara.relays.values()] == ["relay.lindenhof.example"]


@pytest.mark.parametrize(
    "error",
    [
        errors.InvitationSpent(),
        errors.InvitationExpired(),
        errors.RelayUnavailable(),
        errors.RelayKeyWrong(),
        errors.RelayVersion(),
        errors.RelayRefused(),
        errors.RelayFull(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_goes_wrong_while_accepting_is_one_sentence(
    qtbot: QtBot, begin: Begin, error: AsideError
) -> None:
    clara = fresh()
    clara.failures["contact_accept"] = error
    stage = begin(clara)
    link = entered(stage, PERSON_LINK)
    assert isinstance(link.card, PersonCard)
    link.card.go.click()
    texts = [label.text() for label in link.card.findChildren(type(stage.shell.hello.title))]
    assert strings.sentence(error) in texts
    assert link.card.go.isEnabled()


@pytest.mark.parametrize("link", ["https://example.org", "aside://", "ünïcode", "x" * 4000])
def test_a_malformed_link_is_one_sentence_under_the_field(begin: Begin, link: str) -> None:
    stage = begin(fresh())
    field = stage.shell.hello.link
    field.field.setText(link)
    field.look()
    assert field.problem.text() == strings.sentence(errors.InvitationMalformed())
    assert field.field.text() == link


def test_without_a_relay_the_link_is_kept_and_offered_again(begin: Begin) -> None:
    clara = fresh()
    clara.kept = PERSON_LINK
    stage = begin(clara)
    card = stage.shell.hello.link.card
    assert isinstance(card, KeptCard)
    card.use.click()
    assert isinstance(stage.shell.hello.link.card, PersonCard)


def test_the_kept_link_can_be_forgotten(begin: Begin) -> None:
    clara = fresh()
    clara.kept = PERSON_LINK
    stage = begin(clara)
    card = stage.shell.hello.link.card
    assert isinstance(card, KeptCard)
    card.forget.click()
    assert not clara.kept
    assert stage.shell.hello.link.card is None


def test_an_invitation_is_made_to_be_copied(begin: Begin) -> None:
    clara, _ = lively()
    stage = begin(clara)
    stage.shell.doors.invite()
    dialog = stage.window.findChild(InviteDialog)
    assert isinstance(dialog, InviteDialog)
    assert dialog.link.text() == clara.invited[-1]
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == clara.invited[-1]
    dialog.join.click()
    assert "#j." in dialog.link.text()


def test_the_picture_to_scan_holds_the_link(begin: Begin) -> None:
    stage = begin(lively()[0])
    stage.shell.doors.invite()
    stage.settle()
    dialog = stage.window.findChild(InviteDialog)
    assert isinstance(dialog, InviteDialog)
    drawn = dialog.qr.grab().toImage()
    wanted = [bytes(row) for row in segno.make(dialog.link.text(), error="l", micro=False).matrix]
    side = (drawn.width() // (len(wanted) + 8)) or 1
    begins = (drawn.width() - side * len(wanted)) / 2
    seen = [
        bytes(
            drawn.pixelColor(
                int(begins + (x + 0.5) * side), int(begins + (y + 0.5) * side)
            ).lightness()
            < 128
            for x in range(len(wanted))
        )
        for y in range(len(wanted))
    ]
    assert seen == wanted


def test_without_a_relay_there_is_nothing_to_invite_with(begin: Begin) -> None:
    stage = begin(fresh())
    stage.shell.doors.invite()
    dialog = stage.window.findChild(InviteDialog)
    assert isinstance(dialog, InviteDialog)
    assert not dialog.copy.isVisible()


def test_a_relay_is_added_and_removed_in_settings(qtbot: QtBot, begin: Begin) -> None:
    clara = fresh()
    stage = begin(clara)
    stage.shell.show_settings(strings.SET_RELAYS)
    section = stage.shell.settings.findChild(Relays)
    assert isinstance(section, Relays)
    QTest.keyClicks(section.link, PERSON_LINK)
    section.go.click()
    assert section.problem.text() == strings.sentence(errors.WrongKindOfInvitation())
    section.link.setText(RELAY_LINK)
    section.go.click()
    qtbot.waitUntil(lambda: len(section.relays) == 1)
