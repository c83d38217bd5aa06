"""How hard a passphrase is to guess: four bars and a sentence. The words say it, not the colour."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRectF, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.core import passphrases
from desktop.ui.theme import Theme
from desktop.ui.widgets.fields import Field, announce
from desktop.ui.widgets.layout import column
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.strings import STRENGTH, STRENGTH_NONE, STRENGTH_REFUSED

_TONES = ("danger", "danger", "warn", "ok", "ok")
_BARS = (1, 1, 2, 3, 4)


class _Bars(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.score: int | None = None
        self.setFixedHeight(theme.px(4))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            gap = self._theme.px(4)
            width = (self.width() - 3 * gap) / 4
            lit = 0 if self.score is None else _BARS[self.score]
            tone = "divider" if self.score is None else _TONES[self.score]
            for n in range(4):
                painter.setBrush(self._theme.colour(tone if n < lit else "divider"))
                painter.drawRoundedRect(QRectF(n * (width + gap), 0, width, self.height()), 2, 2)


class _Answer(QObject):
    known = Signal(int, int)  # which question, the score
    asked = 0  # the last question: older ones need no answer any more


class _Question(QRunnable):
    """The estimator needs its time: beside, never on the window's thread."""

    def __init__(self, number: int, passphrase: str, answer: _Answer) -> None:
        super().__init__()
        self._number = number
        self._passphrase = passphrase
        self._answer = answer

    def run(self) -> None:
        if self._number == self._answer.asked:
            self._answer.known.emit(self._number, passphrases.score(self._passphrase))


class Strength(QWidget):
    """Says what a passphrase is worth while it is typed."""

    def __init__(self, theme: Theme, field: Field) -> None:
        super().__init__()
        self._field = field
        field.textChanged.connect(self.weigh)
        self._bars = _Bars(theme)
        self._words = Plain(theme, STRENGTH_NONE, "small", "text_2", wrap=True)
        self._waiting: Callable[[], None] | None = None
        self._known = True
        self._answer = _Answer()  # no child: the estimator may outlive this widget
        self._answer.known.connect(self._show)
        self.setLayout(column(self._bars, theme.px(6), self._words))

    @property
    def said(self) -> str:
        return self._words.text()

    @property
    def too_weak(self) -> bool:
        """Of the lowest class: whoever has the disk need not even try."""
        return self._bars.score is not None and passphrases.is_too_weak(self._bars.score)

    def when_known(self, done: Callable[[], None]) -> None:
        """Once the passphrase in the field has been weighed; not at all if it is changed before."""
        if self._known:
            done()
        else:
            self._waiting = done

    def refuse(self) -> None:
        """Say that it is not taken, and what would be; the field is where to do it."""
        lead, text = STRENGTH_REFUSED
        self._words.set_lead_tone("danger")
        self._words.say(text, lead=lead)
        self._field.set_wrong(True)
        self._field.setAccessibleDescription(self.said)
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self._field, self.said)

    def weigh(self, passphrase: str) -> None:
        self._answer.asked += 1
        self._field.set_wrong(False)
        self._field.setAccessibleDescription("")
        self._known = not passphrase
        self._waiting = None
        if not passphrase:
            self._bars.score = None
            self._words.say(STRENGTH_NONE)
            self._bars.update()
            return
        # Not a pool of this widget's own: its end would wait for the estimator.
        QThreadPool.globalInstance().start(_Question(self._answer.asked, passphrase, self._answer))

    def _show(self, number: int, score: int) -> None:
        if number != self._answer.asked:
            return
        self._known = True
        self._bars.score = score
        lead, text = STRENGTH[score]
        self._words.set_lead_tone(_TONES[score])
        self._words.say(text, lead=lead)
        self._bars.update()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting()
