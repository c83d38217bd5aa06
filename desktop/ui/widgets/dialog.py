"""A dialog inside the window: a card on a scrim that keeps the focus until it closes.

Esc and a click beside it close it; the focus goes back to where it was.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui import strings
from desktop.ui.theme import Theme
from desktop.ui.widgets.busy import give_focus
from desktop.ui.widgets.buttons import Button, IconButton
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.plain import Plain


class Dialog(QWidget):
    """Covers ``window``. Subclasses fill :attr:`body` and say what their buttons do."""

    closed = Signal()

    def __init__(self, theme: Theme, window: QWidget, title: str, *, width: int = 560) -> None:
        super().__init__(window)
        self.theme = theme
        self.over = window
        self._before = QApplication.focusWidget()
        px = theme.px
        self.title = Plain(theme, title, "page", wrap=True)
        self._close_button = IconButton(
            theme, "x", strings.CLOSE, keys="Esc", clicked=self.close_dialog
        )
        self.body = column()
        head = row(column(px(4), self.title, None), px(8), column(self._close_button, None))
        head.setStretch(0, 1)
        inner = column(head, px(8), self.body)
        inner.setContentsMargins(px(24), px(16), px(20), px(20))
        self.body.setContentsMargins(0, 0, px(4), 0)
        self._inner = inner
        self._card = card(inner, "dialog")
        self._card.setParent(self)
        self._card.installEventFilter(self)
        self._width = px(width)
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        window.installEventFilter(self)

    def open_dialog(self, first: QWidget | None = None) -> None:
        """Show it, with the focus on ``first``."""
        self._place()
        self.show()
        self.raise_()
        stops = self._stops()
        target = first if first in stops else next(iter(stops), None)
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)

    def close_dialog(self) -> None:
        self.hide()
        before = self._before
        self._before = None
        if not give_focus(before):
            self.over.setFocus(Qt.FocusReason.OtherFocusReason)  # keys and Tab go on from here
        self.closed.emit()
        self.deleteLater()

    def fit(self) -> None:
        """The content changed its size."""
        self._place()

    # Qt asks

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        fits = QEvent.Type.Resize if watched is self.over else QEvent.Type.LayoutRequest
        if event.type() == fits and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's name
        stops = self._stops()
        if not stops:
            return True
        now = QApplication.focusWidget()
        at = stops.index(now) if now in stops else (-1 if next else 0)
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        stops[(at + (1 if next else -1)) % len(stops)].setFocus(reason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_dialog()
        event.accept()  # what lies below the scrim hears no key

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close_dialog()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(self.theme.value("scrim")))

    # inside

    def _stops(self) -> list[QWidget]:
        found = [
            child
            for child in self._card.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus
            and child.isEnabled()
            and child.isVisibleTo(self)
        ]
        found.sort(key=lambda child: _place_of(child, self))
        return found

    def _place(self) -> None:
        self.setGeometry(self.over.rect())
        margin = self.theme.px(20)
        width = min(self._width, self.width() - 2 * margin)
        self._card.setFixedWidth(width)
        height = self._inner.totalHeightForWidth(width) if self._inner.hasHeightForWidth() else -1
        if height < 0:
            height = self._inner.totalSizeHint().height()
        height = min(height, self.height() - 2 * margin)
        left = (self.width() - width) // 2
        self._card.setGeometry(QRect(left, (self.height() - height) // 2, width, height))


def _place_of(child: QWidget, inside: QWidget) -> tuple[int, int]:
    where = child.mapTo(inside, QPoint(0, 0))
    return where.y() // 8, where.x()


class Ask(Dialog):
    """One question with one answer that does something, and a way out."""

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        title: str,
        text: str,
        action: str,
        done: Callable[[], object],
        *,
        danger: bool = False,
    ) -> None:
        super().__init__(theme, window, title, width=440)
        px = theme.px
        self._done = done
        self.body.addWidget(Plain(theme, text, "body", "text_2", wrap=True))
        self.body.addSpacing(px(20))
        self.cancel = Button(theme, strings.CANCEL, "quiet", clicked=self.close_dialog)
        self.action = Button(theme, action, "danger" if danger else "filled", clicked=self._go)
        self.body.addLayout(row(None, self.cancel, px(8), self.action))

    def _go(self) -> None:
        self.close_dialog()
        self._done()
