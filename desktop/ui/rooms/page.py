"""A room from inside: header, what has to be said, pinned entry, stage, composer.

Law: each knock makes the page read again; nothing here keeps a second truth.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.core.errors import AsideError
from desktop.core.refused_orders import OrderRefused
from desktop.core.room_facade import RoomChanged, Rooms, StageMoved
from desktop.core.rooms import Act, Entry, Room
from desktop.ui import strings as common
from desktop.ui.context import Context, Knocker
from desktop.ui.rooms import role_words
from desktop.ui.rooms.acting import EntryActs
from desktop.ui.rooms.composer import RoomComposer
from desktop.ui.rooms.feed import StageFeed
from desktop.ui.rooms.header_acts import HeaderActs
from desktop.ui.rooms.lines import Figures, PinnedLine, Warnings
from desktop.ui.rooms.panel import WIDE, Panel
from desktop.ui.rooms.polite import Polite
from desktop.ui.rooms.room_header import RoomHeader
from desktop.ui.rooms.stage import Stage
from desktop.ui.rooms.undo import UndoToast
from desktop.ui.widgets.layout import area, column
from protocol.ids import EntryId, RoomId

TICK_MS = 20_000  # the minutes in the header
FIGURES_MS = 5_000  # what the host reads of the pace, while it is another one
ROOMY = 716  # narrower than this, the panel and the stage take turns


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class RoomPage(QWidget):
    """Shows one room at a time."""

    back_wanted = Signal()
    left = Signal()

    def __init__(self, ctx: Context, rooms: Rooms, now_ms: Callable[[], int] = _now_ms) -> None:
        super().__init__()
        self._ctx, self._rooms, self._now_ms = ctx, rooms, now_ms
        self._id: RoomId | None = None
        self._roomy = True
        self.room: Room | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        theme = ctx.theme
        self.header = RoomHeader(ctx)
        self.figures = Figures(theme)
        self.figures.hide()
        self.warnings = Warnings(theme)
        self.pinned = PinnedLine(theme)
        self.stage = Stage(theme)
        self.composer = RoomComposer(ctx, rooms, now_ms)
        self.polite = Polite(self)
        self.feed = StageFeed(ctx, rooms, self.stage, self.polite)
        self.acts = EntryActs(ctx, rooms, self.stage.view, self.composer)
        self.panel = Panel(ctx, rooms, now_ms)
        self.panel.setFixedWidth(theme.px(WIDE))
        self.undo = UndoToast(theme, now_ms, self.polite)
        self._rows = column(self.pinned, self.stage, self.undo, self.composer)
        self._rows.setStretch(1, 1)
        self._middle = area(self._rows, ground="bg")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.setRowStretch(3, 1)
        self._grid.setColumnStretch(0, 1)
        self._arrange(tall=False)
        self.whole = HeaderActs(ctx, rooms, self.header, self)
        self._knocker = Knocker(self._read, self)
        self.minutes = QTimer(self, interval=TICK_MS)
        self.minutes.timeout.connect(self._pass_time)
        self._moved = False  # something was said since the figures were read
        self.pace = QTimer(self, interval=FIGURES_MS)
        self.pace.timeout.connect(self._read_pace)
        self._connect()

    def open(self, room_id: RoomId) -> None:
        self._id = room_id
        self._knocker.knock()
        self.feed.open(room_id)
        self.minutes.start()
        self.pace.start()
        self.focus_composer()

    def close_room(self) -> None:
        self._id, self.room = None, None
        self.whole.show_room(None)
        self.feed.close()
        self.minutes.stop()
        self.pace.stop()

    def focus_composer(self) -> None:
        self.composer.box.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_folded(self, folded: bool) -> None:
        self.header.set_folded(folded)

    def find_somebody(self) -> None:
        """Among the people, wherever the panel was."""
        self.header.panel.setChecked(True)
        self.panel.show_people()
        self.panel.people.finder.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Qt asks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.focus_composer()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.width() >= self._ctx.theme.px(ROOMY)
        if roomy != self._roomy:
            self._roomy = roomy
            self.header.panel.setChecked(roomy)
        self._fold(self.header.panel.isChecked())

    # inside

    def _connect(self) -> None:
        self._ctx.heard.connect(self._hear)
        self.header.back_wanted.connect(self.back_wanted)
        self.whole.left.connect(self._leave)
        self.feed.pinned.connect(self._show_pinned)
        self.pinned.go_wanted.connect(self.go_to)
        self.pinned.unpin_wanted.connect(lambda: self.acts.pin_this(None))
        self.stage.view.link_activated.connect(self.whole.open_link)
        self.composer.box.paged.connect(self.stage.view.turn)
        self.acts.done.connect(self.undo.tell)
        self.acts.act_wanted.connect(self._act)
        self.acts.shortcut(self).activated.connect(self._aside)
        self.panel.people.done.connect(self.undo.tell)
        self.panel.desk.done.connect(self.undo.tell)
        self.panel.board.moment_wanted.connect(self.go_to)
        self.header.panel_toggled.connect(self._fold)
        self.undo.undo_wanted.connect(self._undo)
        back = QShortcut(
            QKeySequence("Ctrl+Z"), self
        )  # where a text has the keyboard it is its own
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self.undo.take_back)

    def go_to(self, entry_id: EntryId) -> None:
        """To an entry, wherever it stands."""
        self.feed.go_to(entry_id)

    def _fold(self, shown: bool) -> None:
        tall = self._roomy and self.room is not None and not self.room.helps
        if tall != self._tall:
            self._arrange(tall=tall)
        self.panel.setVisible(shown)
        self.panel.setFixedWidth(self._ctx.theme.px(WIDE) if self._roomy else self.width())
        self._middle.setVisible(self._roomy or not shown)
        self._house_undo(beside_composer=self._roomy or not shown)

    def _house_undo(self, *, beside_composer: bool) -> None:
        """Where the stage has given way to the panel, what can be undone stands below that."""
        if beside_composer == (self._rows.indexOf(self.undo) >= 0):
            return
        if beside_composer:
            self._grid.removeWidget(self.undo)
            self._rows.insertWidget(2, self.undo)
        else:
            self._rows.removeWidget(self.undo)
            self._grid.addWidget(self.undo, 4, 0, 1, 2)

    def _arrange(self, *, tall: bool) -> None:
        """A ``tall`` panel stands beside the header; else the header goes over both."""
        self._tall = tall
        span = 1 if tall else 2
        places = (
            (self.header, 0, 0, 1, span),
            (self.figures, 1, 0, 1, span),
            (self.warnings, 2, 0, 1, span),
            (self._middle, 3, 0, 1, 1),
            (self.panel, 0 if tall else 3, 1, 4 if tall else 1, 1),
        )
        for widget, *_ in places:
            self._grid.removeWidget(widget)
        for widget, *where in places:
            self._grid.addWidget(widget, *where)
        self.panel.tabs.set_high(60 if tall else 48)

    def _act(self, entry: Entry, act: Act) -> None:
        self.panel.people.act_on(entry.seat_id, entry.name, act)

    def _aside(self) -> None:
        """Of a question that has the pointer or the keyboard, or else of an entry."""
        question = self.panel.board.lit() if self.panel.isVisible() else None
        if question is None:
            self.acts.aside_lit()
        elif question.asidable:
            self.panel.board.take_aside(question)

    def _hear(self, event: object) -> None:
        match event:
            case StageMoved() if event.room_id == self._id:
                self._moved = True
                self.feed.knock(event.changed)
            case RoomChanged() if event.room_id == self._id:
                self._knocker.knock()
            case OrderRefused() if event.room_id == self._id:
                self.undo.refused(event)
            case _:
                return

    def _read(self) -> None:
        if self._id is None:
            self._knocker.done()
            return
        self._ctx.ask(
            self._rooms.room_show, self._id, ok=self._have, failed=self._failed, owner=self
        )

    def _read_pace(self) -> None:
        """Entries are no news of the room itself; what was counted grows old by itself."""
        room = self.room
        if room is None or not room.helps or not self.isVisible():
            return
        if self._moved or room.entries_a_minute:
            self._moved = False
            self._knocker.knock()

    def _pass_time(self) -> None:
        """Nobody tells of what ends by itself: a part, a pause."""
        room = self.room
        ends = None if room is None else room.role_until_ms
        if ends is not None and ends <= self._now_ms():
            self._knocker.knock()
        self.panel.people.look_again()
        self._describe()

    def _have(self, room: Room) -> None:
        self._knocker.done()
        if room.room_id == self._id:
            before, self.room = self.room, room
            self._describe()
            self._tell_what_ended(before, room)

    def _tell_what_ended(self, before: Room | None, now: Room) -> None:
        if before is None or before.room_id != now.room_id or before.role_until_ms is None:
            return
        ran_out = before.role_until_ms <= self._now_ms() and now.role_until_ms is None
        if ran_out and before.role is not now.role:
            self._ctx.tell(role_words.over(before.role))

    def _failed(self, error: AsideError) -> None:
        self._knocker.done()
        self._ctx.tell(common.sentence(error))

    def _describe(self) -> None:
        room = self.room
        if room is None:
            return
        self.header.show_room(room, self._now_ms())
        self.whole.show_room(room)
        self.pinned.unpin.setVisible(room.moderates)
        self.figures.setVisible(room.helps)
        self.figures.show_room(room)
        self.warnings.show_room(room)
        self.composer.show_room(room)
        self.acts.show_room(room)
        self.panel.show_room(room)
        self._fold(self.header.panel.isChecked())

    def _show_pinned(self, entry: Entry | None) -> None:
        self.pinned.show_entry(entry, moderates=self.room is not None and self.room.moderates)

    def _undo(self, undo_id: int) -> None:
        if self._id is not None:
            self._ctx.ask(self._rooms.room_undo, self._id, undo_id)

    def _leave(self) -> None:
        self.close_room()
        self.left.emit()
