"""The place of requests in the window: its tile, its banner, its page, and where that leads.

Laws: how many wait is known from the start, the page is built when it is first looked at; whoever
accepts stands in the conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.core.errors import AsideError
from desktop.core.models import Profile, Relay
from desktop.core.requests import Request
from desktop.core.room_facade import RequestsChanged
from desktop.ui.context import Context, Knocker
from protocol.ids import EntryId, RoomId

if TYPE_CHECKING:
    from desktop.ui.requests.requests import Requests
    from desktop.ui.shell.shell import Shell

_IDLE_MS = 150


class RequestWays(QObject):
    """Takes a member there and on from there."""

    def __init__(self, ctx: Context, shell: Shell) -> None:
        super().__init__(shell)
        self._ctx, self._shell = ctx, shell
        self._page: Requests | None = None
        self._me: Profile | None = None
        self._relays: Sequence[Relay] = ()
        self._knocker = Knocker(self._read, self)
        shell.rail.requests_wanted.connect(self.show)
        shell.list.requests.clicked.connect(self.show)
        shell.contents.moment_wanted.connect(self.show_moment)
        shell.contents.folded.connect(self._fold)
        ctx.heard.connect(self._hear)

    def begin(self) -> None:
        """Count them, for the tile and the banner, once the list is on screen."""
        QTimer.singleShot(_IDLE_MS, self, self._knocker.knock)

    @property
    def page(self) -> Requests:
        if self._page is None:
            from desktop.ui.requests.requests import Requests  # noqa: PLC0415

            shell = self._shell
            page = Requests(self._ctx, self._ctx.facade)
            page.counted.connect(self._count)
            page.accepted.connect(shell.open_conversation)
            page.moment_wanted.connect(self.show_moment)
            page.shown.connect(shell.show_content)
            page.back_wanted.connect(shell.contents.back_wanted)
            page.set_folded(shell.contents.is_folded)
            self._page = page
            self._tell()
            shell.add_column(page.column)
            shell.contents.addWidget(page)
            page.begin()
        return self._page

    @property
    def shown(self) -> bool:
        return self._page is not None and self._shell.contents.currentWidget() is self._page

    def show(self) -> None:
        """Who asks, with the focus on whoever is open."""
        shell, page = self._shell, self.page
        if shell.contents.shows_conversations:
            shell.keyboard.remember()
        shell.place(
            shell.rail.requests, partial(shell.contents.setCurrentWidget, page), page.column
        )
        page.column.take_focus()

    def show_moment(self, room_id: RoomId, entry_id: EntryId) -> None:
        """A room, at one of its entries."""
        self._shell.rooms.open(room_id)
        room = self._shell.contents.rooms.room
        if room is not None:
            room.go_to(entry_id)

    def show_me(self, me: Profile) -> None:
        self._me = me
        self._tell()

    def show_relays(self, relays: Sequence[Relay]) -> None:
        self._relays = relays
        self._tell()

    # inside

    def _tell(self) -> None:
        page = self._page
        if page is not None:
            page.show_relays(self._relays)
            if self._me is not None:
                page.show_me(self._me.name)

    def _fold(self, folded: bool) -> None:
        if self._page is not None:
            self._page.set_folded(folded)

    def _count(self, count: int) -> None:
        self._shell.rail.requests.set_count(count)
        self._shell.list.requests.show_count(count)
        self._shell.arrivals.requests(count)

    def _hear(self, event: object) -> None:
        if isinstance(event, RequestsChanged) and self._page is None:
            self._knocker.knock()

    def _read(self) -> None:
        self._ctx.ask(self._ctx.facade.requests, ok=self._have, failed=self._failed, owner=self)

    def _have(self, requests: Sequence[Request]) -> None:
        self._knocker.done()
        if self._page is None:  # from then on it counts itself
            self._count(sum(one.accepted_ms is None for one in requests))

    def _failed(self, error: AsideError) -> None:
        """The page says what is wrong; the next knock asks again."""
        self._knocker.done()
