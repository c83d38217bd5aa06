"""What can be done with a room from the list, and what is asked before it is done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError
from desktop.core.room_facade import Rooms
from desktop.core.rooms import RoomRow, Standing, Way
from desktop.core.texts import harmless_name, is_blank
from desktop.ui import strings as common
from desktop.ui.context import Context
from desktop.ui.rooms import door_words, list_words
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Ask, Dialog
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.writing import Writing


class ListActs(QObject):
    """Asks the engine; the list is read again when the engine knocks."""

    def __init__(self, ctx: Context, rooms: Rooms, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._rooms = ctx, rooms

    def withdraw(self, shown: RoomRow) -> None:
        self._ctx.ask(self._rooms.room_leave, shown.room_id, owner=self)

    def copy_link(self, shown: RoomRow) -> None:
        have = partial(self._have_link, shown.way)
        self._ctx.ask(self._rooms.room_link, shown.room_id, ok=have, owner=self)

    def ask_forget(self, shown: RoomRow) -> None:
        past = shown.standing is Standing.PAST
        question = Ask(
            self._ctx.theme,
            self._ctx.window,
            list_words.FORGET_TITLE,
            f"{harmless_name(shown.title)}\n\n"
            f"{list_words.FORGET_PAST if past else list_words.FORGET_LINK}",
            list_words.FORGET,
            lambda: self._ctx.ask(self._rooms.room_forget, shown.room_id, owner=self),
            danger=True,
        )
        question.open_dialog(question.cancel)

    def ask_end(self, shown: RoomRow) -> None:
        question = Ask(
            self._ctx.theme,
            self._ctx.window,
            list_words.END_TITLE,
            f"{harmless_name(shown.title)}\n\n{list_words.END_TEXT}",
            list_words.END,
            lambda: self._ctx.ask(self._rooms.room_end, shown.room_id, owner=self),
            danger=True,
        )
        question.open_dialog(question.cancel)

    def invite(self, shown: RoomRow) -> None:
        dialog = InviteAskers(self._ctx, self._rooms, shown)
        dialog.open_dialog(dialog.text)

    # inside

    def _have_link(self, way: Way, link: str) -> None:
        QGuiApplication.clipboard().setText(link)
        self._ctx.tell(door_words.copied(way))


class InviteAskers(Dialog):
    """Who asked and got no answer is asked aside, each by itself, with the same first words."""

    def __init__(self, ctx: Context, rooms: Rooms, shown: RoomRow) -> None:
        super().__init__(ctx.theme, ctx.window, list_words.INVITE_TITLE, width=480)
        theme, px = ctx.theme, ctx.theme.px
        self._ctx, self._rooms, self._row = ctx, rooms, shown
        said = list_words.invite_text(shown.unanswered)
        self.body.addWidget(Plain(theme, said, "body", "text_2", wrap=True))
        self.body.addSpacing(px(16))
        self.body.addWidget(Plain(theme, list_words.INVITE_WORDS, "small-strong"))
        self.body.addSpacing(px(5))
        self.text = Writing(theme, list_words.INVITE_WORDS, lines=3, most=500)
        self.text.setPlaceholderText(list_words.INVITE_HINT)
        self.text.textChanged.connect(self._look)
        self.body.addWidget(self.text)
        self.problem = Plain(theme, "", "small", "danger", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        self.body.addSpacing(px(20))
        cancel = Button(theme, common.CANCEL, "quiet", clicked=self.close_dialog)
        self.go = Button(
            theme, list_words.invite_those(shown.unanswered), "filled", clicked=self._go
        )
        self._busy = Busy(self, self.text, self.go)
        self.body.addLayout(row(None, cancel, px(8), self.go))
        self._look()

    def _look(self) -> None:
        self.go.setEnabled(not is_blank(self.text.toPlainText()) and self.text.fits)

    def _go(self) -> None:
        self._busy.begin()
        self._ctx.ask(
            self._rooms.room_invite_askers,
            self._row.room_id,
            self.text.toPlainText().strip(),
            ok=self._done,
            failed=self._refused,
            owner=self,
        )

    def _done(self, count: int) -> None:
        self.close_dialog()
        self._ctx.tell(list_words.invited(count))

    def _refused(self, error: AsideError) -> None:
        self._busy.end(self.text)
        self.problem.say(common.sentence(error))
        self.problem.show()
        self.fit()
