"""A dialog with one field and Save: what was wrong is said below the field, and nothing is lost."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError
from desktop.ui import strings
from desktop.ui.theme import Theme
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Field, Problem
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import Plain


class FieldDialog(Dialog):
    """Subclasses say in :meth:`ask` what becomes of the text, and tell how that ended."""

    def __init__(
        self, theme: Theme, window: QWidget, title: str, text: str, field: Field, *, width: int
    ) -> None:
        super().__init__(theme, window, title, width=width)
        px = theme.px
        self.field = field
        self.problem = Problem(theme, field)
        self.save = Button(theme, strings.SAVE, "filled", clicked=self._save)
        self._busy = Busy(self, field, self.save)
        field.returnPressed.connect(self._save)
        self.body.addWidget(Plain(theme, text, "body", "text_2", wrap=True))
        self.body.addSpacing(px(16))
        self.body.addWidget(field)
        self.body.addSpacing(px(6))
        self.body.addWidget(self.problem)
        self.body.addSpacing(px(14))
        cancel = Button(theme, strings.CANCEL, "quiet", clicked=self.close_dialog)
        self.body.addLayout(row(None, cancel, px(8), self.save))

    def ask(self, text: str) -> None:
        """Ask the engine; :meth:`saved` or :meth:`refused` is what it answers to."""
        raise NotImplementedError

    def saved(self, _: None) -> None:
        self.close_dialog()

    def refused(self, error: AsideError) -> None:
        self._busy.end(self.field)
        self.problem.tell(strings.sentence(error))
        self.fit()

    def _save(self) -> None:
        if self.save.isEnabled():
            self._busy.begin()
            self.ask(self.field.text())
