"""On top of a conversation: where it began, if it began aside. Both people see the same card.

Law: the card is the engine's; what is read again replaces what was shown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError
from desktop.core.requests import BridgeCard
from desktop.core.room_facade import RequestsChanged, Rooms
from desktop.ui.context import Context, Knocker
from desktop.ui.messages.pane import MessagePane
from desktop.ui.requests import strings
from desktop.ui.requests.card import BridgeCardView
from desktop.ui.theme import Theme
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Picture, Plain
from protocol.ids import ConversationId


def _now() -> datetime:
    return datetime.now().astimezone()


class Origin(QObject):
    """Keeps the head of a pane equal to what the engine knows of its conversation's beginning."""

    moment_wanted = Signal(object, object)  # RoomId, EntryId

    def __init__(
        self, ctx: Context, rooms: Rooms, pane: MessagePane, now: Callable[[], datetime] = _now
    ) -> None:
        super().__init__(pane)
        self._ctx, self._rooms, self._pane, self._now = ctx, rooms, pane, now
        self._id: ConversationId | None = None
        self._knocker = Knocker(self._read, self)
        self.head: OriginHead | None = None
        ctx.heard.connect(self._hear)

    def open(self, conversation_id: ConversationId) -> None:
        """Another conversation is shown."""
        if conversation_id != self._id:
            self._id = conversation_id
            self._show(None)
            self._knocker.knock()

    def close(self) -> None:
        self._id = None
        self._show(None)

    # inside

    def _hear(self, event: object) -> None:
        if isinstance(event, RequestsChanged) and self._id is not None:
            self._knocker.knock()

    def _read(self) -> None:
        here = self._id
        if here is None:
            self._knocker.done()
            return

        def have(card: BridgeCard | None) -> None:
            self._knocker.done()
            if self._id == here:
                self._show(card)

        self._ctx.ask(self._rooms.bridge_card, here, ok=have, failed=self._failed, owner=self)

    def _failed(self, error: AsideError) -> None:
        """The conversation can be read without it; the next knock asks again."""
        self._knocker.done()

    def _show(self, card: BridgeCard | None) -> None:
        if card == (self.head.card.card if self.head is not None else None):
            return
        self.head = None
        if card is not None:
            self.head = OriginHead(self._ctx.theme, card, self._now())
            self.head.card.moment_wanted.connect(self.moment_wanted)
            self.head.card.grew.connect(self._pane.view.head_grew)
        said = f"{strings.BEGAN}. {strings.card_spoken(card)}" if card is not None else ""
        self._pane.view.setAccessibleDescription(said)
        self._pane.show_head(self.head)


class OriginHead(QWidget):
    """A notice, the card, and when it was accepted."""

    def __init__(self, theme: Theme, card: BridgeCard, now: datetime) -> None:
        super().__init__()
        px = theme.px
        self.card = BridgeCardView(theme, card, strings.BOTH_SEE)
        notice = row(
            None,
            Picture(theme, "message-square-share", 16, "accent"),
            px(8),
            Plain(theme, strings.BEGAN, "small", "text_2"),
            None,
        )
        around = row(margins=(px(24), 0, px(24), 0))
        around.addStretch(1)
        around.addWidget(self.card, 1000)
        around.addStretch(1)
        layout = column(px(20), notice, px(12), around)
        if card.accepted_ms is not None:
            layout.addSpacing(px(16))
            said = strings.accepted(card.accepted_ms, now)
            layout.addWidget(Plain(theme, said, "caption", "text_2", align="center"))
        self.setLayout(layout)
