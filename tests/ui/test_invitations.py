"""Invitations: one field for either link, and nothing connects before it has been shown."""

from __future__ import annotations

import pytest
import segno
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from desktop.core import errors
from desktop.core.errors import AsideError
from desktop.core.models import CommunityInvitation, PersonInvitation, RelayState
from desktop.ui import strings
from desktop.ui.invitations import strings as invitations_words
from desktop.ui.invitations.cards import (
    InvitationCard,
    KeptCard,
    KnownCard,
    PersonCard,
    RelayCard,
)
from desktop.ui.invitations.enter import EnterDialog
from desktop.ui.invitations.invite import InviteDialog
from desktop.ui.invitations.link_field import LinkField
from desktop.ui.settings.relays import Relays
from desktop.ui.widgets.plain import Plain
from tests.fakes.facade import FakeFacade
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


@pytest.mark.parametrize(
    "error",
    [
        errors.InvitationSpent(),
        errors.InvitationExpired(),
        errors.RelayUnavailable(),
        errors.RelayKeyWrong(),
        errors.RelayRefused(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_relays_link_says_the_same_on_its_card_and_in_settings(
    qtbot: QtBot, begin: Begin, error: AsideError
) -> None:
    clara = fresh()
    clara.failures["relay_add"] = error
    stage = begin(clara)
    link = entered(stage, RELAY_LINK)
    assert isinstance(link.card, RelayCard)
    link.card.go.click()
    texts = [label.text() for label in link.card.findChildren(Plain)]
    assert strings.sentence(error) in texts
    stage.shell.show_settings(strings.SET_RELAYS)
    section = stage.shell.settings.findChild(Relays)
    assert isinstance(section, Relays)
    section.link.setText(RELAY_LINK)
    section.go.click()
    assert section.problem.text() == strings.sentence(error)
    assert section.link.text() == RELAY_LINK


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


def to_a_card(stage: Stage) -> PersonCard:
    card = stage.shell.hello.link.card
    assert isinstance(card, PersonCard)
    return card


def without_a_relay() -> FakeFacade:
    """Clara, whose link from Hana brings no relay."""
    clara = fresh()
    found = clara.invitations[PERSON_LINK]
    assert isinstance(found, PersonInvitation)
    clara.invitations[PERSON_LINK] = replace(found, brings_relay=False)
    return clara


def test_a_link_without_a_relay_leaves_room_for_a_relays_link_and_then_goes_on(
    begin: Begin,
) -> None:
    clara = without_a_relay()
    stage = begin(clara)
    link = entered(stage, PERSON_LINK)
    to_a_card(stage).go.click()
    assert isinstance(link.card, KeptCard)
    assert link.field.isVisible()
    assert link.field.text() == ""
    assert QApplication.focusWidget() is link.field
    entered(stage, RELAY_LINK)
    assert isinstance(link.card, RelayCard)
    link.card.go.click()
    card = to_a_card(stage)  # by itself
    assert QApplication.focusWidget() is card.greeting
    card.go.click()
    stage.settle()
    assert stage.shell.page.header.name.text() == "Hana Okafor"
    assert clara.kept is None


def test_a_relay_added_in_settings_leads_on_too(begin: Begin) -> None:
    clara = without_a_relay()
    clara.kept = PERSON_LINK
    stage = begin(clara)
    stage.shell.show_settings(strings.SET_RELAYS)
    section = stage.shell.settings.findChild(Relays)
    assert isinstance(section, Relays)
    section.link.setText(RELAY_LINK)
    section.go.click()
    stage.settle()
    assert stage.shell.hello.isVisible()
    assert QApplication.focusWidget() is to_a_card(stage).greeting


def test_where_there_are_people_already_a_kept_link_goes_on_over_them(begin: Begin) -> None:
    clara = without_a_relay()
    clara.befriend("Ruth Abrams")
    clara.kept = PERSON_LINK
    stage = begin(clara)
    stage.shell.show_settings(strings.SET_RELAYS)
    section = stage.shell.settings.findChild(Relays)
    assert isinstance(section, Relays)
    section.link.setText(RELAY_LINK)
    section.go.click()
    stage.settle()
    dialog = stage.window.findChild(EnterDialog)
    assert isinstance(dialog, EnterDialog)
    assert isinstance(dialog.link.card, PersonCard)


@pytest.mark.parametrize("link", [PERSON_LINK, RELAY_LINK])
def test_while_it_connects_cancel_stops_that_and_the_card_stays(begin: Begin, link: str) -> None:
    stage = begin(fresh())
    field = entered(stage, link)
    card = field.card
    assert isinstance(card, InvitationCard)
    stage.calls.hold = True
    for stop in (card.cancel.click, lambda: QTest.keyClick(card, Qt.Key.Key_Escape)):
        card.go.click()
        assert not card.go.isEnabled()
        assert card.cancel.isEnabled()
        stop()
        assert field.card is card
        assert card.go.isEnabled()
    stage.calls.let_go()
    assert field.card is card, "what was stopped is not heard of again"
    card.cancel.click()
    assert field.card is None


@pytest.mark.parametrize("way", ["cancel", "escape"])
def test_a_kept_link_that_was_looked_at_and_left_stays_kept(begin: Begin, way: str) -> None:
    clara = without_a_relay()
    clara.kept = PERSON_LINK
    relay = clara.set_relay("relay.lindenhof.example")
    stage = begin(clara)
    if way == "cancel":
        to_a_card(stage).cancel.click()
    else:
        QTest.keyClick(to_a_card(stage).greeting, Qt.Key.Key_Escape)
    card = stage.shell.hello.link.card
    assert isinstance(card, KeptCard)
    assert card.accessibleName() == invitations_words.KEPT_READY
    assert clara.kept == PERSON_LINK
    clara.set_relay(relay.host, RelayState.OFFLINE)
    stage.settle()
    assert isinstance(stage.shell.hello.link.card, KeptCard)  # it does not come back by itself
    stage.shell.hello.link.card.use.click()
    to_a_card(stage)


def test_ctrl_enter_accepts_with_the_first_words(begin: Begin) -> None:
    clara = fresh()
    stage = begin(clara)
    entered(stage, PERSON_LINK)
    card = to_a_card(stage)
    QTest.keyClicks(card.greeting, "Hello")
    QTest.keyClick(card.greeting, Qt.Key.Key_Return)
    assert "contact_accept" not in clara.heard
    QTest.keyClick(card.greeting, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "contact_accept" in clara.heard


def test_first_words_are_there_again_when_the_card_is(begin: Begin) -> None:
    stage = begin(fresh())
    link = entered(stage, PERSON_LINK)
    QTest.keyClicks(to_a_card(stage).greeting, "Hello Hana")
    QTest.keyClick(to_a_card(stage).greeting, Qt.Key.Key_Escape)
    assert link.card is None
    link.look()
    assert to_a_card(stage).greeting.toPlainText() == "Hello Hana"


def test_without_a_relay_looking_at_the_kept_link_does_not_lose_it(begin: Begin) -> None:
    clara = without_a_relay()
    clara.kept = PERSON_LINK
    stage = begin(clara)
    kept = stage.shell.hello.link.card
    assert isinstance(kept, KeptCard)
    kept.use.click()
    to_a_card(stage).cancel.click()
    assert isinstance(stage.shell.hello.link.card, KeptCard)
    assert clara.kept == PERSON_LINK


def test_a_kept_link_that_is_too_old_by_now_says_so_once(begin: Begin) -> None:
    clara = without_a_relay()
    clara.kept = PERSON_LINK
    clara.failures["look_at"] = errors.InvitationExpired()
    clara.set_relay("relay.lindenhof.example")
    link = begin(clara).shell.hello.link
    assert link.problem.text() == strings.sentence(errors.InvitationExpired())
    assert clara.kept is None


def test_somebody_known_already_is_one_button_away(begin: Begin) -> None:
    clara, hana = lively()
    found = clara.invitations[PERSON_LINK]
    assert isinstance(found, PersonInvitation)
    clara.invitations[PERSON_LINK] = replace(
        found, member_id=hana.contact_id, known_as="Hana from the shed"
    )
    stage = begin(clara)
    stage.shell.doors.enter_invitation()
    dialog = stage.window.findChild(EnterDialog)
    assert isinstance(dialog, EnterDialog)
    dialog.link.field.setText(PERSON_LINK)
    dialog.link.look()
    card = dialog.link.card
    assert isinstance(card, KnownCard)
    assert card.accessibleName() == "You already talk with Hana from the shed"
    shown = [one for one in card.findChildren(QAbstractButton) if one.isVisible()]
    assert [one.text() for one in shown] == [invitations_words.OPEN_CONVERSATION]
    assert QApplication.focusWidget() is card.go
    stage.settle()
    above = dialog.title.mapTo(dialog, dialog.title.rect().bottomLeft()).y()
    assert card.mapTo(dialog, QPoint(0, 0)).y() - above < 24  # the field's room is gone
    QTest.keyClick(card.go, Qt.Key.Key_Return)
    stage.settle()
    assert stage.shell.page.conversation_id == hana.conversation_id
    assert "contact_accept" not in clara.heard


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
    assert section.problem.text() == strings.sentence(errors.NotARelaysLink())
    section.link.setText(RELAY_LINK)
    section.go.click()
    qtbot.waitUntil(lambda: len(section.relays) == 1)


def test_a_relays_bare_address_has_a_card_and_its_own_refusal(begin: Begin) -> None:
    clara = fresh()
    address = "wss://relay.lindenhof.example:8443#abc"
    found = clara.invitations[RELAY_LINK]
    assert isinstance(found, CommunityInvitation)
    clara.invitations[address] = replace(found, bare=True)
    clara.failures["relay_add"] = errors.RelayRefused()
    link = entered(begin(clara), address)
    card = link.card
    assert isinstance(card, RelayCard)
    assert invitations_words.RELAY_BARE in [label.text() for label in card.findChildren(Plain)]
    card.go.click()
    assert invitations_words.RELAY_BARE_REFUSED in [
        label.text() for label in card.findChildren(Plain)
    ]
    assert link.card is card


class Order(QObject):
    """Whether the entry still stood there when a card was shown."""

    def __init__(self, link: LinkField) -> None:
        super().__init__()
        self._link = link
        self.entry_stood: list[bool] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own name
        if event.type() is QEvent.Type.Show and isinstance(watched, InvitationCard):
            self.entry_stood.append(self._link.field.isVisible())
        return False


def test_the_entry_goes_before_the_card_comes(begin: Begin) -> None:
    stage = begin(fresh())
    order = Order(stage.shell.hello.link)
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(order)
    entered(stage, PERSON_LINK)
    app.removeEventFilter(order)
    assert order.entry_stood == [False]
