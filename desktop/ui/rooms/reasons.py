"""Dialogs that ask for words before something is done: a reason, a length, an answer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit

from desktop.core.errors import AsideError
from desktop.core.questions import Question
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Act, Way
from desktop.core.texts import harmless_name, is_blank
from desktop.ui import strings as common
from desktop.ui.context import Context
from desktop.ui.rooms import board_words, people_words, stage_words
from desktop.ui.widgets.buttons import Button, Kind
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.field_dialog import FieldDialog
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.notes import Note
from desktop.ui.widgets.plain import Plain
from protocol.ids import RoomId


class DeclineDialog(FieldDialog):
    """Why a question is not answered."""

    def __init__(self, ctx: Context, rooms: Rooms, room: RoomId, question: Question) -> None:
        field = Field(ctx.theme, board_words.REASON, hint=board_words.REASON)
        field.setMaxLength(120)
        said = f"“{board_words.text(question)[:200]}”\n\n{board_words.DECLINE_TEXT}"
        super().__init__(ctx.theme, ctx.window, board_words.DECLINE_TITLE, said, field, width=480)
        self._ctx, self._rooms, self._room, self._question = ctx, rooms, room, question
        self.save.say(board_words.DECLINE)

    def ask(self, text: str) -> None:
        self._ctx.ask(
            self._rooms.question_decline,
            self._room,
            self._question.question_id,
            text.strip(),
            ok=self.saved,
            failed=self.refused,
            owner=self,
        )


class AnswerDialog(Dialog):
    """An answer in writing; what was written stays until it is on disk."""

    def __init__(self, ctx: Context, rooms: Rooms, room: RoomId, question: Question) -> None:
        super().__init__(ctx.theme, ctx.window, board_words.ANSWER_TITLE)
        theme, px = ctx.theme, ctx.theme.px
        self._ctx, self._rooms, self._room, self._question = ctx, rooms, room, question
        self.body.addWidget(Plain(theme, board_words.text(question)[:400], "body", wrap=True))
        self.body.addSpacing(px(12))
        self.text = QPlainTextEdit()
        self.text.setProperty("field", True)
        self.text.setAccessibleName(board_words.ANSWER_FIELD)
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(px(120))
        self.text.document().setDocumentMargin(px(8))
        self.text.textChanged.connect(self._look)
        self.body.addWidget(self.text)
        self.body.addSpacing(px(8))
        self.hint = Plain(theme, board_words.ANSWER_TEXT, "caption", "text_2", wrap=True)
        self.body.addWidget(self.hint)
        self.body.addSpacing(px(20))
        cancel = Button(theme, common.CANCEL, "quiet", clicked=self.close_dialog)
        self.go = Button(theme, board_words.ANSWER, "filled", clicked=self._go)
        self.body.addLayout(row(None, cancel, px(8), self.go))
        self._look()

    def _look(self) -> None:
        self.go.setEnabled(not is_blank(self.text.toPlainText()))

    def _go(self) -> None:
        self.go.setEnabled(False)
        self._ctx.ask(
            self._rooms.question_answer,
            self._room,
            self._question.question_id,
            self.text.toPlainText(),
            ok=self._answered,
            failed=self._refused,
            owner=self,
        )

    def _answered(self, _: None) -> None:
        self.close_dialog()

    def _refused(self, error: AsideError) -> None:
        self.hint.say(common.sentence(error), tone="danger")
        self._look()
        self.fit()


class ActDialog(Dialog):
    """Something is done to a seat: for how long, and why. ``done``: seconds, reason."""

    def __init__(
        self, ctx: Context, act: Act, name: str, way: Way, done: Callable[[int, str], object]
    ) -> None:
        shown = harmless_name(name) or stage_words.SOMEBODY
        super().__init__(ctx.theme, ctx.window, people_words.act_title(act, shown), width=480)
        theme, px = ctx.theme, ctx.theme.px
        self._done = done
        what = {**people_words.ACT_TEXT, **people_words.WITH_REASON}[act]
        self.body.addWidget(Plain(theme, what, "body", "text_2", wrap=True))
        self.body.addSpacing(px(12))
        self.lengths: dict[int, Button] = {}
        if act is Act.TIME_OUT:
            chips = row()
            for seconds in people_words.LENGTHS:
                chip = Button(theme, stage_words.length(seconds), "chip", checkable=True)
                self.lengths[seconds] = chip
                chips.addWidget(chip)
                chips.addSpacing(px(4))
            chips.addStretch(1)
            self.lengths[people_words.LENGTHS[1]].setChecked(True)
            self.body.addLayout(chips)
            self.body.addSpacing(px(12))
        self.reason = Field(theme, board_words.REASON, hint=people_words.REASON_HINT)
        self.reason.setMaxLength(120)
        self.reason.returnPressed.connect(self._go)
        self.body.addWidget(self.reason)
        if way is Way.LINK:
            said = people_words.PAUSE_OPEN if act is Act.TIME_OUT else people_words.OPEN_ROOM
            self.body.addSpacing(px(12))
            self.body.addWidget(Note(theme, "info", *said))
        self.body.addSpacing(px(20))
        self.cancel = Button(theme, common.CANCEL, "quiet", clicked=self.close_dialog)
        kind: Kind = "filled" if act is Act.TIME_OUT else "danger"
        self.go = Button(theme, people_words.ACTS[act], kind, clicked=self._go)
        self.body.addLayout(row(None, self.cancel, px(8), self.go))

    def _go(self) -> None:
        chosen = next((s for s, chip in self.lengths.items() if chip.isChecked()), 0)
        reason = self.reason.text().strip()
        self.close_dialog()
        self._done(chosen, reason)
