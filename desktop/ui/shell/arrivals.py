"""What came while nobody looked: one word for it, and where it leads the way there.

Laws: what is being looked at is not told of; no name and no text of anybody is in the words, since
they also go to the desktop's notifications; requests that come in a crowd are one word in two
seconds.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.core.events import Event, MessageReceived
from desktop.core.models import Cause, Message
from desktop.core.rooms import RoomRow
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.shell import strings as words
from protocol.ids import ConversationId, RoomId

if TYPE_CHECKING:
    from desktop.ui.shell.shell import Shell

QUIET_MS = 2_000


class Arrivals(QObject):
    """Says it through ``shell.arrived`` and ``shell.offered``."""

    def __init__(self, ctx: Context, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._asking: int | None = None  # how many asked to write to me when it was counted last
        self._asked: int | None = None  # how many of them were told of
        self._leads_to: ConversationId | RoomId | None = None
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._tell_requests)
        shell.list.live.let_in.connect(self._let_in)
        ctx.heard.connect(self._hear)

    def requests(self, count: int) -> None:
        """So many ask. Those that were there at the start are no news."""
        if self._asked is None:
            self._asked = count
        self._asking, self._asked = count, min(self._asked, count)
        if not self._quiet.isActive():
            self._tell_requests()

    def went_to(self, where: ConversationId | RoomId) -> None:
        """Somebody found the way there, by whatever led to it."""
        if where == self._leads_to:
            self._leads_to = None
            self._shell.reached.emit()

    # inside

    @property
    def _looks(self) -> bool:
        return self._shell.window().isActiveWindow()

    def _hear(self, event: Event) -> None:
        if isinstance(event, MessageReceived):
            self._came(event.message)

    def _came(self, message: Message) -> None:
        where = message.conversation_id
        if self._shell.contents.shows_conversation(where) and self._looks:
            return
        if message.cause is Cause.WENT_ASIDE:
            self._leads_to = where
            self._shell.arrived.emit(words.WENT_ASIDE)
            self._shell.offered.emit(
                words.WENT_ASIDE, words.OPEN_CONVERSATION, partial(self._open, where)
            )
        else:
            self._shell.arrived.emit(strings.NEW_MESSAGE)

    def _open(self, where: ConversationId) -> None:
        self._shell.open_conversation(where)

    def _let_in(self, row: RoomRow) -> None:
        self._leads_to = row.room_id
        self._shell.arrived.emit(words.LET_IN)
        go = partial(self._shell.rooms.open, row.room_id)
        self._shell.offered.emit(words.let_into(row.title), words.GO_TO_ROOM, go)

    def _tell_requests(self) -> None:
        count, told = self._asking or 0, self._asked or 0
        if count <= told:
            return
        self._asked = count
        if not (self._shell.requests.shown and self._looks):
            self._quiet.start()
            self._shell.arrived.emit(words.asks(count - told))
