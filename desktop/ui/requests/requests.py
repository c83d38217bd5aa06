"""The place of requests: a column of them and the one that is open. It knocks, reads and answers.

Law: each answer is one call to the engine; what it answered is read again, never guessed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from desktop.core.errors import AsideError
from desktop.core.models import Relay
from desktop.core.requests import Request, RequestId
from desktop.core.room_facade import RequestsChanged, Rooms
from desktop.ui import strings as common
from desktop.ui.context import Context, Knocker
from desktop.ui.requests import strings
from desktop.ui.requests.column import RequestColumn
from desktop.ui.requests.page import RequestView
from desktop.ui.widgets.busy import holds_focus
from desktop.ui.widgets.dialog import Ask
from desktop.ui.widgets.layout import area, column
from desktop.ui.widgets.notes import Empty
from protocol.ids import ConversationId

T = TypeVar("T")


def _now() -> datetime:
    return datetime.now().astimezone()


class Requests(QStackedWidget):
    """The content; :attr:`column` stands beside it."""

    shown = Signal()  # somebody picked one: where there is room for one of both, it is the content
    back_wanted = Signal()
    accepted = Signal(object)  # ConversationId
    counted = Signal(int)
    moment_wanted = Signal(object, object)  # RoomId, EntryId

    def __init__(self, ctx: Context, rooms: Rooms, now: Callable[[], datetime] = _now) -> None:
        super().__init__()
        self._ctx, self._rooms, self._now = ctx, rooms, now
        self.requests: Sequence[Request] = ()
        self._under_way: set[RequestId] = set()  # answered, and still in the list
        self.column = RequestColumn(ctx.theme)
        self.view = RequestView(ctx.theme)
        self._pick = Empty(ctx.theme, "user-round-plus", strings.PICK, strings.PICK_TEXT)
        self._nothing = area(column(), ground="bg")
        for page in (self._nothing, self._pick, self.view):
            self.addWidget(page)
        self._knocker = Knocker(self._read, self)
        self.column.states.retry_wanted.connect(self._knocker.knock)
        self.column.picked.connect(self._picked)
        self.view.accept_wanted.connect(self.accept)
        self.view.decline_wanted.connect(self.decline)
        self.view.block_wanted.connect(self.ask_block)
        self.view.back_wanted.connect(self.back_wanted)
        self.view.moment_wanted.connect(self.moment_wanted)
        for place in (self.column, self):
            self._bind(place, "A", self.view.accept)
            self._bind(place, "D", self.view.decline)
            self._bind(place, "B", self.view.block)
        ctx.heard.connect(self._hear)

    def begin(self) -> None:
        """Read for the first time, also for the count on the rail."""
        self.column.states.begin()
        self._knocker.knock()

    def show_me(self, name: str) -> None:
        self.view.show_me(name)

    def show_relays(self, relays: Sequence[Relay]) -> None:
        self.column.show_relays(relays)

    def set_folded(self, folded: bool) -> None:
        self.view.set_folded(folded)

    @property
    def open_one(self) -> Request | None:
        return self._of(self.column.open_id)

    def accept(self) -> None:
        one = self.open_one
        if one is not None and one.accepted_ms is None:
            name = strings.asker(one)

            def accepted(conversation_id: ConversationId | None) -> None:
                self._under_way.discard(one.request_id)
                if conversation_id is not None:
                    self.accepted.emit(conversation_id)
                else:
                    self._ctx.tell(strings.accepted_later(name))

            self._answer(one, self._rooms.request_accept, accepted)

    def decline(self) -> None:
        one = self.open_one
        if one is not None and one.accepted_ms is None:
            said = strings.declined(strings.asker(one))
            self._answer(one, self._rooms.request_decline, lambda _: self._ctx.tell(said))

    def ask_block(self) -> None:
        """Once, since it cannot be taken back from here."""
        one = self.open_one
        if one is None or one.accepted_ms is not None:
            return
        name = strings.asker(one)

        def block() -> None:
            said = strings.blocked(name)
            self._answer(one, self._rooms.request_block, lambda _: self._ctx.tell(said))

        question = Ask(
            self._ctx.theme,
            self._ctx.window,
            strings.block_title(name),
            strings.BLOCK_TEXT,
            strings.BLOCK,
            block,
            danger=True,
        )
        question.open_dialog(question.cancel)

    # inside

    def _bind(self, place: QWidget, key: str, button: QPushButton) -> None:
        """While the keyboard is in this place; a key that is held down answers once."""
        shortcut = QShortcut(QKeySequence(key), place)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(button.click)

    def _answer(
        self,
        one: Request,
        answer: Callable[[RequestId], Awaitable[T]],
        ok: Callable[[T], None],
    ) -> None:
        request_id = one.request_id
        if request_id in self._under_way:
            return
        self._under_way.add(request_id)
        self.view.answering()

        def failed(error: AsideError) -> None:
            self._under_way.discard(request_id)
            sentence = common.sentence(error)
            if self.column.open_id == request_id:
                self.view.not_answered(sentence)
            else:
                self._ctx.tell(sentence)

        self._ctx.ask(answer, request_id, ok=ok, failed=failed, owner=self)

    def _hear(self, event: object) -> None:
        if isinstance(event, RequestsChanged):
            self._knocker.knock()

    def _read(self) -> None:
        self._ctx.ask(self._rooms.requests, ok=self._have, failed=self._failed, owner=self)

    def _failed(self, error: AsideError) -> None:
        self._knocker.done()
        self.column.states.fail(common.sentence(error))

    def _have(self, requests: Sequence[Request]) -> None:
        self._knocker.done()
        before, self.requests = list(self.column.rows), requests
        self._under_way &= {one.request_id for one in requests}
        self.counted.emit(sum(one.accepted_ms is None for one in requests))
        open_id = self.column.open_id
        if self._of(open_id) is None:
            self.column.open_id = self._next(before, open_id)
        had = holds_focus(self)
        self.column.show_requests(requests, self._now())
        self._show()
        if had and open_id != self.column.open_id:
            self.column.take_focus()

    def _next(self, before: Sequence[RequestId], gone: RequestId | None) -> RequestId | None:
        """What stands where the answered one stood."""
        ids = [one.request_id for one in self.requests]
        if not ids:
            return None
        if gone is None or gone not in before:
            return ids[0]
        later = before[before.index(gone) :]
        return next((one for one in later if one in ids), ids[-1])

    def _show(self) -> None:
        one = self.open_one
        if one is not None:
            self.view.show_request(one, self._now())
            self.view.follow(self.column.first)
            if one.request_id in self._under_way:
                self.view.answering()
            self.setCurrentWidget(self.view)
        else:
            self.setCurrentWidget(self._nothing if not self.requests else self._pick)

    def _picked(self, _: RequestId) -> None:
        self._show()
        self.shown.emit()

    def _of(self, request_id: RequestId | None) -> Request | None:
        return next((one for one in self.requests if one.request_id == request_id), None)
