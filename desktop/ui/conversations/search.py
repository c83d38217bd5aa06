"""Search and jump: people and rooms by name at once, then all that was written, from the vault."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.models import Conversation, Found
from desktop.core.rooms import RoomRow
from desktop.ui.context import Context, Handle
from desktop.ui.conversations import strings as words
from desktop.ui.conversations.rows import Heading, Hit, Row

_PAUSE_MS = 120
_LEAST = 2  # letters before messages are searched


class Search(QObject):
    """What was asked last, and what is known about it."""

    found = Signal()

    def __init__(self, ctx: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._words = ""
        self._hits: Sequence[Found] = ()
        self._running: Handle | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

    def look_for(self, wanted: str) -> None:
        self._words = wanted.strip()
        self._hits = ()
        if self._running is not None:
            self._running.cancel()
            self._running = None
        if len(self._words) >= _LEAST:
            self._timer.start(_PAUSE_MS)
        else:
            self._timer.stop()
        self.found.emit()

    def rows(self, conversations: Sequence[Conversation], rooms: Sequence[RoomRow]) -> list[Row]:
        wanted = self._words.casefold()
        people = [one for one in conversations if wanted in one.name.casefold()]
        rows: list[Row] = []
        if people:
            rows += [Heading(words.PEOPLE), *people]
        called = [one for one in rooms if wanted in one.title.casefold()]
        if called:
            rows += [Heading(words.ROOMS), *called]
        with_whom = {one.conversation_id: one.contact_id for one in conversations}
        hits = [
            Hit(hit.message, hit.name, with_whom[hit.message.conversation_id])
            for hit in self._hits
            if hit.message.conversation_id in with_whom
        ]
        if hits:
            rows += [Heading(words.MESSAGES), *hits]
        return rows

    def _ask(self) -> None:
        self._running = self._ctx.ask(self._ctx.facade.message_search, self._words, ok=self._have)

    def _have(self, hits: Sequence[Found]) -> None:
        self._running = None
        self._hits = hits
        self.found.emit()
