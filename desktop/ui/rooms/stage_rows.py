"""What is to be seen of a stage: rows measured, painted, and what of them lies under a point.

Laws: a row is measured once for a width and a theme; while somebody is about to act on one, the
end is not followed, so that nothing moves it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from desktop.core.rooms import Entry, EntryKind
from desktop.ui.messages.anchored import AnchoredList
from desktop.ui.messages.hitting import link_at
from desktop.ui.messages.model import AnyIndex
from desktop.ui.messages.strip import Size
from desktop.ui.messages.words import Link
from desktop.ui.rooms import stage_words
from desktop.ui.rooms.stage_model import StageModel
from desktop.ui.rooms.stage_painting import StagePainter
from desktop.ui.rooms.stage_placing import PlacedEntry, StagePlacer
from desktop.ui.theme import Theme
from protocol.ids import EntryId


class StageRows(AnchoredList):
    """The rows of a :class:`StageModel`."""

    def __init__(
        self, theme: Theme, now: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        self.entries = StageModel()
        self._theme = theme
        self._now = now
        self._placer = StagePlacer(theme)
        self._painter = StagePainter(theme, self._placer)
        self._placed: dict[EntryId, PlacedEntry] = {}
        self._whole: set[EntryId] = set()
        self._pointed: EntryId | None = None  # the row under the pointer
        self._ring = False  # the keyboard walks through the rows
        self._held: EntryId | None = None  # the row whose menu is open
        self._paused = False  # the end was followed until somebody began to act on a row
        super().__init__(parent)
        self.entries.setParent(self)
        self.setModel(self.entries)
        theme.changed.connect(self._retheme)
        theme.resized.connect(self._retheme)

    # what is lit

    @property
    def lit(self) -> int | None:
        """The row whose menu is open, or that has the pointer, or else the keyboard."""
        if self._held is not None:
            return self.entries.row_of(self._held)
        row = self.entries.row_of(self._pointed) if self._pointed else None
        if row is None and self._walked:
            row = self.currentIndex().row()
        return row if row is not None and 0 <= row < len(self.strip) else None

    def lit_entry(self) -> Entry | None:
        row = self.lit
        return self.entries.entry(row) if row is not None else None

    def hold(self, entry: Entry, menu: QMenu) -> None:
        """The entry's row stays the lit one for as long as its menu is open."""
        self._held = entry.entry_id
        menu.aboutToHide.connect(self._let_go)
        self._arrived()

    def _let_go(self) -> None:
        self._held = None
        self._arrived()

    @property
    def _walked(self) -> bool:
        return self._ring and (self.hasFocus() or self.acting)

    @property
    def acting(self) -> bool:
        """Whether somebody is about to press a button that belongs to the lit row."""
        return False

    def fold(self, row: int, *, whole: bool) -> None:
        """Show all of a long text, or its first lines again."""
        entry = self.entries.entry(row)
        (self._whole.add if whole else self._whole.discard)(entry.entry_id)
        self._placed.pop(entry.entry_id, None)
        self._placer.forget(entry)
        self.grow(row)

    # what the list asks

    def measure(self, row: int) -> Size:
        entry = self.entries.entry(row)
        whole = entry.entry_id in self._whole
        placed = self._placer.place(entry, self._placed.get(entry.entry_id), whole=whole)
        self._placed[entry.entry_id] = placed
        return placed.size

    def width_changed(self, width: int) -> None:
        self._placer.set_width(width)

    def guess(self) -> int:
        return self._placer.usual

    def end_margin(self) -> int:
        return self._theme.px(8)

    def ends_here(self) -> bool:
        """While somebody is about to act on a row, nothing moves it."""
        return not self.entries.newer and not self._walked and not self.acting

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if not self._settling:
            self._paused = False  # whoever scrolls reads elsewhere

    def _arrived(self) -> None:
        """Who followed the end, and acts on a row, follows it again when that is over."""
        followed = self.following
        super()._arrived()
        if self.following:
            self._paused = False
        elif self._walked or self.acting:
            self._paused = self._paused or followed
        elif self._paused and self.ends_here():
            self._paused = False
            self.scroll_to_end()

    def area(self, row: int) -> QRect:
        return self.visualRect(self.entries.index(row))

    def placed(self, row: int) -> PlacedEntry:
        return self._placed[self.entries.entry(row).entry_id]

    def reset(self) -> None:
        self._placed.clear()
        self._whole.clear()
        self._pointed = None
        self._ring = False
        super().reset()

    def rowsAboutToBeRemoved(self, parent: AnyIndex, start: int, end: int) -> None:
        super().rowsAboutToBeRemoved(parent, start, end)
        for row in range(start, end + 1):
            self._placed.pop(self.entries.entry(row).entry_id, None)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(event.rect(), self._theme.colour("bg"))
            today, lit = self._now().date(), self.lit
            chosen = self.selectionModel()
            some = chosen.hasSelection()
            shown, offset = event.rect(), self.verticalOffset()
            for row in self.on_screen():
                top, bottom = self.strip.top(row), self.strip.bottom(row)
                area = QRect(0, top - offset, self.viewport().width(), bottom - top)
                if not area.intersects(shown):
                    continue
                self._painter.row(
                    painter,
                    self.entries.entry(row),
                    self.placed(row),
                    area,
                    today,
                    lit=row == lit,
                    chosen=some and chosen.isSelected(self.entries.index(row)),
                    ring=self._walked and row == self.currentIndex().row(),
                )

    def copy(self) -> None:
        """Selected rows, else the lit one, to the clipboard."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        lit = self.lit
        if not rows and lit is not None:
            rows = [lit]
        some = [self.entries.entry(row) for row in rows]
        if len(some) == 1:
            QGuiApplication.clipboard().setText(stage_words.content(some[0]))
        elif some:
            QGuiApplication.clipboard().setText("\n".join(map(stage_words.quoted, some)))

    # what is under a point

    def link_under(self, point: QPoint) -> Link | None:
        row = self.indexAt(point).row()
        if row < 0 or self.entries.entry(row).kind is not EntryKind.TEXT:
            return None
        entry, placed = self.entries.entry(row), self.placed(row)
        if placed.extent is None:
            return None
        setter = self._placer.typesetter(entry)
        lines = setter.lines(entry.entry_id, placed.words, placed.extent.limit, placed.extent.part)
        return link_at(lines, placed, point - QPoint(0, self.area(row).y()))

    def chip_under(self, point: QPoint) -> str | None:
        row = self.indexAt(point).row()
        if row < 0:
            return None
        inside = point - QPoint(0, self.area(row).y())
        for where, one in zip(
            self.placed(row).reactions, self.entries.entry(row).reactions, strict=True
        ):
            if where.contains(inside):
                return one.sign
        return None

    def fold_under(self, point: QPoint) -> bool:
        row = self.indexAt(point).row()
        if row < 0:
            return False
        return self.placed(row).fold.contains(point - QPoint(0, self.area(row).y()))

    def _retheme(self) -> None:
        self._placer = StagePlacer(self._theme)
        self._painter = StagePainter(self._theme, self._placer)
        self._placed.clear()
        self.measure_again()
