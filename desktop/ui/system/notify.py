"""A word to somebody who looks elsewhere, through the desktop's notifications, and their click.

Law: no name and no text of a message ever goes there; nothing waits for the bus, and nothing
fails when there is none.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

log = logging.getLogger(__name__)

_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_DEFAULT_TIME = -1
_TOKEN = "XDG_ACTIVATION_TOKEN"  # noqa: S105 - Qt shows it to the compositor when it raises a window


class Notifier(QObject):
    """Says one thing at a time; a newer one takes the older one's place."""

    clicked = Signal()

    def __init__(self, app: str, action: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._action = action
        self._wanted: queue.Queue[str] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._said = 0  # the number of the last one, as the desktop counts

    def say(self, words: str) -> None:
        """Returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="notify", daemon=True)
            self._thread.start()
        self._wanted.put(words)

    def _run(self) -> None:
        from desktop.ui.system.bus import NO_BUS  # noqa: PLC0415 - loaded when first needed

        line: _Line | None = None
        while True:
            words = self._wanted.get()
            try:
                if line is None or line.ended:
                    line = _Line(self)
                self._said = line.notify(self._app, self._said, words, self._action)
            except NO_BUS as exc:
                log.debug("no notification: %s", type(exc).__name__)

    def was_clicked(self, number: int) -> None:
        """Told by the line: somebody chose the notification of this number."""
        if number == self._said:
            self.clicked.emit()


class _Line:
    """A connection to the bus, kept: a click is told only to the one that sent the words."""

    def __init__(self, notifier: Notifier) -> None:
        from jeepney import MatchRule, message_bus  # noqa: PLC0415
        from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415

        from desktop.ui.system.bus import ANSWER_S, body_of  # noqa: PLC0415

        self.ended = False
        self._notifier = notifier
        self._answers: queue.Queue[tuple[object, ...]] = queue.Queue()
        self._bus: DBusConnection = open_dbus_connection()
        rule = MatchRule(type="signal", interface=_NAME, path=_PATH)
        try:
            body_of(self._bus.send_and_get_reply(message_bus.AddMatch(rule), timeout=ANSWER_S))
        except BaseException:
            self._bus.close()
            raise
        threading.Thread(target=self._hear, name="notified", daemon=True).start()

    def notify(self, app: str, replaces: int, words: str, action: str) -> int:
        """Its number. Raises what says that the bus is gone, or does not answer."""
        from jeepney import DBusAddress, new_method_call  # noqa: PLC0415

        from desktop.ui.system.bus import ANSWER_S  # noqa: PLC0415

        daemon = DBusAddress(_PATH, _NAME, _NAME)
        hints = {"category": ("s", "im.received"), "desktop-entry": ("s", "aside")}
        body = (app, replaces, "", words, "", ["default", action], hints, _DEFAULT_TIME)
        self._bus.send(new_method_call(daemon, "Notify", "susssasa{sv}i", body))
        try:
            answer = self._answers.get(timeout=ANSWER_S)
        except queue.Empty as exc:
            self.ended = True  # an answer that is late would be taken for the next one's
            raise TimeoutError from exc
        number = answer[0] if answer else 0
        return number if isinstance(number, int) else 0

    def _hear(self) -> None:
        from jeepney import HeaderFields, MessageType  # noqa: PLC0415

        from desktop.ui.system.bus import NO_BUS  # noqa: PLC0415

        try:
            while not self.ended:
                heard = self._bus.receive()
                kind = heard.header.message_type
                if kind is MessageType.method_return:
                    self._answers.put(heard.body)
                elif kind is MessageType.error:
                    self._answers.put(())
                elif kind is MessageType.signal:
                    self._signalled(heard.header.fields.get(HeaderFields.member), heard.body)
        except NO_BUS as exc:
            log.debug("the bus is gone: %s", type(exc).__name__)
        finally:
            self.ended = True
            self._bus.close()

    def _signalled(self, name: object, body: tuple[object, ...]) -> None:
        match name, body:
            case "ActivationToken", (int(), str(token)):
                os.environ[_TOKEN] = token
            case "ActionInvoked", (int(number), "default"):
                self._notifier.was_clicked(number)
            case _:
                return
