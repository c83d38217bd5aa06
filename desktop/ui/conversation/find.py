"""Find in this conversation: words, how many, and from one to the next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop.core.models import Found
from desktop.ui import strings
from desktop.ui.context import Context, Handle
from desktop.ui.conversation import strings as words
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import Plain
from protocol.ids import ConversationId

_MOST = 500
_PAUSE_MS = 150


class FindBar(QWidget):
    """Under the header while something is looked for."""

    words_changed = Signal(list)
    go_wanted = Signal(object)  # a message id
    closed = Signal()

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "surface")
        self.setProperty("line", "bottom")
        self._id: ConversationId | None = None
        self._hits: list[bytes] = []
        self._at = 0
        self._running: Handle | None = None
        self.field = Field(theme, words.FIND_HERE, hint=words.FIND_HERE, icon="search")
        self._count = Plain(theme, "", "small", "text_2")
        layout = row(
            self.field,
            px(12),
            self._count,
            px(8),
            IconButton(theme, "chevron-up", words.FIND_OLDER, keys="Enter", clicked=self.older),
            IconButton(
                theme, "chevron-down", words.FIND_NEWER, keys="Shift+Enter", clicked=self.newer
            ),
            IconButton(theme, "x", strings.CLOSE, keys="Esc", clicked=self.stop),
            margins=(px(16), px(6), px(12), px(7)),
        )
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self.field.textChanged.connect(lambda: self._timer.start(_PAUSE_MS))
        self.hide()

    def start(self, conversation_id: ConversationId) -> None:
        self._id = conversation_id
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def stop(self) -> None:
        if self.isHidden():
            return
        self.hide()
        self.field.clear()
        self._timer.stop()
        self._hits = []
        self.words_changed.emit([])
        self.closed.emit()

    def older(self) -> None:
        self._go(1)

    def newer(self) -> None:
        self._go(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.stop()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._go(-1 if shift else 1)
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        wanted = self.field.text().strip()
        if self._running is not None:
            self._running.cancel()
        self.words_changed.emit(wanted.split())
        if not wanted:
            self._hits = []
            self._say()
            return
        self._running = self._ctx.ask(self._ctx.facade.message_search, wanted, _MOST, ok=self._have)

    def _have(self, hits: Sequence[Found]) -> None:
        self._running = None
        self._hits = [
            hit.message.message_id for hit in hits if hit.message.conversation_id == self._id
        ]
        self._at = 0
        self._say()
        if self._hits:
            self.go_wanted.emit(self._hits[0])

    def _go(self, by: int) -> None:
        if self._hits:
            self._at = (self._at + by) % len(self._hits)
            self._say()
            self.go_wanted.emit(self._hits[self._at])

    def _say(self) -> None:
        asked = bool(self.field.text().strip())
        self._count.say(words.find_place(self._at + 1, len(self._hits)) if asked else "")
