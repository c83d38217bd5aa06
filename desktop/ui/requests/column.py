"""The list of requests: who asks, through what, and their first words in one line.

Laws: a row that is open stays open while others come and go; a hundred rows are shown, and say how
many more there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.models import Relay
from desktop.core.requests import Request, RequestId
from desktop.ui import strings as common
from desktop.ui.messages.when import local
from desktop.ui.requests import strings
from desktop.ui.rooms.stage_words import IMITATES
from desktop.ui.rooms.tags import StateTag
from desktop.ui.theme import Theme
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.busy import holds_focus
from desktop.ui.widgets.buttons import Pressable
from desktop.ui.widgets.layout import area, column, row
from desktop.ui.widgets.notes import Empty
from desktop.ui.widgets.plain import Picture, Plain
from desktop.ui.widgets.scrolled import Scrolled
from desktop.ui.widgets.states import States

MOST = 100


class RequestRow(Pressable):
    """84 high, three lines."""

    def __init__(self, theme: Theme, request: Request, now: datetime) -> None:
        super().__init__()
        px = theme.px
        self.request = request
        self.setProperty("kind", "request")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        name, time = strings.asker(request), common.list_time(local(request.sent_ms), now)
        self.through = Plain(theme, strings.through(request), "small", "text_2")
        self.mark = StateTag(theme, IMITATES, "danger") if request.imitates else None
        first = row(
            Plain(theme, name, "control-strong"),
            *((px(8), self.mark) if self.mark else ()),
            px(8),
            Plain(theme, time, "caption", "text_2"),
        )
        first.setStretch(0, 1)
        said = strings.row_words(request)
        inner = row(
            column(px(12), Avatar(theme, 44, name, request.seat_id), None),
            px(12),
            column(None, first, px(1), self.through, px(1), Plain(theme, said, "small"), None),
            margins=(px(12), 0, px(12), 0),
        )
        inner.setStretch(2, 1)
        self.setLayout(inner)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(strings.row_spoken(request, time))
        self.toggled.connect(self._lit)

    def _lit(self, lit: bool) -> None:
        self.through.say(self.through.text(), tone="accent" if lit else "text_2")


class RequestColumn(QWidget):
    """Rows, or what there is instead; below, how long they are kept."""

    picked = Signal(object)  # RequestId: somebody wants to see it

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        px = theme.px
        self.rows: dict[RequestId, RequestRow] = {}
        self.open_id: RequestId | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "surface")
        self.setProperty("line", "right")
        self.setAccessibleName(strings.REQUESTS)
        top = area(row(Plain(theme, strings.REQUESTS, "page"), None, margins=(px(20), 0, 0, 0)))
        top.setFixedHeight(px(60))
        intro = Plain(theme, strings.INTRO, "small", "text_2", wrap=True)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(px(8), 0, px(8), px(8))
        self._list.setSpacing(0)
        self._more = Plain(theme, "", "small", "text_2", align="center", wrap=True)
        self._list.addWidget(self._more)
        self._list.addStretch(1)
        self.scrolled = Scrolled(area(self._list))
        self.empty = Empty(theme, "user-round-plus", strings.EMPTY, strings.EMPTY_TEXT)
        self.states = States(
            theme, self.scrolled, self.empty, loading=strings.LOADING, not_read=strings.NOT_READ
        )
        self._sign = Picture(theme, "clock", 14)
        self.footer = Plain(theme, strings.KEPT, "caption", "text_2")
        below = row(self._sign, px(8), self.footer, margins=(px(20), 0, px(12), 0))
        below.setStretch(2, 1)
        foot = area(below, line="top")
        foot.setFixedHeight(px(44))
        layout = column(
            top,
            row(intro, margins=(px(20), 0, px(20), px(8))),
            self.states,
            foot,
            margins=(0, 0, 1, 0),
        )
        layout.setStretch(2, 1)
        self.setLayout(layout)

    def show_relays(self, relays: Sequence[Relay]) -> None:
        said, icon = strings.footer(relays)
        self.footer.say(said)
        self._sign.show_icon(icon)

    def show_requests(self, requests: Sequence[Request], now: datetime) -> None:
        had = holds_focus(self.scrolled)
        old, self.rows = self.rows, {}
        for place, one in enumerate(requests[:MOST]):
            made = old.get(one.request_id)
            if made is None or made.request != one:
                made = RequestRow(self._theme, one, now)
                made.clicked.connect(self._clicked)
            else:
                del old[one.request_id]
            self.rows[one.request_id] = made
            self._list.insertWidget(place, made)
            made.show()
        for gone in old.values():
            gone.hide()
            gone.deleteLater()
        rest = len(requests) - len(self.rows)
        self._more.setVisible(rest > 0)
        self._more.say(strings.and_more(rest))
        self.states.have(some=bool(self.rows))
        if self.open_id is not None:
            self.mark(self.open_id)
        if had:
            self.take_focus()

    def mark(self, request_id: RequestId | None) -> None:
        """The row whose request is shown beside."""
        self.open_id = request_id
        row = self.rows.get(request_id) if request_id is not None else None
        if row is not None:
            row.setChecked(True)
            self.scrolled.ensureWidgetVisible(row, 0, 0)

    @property
    def first(self) -> QWidget:
        """What takes the focus."""
        row = self.rows.get(self.open_id) if self.open_id is not None else None
        if row is not None or self.rows:
            return row or next(iter(self.rows.values()))
        return self.states.error.action if self.states.is_error else self

    def take_focus(self) -> None:
        self.first.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down, from one to the next."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        by = steps.get(Qt.Key(event.key()))
        ids = list(self.rows)
        if by is None or not ids:
            super().keyPressEvent(event)
            return
        at = ids.index(self.open_id) if self.open_id is not None and self.open_id in ids else -by
        here = at + by
        self._pick(ids[max(0, min(here, len(ids) - 1))])
        self.take_focus()

    # inside

    def _clicked(self) -> None:
        row = self.sender()
        if isinstance(row, RequestRow):
            self._pick(row.request.request_id)

    def _pick(self, request_id: RequestId) -> None:
        self.mark(request_id)
        self.picked.emit(request_id)
