"""A room's header: which room, whether it is live, and what can be done with it as a whole."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.core.rooms import Role, Room
from desktop.core.texts import harmless_name
from desktop.ui.context import Context
from desktop.ui.messages.hosts import safe
from desktop.ui.rooms import strings
from desktop.ui.rooms.face import RoomFace
from desktop.ui.rooms.tags import StateTag
from desktop.ui.widgets.buttons import Button, IconButton
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.menu import Menu, MenuButton
from desktop.ui.widgets.plain import Plain, tip

_NARROW = {True: 620, False: 480}  # a host's header has a button more


class RoomHeader(QWidget):
    """60 high."""

    back_wanted = Signal()
    watch_wanted = Signal()
    link_wanted = Signal()
    about_wanted = Signal()
    leave_wanted = Signal()
    hand_wanted = Signal(bool)  # raised, or taken back
    panel_toggled = Signal(bool)

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self._room: Room | None = None
        self._px = px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self.setProperty("line", "bottom")
        self.setFixedHeight(px(60))
        self.back = IconButton(theme, "arrow-left", strings.BACK, clicked=self.back_wanted.emit)
        self.back.hide()
        self._face = RoomFace(theme, 36)
        self.title = Plain(theme, "", "title")
        self.live = StateTag(theme, strings.LIVE, "live")
        self.state = Plain(theme, "", "small", "text_2")
        self.watch = Button(
            theme,
            strings.WATCH,
            "outline",
            icon="external-link",
            compact=True,
            clicked=self.watch_wanted.emit,
        )
        self.watch_small = IconButton(
            theme, "external-link", strings.WATCH, clicked=self.watch_wanted.emit
        )
        self.link = Button(
            theme,
            strings.COPY_LINK,
            "outline",
            icon="link",
            compact=True,
            clicked=self.link_wanted.emit,
        )
        self.hand = IconButton(theme, "hand", strings.RAISE_HAND, clicked=self._hand)
        self.hand.setCheckable(True)
        self.panel = IconButton(theme, "panel-right", strings.PANEL)
        self.panel.setCheckable(True)
        self.panel.setChecked(True)
        self.panel.toggled.connect(self._panel)
        self._panel(shown=True)
        self.more = MenuButton(theme, "ellipsis", strings.ROOM_MENU, self._offer)
        self._names = row(self.title, px(8), self.live, None)
        who = column(None, self._names, self.state, None)
        layout = row(
            self.back,
            self._face,
            px(12),
            who,
            px(8),
            self.watch,
            px(8),
            self.link,
            px(8),
            self.watch_small,
            self.hand,
            self.panel,
            self.more,
            margins=(px(20), 0, px(12), 0),
        )
        layout.setStretch(3, 1)
        self.setLayout(layout)

    def show_room(self, room: Room, now_ms: int) -> None:
        self._room = room
        self._face.show_room(room.title, room.room_id)
        self.title.say(harmless_name(room.title))
        self.live.setVisible(room.live_since_ms is not None and not room.ended)
        self.state.say(strings.subtitle(room, now_ms))
        for one in (self.watch, self.watch_small):
            tip(one, safe(room.stream) or "")
        self._show_hand(room)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The title before the buttons' words; what has no room is in the menu as well."""
        room = self._room
        if room is None:
            return
        host = room.role is Role.HOST and not room.ended
        watch = safe(room.stream) is not None
        narrow = self.width() < self._px(_NARROW[host])
        self.watch.setVisible(watch and not host and not narrow)
        self.watch_small.setVisible(watch and (host or narrow))
        self.link.setVisible(host and not narrow)

    def set_folded(self, folded: bool) -> None:
        """Without a list beside it there is a way back to it."""
        self.back.setVisible(folded)

    def _show_hand(self, room: Room) -> None:
        """Host and moderators speak anyway; somebody who was removed has no seat to speak from."""
        self.hand.setVisible(not (room.helps or room.ended) and room.removed is None)
        self.hand.setChecked(room.hand)
        self.hand.show_icon("hand", "accent" if room.hand else "text_2")
        said = strings.LOWER_HAND if room.hand else strings.RAISE_HAND
        self.hand.rename(said, "Ctrl+Shift+H")

    def _hand(self) -> None:
        """As it is, until the engine says that it is otherwise."""
        room = self._room
        if room is not None:
            self.hand.setChecked(room.hand)
            self.hand_wanted.emit(not room.hand)

    def _panel(self, shown: bool) -> None:
        self.panel.show_icon("panel-right", "accent" if shown else "text_2")
        self.panel_toggled.emit(shown)

    def _offer(self, menu: Menu) -> None:
        menu.offer("info", strings.ABOUT, self.about_wanted.emit)
        room = self._room
        if room is not None and not room.ended:
            menu.offer("link", strings.COPY_LINK, self.link_wanted.emit)
            menu.addSeparator()
            menu.offer("log-out", strings.LEAVE, self.leave_wanted.emit, danger=True)
