"""Keeps the rows on screen equal to the vault: pages on both sides, and again after a knock.

Law: history and live are one path. A knock says nothing; what the vault answers is the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from desktop.core.errors import AsideError
from desktop.core.models import Cause, Kind, Message
from desktop.ui import strings
from desktop.ui.context import Context, Handle, Knocker
from desktop.ui.messages.pane import MessagePane
from protocol.ids import ConversationId, MessageId

_Have = Callable[[Sequence[Message]], None]
PAGE = 100
TAIL = 60  # rows at the end that are read again after every knock


class Feed(QObject):
    """One conversation's rows in one pane."""

    def __init__(self, ctx: Context, pane: MessagePane) -> None:
        super().__init__(pane)
        self._ctx = ctx
        self._pane = pane
        self._model = pane.model
        self._id: ConversationId | None = None
        self._unread = 0
        self._changed_from: int | None = None  # the earliest row that is known to have changed
        self._running: list[Handle] = []
        self._knocker = Knocker(self._read_tail, self)
        pane.older_wanted.connect(self._older)
        pane.newer_wanted.connect(self._newer)
        pane.newest_wanted.connect(self._newest)
        pane.retry_wanted.connect(self._newest)
        pane.seen_up_to.connect(self._seen)

    def open(self, conversation_id: ConversationId, unread: int) -> None:
        """Show the newest messages; the line "3 new" stands above the first unread one."""
        self.close()
        self._id = conversation_id
        self._unread = unread
        self._newest()

    def close(self) -> None:
        """Forget the conversation, and empty the view."""
        for call in self._running:
            call.cancel()
        self._running.clear()
        self._id = None
        self._changed_from = None
        self._knocker.done()
        self._model.reset(())

    def knock(self, message_id: MessageId | None = None) -> None:
        """Something changed in this conversation, perhaps this message."""
        if self._id is None:
            return
        row = self._model.row_of(message_id) if message_id is not None else None
        if row is not None:
            known = self._changed_from
            self._changed_from = row if known is None else min(known, row)
        self._knocker.knock()

    def go_to(self, message_id: MessageId) -> None:
        """Bring a message to the middle, from wherever it is."""
        if self._pane.scroll_to(message_id) or self._id is None:
            return
        conversation_id = self._id

        def have_before(before: Sequence[Message]) -> None:
            after = before[-1].message_id if before else None
            if after is None:
                self._newest()
                return

            def have_after(rows: Sequence[Message]) -> None:
                both = [*before, *rows]
                self._model.reset(both, older=len(before) >= PAGE // 2, newer=len(rows) >= PAGE)
                self._pane.scroll_to(message_id)

            self._ask_list(conversation_id, PAGE, None, after, have_after)

        self._ask_list(conversation_id, PAGE // 2, message_id, None, have_before)

    # what the pane wants

    def _newest(self) -> None:
        if self._id is None:
            return
        self._pane.show_loading()
        self._running.append(
            self._ctx.ask(
                self._ctx.facade.message_list,
                self._id,
                max(PAGE, min(self._unread + PAGE // 2, 400)),
                ok=self._begin,
                failed=self._cannot,
            )
        )

    def _begin(self, rows: Sequence[Message]) -> None:
        self._model.reset(rows, older=len(rows) >= PAGE)
        others = [row.message_id for row in rows if _counts(row)]
        if self._unread and others:
            at = max(0, len(others) - self._unread)
            self._pane.set_unread_from(others[at], self._unread)
        self._unread = 0

    def _cannot(self, error: AsideError) -> None:
        self._pane.show_error(strings.sentence(error))

    def _older(self) -> None:
        first = self._model.first_id
        if self._id is not None and first is not None:
            self._ask_list(self._id, PAGE, MessageId(first), None, self._have_older)

    def _have_older(self, rows: Sequence[Message]) -> None:
        self._model.prepend(rows, older=len(rows) >= PAGE)
        if not rows:  # what stands above the first row is seen now, though no row came
            self._pane.view.updateGeometries()

    def _newer(self) -> None:
        last = self._model.last_id
        if self._id is not None and last is not None:
            self._ask_list(self._id, PAGE, None, MessageId(last), self._have_newer)

    def _have_newer(self, rows: Sequence[Message]) -> None:
        self._model.append(rows, newer=len(rows) >= PAGE)

    def _seen(self, message_id: MessageId) -> None:
        if self._id is not None:
            self._ctx.ask(
                self._ctx.facade.conversation_read, self._id, message_id, failed=self._ignore_gone
            )

    def _ignore_gone(self, error: AsideError) -> None:
        """The conversation was removed or locked meanwhile; the list will say so."""

    # after a knock

    def _read_tail(self) -> None:
        if self._id is None:
            self._knocker.done()
            return
        count = self._model.rowCount()
        start = min(count - TAIL, self._changed_from if self._changed_from is not None else count)
        self._changed_from = None
        after = self._model.message(start - 1).message_id if start > 0 else None
        limit = count - max(start, 0) + PAGE

        def have(rows: Sequence[Message]) -> None:
            self._merge(rows, after, limit)
            self._knocker.done()

        def failed(error: AsideError) -> None:
            self._knocker.done()

        self._running = self._running[-8:]
        self._running.append(
            self._ctx.ask(
                self._ctx.facade.message_list,
                self._id,
                limit,
                None,
                after,
                ok=have,
                failed=failed,
                owner=self,
            )
        )

    def _merge(self, rows: Sequence[Message], after: MessageId | None, limit: int) -> None:
        model = self._model
        first = model.row_of(after) if after is not None else -1
        if first is None:
            return  # the rows moved on meanwhile; another reading follows
        held = [model.message(row).message_id for row in range(first + 1, model.rowCount())]
        ids = {row.message_id for row in rows}
        if not model.rowCount() or (after is None and held and not ids & set(held)):
            model.reset(rows, older=len(rows) >= limit)
            return
        whole = len(rows) < limit
        if whole:
            model.remove([one for one in held if one not in ids])
        if model.newer:
            model.update(rows)
        else:
            model.append(rows, newer=not whole and after is not None)

    def _ask_list(
        self,
        conversation_id: ConversationId,
        limit: int,
        before: MessageId | None,
        after: MessageId | None,
        have: _Have,
    ) -> None:
        self._running = self._running[-8:]
        self._running.append(
            self._ctx.ask(
                self._ctx.facade.message_list,
                conversation_id,
                limit,
                before,
                after,
                ok=have,
                failed=self._ignore_gone,
                owner=self,
            )
        )


def _counts(row: Message) -> bool:
    """Whether it was unread until it was seen; most of what the app says itself never was."""
    said = row.kind is not Kind.NOTICE or row.cause is Cause.WENT_ASIDE
    return said and not row.mine
