"""What was just done to somebody, and the ten seconds in which it can be taken back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from desktop.core.rooms import Undoable
from desktop.ui.rooms import strings
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import Plain


class UndoToast(QFrame):
    """One at a time, over ``place``; counts its seconds down."""

    undo_wanted = Signal(int)  # undo id

    def __init__(self, theme: Theme, place: QWidget, now_ms: Callable[[], int]) -> None:
        super().__init__(place)
        px = theme.px
        self._theme, self._place, self._now_ms = theme, place, now_ms
        self._done: Undoable | None = None
        self.setProperty("card", "toast")
        self.words = Plain(theme, "", "control", "on_inverse")
        self.undo = Button(
            theme, strings.UNDO, "inverse", icon="undo-2", compact=True, clicked=self._undo
        )
        self.left = Plain(theme, "", "control", "inverse_text_2", align="right")
        self.left.setFixedWidth(px(32))
        self.setLayout(
            row(self.words, px(8), self.undo, px(4), self.left, margins=(px(16), 0, px(16), 0))
        )
        self.setFixedHeight(px(44))
        self._tick = QTimer(self, interval=200)
        self._tick.timeout.connect(self._count)
        place.installEventFilter(self)
        self.hide()

    def tell(self, done: Undoable) -> None:
        self._done = done
        self.words.say(strings.done(done.order))
        self._count()
        if self.seconds:
            self._put()
            self.show()
            self.raise_()
            self._tick.start()
            announce(self, f"{self.words.text()}. {strings.undo_spoken(self.seconds)}")

    @property
    def seconds(self) -> int:
        """How many are left."""
        if self._done is None:
            return 0
        return max(0, -(-(self._done.until_ms - self._now_ms()) // 1000))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._put()
        return super().eventFilter(watched, event)

    def _undo(self) -> None:
        done, self._done = self._done, None
        self._count()
        if done is not None:
            self.undo_wanted.emit(done.undo_id)

    def _count(self) -> None:
        if not self.seconds:
            self._tick.stop()
            self._done = None
            self.hide()
            return
        self.left.say(f"{self.seconds} s")

    def _put(self) -> None:
        px = self._theme.px
        wide = min(self.sizeHint().width(), self._place.width() - 2 * px(20))
        left = (self._place.width() - wide) // 2
        self.setGeometry(left, self._place.height() - self.height() - px(12), wide, self.height())
