"""What is painted first, and what locking leaves: the shell's surfaces with nothing in them.

On it stands the one field that unlocks, or a sentence that says why the profile cannot be opened.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget
from shiboken6 import isValid

from desktop.core.errors import AsideError, VaultDamaged, VaultNewer, WrongPassphrase
from desktop.core.models import Profile
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.start import strings as words
from desktop.ui.start.early import Early
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import PassphraseField, Problem
from desktop.ui.widgets.layout import area, column, row
from desktop.ui.widgets.notes import Empty
from desktop.ui.widgets.plain import Mark, Plain

RAIL, LIST, FOLD = 64, 320, 760


class Cover(QWidget):
    """The shell before there is anything to show in it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        px = theme.px
        rail = area(column(None), ground="surface", line="right")
        rail.setFixedWidth(px(RAIL))
        self._list = area(column(None), ground="surface", line="right")
        self._list.setFixedWidth(px(LIST))
        self.content = QStackedWidget()
        self.early = Early()
        self._opening = Plain(theme, words.OPENING, "body", "text_2")
        self._opening.hide()
        self._page = QWidget()
        self._page.setLayout(row(None, self._opening, None))
        self.content.addWidget(self._page)
        layout = row(rail, self._list, area(row(self.content), ground="bg"))
        layout.setStretch(2, 1)
        self.setLayout(layout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._list.setVisible(self.width() >= self._theme.px(FOLD))

    def say_opening(self) -> None:
        """Somebody types already: the letters are not lost."""
        if isValid(self._opening):
            self._opening.show()

    def show_unlock(self, ctx: Context) -> Unlock:
        form = Unlock(ctx)
        form.hopeless.connect(partial(self._hopeless, ctx))
        self._put(form)
        form.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        form.begin_with(*self.early.give())
        return form

    def show_trouble(self, sentence: str, again: bool) -> Trouble:
        page = Trouble(self._theme, sentence, again=again)
        self._put(page)
        page.empty.action.setFocus(Qt.FocusReason.TabFocusReason)
        return page

    def _hopeless(self, ctx: Context, sentence: str) -> None:
        page = self.show_trouble(sentence, again=True)
        page.pressed.connect(lambda: self.show_unlock(ctx))

    def _put(self, page: QWidget) -> None:
        self.content.addWidget(page)
        self.content.setCurrentWidget(page)
        self.content.removeWidget(self._page)
        self._page.deleteLater()
        self._page = page


class Unlock(QWidget):
    """One field. A wrong passphrase gets one sentence and no hint."""

    done = Signal()
    hopeless = Signal(str)  # no passphrase opens this; the sentence says what would

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self.passphrase = PassphraseField(theme, words.PASSPHRASE_LABEL, tall=True)
        self.problem = Problem(theme, self.passphrase)
        self.go = Button(theme, words.UNLOCK, "filled", tall=True, clicked=self._go)
        self.go.setEnabled(False)
        self.passphrase.textChanged.connect(self._changed)
        self.passphrase.returnPressed.connect(self._go)
        line = row(self.passphrase, px(8), self.go)
        line.setStretch(0, 1)
        form = QWidget()
        form.setFixedWidth(px(440))
        form.setLayout(
            column(
                Mark(theme, 48),
                px(22),
                Plain(theme, words.UNLOCK_TITLE, "hero"),
                px(4),
                Plain(theme, words.UNLOCK_TEXT, "body", "text_2", wrap=True),
                px(20),
                line,
                px(8),
                self.problem,
                None,
            )
        )
        form.setFixedHeight(px(270))
        self.setLayout(row(None, column(None, form, None), None))

    def begin_with(self, text: str, entered: bool) -> None:
        """What was typed before this was there."""
        self.passphrase.setText(text)
        if entered:
            QTimer.singleShot(0, self, self._go)

    def _changed(self) -> None:
        self.go.setEnabled(bool(self.passphrase.text()))

    def _go(self) -> None:
        if not self.passphrase.text() or not self.passphrase.isEnabled():
            return
        self._busy(True)
        self._ctx.ask(
            self._ctx.facade.profile_unlock,
            self.passphrase.text(),
            ok=self._opened,
            failed=self._refused,
        )

    def _busy(self, busy: bool) -> None:
        self.passphrase.setEnabled(not busy)
        self.go.setEnabled(not busy)
        self.go.say(words.UNLOCKING if busy else words.UNLOCK)

    def _opened(self, profile: Profile) -> None:
        self.passphrase.clear()
        self.done.emit()

    def _refused(self, error: AsideError) -> None:
        self._busy(False)
        if isinstance(error, VaultNewer | VaultDamaged):
            self.hopeless.emit(strings.sentence(error))
            return
        if isinstance(error, WrongPassphrase):
            self.passphrase.selectAll()
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        self.problem.tell(strings.sentence(error))


class Trouble(QWidget):
    """Why there is nothing to see, and the way out."""

    pressed = Signal()

    def __init__(self, theme: Theme, sentence: str, *, again: bool) -> None:
        super().__init__()
        self.empty = Empty(
            theme,
            "triangle-alert",
            words.CANNOT_OPEN,
            sentence,
            action=strings.TRY_AGAIN if again else words.QUIT,
            clicked=self.pressed.emit,
        )
        self.empty.setMaximumWidth(theme.px(480))
        self.setLayout(row(self.empty))
