"""Lock and passphrase."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError, WrongPassphrase
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.settings import strings as words
from desktop.ui.settings.parts import Section, choice
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field, PassphraseField, Problem
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.strength import Strength


class Lock(Section):
    """Lock now, or change what unlocks."""

    lock_wanted = Signal()

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx.theme, words.SET_LOCK, words.LOCK_TEXT, words.CHANGE_PASSPHRASE)
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self.lock = Button(
            theme, words.LOCK_NOW, "outline", icon="lock", clicked=self.lock_wanted.emit
        )
        self.add(choice(theme, words.LOCK_LINE, words.LOCK_LINE_TEXT, self.lock))
        self.old = PassphraseField(theme, words.OLD_PASSPHRASE)
        self.new = PassphraseField(theme, words.NEW_PASSPHRASE)
        self.again = PassphraseField(theme, strings.ONCE_MORE)
        self.new.share_eye_with(self.again)
        self.strength = Strength(theme, self.new)
        self.old_problem = Problem(theme, self.old)
        self.new_problem = Problem(theme, self.again)
        self.change = Button(theme, words.CHANGE_PASSPHRASE, "filled", clicked=self._change)
        self.change.setEnabled(False)
        for field in (self.old, self.new, self.again):
            field.textChanged.connect(self._changed)
            field.returnPressed.connect(self._change)
        self.again.editingFinished.connect(self._compare)
        form = QWidget()
        form.setAccessibleName(words.CHANGE_PASSPHRASE)
        self._busy = Busy(form, self.old, self.new, self.again, self.change)
        form.setMaximumWidth(px(440))
        form.setLayout(
            column(
                *_labelled(ctx, words.OLD_PASSPHRASE, self.old),
                self.old_problem,
                px(14),
                *_labelled(ctx, words.NEW_PASSPHRASE, self.new),
                self.strength,
                px(14),
                *_labelled(ctx, strings.ONCE_MORE, self.again),
                self.new_problem,
                px(10),
                row(self.change, None),
            )
        )
        place = row(form, None)  # so that heights are reckoned at the width the form will have
        place.setStretch(0, 1_000)
        inner = column(
            Plain(theme, words.CHANGE_PASSPHRASE, "control-medium"),
            px(1),
            Plain(theme, words.CHANGE_TEXT, "small", "text_2", wrap=True),
            px(16),
            place,
            margins=(px(16), px(12), px(16), px(16)),
        )
        self.add(card(inner))

    def _same(self) -> bool:
        return bool(self.new.text()) and self.new.text() == self.again.text()

    def _changed(self) -> None:
        self.again.set_good(strings.SAME if self._same() else "")
        if self._same():
            self.new_problem.clear_it()
        self.change.setEnabled(bool(self.old.text()) and self._same())

    def _compare(self) -> None:
        if self.again.text() and not self._same():
            self.new_problem.tell(strings.NOT_THE_SAME)

    def _change(self) -> None:
        if self.old.text() and self._same() and self.change.isEnabled():
            self.strength.when_known(self._weighed)

    def _weighed(self) -> None:
        if self.strength.too_weak:
            self.strength.refuse()
            return
        self._busy.begin()
        self.change.say(words.CHANGING)
        self._ctx.ask(
            self._ctx.facade.profile_change_passphrase,
            self.old.text(),
            self.new.text(),
            ok=self._done,
            failed=self._refused,
        )

    def _done(self, _: None) -> None:
        self._busy.end(self.old)
        for field in (self.old, self.new, self.again):
            field.clear()
        self.change.say(words.CHANGE_PASSPHRASE)
        self._ctx.tell(words.PASSPHRASE_CHANGED)

    def _refused(self, error: AsideError) -> None:
        self.change.say(words.CHANGE_PASSPHRASE)
        if isinstance(error, WrongPassphrase):
            self._busy.end(self.old)
            self.old.selectAll()
            self.old_problem.tell(strings.sentence(error))
        else:
            self._busy.end()
            self.new_problem.tell(strings.sentence(error))
        self._changed()


def _labelled(ctx: Context, text: str, field: Field) -> tuple[QWidget | int, ...]:
    px = ctx.theme.px
    return Plain(ctx.theme, text, "small-strong"), px(5), field, px(6)
