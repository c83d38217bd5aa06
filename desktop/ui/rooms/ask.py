"""Where a question is asked: under the name one has in the room, or nameless on stage."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError
from desktop.core.questions import QuestionId
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Room
from desktop.core.texts import is_blank
from desktop.ui import strings as common
from desktop.ui.context import Context
from desktop.ui.rooms import board_words as words
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field, Problem
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.switch import Switch


class AskBox(QWidget):
    """The field, the choice that says what it means, the button."""

    def __init__(self, ctx: Context, rooms: Rooms) -> None:
        super().__init__()
        self._ctx, self._rooms = ctx, rooms
        theme, px = ctx.theme, ctx.theme.px
        self._room: Room | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("line", "top")
        self.field = Field(theme, words.ASK_HERE, hint=words.ASK_HERE)
        self.field.setMaxLength(600)
        self.field.textChanged.connect(self._look)
        self.field.returnPressed.connect(self.ask)
        self.nameless = Switch(theme, f"{words.NAMELESS}. {words.NAMELESS_HINT}")
        self.button = Button(theme, words.ASK, "outline", compact=True, clicked=self.ask)
        self.problem = Problem(theme, self.field)
        said = column(
            Plain(theme, words.NAMELESS, "caption-medium"),
            Plain(theme, words.NAMELESS_HINT, "caption", "text_2"),
        )
        below = row(self.nameless, px(8), said, None, self.button)
        self.setLayout(
            column(self.field, self.problem, px(8), below, margins=(px(12), px(12), px(12), px(10)))
        )
        self._busy = Busy(self, self.field, self.button)
        self._look()

    def show_room(self, room: Room) -> None:
        self._room = room

    def ask(self) -> None:
        text = self.field.text()
        if self._room is None or is_blank(text):
            return
        self._busy.begin()
        self._ctx.ask(
            self._rooms.room_ask,
            self._room.room_id,
            text,
            self.nameless.isChecked(),
            ok=self._asked,
            failed=self._refused,
            owner=self,
        )

    # inside

    def _asked(self, _: QuestionId) -> None:
        self._busy.end()
        self.field.clear()
        self.nameless.setChecked(False)

    def _refused(self, error: AsideError) -> None:
        self._busy.end(self.field)
        self.problem.tell(common.sentence(error))
        self._look()

    def _look(self) -> None:
        self.button.setEnabled(not is_blank(self.field.text()))
