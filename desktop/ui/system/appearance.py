"""Light or dark, as the system wants it: asked of the settings portal, and heard when it changes.

Qt's own hint works only on some desktops. The bus is read in a thread of its own, since it may be
slow or absent; without it the hint stands.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, cast

from PySide6.QtCore import QObject, Signal

log = logging.getLogger(__name__)

_PORTAL = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_SETTINGS = "org.freedesktop.portal.Settings"
_SPACE, _KEY = "org.freedesktop.appearance", "color-scheme"
_DARK, _LIGHT = 1, 2


class Appearance(QObject):
    """Tells what the system wants, once it is known and whenever it changes."""

    dark_wanted = Signal(bool)

    def start(self) -> None:
        threading.Thread(target=self._watch, name="appearance", daemon=True).start()

    def _watch(self) -> None:
        from desktop.ui.system.bus import NO_BUS  # noqa: PLC0415 - loaded beside the first paint

        try:
            self._listen()
        except NO_BUS as exc:
            log.debug("no settings portal: %s", type(exc).__name__)

    def _listen(self) -> None:
        from jeepney import (  # noqa: PLC0415
            DBusAddress,
            HeaderFields,
            MatchRule,
            message_bus,
            new_method_call,
        )
        from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415

        from desktop.ui.system.bus import ANSWER_S, body_of  # noqa: PLC0415

        portal = DBusAddress(_PATH, _PORTAL, _SETTINGS)
        with open_dbus_connection() as bus:
            rule = MatchRule(
                type="signal", interface=_SETTINGS, member="SettingChanged", path=_PATH
            )
            body_of(bus.send_and_get_reply(message_bus.AddMatch(rule), timeout=ANSWER_S))
            ask = new_method_call(portal, "Read", "ss", (_SPACE, _KEY))
            self._tell(body_of(bus.send_and_get_reply(ask, timeout=ANSWER_S))[0])
            while True:
                heard = bus.receive()
                if heard.header.fields.get(HeaderFields.member) == "SettingChanged":
                    space, key, value = heard.body
                    if (space, key) == (_SPACE, _KEY):
                        self._tell(value)

    def _tell(self, value: Any) -> None:
        while isinstance(value, tuple):  # variants come as (signature, value), sometimes twice
            _, value = cast("tuple[str, object]", value)
        if value in (_DARK, _LIGHT):
            self.dark_wanted.emit(value == _DARK)
