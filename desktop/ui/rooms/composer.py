"""Where an entry is written: a box that says under which name, and what the room allows.

Laws: a text leaves the box only when it is on disk, and comes back when it was refused; while one
may not write, the reason stands there in words, and what was written stays.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError, TextTooLong
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Entry, Room
from desktop.core.texts import is_blank
from desktop.ui import strings as common
from desktop.ui.context import Context
from desktop.ui.conversation import strings as words
from desktop.ui.conversation.growing import GrowingBox
from desktop.ui.rooms import stage_words, strings
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Picture, Plain
from protocol.ids import EntryId


class RoomComposer(QWidget):
    """The box, the button that counts down, the line below, and whom one answers."""

    def __init__(self, ctx: Context, rooms: Rooms, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self._ctx, self._rooms, self._now_ms = ctx, rooms, now_ms
        theme, px = ctx.theme, ctx.theme.px
        self._room: Room | None = None
        self._reply: EntryId | None = None
        self._trouble = ""
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self.setProperty("line", "top")
        self._frame = GrowingBox(theme)
        self.box = self._frame.box
        self.box.sent.connect(self.say)
        self.box.textChanged.connect(self._changed)
        self.button = IconButton(
            theme, "send-horizontal", strings.SAY, kind="send", tone="on_accent", clicked=self.say
        )
        self.button.setFont(theme.font("control-strong"))
        self._answers = Plain(theme, "", "small", "text_2")
        self._stop = IconButton(theme, "x", strings.STOP_REPLY, size=16, clicked=self.stop_reply)
        answering = row(
            Picture(theme, "reply", 16, "accent"),
            px(8),
            self._answers,
            self._stop,
            margins=(px(18), px(4), px(8), 0),
        )
        answering.setStretch(2, 1)
        self._answering = QWidget()
        self._answering.setLayout(answering)
        self._answering.hide()
        self._sign = Picture(theme, "timer", 14)
        self.hint = Plain(theme, "", "caption", "text_2", wrap=True)
        line = row(
            self._frame, px(8), column(None, self.button), margins=(px(16), px(12), px(16), px(6))
        )
        line.setStretch(0, 1)
        below = row(
            column(px(1), self._sign, None), px(6), self.hint, margins=(px(18), 0, px(18), px(8))
        )
        below.setStretch(2, 1)
        self.setLayout(column(self._answering, line, below))
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self.look)

    def show_room(self, room: Room) -> None:
        if self._room is None or self._room.room_id != room.room_id:
            self.stop_reply()
        self._room = room
        self.look()

    def answer(self, entry: Entry) -> None:
        """The next entry answers this one."""
        self._reply = entry.entry_id
        self._answers.say(
            " ".join(stage_words.content(entry)[:200].split()),
            lead=f"{strings.reply_to(stage_words.name(entry))}:",
        )
        self._answering.show()
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)

    def stop_reply(self) -> None:
        self._reply = None
        self._answering.hide()

    @property
    def wait_s(self) -> int:
        """How long until one may write again."""
        room = self._room
        return 0 if room is None else max(0, -(-(room.may_write_ms - self._now_ms()) // 1000))

    def say(self) -> None:
        room, text, reply = self._room, self.box.toPlainText(), self._reply
        if room is None or is_blank(text) or not self.button.isEnabled():
            return
        self._trouble = ""
        self.box.clear()
        self.stop_reply()

        def refused(error: AsideError) -> None:
            later = self.box.toPlainText()
            self.box.setPlainText(f"{text}\n{later}" if later else text)
            self.box.moveCursor(self.box.textCursor().MoveOperation.End)
            too_long = isinstance(error, TextTooLong)
            self._trouble = (
                words.too_long(text, error.limit)
                if isinstance(error, TextTooLong)
                else common.sentence(error)
            )
            self.look()
            if not too_long or self.isVisible():
                announce(self.box, self._trouble)

        self._ctx.ask(self._rooms.room_say, room.room_id, text, reply, failed=refused, owner=self)

    # inside

    def look(self) -> None:
        """What may be done now, in the button and below the box."""
        room = self._room
        if room is None:
            return
        closed = _closed(room)
        wait = 0 if closed or room.helps else self.wait_s
        self._frame.setEnabled(not closed)
        self.box.setReadOnly(bool(closed))
        self.box.ask(closed or strings.write_as(room))
        if wait and not self._tick.isActive():
            self._tick.start()
        elif not wait:
            self._tick.stop()
        empty = is_blank(self.box.toPlainText())
        self.button.setEnabled(not closed and not wait and not empty)
        self.button.setText(str(wait) if wait and wait < 1000 else "")
        if wait and wait < 1000:
            self.button.setIcon(QIcon())
        else:
            self.button.show_icon("send-horizontal")
        self._sign.setVisible(bool(wait) and not self._trouble)
        said = self._trouble or self._said(room, closed, wait)
        self.hint.say(said, tone="danger" if self._trouble else "text_2")

    def _said(self, room: Room, closed: str, wait: int) -> str:
        if closed:
            return closed
        if room.helps:
            return strings.says_as_host(room, self._now_ms())
        if wait and room.slow_s and wait <= room.slow_s:
            return strings.slow_wait(room.slow_s, wait)
        if wait:
            return strings.paused(wait)
        return strings.slow(room.slow_s) if room.slow_s else strings.SAY_HINT

    def _changed(self) -> None:
        self._trouble = ""
        self.look()


def _closed(room: Room) -> str:
    """Why nobody like me may write here, or nothing."""
    if room.removed is not None:
        return strings.removed(room.removed)
    if room.ended:
        return strings.ENDED
    if room.muted:
        return strings.MUTED
    return "" if strings.who_speaks(room) else strings.ONLY_HOSTS
