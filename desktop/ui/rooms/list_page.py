"""The page of rooms: live now, those I host, those I have a link for, and past ones.

Law: the page manages rooms and shows no room; a knock makes it read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, Qt
from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError
from desktop.core.room_facade import RoomChanged, Rooms, RoomsChanged
from desktop.core.rooms import Line, RoomRow, Standing
from desktop.ui import strings as common
from desktop.ui.context import Context, Knocker
from desktop.ui.rooms import list_words as words
from desktop.ui.rooms.list_acts import ListActs
from desktop.ui.rooms.list_rows import RoomLine, Section
from desktop.ui.widgets.busy import give_focus, holds_focus
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import area, column, row
from desktop.ui.widgets.notes import Empty, Note
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.scrolled import Scrolled
from desktop.ui.widgets.states import States
from protocol.ids import RoomId

TICK_MS = 20_000
SOON_MS = 1_000
WIDE = 880
SOME_PAST = 3
NARROW = 680  # of the page: then a row says in its second line what stood before its button


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class RoomsPage(QWidget):
    """No list beside it; a column of 880."""

    room_wanted = Signal(object)  # RoomId: into it, or to read it
    enter_wanted = Signal(str)  # the link of a room
    link_wanted = Signal()  # there is a link to paste
    open_wanted = Signal()  # a new one

    def __init__(self, ctx: Context, rooms: Rooms, now_ms: Callable[[], int] = _now_ms) -> None:
        super().__init__()
        self._ctx, self._rooms, self._now_ms = ctx, rooms, now_ms
        self.rows: Sequence[RoomRow] | None = None
        self._lines: dict[RoomId, RoomLine] = {}
        self._all_past = False
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self.setAccessibleName(words.ROOMS)
        theme, px = ctx.theme, ctx.theme.px
        self.search = Field(theme, words.SEARCH, hint=words.SEARCH, icon="search")
        self.search.setMaximumWidth(px(240))
        self.search.setMinimumWidth(px(120))
        self.have_link = Button(
            theme, words.HAVE_LINK, "outline", icon="link", clicked=self.link_wanted.emit
        )
        self.open = Button(theme, words.OPEN, "filled", icon="plus", clicked=self.open_wanted.emit)
        self.acts = ListActs(ctx, rooms, self)
        self.live = Section(theme, words.LIVE_NOW)
        self.hosted = Section(theme, words.I_HOST)
        self.linked = Section(theme, words.WITH_LINK)
        self.past = Section(theme, words.PAST)
        self.past.more.clicked.connect(self._more_past)
        note = Note(theme, "wifi-off", words.OFFLINE, words.OFFLINE_TEXT)
        self.offline = area(column(note, px(20)))
        self.offline.hide()
        self._narrow = False
        nothing = Empty(
            theme,
            "messages-square",
            words.EMPTY,
            words.EMPTY_TEXT,
            action=words.HAVE_LINK,
            clicked=self.link_wanted.emit,
        )
        self._not_found = Empty(theme, "search", common.NOTHING_FOUND, common.NOTHING_FOUND_TEXT)
        self.states = States(
            theme, self._column(), nothing, loading=words.LOADING, not_read=words.NOT_READ
        )
        self.states.addWidget(self._not_found)
        self.states.retry_wanted.connect(self.reload)
        self.states.begin()
        self.head = self._head()
        layout = column(self.head, self.states)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._knocker = Knocker(self._read, self)
        self.soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self.soon.timeout.connect(self.reload)
        self._minutes = QTimer(self, interval=TICK_MS)
        self._minutes.timeout.connect(self._tick)
        self._minutes.start()
        self.search.textChanged.connect(self._show)
        ctx.heard.connect(self._hear)

    @property
    def sections(self) -> tuple[Section, ...]:
        return self.live, self.hosted, self.linked, self.past

    @property
    def finds_nothing(self) -> bool:
        return self.states.currentWidget() is self._not_found

    def reload(self) -> None:
        self._knocker.knock()

    @property
    def first(self) -> QWidget:
        """What is looked for first: the rooms, or how to come to one."""
        return next((one.lines[0].button for one in self.sections if one.lines), self.open)

    def focus_first(self) -> None:
        self.first.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < self._ctx.theme.px(NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            self.search.setPlaceholderText(words.SEARCH_SHORT if narrow else words.SEARCH)
            for line in self._lines.values():
                line.set_narrow(narrow, self._now())

    # inside

    def _head(self) -> QWidget:
        theme, px = self._ctx.theme, self._ctx.theme.px
        title = Plain(theme, words.ROOMS, "page")
        title.setMinimumWidth(title.sizeHint().width())
        inner = row(
            title,
            px(16),
            None,
            self.search,
            px(12),
            self.have_link,
            px(12),
            self.open,
            margins=(px(24), 0, px(20), 0),
        )
        inner.setStretch(3, 4)
        head = area(inner, ground="bg", line="bottom")
        head.setFixedHeight(px(60))
        return head

    def _column(self) -> QWidget:
        px = self._ctx.theme.px
        page = QWidget()
        page.setMaximumWidth(px(WIDE))
        inside = column(px(20), self.offline, *self.sections, None)
        page.setLayout(inside)
        side = row(px(20), page, px(20))
        side.setStretch(1, 1)
        return Scrolled(area(side))

    def _hear(self, event: object) -> None:
        """Who came and went in a room is read at most once a second."""
        match event:
            case RoomsChanged():
                self.reload()
            case RoomChanged() if self.isVisible() and not self.soon.isActive():
                self.soon.start()
            case _:
                return

    def _read(self) -> None:
        self._ctx.ask(self._rooms.rooms, ok=self._have, failed=self._failed, owner=self)

    def _have(self, rows: Sequence[RoomRow]) -> None:
        self._knocker.done()
        self.rows = rows
        self._show()

    def _failed(self, error: AsideError) -> None:
        self._knocker.done()
        self.states.fail(common.sentence(error))
        if self.states.known:
            self._ctx.tell(common.sentence(error))

    def _more_past(self) -> None:
        self._all_past = not self._all_past
        self._show()

    def _tick(self) -> None:
        now = self._now()
        for line in self._lines.values():
            line.tell_time(now)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._now_ms() / 1000).astimezone()

    def _show(self) -> None:
        if self.rows is None:
            return
        wanted = self.search.text().strip()
        found = [one for one in self.rows if words.matches(one, wanted)]
        held = next((one for one in self._lines.values() if holds_focus(one)), None)
        on_menu = held is not None and held.more.hasFocus()
        self._keep(self.rows)
        live = [one for one in found if words.is_live(one)]
        rest = [one for one in found if not words.is_live(one)]
        hosted = [one for one in rest if one.standing is Standing.HOSTING]
        linked = [one for one in rest if one.standing in (Standing.LINK, Standing.KNOCKING)]
        past = [one for one in rest if one.standing is Standing.PAST]
        past.sort(key=lambda one: -(one.ended_ms or 0))
        shown = past if self._all_past or wanted else past[:SOME_PAST]
        for section, some in zip(self.sections, (live, hosted, linked, shown), strict=True):
            section.show_lines([self._lines[one.room_id] for one in some])
        self.past.more.say(words.FEWER if self._all_past else words.all_past(len(past)))
        self.past.more.setVisible(len(past) > SOME_PAST and not wanted)
        asked = [one.line for one in self.rows if one.standing is not Standing.PAST]
        asked = [line for line in asked if line is not Line.NONE]
        self.offline.setVisible(bool(asked) and all(line is Line.DOWN for line in asked))
        self.states.have(some=bool(self.rows))
        if self.rows and not found:
            self.states.setCurrentWidget(self._not_found)
        self._order_stops()
        self._give_back(held, on_menu=on_menu)

    def _order_stops(self) -> None:
        """Tab goes from row to row, whatever came first."""
        before: QWidget = self.open
        for section in self.sections:
            if section is self.past:
                QWidget.setTabOrder(before, section.more)
                before = section.more
            for line in section.lines:
                QWidget.setTabOrder(before, line.button)
                QWidget.setTabOrder(line.button, line.more)
                before = line.more

    def _keep(self, rows: Sequence[RoomRow]) -> None:
        """A line for each room, the same one as before."""
        now = self._now()
        there = {one.room_id for one in rows}
        for gone in [one for one in self._lines if one not in there]:
            line = self._lines.pop(gone)
            for section in self.sections:
                if line in section.lines:
                    section.show_lines([one for one in section.lines if one is not line])
            line.hide()
            line.deleteLater()
        for one in rows:
            if one.room_id not in self._lines:
                self._lines[one.room_id] = self._new_line(one)
            self._lines[one.room_id].show_row(one, now)
            self._lines[one.room_id].set_narrow(self._narrow, now)

    def _new_line(self, shown: RoomRow) -> RoomLine:
        line = RoomLine(self._ctx.theme, shown)
        line.setParent(self)
        line.hide()
        line.go_wanted.connect(self._go)
        line.enter_wanted.connect(self._ask_link)
        line.withdraw_wanted.connect(self.acts.withdraw)
        line.invite_wanted.connect(self.acts.invite)
        line.link_wanted.connect(self.acts.copy_link)
        line.forget_wanted.connect(self.acts.ask_forget)
        line.end_wanted.connect(self.acts.ask_end)
        return line

    def _go(self, shown: RoomRow) -> None:
        self.room_wanted.emit(shown.room_id)

    def _ask_link(self, shown: RoomRow) -> None:
        """The door is asked anew each time: rules and host may be others by now."""
        self._ctx.ask(self._rooms.room_link, shown.room_id, ok=self.enter_wanted.emit, owner=self)

    def _give_back(self, held: RoomLine | None, *, on_menu: bool) -> None:
        """A line that moved to another section kept its widgets and lost the keyboard."""
        if held is None or holds_focus(held):
            return
        there = held in self._lines.values() and held.isVisible()
        if not (there and give_focus(held.more if on_menu else held.button)):
            self.focus_first()
