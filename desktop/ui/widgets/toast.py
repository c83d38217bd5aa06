"""A short word that something happened. It takes no focus and goes by itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import Plain

_STAYS_MS = 5_000
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
        self.setLayout(row(self.words, margins=(px(16), px(12), px(16), px(12))))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    def tell(self, sentence: str) -> None:
        self.words.say(sentence)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(_STAYS_MS + _MS_PER_LETTER * len(sentence))
        announce(self, sentence)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        px = self._theme.px
        window = self._window
        margin = 2 * px(16)
        most = min(px(480), window.width() - 2 * px(20))
        wide = min(self.words.sizeHint().width() + margin + 2, most)
        high = self.words.heightForWidth(wide - margin) + 2 * px(12)
        # Over the content: what stands left of it is of no concern here.
        left = px(_LEFT_OF_CONTENT) if window.width() > 2 * px(_LEFT_OF_CONTENT) else 0
        middle = left + (window.width() - left) // 2
        self.setGeometry(middle - wide // 2, window.height() - high - px(96), wide, high)
