"""The rows of a conversation, measured and painted: bubbles, cards, notices.

Law: a row is measured once for a width and a theme; what is kept of it is a few numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.messages.anchored import AnchoredList
from desktop.ui.messages.hitting import WordSelection
from desktop.ui.messages.model import AnyIndex, MessageModel
from desktop.ui.messages.painting import Emphasis, RowPainter
from desktop.ui.messages.placing import Placed, Placer
from desktop.ui.messages.strip import Size
from desktop.ui.messages.typeset import Lines
from desktop.ui.theme import Theme


class MessageRows(AnchoredList):
    """What is to be seen of a :class:`MessageModel`."""

    def __init__(
        self, theme: Theme, now: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        self.messages = MessageModel()
        self.ring = False  # around the current row, once somebody uses the keyboard
        self._theme = theme
        self._now = now
        self._placer = Placer(theme)
        self._painter = RowPainter(theme, self._placer)
        self._placed: dict[bytes, tuple[str, Placed]] = {}
        self._whole: set[bytes] = set()  # long texts of which all is shown
        self._sought: tuple[str, ...] = ()
        self._words: WordSelection | None = None
        self._head: QWidget | None = None
        super().__init__(parent)
        self.messages.setParent(self)
        self.setModel(self.messages)
        theme.changed.connect(self._retheme)
        theme.resized.connect(self._retheme)
        self.scrolled.connect(self._put_head)

    def set_theme(self, theme: Theme) -> None:
        """Draw with another theme from now on."""
        for old, new in (
            (self._theme.changed, theme.changed),
            (self._theme.resized, theme.resized),
        ):
            old.disconnect(self._retheme)
            new.connect(self._retheme)
        self._theme = theme
        self._retheme()

    def highlight(self, words: Sequence[str]) -> None:
        """Mark these words wherever they stand; none to end it."""
        self._sought = tuple(words)
        self.viewport().update()

    def set_words(self, words: WordSelection | None) -> None:
        """Show some words of a row as selected."""
        if words != self._words:
            self._words = words
            self.viewport().update()

    def words(self) -> WordSelection | None:
        return self._words

    def fold(self, row: int, *, whole: bool) -> None:
        """Show all of a long text, or its first lines again."""
        message_id = self.messages.message(row).message_id
        (self._whole.add if whole else self._whole.discard)(message_id)
        self._placed.pop(message_id, None)
        self._placer.forget(message_id)
        self.set_words(None)
        self.grow(row)
        self.messages.say_changed(row)  # to screen readers

    @property
    def head(self) -> QWidget | None:
        """What stands above the first row there is."""
        return self._head

    def show_head(self, head: QWidget | None) -> None:
        """It scrolls with the rows, and takes none of them from its place."""
        place, old = self._place(), self._head
        self._head = head
        if old is not None:
            old.hide()
            old.deleteLater()
        if head is not None:
            head.setParent(self.viewport())
        self._settle(place)

    def head_grew(self) -> None:
        """Somebody unfolded it: its beginning stays where it is."""
        at = self.verticalOffset()
        self.strip.head = self.head_margin()
        self._settle((0, self.strip.body(0) - at) if len(self.strip) else None)

    # where things are

    def area(self, row: int) -> QRect:
        """A row on the viewport."""
        top = self.strip.top(row) - self.verticalOffset()
        height = self.strip.bottom(row) - self.strip.top(row)
        return QRect(0, top, self.width(), height)

    def placed(self, row: int) -> Placed:
        return self._placed[self.messages.message(row).message_id][1]

    def lines(self, row: int) -> Lines:
        """The row's text, set."""
        message = self.messages.message(row)
        words, placed = self._placed[message.message_id]
        setter = self._placer.typesetter(message)
        return setter.lines(message.message_id, words, placed.extent.limit, placed.extent.part)

    @property
    def remembered(self) -> int:
        """Of how many rows the measures are kept."""
        return len(self._placed)

    # what the list asks

    def measure(self, row: int) -> Size:
        message = self.messages.message(row)
        words = self._placer.words(message)
        known = self._placed.get(message.message_id)
        extent = known[1].extent if known is not None and known[0] == words else None
        if known is not None and extent is None:
            self._placer.forget(message.message_id)
        whole = message.message_id in self._whole
        placed = self._placer.place(message, self.messages.shape(row), extent, whole=whole)
        self._placed[message.message_id] = words, placed
        self.messages.say_folded(message.message_id, folded=placed.extent.folded)
        return placed.size

    def width_changed(self, width: int) -> None:
        self._placer.set_width(width)

    def head_margin(self) -> int:
        if self._head is None or self.messages.older:
            return 0
        return self._head.heightForWidth(self.width())

    def end_margin(self) -> int:
        return self._placer.group_gap

    def ends_here(self) -> bool:
        return not self.messages.newer

    def reset(self) -> None:
        self._placed.clear()
        self._whole.clear()
        self._words = None
        super().reset()

    def rowsAboutToBeRemoved(self, parent: AnyIndex, start: int, end: int) -> None:
        super().rowsAboutToBeRemoved(parent, start, end)
        for row in range(start, end + 1):
            message_id = self.messages.message(row).message_id
            self._placed.pop(message_id, None)
            self._whole.discard(message_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(event.rect(), self._painter.colour("bg"))
            today = self._now().date()
            some_selected = self.selectionModel().hasSelection()
            for row in self.on_screen():
                area = self.area(row)
                if not area.intersects(event.rect()):
                    continue
                message = self.messages.message(row)
                selected = some_selected and self.selectionModel().isSelected(
                    self.messages.index(row)
                )
                ours = self._words is not None and self._words.message_id == message.message_id
                emphasis = Emphasis(
                    selected, self._words.span if ours and self._words else None, self._sought
                )
                shape = self.messages.shape(row)
                self._painter.row(painter, message, shape, self.placed(row), area, today, emphasis)
            current = self.currentIndex().row()
            if self.ring and self.hasFocus() and 0 <= current < len(self.strip):
                body = self.placed(current).body
                self._painter.ring(painter, body.translated(0, self.area(current).y()))

    def _put_head(self) -> None:
        if self._head is not None:
            high = self.strip.head
            self._head.setGeometry(0, -self.verticalOffset(), self.width(), high)
            self._head.setVisible(high > 0)

    def _retheme(self) -> None:
        self._placer = Placer(self._theme)
        self._painter = RowPainter(self._theme, self._placer)
        self._placed.clear()
        self.measure_again()
