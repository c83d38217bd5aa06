"""First start: a name, then a passphrase. One button on each step, and beside it what leaves.

Law: nothing is sent anywhere here, and the page says so.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QWidget

from desktop.core.errors import AsideError, NameMissing, NameTooLong
from desktop.core.models import Profile
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.start import strings as words
from desktop.ui.theme import Theme
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field, PassphraseField, Problem
from desktop.ui.widgets.layout import area, column, row, rule
from desktop.ui.widgets.notes import Note
from desktop.ui.widgets.plain import Mark, Picture, Plain
from desktop.ui.widgets.scrolled import Scrolled
from desktop.ui.widgets.strength import Strength

_MAX_NAME = 64
_NEAR_MAX = 48  # from here on it is counted
_PANEL_FROM = 840


class FirstStart(QWidget):
    """Two steps on the left, what leaves this computer on the right."""

    done = Signal()

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self.name_step = NameStep(theme)
        self.passphrase_step = PassphraseStep(theme)
        self._steps = QStackedWidget()
        self._steps.addWidget(self.name_step)
        self._steps.addWidget(self.passphrase_step)
        self._steps.setFixedWidth(px(448))
        middle = area(
            row(None, column(None, self._steps, None, margins=(0, px(24), 0, px(24))), None)
        )
        self._panel = LeavesPanel(theme)
        layout = row(Scrolled(middle), self._panel)
        layout.setStretch(0, 5)
        layout.setStretch(1, 3)
        self.setLayout(layout)
        self.name_step.wanted.connect(self._to_passphrase)
        self.name_step.name.textChanged.connect(self._panel.show_name)
        self.passphrase_step.back.clicked.connect(self.to_name)
        self.passphrase_step.wanted.connect(self._create)

    def begin_with(self, name: str, entered: bool) -> None:
        """What was typed before there was a field; after an Enter the passphrase comes next."""
        self.to_name()
        self.name_step.name.setText(name)
        if entered:
            self.name_step.name.returnPressed.emit()

    def to_name(self) -> None:
        self._steps.setCurrentWidget(self.name_step)
        self.name_step.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._panel.setVisible(self.width() >= self._ctx.theme.px(_PANEL_FROM))

    def _to_passphrase(self) -> None:
        self._steps.setCurrentWidget(self.passphrase_step)
        self.passphrase_step.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)

    def _create(self) -> None:
        self.passphrase_step.set_busy(True)
        name = self.name_step.name.text().strip()
        self._ctx.ask(
            self._ctx.facade.profile_create,
            name,
            self.passphrase_step.passphrase.text(),
            ok=self._created,
            failed=self._refused,
        )

    def _created(self, profile: Profile) -> None:
        self.done.emit()

    def _refused(self, error: AsideError) -> None:
        self.passphrase_step.set_busy(False)
        if isinstance(error, NameMissing | NameTooLong):
            self.to_name()
            self.name_step.problem.tell(strings.sentence(error))
        else:
            self.passphrase_step.problem.tell(strings.sentence(error))


def _head(theme: Theme, step: str) -> QBoxLayout:
    return row(
        Mark(theme, 36),
        theme.px(12),
        Plain(theme, strings.APP, "title"),
        None,
        Plain(theme, step, "small", "text_2"),
    )


class NameStep(QWidget):
    """What are you called?"""

    wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        px = theme.px
        self.name = Field(theme, words.NAME_LABEL, tall=True)
        self.problem = Problem(theme, self.name)
        self.room = Plain(theme, "", "small", "text_2")
        self.go = Button(theme, strings.CONTINUE, "filled", tall=True, clicked=self._go)
        self.go.setEnabled(False)
        self.name.textChanged.connect(self._changed)
        self.name.returnPressed.connect(self._go)
        self.setLayout(
            column(
                None,
                _head(theme, words.STEP_1),
                px(34),
                Plain(theme, words.NAME_TITLE, "hero"),
                px(8),
                Plain(theme, words.NAME_TEXT, "body", "text_2", wrap=True),
                px(24),
                row(Plain(theme, words.NAME_LABEL, "small-strong"), None, self.room),
                px(5),
                self.name,
                px(6),
                self.problem,
                px(18),
                row(None, self.go),
                None,
            )
        )

    def _changed(self) -> None:
        length = len(" ".join(self.name.text().split()))
        near = length > _NEAR_MAX
        self.room.say(words.name_room(length, _MAX_NAME) if near else "")
        if length > _MAX_NAME:
            self.problem.tell(strings.sentence(NameTooLong()))
        else:
            self.problem.clear_it()
        self.go.setEnabled(0 < length <= _MAX_NAME)

    def _go(self) -> None:
        if self.go.isEnabled():
            self.wanted.emit()


class PassphraseStep(QWidget):
    """Choose a passphrase, twice."""

    wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        px = theme.px
        self.passphrase = PassphraseField(theme, words.PASSPHRASE_LABEL, tall=True)
        self.again = PassphraseField(theme, strings.ONCE_MORE, tall=True)
        self.passphrase.share_eye_with(self.again)
        self.strength = Strength(theme, self.passphrase)
        self.problem = Problem(theme, self.again)
        self.back = Button(theme, words.BACK, "quiet", icon="arrow-left")
        self.back.setProperty("flush", "left")
        self.go = Button(theme, words.SET_PASSPHRASE, "filled", tall=True, clicked=self._go)
        self.go.setEnabled(False)
        self._busy = Busy(self, self.passphrase, self.again, self.back, self.go)
        self.setAccessibleName(words.PASSPHRASE_TITLE)
        self.passphrase.textChanged.connect(self._changed)
        self.again.textChanged.connect(self._changed)
        self.passphrase.returnPressed.connect(self.again.setFocus)
        self.again.editingFinished.connect(self._compare)
        self.again.returnPressed.connect(self._go)
        self.setLayout(
            column(
                None,
                _head(theme, words.STEP_2),
                px(34),
                Plain(theme, words.PASSPHRASE_TITLE, "hero"),
                px(8),
                Plain(theme, words.PASSPHRASE_TEXT, "body", "text_2", wrap=True),
                px(24),
                Plain(theme, words.PASSPHRASE_LABEL, "small-strong"),
                px(5),
                self.passphrase,
                px(8),
                self.strength,
                px(20),
                Plain(theme, strings.ONCE_MORE, "small-strong"),
                px(5),
                self.again,
                px(6),
                self.problem,
                px(14),
                Note(theme, "key-round", words.LOST_LEAD, words.LOST_TEXT),
                px(24),
                row(self.back, None, self.go),
                None,
            )
        )

    def set_busy(self, busy: bool) -> None:
        self.go.say(words.SETTING_UP if busy else words.SET_PASSPHRASE)
        if busy:
            self._busy.begin()
        else:
            self._busy.end()
            self._changed()

    def _same(self) -> bool:
        return bool(self.again.text()) and self.again.text() == self.passphrase.text()

    def _changed(self) -> None:
        self.again.set_good(strings.SAME if self._same() else "")
        if self._same():
            self.problem.clear_it()
        self.go.setEnabled(self._same())

    def _compare(self) -> None:
        if self.again.text() and not self._same():
            self.problem.tell(strings.NOT_THE_SAME)

    def _go(self) -> None:
        if self._same() and self.go.isEnabled():
            self.strength.when_known(self._weighed)

    def _weighed(self) -> None:
        if self.strength.too_weak:
            self.strength.refuse()
        else:
            self.wanted.emit()


class LeavesPanel(QWidget):
    """What leaves this computer. Up to now: nothing."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        px = theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "surface")
        self.setProperty("line", "left")
        self._name = Plain(theme, words.LEAVES_NAME, "control-strong")
        lines = column(
            Plain(theme, words.LEAVES_TITLE, "title"),
            px(3),
            Plain(theme, words.LEAVES_NOTHING, "body", "text_2"),
            px(22),
            _line(theme, "user-round", self._name, words.LEAVES_NAME_TEXT),
            px(16),
            row(px(36), rule()),
            px(16),
            _line(
                theme,
                "lock",
                Plain(theme, words.LEAVES_PASSPHRASE, "control-strong"),
                words.LEAVES_PASSPHRASE_TEXT,
            ),
            px(16),
            row(px(36), rule()),
            px(16),
            _line(
                theme,
                "server",
                Plain(theme, words.LEAVES_RELAY, "control-strong"),
                words.LEAVES_RELAY_TEXT,
            ),
        )
        inner = QWidget()
        inner.setMaximumWidth(px(360))
        inner.setLayout(lines)
        side = row(px(56), inner, px(56))
        side.setStretch(1, 1)
        self.setLayout(column(None, side, None))

    def show_name(self, name: str) -> None:
        self._name.say(words.your_name(name.strip()))


def _line(theme: Theme, icon: str, title: Plain, text: str) -> QBoxLayout:
    px = theme.px
    lines = column(title, px(2), Plain(theme, text, "small", "text_2", wrap=True))
    made = row(column(Picture(theme, icon), None), px(16), lines)
    made.setStretch(2, 1)
    return made
