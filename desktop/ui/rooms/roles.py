"""Where somebody is given a part in a room: which one, what they may, until when, and why.

Law: what is chosen before anybody chooses is what most would: one Enter is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.room_rights import CHOICES, USUAL
from desktop.core.rooms import Act, May
from desktop.core.texts import harmless_name
from desktop.ui import strings as common
from desktop.ui.context import Context
from desktop.ui.rooms import board_words, people_words, stage_words
from desktop.ui.rooms import role_words as words
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import area, column, row
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.switch import Switch

K = TypeVar("K")
Done = Callable[[Act, int, str, tuple[May, ...]], object]


class RoleDialog(Dialog):
    """``done``: which part, seconds (0: until the room ends), a reason, and what a moderator may.

    ``may``: what they may already.
    """

    def __init__(
        self, ctx: Context, act: Act, name: str, done: Done, *, may: tuple[May, ...] = ()
    ) -> None:
        shown = harmless_name(name) or stage_words.SOMEBODY
        super().__init__(ctx.theme, ctx.window, words.title(shown), width=480)
        theme, px = ctx.theme, ctx.theme.px
        self._done = done
        self.parts = dict[Act, Button]()
        self.lengths = dict[int, Button]()
        self.rights = dict[May, Switch]()
        self.text = Plain(theme, "", "small", "text_2", wrap=True)
        self._choices = area(self._switches(may or USUAL))
        self.reason = Field(theme, board_words.REASON, hint=people_words.REASON_HINT)
        self.reason.setMaxLength(120)
        self.reason.returnPressed.connect(self._go)
        self.problem = Plain(theme, words.NOTHING, "small", "danger", wrap=True)
        self.problem.hide()
        cancel = Button(theme, common.CANCEL, "quiet", clicked=self.close_dialog)
        self.go = Button(theme, people_words.ACTS[act], "filled", clicked=self._go)
        for item in (
            _chips(theme, words.PART, words.PARTS, self.parts),
            px(8),
            self.text,
            px(8),
            self._choices,
            px(8),
            Plain(theme, words.UNTIL, "small-strong"),
            px(6),
            _chips(theme, words.UNTIL, words.LENGTHS, self.lengths),
            px(12),
            self.reason,
            px(6),
            self.problem,
        ):
            if isinstance(item, int):
                self.body.addSpacing(item)
            else:
                self.body.addWidget(item)
        self.body.addSpacing(px(14))
        self.body.addLayout(row(None, cancel, px(8), self.go))
        self.parts[act].setChecked(True)
        self.lengths[words.FOREVER].setChecked(True)
        for chip in self.parts.values():
            chip.toggled.connect(self._look)
        self._look()

    @property
    def act(self) -> Act:
        """The part that is chosen."""
        return next(one for one, chip in self.parts.items() if chip.isChecked())

    def open(self) -> None:
        """The keyboard stands at the button that does it."""
        self.open_dialog(self.go)

    # inside

    def _switches(self, on: tuple[May, ...]) -> QVBoxLayout:
        """One line for each thing that a moderator may be let do."""
        lines = column()
        for may in CHOICES:
            said = words.RIGHTS[may]
            switch = Switch(self.theme, said, on=may in on)
            self.rights[may] = switch
            line = row(Plain(self.theme, said, "control"), switch)
            line.setStretch(0, 1)
            lines.addLayout(line)
        return lines

    def _look(self) -> None:
        act = self.act
        self.text.say(words.ABOUT[act])
        self._choices.setVisible(act is Act.MAKE_MODERATOR)
        self.go.say(people_words.ACTS[act])
        self.fit()

    def _go(self) -> None:
        act = self.act
        may = tuple(one for one, switch in self.rights.items() if switch.isChecked())
        if act is Act.MAKE_MODERATOR and not may:
            self.problem.show()
            self.fit()
            self.rights[May.MODERATE].setFocus(Qt.FocusReason.OtherFocusReason)
            return
        seconds = next(one for one, chip in self.lengths.items() if chip.isChecked())
        reason = self.reason.text().strip()
        self.close_dialog()
        self._done(act, seconds, reason, may)


def _chips(theme: Theme, name: str, words_of: Mapping[K, str], into: dict[K, Button]) -> QWidget:
    """A row of which one is taken."""
    line = row()
    for key, said in words_of.items():
        into[key] = Button(theme, said, "chip", checkable=True)
        line.addWidget(into[key])
        line.addSpacing(theme.px(4))
    line.addStretch(1)
    made = area(line)
    made.setAccessibleName(name)
    return made
