"""Rows of the page of rooms: which room, what is going on in it, and the one thing to do next.

Law: a row keeps its widgets while the list is read again, so the keyboard stays where it was.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.rooms import RoomRow, Standing
from desktop.core.texts import harmless_name
from desktop.ui.rooms import list_words as words
from desktop.ui.rooms import strings
from desktop.ui.rooms.face import RoomFace
from desktop.ui.rooms.tags import StateTag
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button, Kind
from desktop.ui.widgets.layout import card, column, row, rule
from desktop.ui.widgets.menu import Menu, MenuButton
from desktop.ui.widgets.plain import Plain

_TALL = 68
_BUTTON = 116
_INNER = 76  # lines between rows begin at the text


class RoomLine(QWidget):
    """One room."""

    go_wanted = Signal(object)  # RoomRow: into it, or to read it
    enter_wanted = Signal(object)
    withdraw_wanted = Signal(object)
    invite_wanted = Signal(object)
    link_wanted = Signal(object)
    forget_wanted = Signal(object)
    end_wanted = Signal(object)

    def __init__(self, theme: Theme, shown: RoomRow) -> None:
        super().__init__()
        px = theme.px
        self.row = shown
        self._theme = theme
        self._narrow = False
        self._dressed: tuple[Kind, str] = ("outline", "")
        self.setMinimumHeight(px(_TALL))
        self._face = RoomFace(theme, 44)
        self.title = Plain(theme, "", "control-strong", wrap=True)
        self.live = StateTag(theme, strings.LIVE, "live")
        self.tag = StateTag(theme)
        self.about = Plain(theme, "", "small", "text_2", wrap=True)
        self.state = Plain(theme, "", "small", "text_2")
        self._place = row()
        self._between = QWidget()  # two tags, side by side
        self._between.setFixedWidth(px(6))
        self.button = self._new_button(*self._dressed)
        self.more = MenuButton(theme, "ellipsis", words.menu_of(shown), self._offer)
        names = row(self.title, px(8), self.live, self._between, self.tag, None)
        said = column(None, names, px(2), self.about, None, margins=(0, px(10), 0, px(10)))
        inner = row(
            self._face,
            px(16),
            said,
            px(12),
            self.state,
            px(16),
            self._place,
            px(8),
            self.more,
            margins=(px(16), 0, px(8), 0),
        )
        inner.setStretch(2, 1)
        self.setLayout(inner)

    def show_row(self, shown: RoomRow, now: datetime) -> None:
        self.row = shown
        self._face.show_room(shown.title, shown.room_id)
        self.title.say(harmless_name(shown.title))
        self.live.setVisible(words.is_live(shown))
        self._tag(shown)
        self.more.rename(words.menu_of(shown))
        self._next(shown)
        self.tell_time(now)

    def set_narrow(self, narrow: bool, now: datetime) -> None:
        """What stood before the button stands with the rest."""
        if narrow != self._narrow:
            self._narrow = narrow
            self.tell_time(now)

    def tell_time(self, now: datetime) -> None:
        """A minute went by."""
        said = words.state(self.row, now)
        before = f"{said} · " if said and self._narrow else ""
        self.about.say(before + words.about(self.row, now))
        self.state.say(said)
        self.state.setVisible(bool(said) and not self._narrow)
        self.setAccessibleName(words.spoken(self.row, now))

    # inside

    def _tag(self, shown: RoomRow) -> None:
        if shown.standing is Standing.KNOCKING:
            self.tag.say(words.WAITING, "neutral")
        elif shown.standing is Standing.HOSTING and shown.waiting:
            self.tag.say(words.at_the_door(shown.waiting), "warn", "door-closed")
        else:
            self.tag.say("", "neutral")
        self.tag.setVisible(bool(self.tag.text))
        self._between.setVisible(bool(self.tag.text) and words.is_live(shown))

    def _next(self, shown: RoomRow) -> None:
        """The button that a room of this kind has; the same one as long as it looks the same."""
        kind: Kind = "outline"
        icon = ""
        match shown.standing:
            case Standing.KNOCKING:
                said = words.WITHDRAW
            case Standing.PAST if shown.mine and shown.unanswered:
                said, icon = words.invite_those(shown.unanswered), "message-square-share"
            case Standing.PAST:
                said = words.READ
            case Standing.HOSTING:
                said = words.GO
                kind = "tinted" if words.is_live(shown) else kind
            case Standing.LINK:
                said = words.GO if shown.inside else words.ENTER
        self._dress(kind, icon)
        self.button.say(said)
        self.button.setAccessibleName(f"{said}: {harmless_name(shown.title)}")

    def _dress(self, kind: Kind, icon: str) -> None:
        if (kind, icon) == self._dressed:
            return
        old, held = self.button, self.button.hasFocus()
        self._dressed = kind, icon
        self.button = self._new_button(kind, icon)
        QWidget.setTabOrder(old, self.button)
        self._place.removeWidget(old)
        old.hide()
        old.deleteLater()
        self.button.show()
        if held:
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _new_button(self, kind: Kind, icon: str) -> Button:
        made = Button(self._theme, "", kind, icon=icon, clicked=self._go)
        made.setMinimumWidth(self._theme.px(_BUTTON))
        self._place.addWidget(made)
        return made

    def _go(self) -> None:
        shown = self.row
        match shown.standing:
            case Standing.KNOCKING:
                self.withdraw_wanted.emit(shown)
            case Standing.PAST if shown.mine and shown.unanswered:
                self.invite_wanted.emit(shown)
            case Standing.LINK if not shown.inside:
                self.enter_wanted.emit(shown)
            case _:
                self.go_wanted.emit(shown)

    def _offer(self, menu: Menu) -> None:
        shown = self.row
        past = shown.standing is Standing.PAST
        if past:
            menu.offer("eye", words.READ, lambda: self.go_wanted.emit(shown))
        else:
            menu.offer("link", words.COPY_LINK, lambda: self.link_wanted.emit(shown))
        menu.addSeparator()
        if shown.standing is Standing.HOSTING:
            menu.offer("power", words.END, lambda: self.end_wanted.emit(shown), danger=True)
        else:
            menu.offer("trash-2", words.FORGET, lambda: self.forget_wanted.emit(shown), danger=True)


class Section(QWidget):
    """A heading and a card of rows."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        px = theme.px
        self._theme = theme
        self.title = title
        self._lines: list[RoomLine] = []
        self._rules: list[QWidget] = []
        self._rows = column(margins=(1, 1, 1, 1))
        self._card = card(self._rows, "flat")
        self.more = Button(theme, "", "link", compact=True)
        self.more.hide()
        self.setAccessibleName(title)
        head = row(
            Plain(theme, title, "caption-strong", "text_2"),
            None,
            self.more,
            margins=(px(2), 0, px(2), 0),
        )
        self.setLayout(column(head, px(8), self._card, px(20)))
        self.hide()

    @property
    def lines(self) -> list[RoomLine]:
        return self._lines

    def show_lines(self, lines: list[RoomLine]) -> None:
        """These and no others; what stands where it stood is not touched."""
        self.setVisible(bool(lines))
        if lines == self._lines:
            return
        for one in self._rules:
            self._rows.removeWidget(one)
            one.hide()
            one.deleteLater()
        self._rules = []
        for line in self._lines:
            if line.parentWidget() is self._card:  # another section may have taken it
                self._rows.removeWidget(line)
                line.setVisible(line in lines)
        for line in lines:
            if line is not lines[0]:
                between = QWidget()
                between.setLayout(row(self._theme.px(_INNER), rule()))
                self._rules.append(between)
                self._rows.addWidget(between)
            self._rows.addWidget(line)
            line.show()
        self._lines = lines
