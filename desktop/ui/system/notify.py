"""A word to somebody who looks elsewhere, through the desktop's notifications.

Law: no name and no text of a message ever goes there; nothing waits for the bus, and nothing
fails when there is none.
"""

from __future__ import annotations

import logging
import queue
import threading

from PySide6.QtCore import QObject

log = logging.getLogger(__name__)

_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_DEFAULT_TIME = -1


class Notifier(QObject):
    """Says one thing at a time; a newer one takes the older one's place."""

    def __init__(self, app: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._wanted: queue.Queue[str] = queue.Queue()
        self._thread: threading.Thread | None = None

    def say(self, words: str) -> None:
        """Returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="notify", daemon=True)
            self._thread.start()
        self._wanted.put(words)

    def _run(self) -> None:
        from desktop.ui.system.bus import NO_BUS  # noqa: PLC0415 - loaded when first needed

        last = 0
        while True:
            words = self._wanted.get()
            try:
                last = self._notify(words, last)
            except NO_BUS as exc:
                log.debug("no notification: %s", type(exc).__name__)

    def _notify(self, words: str, replaces: int) -> int:
        from jeepney import DBusAddress, new_method_call  # noqa: PLC0415
        from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415

        from desktop.ui.system.bus import ANSWER_S, body_of  # noqa: PLC0415

        daemon = DBusAddress(_PATH, _NAME, _NAME)
        hints = {"category": ("s", "im.received"), "desktop-entry": ("s", "aside")}
        actions: list[str] = []
        body = (self._app, replaces, "", words, "", actions, hints, _DEFAULT_TIME)
        ask = new_method_call(daemon, "Notify", "susssasa{sv}i", body)
        bus = open_dbus_connection()
        try:
            number = body_of(bus.send_and_get_reply(ask, timeout=ANSWER_S))[0]
        finally:
            bus.close()
        return number if isinstance(number, int) else 0
