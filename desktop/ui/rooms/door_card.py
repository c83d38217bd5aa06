"""What hangs at a room's door, and the box for the name one enters under.

Law: all of it is a stranger's text and shown as such.
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QBoxLayout, QFrame, QWidget

from desktop.core.doors import MOST_NAME, Doorplate
from desktop.core.texts import harmless, harmless_name, is_blank
from desktop.ui.context import Context
from desktop.ui.rooms import door_words as words
from desktop.ui.rooms import strings
from desktop.ui.rooms.face import RoomFace
from desktop.ui.rooms.tags import StateTag
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field, Problem
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.scrolled import Tall

_WIDE = 512
_MOST_HIGH = 220


class DoorCard(QFrame):
    """Who hosts, what it is about, and the house rules. Long ones scroll."""

    def __init__(self, ctx: Context, door: Doorplate) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        face = RoomFace(theme, 44, door.title, door.room_id)
        live = StateTag(theme, strings.LIVE, "live")
        live.setVisible(door.live)
        self.who = Plain(theme, words.who(door), "small", "text_2", wrap=True)
        lines = column(None, row(live, None), px(4) if door.live else 0, self.who, None)
        head = row(face, px(12), lines)
        head.setStretch(2, 1)
        self.about = Plain(theme, harmless(door.about), "body", wrap=True)
        self.rules = Plain(theme, harmless(door.rules) or words.NO_RULES, "body", wrap=True)
        said = column(margins=(px(16), px(12), px(16), px(12)))
        if door.about:
            said.addWidget(Plain(theme, words.ABOUT, "small-strong", "text_2"))
            said.addSpacing(px(4))
            said.addWidget(self.about)
            said.addSpacing(px(12))
        said.addWidget(Plain(theme, words.RULES, "small-strong", "text_2"))
        said.addSpacing(px(4))
        said.addWidget(self.rules)
        self.words = _Bounded(theme, said)
        self.words.read_with_keys(f"{words.ABOUT}. {words.RULES}")
        self.setLayout(column(head, px(14), card(column(self.words, margins=(1, 1, 1, 1)), "flat")))


class _Bounded(Tall):
    """As high as its words, up to a bound."""

    def __init__(self, theme: Theme, content: QBoxLayout) -> None:
        super().__init__(content, theme.px(_WIDE - 2))
        self._most = theme.px(_MOST_HIGH)

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        return QSize(size.width(), min(size.height() + 4, self._most))


class NameBox(QWidget):
    """The name for this room: the one of last time, a fresh one, or another."""

    def __init__(self, ctx: Context, door: Doorplate) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self.field = Field(
            theme, f"{words.NAME}. {words.NAME_NOTE}", text=door.remembered or door.fresh
        )
        self.field.setMaxLength(MOST_NAME)
        self.problem = Problem(theme, self.field)
        self.before = Button(
            theme,
            words.as_before(harmless_name(door.remembered)),
            "chip",
            checkable=True,
            clicked=lambda: self.take(door.remembered),
        )
        self.fresh = Button(
            theme,
            words.afresh(harmless_name(door.fresh)),
            "chip",
            checkable=True,
            clicked=lambda: self.take(door.fresh),
        )
        chips = row(self.before, px(4), self.fresh, None)
        self._chips = {door.remembered: self.before, door.fresh: self.fresh}
        both = bool(door.remembered) and door.remembered != door.fresh
        self.before.setVisible(both)
        self.fresh.setVisible(both)
        for one in (self.before, self.fresh):
            one.setAutoExclusive(False)
        self.field.textChanged.connect(self._mark)
        head = row(
            Plain(theme, words.NAME, "small-strong"),
            None,
            Plain(theme, words.NAME_NOTE, "caption", "text_2"),
        )
        inner = column(px(16), head, px(5), self.field, self.problem)
        if both:
            inner.addSpacing(px(8))
            inner.addLayout(chips)
        inner.addSpacing(px(6))
        inner.addWidget(Plain(theme, words.NAME_TEXT, "small", "text_2", wrap=True))
        self.setLayout(inner)
        self._mark(self.field.text())

    def take(self, name: str) -> None:
        self.problem.clear_it()
        self.field.setText(name)
        self._mark(name)

    def check(self, me: str, host: str) -> str:
        """What is wrong with the name; nothing where it is well."""
        name = self.field.text()
        if is_blank(name):
            return words.NEED_NAME
        if _same(name, me):
            return words.OWN_NAME
        return words.HOSTS_NAME if _same(name, host) else ""

    def _mark(self, name: str) -> None:
        for of, chip in self._chips.items():
            chip.setChecked(bool(of) and name.strip() == of)


def _same(one: str, other: str) -> bool:
    return harmless_name(one).casefold() == harmless_name(other).casefold()
