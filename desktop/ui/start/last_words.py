"""What is still said when the program has to end: one sentence and one button, nothing else.

Law: never where it happened or what was being written; that may hold what somebody wrote.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop.ui import strings
from desktop.ui.start import strings as words
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Plain


class LastWords(QWidget):
    """A window of its own: the one that failed is no longer to be trusted."""

    read = Signal()

    def __init__(self, theme: Theme, sentence: str = strings.UNEXPECTED) -> None:
        super().__init__()
        px = theme.px
        self.setWindowTitle(strings.APP)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self.go = Button(theme, words.QUIT, "filled", clicked=self.close)
        self.setLayout(
            column(
                Plain(theme, sentence, "body", wrap=True),
                px(20),
                row(None, self.go),
                margins=(px(24), px(24), px(24), px(20)),
            )
        )
        self.setFixedWidth(px(440))

    def show_now(self) -> None:
        self.show()
        self.raise_()
        self.go.setFocus(Qt.FocusReason.OtherFocusReason)

    # Qt asks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.read.emit()
