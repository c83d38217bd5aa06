"""One person in the list of a room: who they are, why they stand so, and what I may do about it.

Law: what my part does not cover is not offered; what was done to somebody is said, with what undoes
it beside.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.core.room_rights import offered
from desktop.core.rooms import Act, May, Person, Presence, Room
from desktop.ui.context import Context
from desktop.ui.rooms import people_words as words
from desktop.ui.rooms import stage_words
from desktop.ui.rooms.act_icons import DANGEROUS, ICONS
from desktop.ui.rooms.tags import StateTag
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.buttons import Button, Kind
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.menu import Menu, MenuButton
from desktop.ui.widgets.plain import Plain, tip

_AT_ONCE = (Act.LET_IN, Act.LET_BACK)  # worth a button of their own
_FIRST_GRAVE = Act.REMOVE
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class PersonRow(QWidget):
    """48 high: face, name, one word, and a menu or the door; 56 with a line that says why."""

    act_wanted = Signal(object, object)  # person, Act
    walked = Signal(object, int)  # this row; up (-1) or down (1)

    def __init__(self, ctx: Context, person: Person, room: Room, now_ms: int) -> None:
        super().__init__()
        theme, px = ctx.theme, ctx.theme.px
        self.person = person
        self.may: tuple[May, ...] = room.may
        self.acts = offered(room, person)
        name = words.name(person)
        self.name = Plain(theme, name, "control-medium")
        why = words.standing(person, now_ms)
        self.why = Plain(theme, why, "caption", "text_2")
        said, look = words.tag(person)
        head = row(self.name)
        if person.me:
            head.addSpacing(px(8))
            head.addWidget(Plain(theme, stage_words.YOU, "caption", "text_2"))
        if said and not self._says_itself():
            head.addSpacing(px(8))
            head.addWidget(StateTag(theme, said, look))
        head.addStretch(1)
        who = column(None, head, None)
        if why:
            who.insertWidget(2, self.why)
        parts = row(
            Avatar(theme, 32, name, person.seat_id),
            px(12),
            who,
            margins=(px(16), px(8), px(8), px(8)),
        )
        parts.setStretch(2, 1)
        self.button: QPushButton | None = None
        for act in self.acts:
            if act in _AT_ONCE:
                kind: Kind = "tinted" if act is Act.LET_IN else "outline"
                wanted = partial(self.act_wanted.emit, person, act)
                self.button = Button(theme, words.ACTS[act], kind, compact=True, clicked=wanted)
                self.button.setAccessibleName(f"{words.ACTS[act]} {name}")
                parts.addSpacing(px(8))
                parts.addWidget(self.button)
        if any(act not in _AT_ONCE for act in self.acts):
            menu = MenuButton(theme, "ellipsis", words.menu_of(person), self._offer)
            self.button = self.button or menu
            parts.addWidget(menu)
        self.setLayout(parts)
        self.buttons = self.findChildren(QPushButton)
        for one in self.buttons:
            one.installEventFilter(self)
        self.setAccessibleName(words.spoken(person, now_ms))
        tip(self, why)
        self.setFixedHeight(px(56 if why else 48))

    def stop_here(self, stops: bool) -> None:
        """Whether Tab comes by: once for the whole list, and the arrow keys go on from there."""
        policy = Qt.FocusPolicy.TabFocus if stops else Qt.FocusPolicy.NoFocus
        for one in self.buttons:
            one.setFocusPolicy(policy)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        step = _STEPS.get(Qt.Key(event.key())) if isinstance(event, QKeyEvent) else None
        if step is None or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        self.walked.emit(self, step)
        return True

    def take_focus(self) -> bool:
        """The keyboard goes on from here, if there is anything to press."""
        if self.button is not None:
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)
        return self.button is not None

    # inside

    def _says_itself(self) -> bool:
        """Where the group or the button says the same as the tag would."""
        if self.person.imitates:
            return False
        out = self.person.state is Presence.REMOVED
        return out or Act.LET_IN in self.acts

    def _offer(self, menu: Menu) -> None:
        for act in self.acts:
            if act in _AT_ONCE:
                continue
            if act is _FIRST_GRAVE:
                menu.addSeparator()
            wanted = partial(self.act_wanted.emit, self.person, act)
            said = words.offer(act, self.person)
            menu.offer(ICONS[act], said, wanted, danger=act in DANGEROUS)
