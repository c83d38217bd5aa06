"""What was just done to somebody, and the ten seconds in which it can be taken back.

Law: it covers nothing. It has a row of its own, and what stands above makes room for it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.refused_orders import OrderRefused
from desktop.core.rooms import Undoable
from desktop.ui.rooms import strings
from desktop.ui.rooms.polite import Polite
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import card, row
from desktop.ui.widgets.plain import Plain, tip

REFUSED_MS = 10_000


class UndoToast(QWidget):
    """One at a time, in the middle of its row; counts its seconds down."""

    undo_wanted = Signal(int)  # undo id

    def __init__(self, theme: Theme, now_ms: Callable[[], int], polite: Polite) -> None:
        super().__init__()
        px = theme.px
        self._now_ms, self._polite = now_ms, polite
        self._done: Undoable | None = None
        self._refused_ms = 0  # so long it stands there that something was not done
        self.words = Plain(theme, "", "control", "on_inverse")
        self.undo = Button(
            theme, strings.UNDO, "inverse", icon="undo-2", compact=True, clicked=self.take_back
        )
        tip(self.undo, strings.UNDO, "Ctrl+Z")
        self.left = Plain(theme, "", "control", "inverse_text_2", align="right")
        self.left.setFixedWidth(px(32))
        inner = row(self.words, px(8), self.undo, px(4), self.left, margins=(px(16), 0, px(16), 0))
        self.card = card(inner, "toast")
        self.card.setFixedHeight(px(44))
        self.setLayout(row(None, self.card, None, margins=(px(16), px(4), px(16), px(12))))
        self._tick = QTimer(self, interval=200)
        self._tick.timeout.connect(self._count)
        self.hide()

    def tell(self, done: Undoable) -> None:
        self._done, self._refused_ms = done, 0
        self._offer(undo=True)
        self.words.say(strings.done(done.order))
        self._count()
        if self.seconds:
            self.show()
            self._tick.start()
            self._polite.say(self, f"{self.words.text()}. {strings.undo_spoken(self.seconds)}")

    def refused(self, refused: OrderRefused) -> None:
        """It was not done: there is nothing to be undone, and this is said instead."""
        if self._done is None or self.undo_id == refused.undo_id:
            self._done = None
            self._refused_ms = self._now_ms() + REFUSED_MS
            self.words.say(strings.not_done(refused.order, refused.cause))
            self._offer(undo=False)
            self._tick.start()
            self.show()
        self._polite.say(self, strings.not_done(refused.order, refused.cause))

    @property
    def undo_id(self) -> int | None:
        """What can be undone at the moment."""
        return None if self._done is None else self._done.undo_id

    @property
    def seconds(self) -> int:
        """How many are left."""
        if self._done is None:
            return 0
        return max(0, -(-(self._done.until_ms - self._now_ms()) // 1000))

    def take_back(self) -> None:
        """Nothing, where nothing is there to be undone."""
        done, self._done = self._done, None
        if not self._refused_ms:
            self._count()
        if done is not None:
            self.undo_wanted.emit(done.undo_id)

    # inside

    def _offer(self, *, undo: bool) -> None:
        self.undo.setVisible(undo)
        self.left.setVisible(undo)

    def _count(self) -> None:
        if self._refused_ms > self._now_ms():
            return
        self._refused_ms = 0
        if not self.seconds:
            self._tick.stop()
            self._done = None
            self.hide()
            return
        self.left.say(f"{self.seconds} s")
