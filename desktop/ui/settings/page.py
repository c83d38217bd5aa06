"""Settings: a column of sections that can be searched, and one section at a time beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QStackedWidget, QWidget

from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.conversations.footer import Footer
from desktop.ui.prefs import Prefs
from desktop.ui.settings import strings as words
from desktop.ui.settings.connection import Connection
from desktop.ui.settings.lock import Lock
from desktop.ui.settings.parts import Section
from desktop.ui.settings.relays import Relays
from desktop.ui.settings.sections import About, Appearance, Keys, Notifications, Others, You
from desktop.ui.widgets.busy import stops
from desktop.ui.widgets.buttons import Button, leave_if_moved
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import area, column, row
from desktop.ui.widgets.notes import Empty
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.scrolled import Scrolled


class SettingsColumn(QWidget):
    """The sections' names; the rail's second place fills the list column with it."""

    picked = Signal(int)

    def __init__(self, ctx: Context, names: list[tuple[str, str]]) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "surface")
        self.setProperty("line", "right")
        self.search = Field(
            theme, words.SET_SEARCH, hint=words.SET_SEARCH, icon="search", keys="Ctrl+F"
        )
        self.footer = Footer(ctx)
        self._group = QButtonGroup(self)
        self.buttons: list[Button] = []
        lines = column(margins=(px(8), 0, px(8), 0))
        for number, (icon, name) in enumerate(names):
            button = Button(theme, name, "nav", icon=icon, checkable=True)
            self._group.addButton(button, number)
            self.buttons.append(button)
            if number:
                lines.addSpacing(px(2))
            lines.addWidget(button)
        self._lines = lines
        self._group.idClicked.connect(self.picked)
        self._nothing = Empty(theme, "search", strings.NOTHING_FOUND, strings.NOTHING_FOUND_TEXT)
        self._nothing.hide()
        top = QWidget()
        top.setFixedHeight(px(60))
        top.setLayout(row(Plain(theme, strings.SETTINGS, "page"), margins=(px(20), 0, px(12), 0)))
        layout = column(
            top,
            row(self.search, margins=(px(12), 0, px(12), 0)),
            px(11),
            lines,
            self._nothing,
            None,
            self.footer,
            margins=(0, 0, 1, 0),
        )
        self.setLayout(layout)

    def mark(self, number: int) -> None:
        self.buttons[number].setChecked(True)

    def show_only(self, numbers: set[int]) -> None:
        for number, button in enumerate(self.buttons):
            button.setVisible(number in numbers)
        self._nothing.setVisible(not numbers)
        self._lines.activate()
        for button in self.buttons:
            leave_if_moved(button)


class Settings(QWidget):
    """The sections themselves, in a column of 720."""

    lock_wanted = Signal()
    shown = Signal()
    list_wanted = Signal()  # of the sections, where there is no room for it beside them
    kept_waits = Signal()  # an invitation can go on now that there is a relay

    def __init__(self, ctx: Context, prefs: Prefs) -> None:
        super().__init__()
        self._ctx = ctx
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self._makers: list[tuple[str, str, Callable[[], Section]]] = [
            ("user-round", strings.SET_YOU, lambda: You(ctx)),
            ("palette", strings.SET_APPEARANCE, lambda: Appearance(ctx, prefs)),
            ("bell", words.SET_NOTIFICATIONS, lambda: Notifications(ctx)),
            ("eye", strings.SET_OTHERS, lambda: Others(ctx)),
            ("server", strings.SET_RELAYS, lambda: Relays(ctx)),
            ("wifi", words.CONNECTION, lambda: Connection(ctx)),
            ("lock", words.SET_LOCK, lambda: Lock(ctx)),
            ("keyboard", words.SET_KEYS, lambda: Keys(ctx)),
            ("info", words.SET_ABOUT, lambda: About(ctx)),
        ]
        self.names = [(icon, name) for icon, name, _ in self._makers]
        self._sections: dict[int, Section] = {}
        self._stack = QStackedWidget()
        self._places = [QWidget() for _ in self._makers]
        for place in self._places:
            self._stack.addWidget(place)
        self.column = SettingsColumn(ctx, self.names)
        self.column.picked.connect(self.show_section)
        self.column.search.textChanged.connect(self._search)
        self.column.search.returnPressed.connect(self._first)
        self._found: list[int] = list(range(len(self._makers)))
        px = ctx.theme.px
        self.back = Button(ctx.theme, words.SET_BACK, "quiet", icon="arrow-left")
        self.back.clicked.connect(self.list_wanted)
        self.back.hide()
        self.setLayout(
            column(row(self.back, None, margins=(px(12), px(8), px(12), 0)), self._stack)
        )

    def set_folded(self, folded: bool) -> None:
        self.back.setVisible(folded)

    def open(self, name: str = strings.SET_YOU) -> None:
        """Show a section by its name."""
        self.show_section([title for _, title in self.names].index(name))

    def show_section(self, number: int) -> None:
        self._make(number)
        self._stack.setCurrentIndex(number)
        self.column.mark(number)
        self.shown.emit()

    @property
    def first(self) -> QWidget:
        """What takes the focus: the first control of the section, or its name in the column."""
        found = stops(self._places[self._stack.currentIndex()])
        return next(iter(found), self.column.buttons[self._stack.currentIndex()])

    def section(self, number: int) -> Section:
        self._make(number)
        return self._sections[number]

    def _make(self, number: int) -> None:
        """Sections are built when they are looked at."""
        if number in self._sections:
            return
        px = self._ctx.theme.px
        section = self._makers[number][2]()
        if isinstance(section, Lock):
            section.lock_wanted.connect(self.lock_wanted)
        if isinstance(section, Relays):
            section.kept_waits.connect(self.kept_waits)
        section.setMaximumWidth(px(720))
        section.setMinimumWidth(px(200))
        side = row(px(24), None, section, None, px(24))
        side.setStretch(2, 1_000)
        side.setContentsMargins(0, px(16), 0, px(24))
        self._sections[number] = section
        page = self._places[number]
        inner = Scrolled(area(side))
        if not stops(section):
            inner.read_with_keys(section.accessibleName())
        page.setLayout(row(inner))

    def _search(self, words: str) -> None:
        wanted = words.strip().casefold()
        self._found = [
            number for number in range(len(self._makers)) if wanted in self.section(number).found_by
        ]
        self.column.show_only(set(self._found))

    def _first(self) -> None:
        if self._found:
            self.show_section(self._found[0])
            self._harmless.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def _harmless(self) -> QWidget:
        """Where Enter once more does nothing that was not meant."""
        return next(
            (
                stop
                for stop in stops(self._places[self._stack.currentIndex()])
                if not isinstance(stop, QPushButton) or stop.isCheckable()
            ),
            self.column.buttons[self._stack.currentIndex()],
        )
