"""One thing that waits at the desk, with what can be done about it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from desktop.core.desk import DeskItem, DeskKind, Verdict
from desktop.core.room_rights import may_act
from desktop.core.rooms import Act, Room
from desktop.ui.rooms import desk_words as words
from desktop.ui.rooms import people_words, stage_words
from desktop.ui.rooms.act_icons import DANGEROUS, ICONS
from desktop.ui.rooms.tags import StateTag
from desktop.ui.theme import Theme
from desktop.ui.tokens import name_tone
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.menu import Menu, MenuButton
from desktop.ui.widgets.plain import Picture, Plain


class DeskCard(QFrame):
    """Says who and what; its buttons say what follows."""

    done_wanted = Signal(object, object)  # DeskItem, Verdict
    hide_wanted = Signal(object)  # DeskItem: the reported entry goes from the stage
    act_wanted = Signal(object, object)  # DeskItem, Act on the author of what was reported

    def __init__(self, theme: Theme, item: DeskItem, room: Room) -> None:
        super().__init__()
        self._theme, self._room = theme, room
        self.item = item
        px = theme.px
        self.setProperty("card", "plain")
        self.setAccessibleName(words.spoken(item))
        name = words.name(item)
        who = row(Plain(theme, name, "small-strong", name_tone(item.seat_id)))
        if item.imitates or item.newcomer:
            said = stage_words.IMITATES if item.imitates else stage_words.NEWCOMER
            who.addSpacing(px(8))
            who.addWidget(StateTag(theme, said, "danger" if item.imitates else "neutral"))
        who.addStretch(1)
        what = Plain(theme, words.what(item), "caption", "text_2", wrap=True)
        head = row(
            column(Avatar(theme, 32, name, item.seat_id), None),
            px(12),
            column(who, px(1), what),
            px(8),
            column(px(2), Picture(theme, words.KINDS[item.kind][1], 16), None),
        )
        head.setStretch(2, 1)
        parts = column(head, margins=(px(12), px(12), px(12), px(10)))
        if item.kind is DeskKind.REPORT:
            parts.addSpacing(px(8))
            parts.addWidget(self._quote())
        if words.words(item):
            parts.addSpacing(px(8))
            parts.addWidget(Plain(theme, words.words(item), "control", wrap=True))
        parts.addSpacing(px(10))
        self.answers: dict[Verdict, Button] = {}
        below = row()
        for verdict, said in words.answers(item, room):
            first = verdict is Verdict.GRANTED
            made = Button(theme, said, "tinted" if first else "quiet", compact=True)
            made.setAccessibleName(f"{said}: {name}")
            made.clicked.connect(partial(self._answer, verdict))
            self.answers[verdict] = made
            below.addWidget(made)
            below.addSpacing(px(8))
        if item.entry is not None:
            self.hide_entry = Button(theme, words.HIDE, "tinted", compact=True, clicked=self._hide)
            self.hide_entry.setVisible(may_act(room, Act.HIDE))
            self.more = MenuButton(theme, "ellipsis", words.of_author(item), self._offer)
            below.insertWidget(0, self.hide_entry)
            below.insertSpacing(1, px(8))
            below.addStretch(1)
            self.more.setVisible(any(may_act(room, act) for act in words.OF_AUTHOR))
            below.addWidget(self.more)
        else:
            below.addStretch(1)
        parts.addLayout(below)
        self.setLayout(parts)

    def _quote(self) -> QFrame:
        theme, px = self._theme, self._theme.px
        name, text = words.quoted(self.item)
        inner = column(margins=(px(12), px(8), px(12), px(8)))
        if name and self.item.entry is not None:
            tone = name_tone(self.item.entry.seat_id)
            inner.addWidget(Plain(theme, name, "small-strong", tone))
        inner.addWidget(Plain(theme, text, "small", "text" if name else "text_2", wrap=True))
        return card(inner, "flat")

    def _answer(self, verdict: Verdict, _checked: bool = False) -> None:
        self.done_wanted.emit(self.item, verdict)

    def _hide(self) -> None:
        self.hide_wanted.emit(self.item)

    def _offer(self, menu: Menu) -> None:
        for act in (one for one in words.OF_AUTHOR if may_act(self._room, one)):
            wanted = partial(self.act_wanted.emit, self.item, act)
            menu.offer(ICONS[act], people_words.ACTS[act], wanted, danger=act in DANGEROUS)
