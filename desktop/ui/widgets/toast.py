"""A short word that something happened, and at times one way to where it did. It takes no focus and
goes by itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Plain

_STAYS_MS = 5_000
_OFFER_STAYS_MS = 12_000  # it has to be read and clicked
_MS_PER_LETTER = 60
_LEFT_OF_CONTENT = 384


class Toast(QFrame):
    """One at a time, above the lower edge of ``window``."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        px = theme.px
        self._theme = theme
        self._window = window
        self.setProperty("card", "toast")
        self.words = Plain(theme, "", "control", "on_inverse", wrap=True)
        self.action = Button(theme, "", "inverse", compact=True, clicked=self._act)
        self.action.hide()
        self._go: Callable[[], object] | None = None
        line = row(column(None, self.words, None), self.action, margins=(px(16), 0, px(16), 0))
        line.setSpacing(px(12))  # none before what is hidden
        line.setStretch(0, 1)
        self.setLayout(line)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    def tell(self, sentence: str) -> None:
        self._put(sentence, "", None, _STAYS_MS)
        announce(self, sentence)

    def offer(self, sentence: str, action: str, go: Callable[[], object]) -> None:
        """Something happened elsewhere, which was announced there, and this leads to it."""
        self._put(sentence, action, go, _OFFER_STAYS_MS)

    def was_followed(self) -> None:
        """Somebody is where it leads; another word that stands here by now stays."""
        if self._go is not None:
            self.take_away()

    def take_away(self) -> None:
        """What it speaks of, or leads to, is not there any more."""
        self._go = None
        self._timer.stop()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _put(
        self, sentence: str, action: str, go: Callable[[], object] | None, stays_ms: int
    ) -> None:
        self.words.say(sentence)
        self._go = go
        self.action.say(action)
        self.action.setVisible(go is not None)
        for one in (self.words, self.action):
            one.ensurePolished()  # before the first time, they would be measured too small
        self._place()
        self.show()
        self.raise_()
        self._timer.start(stays_ms + _MS_PER_LETTER * len(sentence))

    def _act(self) -> None:
        go = self._go
        self.take_away()
        if go is not None:
            go()

    def _place(self) -> None:
        px = self._theme.px
        window = self._window
        beside = px(12) + self.action.sizeHint().width() if self._go is not None else 0
        margin = 2 * px(16) + beside
        most = min(px(480), window.width() - 2 * px(20))
        wide = min(self.words.sizeHint().width() + margin + 2, most)
        high = max(self.words.heightForWidth(wide - margin) + 2 * px(12), px(44))
        # Over the content: what stands left of it is of no concern here.
        left = px(_LEFT_OF_CONTENT) if window.width() > 2 * px(_LEFT_OF_CONTENT) else 0
        middle = left + (window.width() - left) // 2
        self.setGeometry(middle - wide // 2, window.height() - high - px(96), wide, high)
