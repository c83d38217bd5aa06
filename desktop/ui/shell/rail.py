"""The rail: the places of the app, and who the member is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from desktop.ui import strings
from desktop.ui.shell import strings as words
from desktop.ui.theme import Theme
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.buttons import RailButton
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import tip


class Rail(QWidget):
    """64 wide. Only places that exist have a tile."""

    conversations_wanted = Signal()
    rooms_wanted = Signal()
    requests_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        px = theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "surface")
        self.setProperty("line", "right")
        self.setFixedWidth(px(64))
        self.setAccessibleName(words.PANE_RAIL)
        self.conversations = RailButton(theme, "message-circle", strings.CONVERSATIONS)
        self.rooms = RailButton(theme, "messages-square", strings.ROOMS, "Ctrl+Shift+R")
        self.requests = RailButton(theme, "user-round-plus", words.REQUESTS)
        self.settings = RailButton(theme, "settings", strings.SETTINGS, "Ctrl+,")
        self.me = Avatar(theme, 32)
        group = QButtonGroup(self)
        group.addButton(self.conversations)
        group.addButton(self.rooms)
        group.addButton(self.requests)
        group.addButton(self.settings)
        self.conversations.setChecked(True)
        self.conversations.clicked.connect(self.conversations_wanted)
        self.rooms.clicked.connect(self.rooms_wanted)
        self.requests.clicked.connect(self.requests_wanted)
        self.settings.clicked.connect(self.settings_wanted)
        self.setLayout(
            column(
                self.conversations,
                px(4),
                self.rooms,
                px(4),
                self.requests,
                None,
                self.settings,
                px(16),
                row(px(8), self.me, None),
                margins=(px(8), px(8), px(7), px(12)),
            )
        )

    def show_me(self, name: str, who: bytes) -> None:
        self.me.show_person(name, who)
        self.me.setAccessibleName(name)
        tip(self.me, name)
