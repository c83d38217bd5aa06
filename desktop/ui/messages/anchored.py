"""A list with a layout of its own, in which what somebody is reading stays where it is.

Laws: rows that come, go or change their height never move the row at the top of the screen by a
pixel; somebody at the end follows the end. Only rows that are new or changed are measured, and of
many that come at once only those at the end of which somebody follows; others when one comes near.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QWidget

from desktop.ui.messages.measured import MeasuredList
from desktop.ui.messages.model import AnyIndex

NEAR = 4  # so many pixels from the end still count as the end
BESIDE = 20  # rows above and below the screen that are measured at once for another width
CLOSE = 4  # rows above the screen that are never only guessed
REST_MS = 60  # the others follow when the width has stood still for so long


class AnchoredList(MeasuredList):
    """Scrolling, and what stays; whoever inherits measures and paints."""

    scrolled = Signal()  # the rows on screen are others, or elsewhere

    def __init__(self, parent: QWidget | None = None) -> None:
        self._settling = False
        self._measured_width = -1
        super().__init__(parent)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.measure_again)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # Else Qt scrolls to the new current row when the old one is let go.
        self.setAutoScroll(False)

    # geometry

    def visualRect(self, index: AnyIndex) -> QRect:
        row = index.row()
        if not 0 <= row < len(self.strip):
            return QRect()
        top, bottom = self.strip.top(row), self.strip.bottom(row)
        return QRect(0, top - self.verticalOffset(), self.width(), bottom - top)

    def indexAt(self, p: QPoint) -> QModelIndex:
        y = p.y() + self.verticalOffset()
        if not self.strip.head <= y < self.strip.total or not 0 <= p.x() < self.width():
            return QModelIndex()
        return self.model().index(self.strip.row_at(y), 0)

    def on_screen(self) -> range:
        """The rows of which at least a pixel is on screen."""
        if not len(self.strip):
            return range(0)
        top = self.verticalOffset()
        return range(
            self.strip.row_at(top), self.strip.row_at(top + self.viewport().height() - 1) + 1
        )

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        return 0

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        if not len(self.strip):
            return
        area = rect.normalized()
        first = self.strip.row_at(area.top() + self.verticalOffset())
        last = self.strip.row_at(area.bottom() + self.verticalOffset())
        model = self.model()
        rows = QItemSelection(model.index(first, 0), model.index(last, 0))
        self.selectionModel().select(rows, command)

    # scrolling

    def scrollTo(
        self,
        index: AnyIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        row = index.row()
        if not 0 <= row < len(self.strip):
            return
        self._look_closely(range(max(0, row - BESIDE), row + BESIDE))
        bar, height = self.verticalScrollBar(), self.viewport().height()
        top, bottom = self.strip.top(row), self.strip.bottom(row)
        if row + 1 == len(self.strip):
            bottom += self.end_margin()
        if hint == QAbstractItemView.ScrollHint.PositionAtTop:
            bar.setValue(top)
        elif hint == QAbstractItemView.ScrollHint.PositionAtBottom:
            bar.setValue(bottom - height)
        elif hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue((top + bottom - height) // 2)
        elif top < bar.value() or bottom - top > height:
            bar.setValue(top)
        elif bottom > bar.value() + height:
            bar.setValue(bottom - height)

    def scroll_to_end(self) -> None:
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def turn(self, screens: int) -> None:
        """Whole screens up or down, but for a little that stays in sight."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + screens * (self.viewport().height() - 2 * bar.singleStep()))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()
        if not self._settling:
            self._arrived()

    def updateGeometries(self) -> None:
        self._settle(self._place())

    def resizeEvent(self, event: QResizeEvent) -> None:
        place = self._place()
        if self.width() != self._measured_width:
            self._measured_width = self.width()
            self.width_changed(self._measured_width)
            rows = self.on_screen()
            first, last = max(0, rows.start - BESIDE), min(len(self.strip), rows.stop + BESIDE)
            self.strip.change(first, [self.measure(row) for row in range(first, last)])
            self._rest.start()
        self._settle(place)

    def doItemsLayout(self) -> None:
        """Qt's request to lay everything out: nothing to do but for a new width."""
        if self.width() != self._measured_width:
            place = self._place()
            self._measure_all()
            self._settle(place)

    def measure_again(self) -> None:
        """Sizes changed as a whole: another theme or scale."""
        place = self._place()
        self._measure_all()
        self._settle(place)

    def grow(self, row: int) -> None:
        """A row is taller or less tall because somebody wanted it: its beginning stays where it is,
        or comes to the top of the screen if it stood above that and would be lost."""
        at = self.strip.body(row) - self.verticalOffset()
        before = self.strip.bottom(row)
        self._measure_some((row,))
        shrunk = self.strip.bottom(row) < before
        self._settle((row, max(at, 0) if shrunk else at))

    # what the model says

    def setModel(self, model: QAbstractItemModel | None) -> None:
        if self.model():
            self.model().rowsRemoved.disconnect(self._rows_removed)
        super().setModel(model)
        if model is not None:
            model.rowsRemoved.connect(self._rows_removed)
        self._begin()

    def reset(self) -> None:
        super().reset()
        self._begin()

    def rowsInserted(self, parent: AnyIndex, start: int, end: int) -> None:
        place = self._place()
        self.strip.insert(start, self._sizes(range(start, end + 1)))
        self._measure_some((start - 1, end + 1))
        if place is not None and place[0] >= start:
            place = place[0] + end - start + 1, place[1]
        self._settle(place)

    def _rows_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        place = self._place(without=range(first, last + 1))
        self.strip.remove(first, last)
        self._measure_some((first - 1, first))
        if place is not None and place[0] > last:
            place = place[0] - (last - first + 1), place[1]
        self._settle(place)

    def dataChanged(
        self,
        topLeft: AnyIndex,  # noqa: N803 - Qt's own names
        bottomRight: AnyIndex,  # noqa: N803
        roles: Sequence[int] = (),
    ) -> None:
        QAbstractItemView.dataChanged(self, topLeft, bottomRight, roles)
        place = self._place()
        self._measure_some(range(topLeft.row() - 1, bottomRight.row() + 2))
        self._settle(place)

    # inside

    def _begin(self) -> None:
        self.following = True
        self._measure_all()
        self._settle(None)

    def _measure_all(self) -> None:
        # Not the viewport's width: a scroll bar that comes or goes moves nothing.
        self._measured_width = self.width()
        self.width_changed(self._measured_width)
        model = self.model()
        count = model.rowCount() if model else 0
        self.strip.clear()
        self.strip.insert(0, self._sizes(range(count)))

    def _look_closely(self, rows: range) -> bool:
        """Measure those of these rows that were only guessed; whether there were any. What is on
        screen stays there."""
        rough = self._guessed(rows)
        if rough:
            place = self._place()
            self._measure_some(rough)
            self._settle(place)
        return bool(rough)

    def _place(self, without: range = range(0)) -> tuple[int, int] | None:
        """The row that must not move, and where its body stands; None while the end is followed.

        Its body, because what stands above it (a day, a gap) may go when older rows come.
        """
        if self.following or not len(self.strip):
            return None
        rows = self.on_screen()
        top = self.verticalOffset()
        held = next((row for row in rows if self.strip.body(row) >= top), rows[0])
        if held in without:
            held = without.stop if without.stop < len(self.strip) else without.start - 1
            if held < 0:
                return None
        return held, self.strip.body(held) - top

    def _settle(self, place: tuple[int, int] | None) -> None:
        """Put the held row back in its place, or go to the end."""
        bar, height = self.verticalScrollBar(), self.viewport().height()
        self._settling = True
        self.strip.head = self.head_margin()
        total = self.strip.total + (self.end_margin() if len(self.strip) else 0)
        bar.setRange(0, max(0, total - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(20, height // 30))
        bar.setValue(bar.maximum() if place is None else self.strip.body(place[0]) - place[1])
        self._settling = False
        self.viewport().update()
        self._arrived()

    def _arrived(self) -> None:
        bar = self.verticalScrollBar()
        self.following = bar.value() >= bar.maximum() - NEAR and self.ends_here()
        rows = self.on_screen()
        if not self._look_closely(range(max(0, rows.start - CLOSE), rows.stop)):
            self.scrolled.emit()
