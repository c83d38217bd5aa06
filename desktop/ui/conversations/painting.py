"""How a row of the list is drawn: 68 high, avatar, name and time, one line and what is new."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from desktop.core.models import Conversation, Presence, State
from desktop.core.rooms import RoomRow
from desktop.core.texts import harmless_name
from desktop.ui import strings
from desktop.ui.conversations import strings as words
from desktop.ui.conversations.live import is_here
from desktop.ui.conversations.live import line_of as room_line
from desktop.ui.conversations.rows import ROW, AnyIndex, Heading, Hit, Row, line_of, local
from desktop.ui.letters import Marked, as_they_are, draw, one_line
from desktop.ui.rooms.face import draw_room
from desktop.ui.rooms.tags import draw_tag, tag_width
from desktop.ui.theme import Theme
from desktop.ui.widgets.avatar import draw_avatar, draw_online
from desktop.ui.widgets.badge import badge_width, draw_badge


class RowPainter(QStyledItemDelegate):
    """Draws every kind of row."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        row = index.data(ROW)
        return QSize(0, self._theme.px(36 if isinstance(row, Heading) else 68))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        row: Row = index.data(ROW)
        rect = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, Heading):
            self._heading(painter, rect, row.text)
        else:
            self._row(painter, rect, row, state)
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRectF, text: str) -> None:
        px = self._theme.px
        painter.setFont(self._theme.font("caption-strong"))
        painter.setPen(self._theme.colour("text_2"))
        painter.drawText(
            rect.adjusted(px(20), px(12), -px(20), 0),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            text,
        )

    def _row(
        self,
        painter: QPainter,
        rect: QRectF,
        row: Conversation | RoomRow | Hit,
        state: QStyle.StateFlag,
    ) -> None:
        theme, px = self._theme, self._theme.px
        body = rect.adjusted(px(8), 0, -px(8), 0)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        ground = ""
        if selected:
            ground = "selected"
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = "hover"
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(ground))
            painter.drawRoundedRect(body, px(12), px(12))
        focused = state & QStyle.StateFlag.State_HasFocus
        if focused and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(body.adjusted(1, 1, -1, -1), px(11), px(11))
        side = px(44)
        face = QRectF(body.left() + px(12), body.top() + px(12), side, side)
        if isinstance(row, RoomRow):
            self._room(painter, face, row, body.right() - px(12))
            return
        draw_avatar(painter, theme, face, row.name, row.contact_id)
        if isinstance(row, Conversation) and row.presence is Presence.ONLINE:
            draw_online(painter, theme, face, theme.colour(ground or "surface"))
        left, right = face.right() + px(12), body.right() - px(12)
        last = row.last if isinstance(row, Conversation) else row.message
        top = body.top() + px(12)
        right_of_name = right
        if last is not None:
            time = strings.list_time(local(last.sent_ms), datetime.now().astimezone())
            width = self._text(painter, time, "caption", "text_2", left, right, top, 20, end=True)
            right_of_name = right - width - px(8)
        self._text(painter, row.name, "control-strong", "text", left, right_of_name, top, 20)
        self._second(painter, row, QRectF(left, top + px(22), right - left, px(20)))

    def _room(self, painter: QPainter, face: QRectF, row: RoomRow, right: float) -> None:
        """A room: LIVE stands where others have their time or their count."""
        theme, px = self._theme, self._theme.px
        draw_room(painter, theme, face, row.title, row.room_id)
        left, top = face.right() + px(12), face.top()
        name = harmless_name(row.title)
        self._text(painter, name, "control-strong", "text", left, right, top, 20)
        below, ends = top + px(22), right
        if is_here(row):
            width = tag_width(theme, words.LIVE, "live")
            draw_tag(painter, theme, QPointF(right - width, below), words.LIVE, "live")
            ends = right - width - px(8)
        self._text(painter, room_line(row), "small", "text_2", left, ends, below, 20)

    def _second(self, painter: QPainter, row: Conversation | Hit, line: QRectF) -> None:
        theme, px = self._theme, self._theme.px
        left, right = line.left(), line.right()
        if isinstance(row, Hit):
            text = words.preview(row.message)
            self._text(painter, text, "small", "text_2", left, right, line.top(), 20)
            return
        if row.unread:
            draw_badge(
                painter, theme, QRectF(left, line.top() + px(1), right - left, 0), row.unread
            )
            right -= badge_width(theme, row.unread) + px(8)
        icon = None
        if row.blocked:
            left = self._icon(painter, "ban", "text_2", left, line.top())
        elif row.draft:
            width = self._text(
                painter, words.DRAFT, "small-medium", "accent", left, right, line.top(), 20
            )
            left += width + px(4)
        elif row.last is not None and row.last.mine:
            icon = {State.QUEUED: "clock", State.FAILED: "circle-alert"}.get(row.last.state)
        if icon and row.last is not None:
            tone = "danger" if row.last.state is State.FAILED else "text_2"
            left = self._icon(painter, icon, tone, left, line.top())
        elif row.aside and not (row.blocked or row.draft):
            left = self._icon(painter, "message-square-share", "text_2", left, line.top())
        tone = "text" if row.unread else "text_2"
        said = line_of(row)
        if icon and row.last is not None:
            said = words.preview(row.last, whose=False)
        self._text(painter, said, "small", tone, left, right, line.top(), 20)

    def _icon(self, painter: QPainter, name: str, tone: str, left: float, top: float) -> float:
        """Before the line's words; where they begin behind it."""
        px, drawn = self._theme.px, self._theme.pixmap(name, 14, tone)
        where = QRectF(left, top + px(3), px(14), px(14))
        painter.drawPixmap(where, drawn, QRectF(drawn.rect()))
        return left + px(18)

    def _text(
        self,
        painter: QPainter,
        text: str,
        role: str,
        tone: str,
        left: float,
        right: float,
        top: float,
        height: int,
        *,
        end: bool = False,
    ) -> float:
        """One line with an ellipsis; its own direction, but from the row's leading edge."""
        # A preview is cut first: measuring a novel for one line would cost a frame.
        text, font = text[:300], self._theme.font(role)
        layout = one_line(text, font, right - left, None if as_they_are(text) else _beside)
        line = layout.lineAt(0)
        width = line.naturalTextWidth()
        x = right - width if end else left
        tall, ascent = line.height(), line.ascent()
        if layout.formats():  # larger emoji stand on the same line as the letters beside them
            metrics = QFontMetricsF(font)
            tall, ascent = metrics.height(), metrics.ascent()
        y = top + (self._theme.px(height) - tall) / 2 + ascent - line.ascent()
        painter.setPen(self._theme.colour(tone))
        draw(painter, layout, QPointF(x, y))
        return width


def _beside(text: str, size: int) -> list[Marked]:
    """Loaded when there is a text that may have emoji: most lists are shown without."""
    from desktop.ui.messages.emoji import beside  # noqa: PLC0415

    return beside(text, size)


def row_list() -> QListView:
    """The list itself, which :class:`RowPainter` paints."""
    made = QListView()
    made.setAccessibleName(strings.CONVERSATIONS)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setMouseTracking(True)
    made.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
    return made
