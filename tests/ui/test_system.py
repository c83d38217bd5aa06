"""The desktop's message bus: what is said there, what is heard there, and that it may be absent."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Iterator

import pytest
from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.ui import strings
from desktop.ui.system.appearance import Appearance
from desktop.ui.system.notify import Notifier
from tests.screens.cast import lively
from tests.ui.conftest import Begin

PORTAL = "org.freedesktop.portal.Desktop"
PORTAL_PATH = "/org/freedesktop/portal/desktop"
PORTAL_SETTINGS = "org.freedesktop.portal.Settings"
NOTIFICATIONS = "org.freedesktop.Notifications"
NOTIFICATIONS_PATH = "/org/freedesktop/Notifications"


class Desktop:
    """A desktop's notifications and settings portal, on a bus of their own."""

    def __init__(self) -> None:
        self.heard: queue.Queue[Message] = queue.Queue()
        self.teller = ""
        self.bus: DBusConnection = open_dbus_connection()
        for name in (NOTIFICATIONS, PORTAL):
            self.bus.send_and_get_reply(message_bus.RequestName(name), timeout=5)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """When the bus is gone already."""
        self._thread.join(5)
        self.bus.close()

    def wants_dark(self, dark: bool) -> None:
        emitter = DBusAddress(PORTAL_PATH, interface=PORTAL_SETTINGS)
        value = ("u", 1 if dark else 2)
        body = ("org.freedesktop.appearance", "color-scheme", value)
        self.bus.send(new_signal(emitter, "SettingChanged", "ssv", body))

    def clicks(self, number: int) -> None:
        """As desktops do it: told to the program that said it, and to nobody else."""
        emitter = DBusAddress(NOTIFICATIONS_PATH, interface=NOTIFICATIONS)
        for name, word in (("ActivationToken", "a token"), ("ActionInvoked", "default")):
            said = new_signal(emitter, name, "us", (number, word))
            said.header.fields[HeaderFields.destination] = self.teller
            self.bus.send(said)

    def _serve(self) -> None:
        try:
            while True:
                self._answer(self.bus.receive())
        except (OSError, EOFError):
            return  # the bus is gone, and the test is over

    def _answer(self, asked: Message) -> None:
        if asked.header.message_type is not MessageType.method_call:
            return
        self.heard.put(asked)
        match asked.header.fields.get(HeaderFields.member):
            case "Notify":
                self.teller = asked.header.fields[HeaderFields.sender]
                self.bus.send(new_method_return(asked, "u", (7,)))
            case "Read":
                self.bus.send(new_method_return(asked, "v", (("v", ("u", 1)),)))
            case _:
                return


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert daemon.stdout is not None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.stdout.readline().strip())
    made = Desktop()
    yield made
    daemon.terminate()
    daemon.communicate(timeout=10)
    made.close()


def test_a_notification_has_no_name_and_no_words_and_replaces_the_last(desktop: Desktop) -> None:
    notifier = Notifier("Aside", "Open")
    notifier.say("New message")
    app, replaces, _, summary, body, actions, _, _ = desktop.heard.get(timeout=5).body
    assert (app, replaces, summary, body) == ("Aside", 0, "New message", "")
    assert actions == ["default", "Open"]
    notifier.say("New message")
    assert desktop.heard.get(timeout=5).body[1] == 7


def test_a_click_on_the_notification_is_heard(
    qtbot: QtBot, desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "")
    notifier = Notifier("Aside", "Open")
    clicks: list[str] = []
    notifier.clicked.connect(lambda: clicks.append("clicked"))
    for _ in range(2):  # the second says that the first has its number
        notifier.say("New message")
        desktop.heard.get(timeout=5)
    desktop.clicks(6)  # somebody else's
    desktop.clicks(7)
    qtbot.waitUntil(lambda: clicks == ["clicked"])
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "a token"


def test_a_message_nobody_looks_at_reaches_the_desktop_and_a_click_brings_the_window(
    qtbot: QtBot, desktop: Desktop, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "")
    clara, hana = lively()
    window = begin(clara).window
    notifier = Notifier(strings.APP, strings.NOTIFICATION_OPEN)
    notifier.clicked.connect(window.come_forward)
    window.arrived.connect(notifier.say)
    clara.arrive(hana, "While you look")
    elsewhere = QWidget()
    qtbot.addWidget(elsewhere)
    with qtbot.waitActive(elsewhere):
        elsewhere.show()
        elsewhere.activateWindow()
    clara.arrive(hana, "While you look elsewhere")
    clara.arrive(hana, "And once more")
    for _ in range(2):  # the second says that the first has its number
        said = desktop.heard.get(timeout=5).body
        assert (said[3], said[4]) == (strings.NEW_MESSAGE, "")
    assert not window.isActiveWindow()
    desktop.clicks(7)
    qtbot.waitUntil(window.isActiveWindow)
    assert desktop.heard.empty()


def test_the_systems_choice_is_read_and_followed(qtbot: QtBot, desktop: Desktop) -> None:
    appearance = Appearance()
    heard: list[bool] = []
    appearance.dark_wanted.connect(heard.append)
    appearance.start()
    qtbot.waitUntil(lambda: heard == [True])
    desktop.wants_dark(False)
    qtbot.waitUntil(lambda: heard == [True, False])
    desktop.wants_dark(True)
    qtbot.waitUntil(lambda: heard == [True, False, True])


def test_without_a_bus_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    broken: list[object] = []
    monkeypatch.setattr(threading, "excepthook", broken.append)
    appearance, notifier = Appearance(), Notifier("Aside", "Open")
    appearance.start()
    notifier.say("New message")
    for thread in threading.enumerate():
        if thread.name in ("appearance", "notify"):
            thread.join(0.5)
    assert broken == []


def test_a_bus_that_is_gone_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    broken: list[object] = []
    monkeypatch.setattr(threading, "excepthook", broken.append)
    Notifier("Aside", "Open").say("New message")
    Appearance().start()
    for thread in threading.enumerate():
        if thread.name in ("appearance", "notify"):
            thread.join(0.5)
    assert broken == []
