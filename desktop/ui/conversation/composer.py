"""Where a message is written: grows to six lines, keeps its draft, gives nothing away too early.

Laws: a text leaves the box only when it is on disk, and comes back when it was refused; a draft is
saved a second after the last letter and whenever the conversation is left.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError, TextTooLong
from desktop.core.texts import is_blank
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.conversation import strings as words
from desktop.ui.conversation.growing import GrowingBox
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Plain
from protocol.ids import ConversationId, MessageId

_SAVE_MS = 1000
_WRITING_MS = 2000


class Composer(QWidget):
    """The box, the button, and one line below for what there is to say."""

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self._id: ConversationId | None = None
        self._saved: str | None = ""  # the draft on disk; None: not known
        self._left: dict[ConversationId, str] = {}  # the list may not have heard of them yet
        self._under_way: dict[int, str] = {}
        self._count = 0
        self._writing = QElapsedTimer()  # since it was last said that somebody writes here
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "bg")
        self.setProperty("line", "top")
        self._frame = GrowingBox(theme)
        self.box = self._frame.box
        self.box.sent.connect(self.send)
        self.box.textChanged.connect(self._changed)
        self.button = IconButton(
            theme, "send-horizontal", words.SEND, kind="send", tone="on_accent", clicked=self.send
        )
        self.button.setEnabled(False)
        self.hint = Plain(theme, words.KEYS_HINT, "caption", "text_2", wrap=True)
        self.saved = Plain(theme, "", "caption", "text_2")
        line = row(
            self._frame, px(8), column(None, self.button), margins=(px(16), px(12), px(16), px(6))
        )
        line.setStretch(0, 1)
        below = row(self.hint, px(8), self.saved, margins=(px(18), 0, px(18), px(8)))
        below.setStretch(0, 1)
        self.setLayout(column(line, below))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.save)

    def open(self, conversation_id: ConversationId, name: str, draft: str) -> None:
        """Write in another conversation; the draft of this one is saved."""
        self._go()
        self._id = conversation_id
        draft = self._left.get(conversation_id, draft)
        self._saved = draft
        self.rename(name)
        self.box.blockSignals(True)
        self.box.setPlainText(draft)
        self.box.moveCursor(self.box.textCursor().MoveOperation.End)
        self.box.blockSignals(False)
        self._calm()
        self._look()

    def rename(self, name: str) -> None:
        self.box.ask(f"{words.MESSAGE_TO} {name}")

    def leave(self) -> None:
        """Leave the conversation: the draft is saved, the box emptied."""
        self._go()
        self._id = None
        self.box.blockSignals(True)
        self.box.clear()
        self.box.blockSignals(False)
        self._saved = ""

    def send(self) -> None:
        text = self.box.toPlainText()
        if self._id is None or is_blank(text):
            return
        conversation_id, self._count = self._id, self._count + 1
        number = self._count
        self._under_way[number] = text
        self._writing.invalidate()  # the message says so itself
        self._timer.stop()
        self.box.blockSignals(True)
        self.box.clear()
        self.box.blockSignals(False)
        self._calm()
        self._look()

        def sent(message_id: MessageId) -> None:
            del self._under_way[number]
            if self._id == conversation_id and not self._under_way:
                if self._saved:  # gone with what was sent, or saved after it
                    self._saved = None
                self.save()

        def refused(error: AsideError) -> None:
            del self._under_way[number]
            if self._id != conversation_id:
                self._ctx.tell(strings.sentence(error))
                self._left[conversation_id] = text
                self._ctx.ask(self._ctx.facade.draft_save, conversation_id, text)
                return
            later = self.box.toPlainText()
            self.box.setPlainText(f"{text}\n{later}" if later else text)
            self.box.moveCursor(self.box.textCursor().MoveOperation.End)
            if isinstance(error, TextTooLong):
                self._tell(words.too_long(text, error.limit))
            else:
                self._tell(strings.sentence(error))

        self._ctx.ask(
            self._ctx.facade.message_send,
            conversation_id,
            text,
            ok=sent,
            failed=refused,
            owner=self,
        )

    def save(self) -> None:
        """Put the draft on disk, if it is another one than there."""
        self.save_then(lambda: None)

    def save_then(self, done: Callable[[], None]) -> None:
        """The same, and then something that must not come before it."""
        self._timer.stop()
        text = self.box.toPlainText()
        if self._id is None or text == self._saved or self._under_way:
            done()
            return
        self._saved = text

        def saved(_: None) -> None:
            if self.box.toPlainText() == text and text:
                self.saved.say(words.DRAFT_SAVED)
            done()

        def refused(error: AsideError) -> None:
            self._tell(strings.sentence(error))
            done()

        self._ctx.ask(
            self._ctx.facade.draft_save, self._id, text, ok=saved, failed=refused, owner=self
        )

    # inside

    def _changed(self) -> None:
        self._calm()
        self._look()
        self._timer.start(_SAVE_MS)
        self._say_writing()

    def _say_writing(self) -> None:
        """Whether to tell anybody, and how often, is for the engine."""
        if is_blank(self.box.toPlainText()):
            self._stop_writing()
        elif self._id is not None and (
            not self._writing.isValid() or self._writing.elapsed() > _WRITING_MS
        ):
            self._writing.start()
            self._ctx.ask(self._ctx.facade.conversation_writing, self._id)

    def _go(self) -> None:
        self.save()
        self._stop_writing()
        if self._id is not None:
            self._left[self._id] = self.box.toPlainText()

    def _stop_writing(self) -> None:
        if self._id is not None and self._writing.isValid():
            self._writing.invalidate()
            self._ctx.ask(self._ctx.facade.conversation_writing, self._id, True)

    def _look(self) -> None:
        self.saved.say("")
        self.button.setEnabled(not is_blank(self.box.toPlainText()))
        self._frame.fit()  # also when nobody was told of the change

    def _calm(self) -> None:
        self.hint.say(words.KEYS_HINT, tone="text_2")

    def _tell(self, sentence: str) -> None:
        self.hint.say(sentence, tone="danger")
        announce(self.box, sentence)
