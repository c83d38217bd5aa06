"""Rows onto the screen, from their placed parts.

Law: a row never paints outside itself, however its text is stacked; nothing it says is markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QTextCharFormat, QTextLayout

from desktop.core.models import Kind, Message, State
from desktop.core.texts import is_blank
from desktop.ui.letters import draw
from desktop.ui.messages import strings
from desktop.ui.messages.placing import Meta, Placed, Placer
from desktop.ui.messages.shape import Shape
from desktop.ui.messages.typeset import mark
from desktop.ui.messages.when import local
from desktop.ui.messages.words import Span, hits
from desktop.ui.theme import Theme

_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROUND = ("clock", "circle-alert")


class Emphasis(Struct, frozen=True):
    """What the member has marked in a row."""

    selected: bool = False  # the row as a whole
    words: Span | None = None  # some of its words
    sought: Sequence[str] = ()  # words that are looked for


class RowPainter:
    """Paints rows in one theme."""

    def __init__(self, theme: Theme, placer: Placer) -> None:
        self._theme = theme
        self._placer = placer
        self._colours: dict[str, QColor] = {}
        self._caption = theme.font("caption")
        self._strong = theme.font("caption-strong")
        self._title = theme.font("control-medium")
        self._radius, self._tail = theme.px(14), theme.px(4)
        self._strong_metrics = QFontMetricsF(self._strong)
        self._caption_metrics = QFontMetricsF(self._caption)

    def colour(self, role: str) -> QColor:
        made = self._colours.get(role)
        if made is None:
            made = self._colours[role] = self._theme.colour(role)
        return made

    def row(
        self,
        painter: QPainter,
        message: Message,
        shape: Shape,
        placed: Placed,
        area: QRect,
        today: date,
        emphasis: Emphasis,
    ) -> None:
        """One row in its area."""
        painter.save()
        painter.setClipRect(area)
        if shape.day is not None or shape.unread:
            self._heading(painter, shape, placed, area, today)
        painter.translate(0, area.y())
        if emphasis.selected:
            ground = QRect(0, placed.body.y(), area.width(), placed.body.height())
            gap = self._placer.gap // 2
            painter.fillRect(ground.adjusted(0, -gap, 0, gap), self.colour("selected"))
        if message.kind is Kind.TEXT:
            self._bubble(painter, message, shape, placed)
        elif message.kind is not Kind.NOTICE:
            self._card(painter, message, placed)
        self._words(painter, message, placed, area, emphasis)
        if placed.meta is not None:
            mine = message.mine and message.kind is Kind.TEXT
            role = "bubble_out_time" if mine else "text_2"
            self._time(painter, placed.meta, placed.meta_at, role)
        if placed.fold.height():
            self._fold(painter, message, placed)
        if placed.foot.height():
            self._foot(painter, message, placed)
        painter.restore()

    def ring(self, painter: QPainter, body: QRect) -> None:
        """Where the keyboard is: around a row's body, a little away from it."""
        away = self._theme.px(2) + 1
        painter.setPen(QPen(self.colour("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self._radius + away
        painter.drawRoundedRect(QRectF(body).adjusted(-away, -away, away, away), radius, radius)

    # parts

    def _heading(
        self, painter: QPainter, shape: Shape, placed: Placed, area: QRect, today: date
    ) -> None:
        line = self._theme.line("caption")
        y = area.y() + placed.size.lead - self._theme.px(12) - line
        painter.setFont(self._strong)
        if shape.unread:
            self._unread_line(
                painter, strings.unread(shape.unread), QRect(0, y, area.width(), line)
            )
            y -= self._theme.px(12) + line
        if shape.day is not None:
            painter.setPen(self.colour("text_2"))
            words = strings.day(shape.day, today)
            painter.drawText(QRect(0, y, area.width(), line), _CENTRE, words)

    def _unread_line(self, painter: QPainter, words: str, where: QRect) -> None:
        accent = self.colour("accent")
        painter.setPen(accent)
        painter.drawText(where, _CENTRE, words)
        half = int(self._strong_metrics.horizontalAdvance(words) / 2) + self._theme.px(12)
        middle = where.y() + where.height() // 2
        centre, side = where.width() // 2, self._placer.side
        painter.fillRect(QRect(side, middle, centre - half - side, 1), accent)
        painter.fillRect(QRect(centre + half, middle, centre - half - side, 1), accent)

    def _bubble(self, painter: QPainter, message: Message, shape: Shape, placed: Placed) -> None:
        body = placed.body
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.colour("bubble_out" if message.mine else "bubble_in"))
        painter.drawRoundedRect(body, self._radius, self._radius)
        if shape.last:
            # The tail is the one corner that is nearly square: drawn over the round one.
            # A little larger than the round one, whose ends its own corners would leave bare.
            side = self._radius + self._tail
            corner = QRect(0, 0, side, side)
            at = body.bottomRight() if message.mine else body.bottomLeft()
            corner.moveBottomRight(at) if message.mine else corner.moveBottomLeft(at)
            painter.drawRoundedRect(corner, self._tail, self._tail)

    def _card(self, painter: QPainter, message: Message, placed: Placed) -> None:
        px, body = self._theme.px, placed.body
        pen = QPen(self.colour("control"), 1)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        outline = QRectF(body).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(outline, self._radius, self._radius)
        icon = self._theme.pixmap("message-square-dashed", 20, "text_2")
        middle = body.y() + (body.height() - px(20)) // 2
        painter.drawPixmap(body.x() + px(12), middle, icon)
        title = strings.card(message)[0]
        where = QRect(
            body.x() + self._placer.card_text,
            body.y() + self._placer.pad_y,
            body.width() - self._placer.card_text - px(12) + 2,
            self._theme.line("control"),
        )
        painter.setFont(self._title)
        painter.setPen(self.colour("text"))
        painter.drawText(where, _LEFT | Qt.TextFlag.TextSingleLine, title)

    def _words(
        self, painter: QPainter, message: Message, placed: Placed, area: QRect, emphasis: Emphasis
    ) -> None:
        bubble = message.kind is Kind.TEXT
        text = self._placer.words(message)
        setter, extent = self._placer.typesetter(message), placed.extent
        lines = setter.lines(message.message_id, text, extent.limit, extent.part)
        mine = message.mine and bubble
        ground = "bubble_out" if mine else "bubble_in"
        ranges: list[QTextLayout.FormatRange] = []
        if bubble and not mine:
            look = self._look("link", None)
            ranges += [mark(link.span, look) for link in lines.links]
        if bubble and emphasis.sought:
            found = hits(lines.layout.text(), emphasis.sought)  # of a long text what is shown
            look = self._look("bg", "warn")
            ranges += [mark(span, look) for span in found]
        if bubble and emphasis.words is not None:
            look = (
                self._look(ground, f"{ground}_text") if mine else self._look("on_accent", "accent")
            )
            ranges.append(mark(emphasis.words, look))
        role = f"{ground}_text" if bubble else "text_2"
        if bubble and is_blank(message.text):  # the app's words, not theirs
            role = "bubble_out_time" if mine else "text_2"
        painter.setPen(self.colour(role))
        # Lines far outside the screen are not drawn: a text may have a thousand.
        screen = QRectF(0, -area.y(), area.width(), painter.window().height())
        draw(painter, lines.layout, QPointF(placed.text), screen, ranges)

    def _look(self, text: str, ground: str | None) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setForeground(self.colour(text))
        if ground is not None:
            made.setBackground(self.colour(ground))
        return made

    def _time(self, painter: QPainter, meta: Meta, at: QPoint, role: str) -> None:
        painter.setFont(self._caption)
        painter.setPen(self.colour(role))
        painter.drawText(at, meta.text)
        if meta.icon is not None:
            # Round icons look larger than ticks of the same size.
            side = 14 if meta.icon in _ROUND else 16
            icon = self._theme.pixmap(meta.icon, side, role)
            size = self._theme.px(side)
            middle = at.y() - self._caption_metrics.capHeight() / 2
            x = at.x() + meta.width - (self._placer.icon + size) / 2
            painter.drawPixmap(QPointF(round(x), round(middle - size / 2)), icon)

    def _fold(self, painter: QPainter, message: Message, placed: Placed) -> None:
        painter.setFont(self._theme.font("small-strong"))
        painter.setPen(self.colour("bubble_out_text" if message.mine else "link"))
        painter.drawText(
            placed.fold, _LEFT, strings.SHOW_LESS if placed.whole else strings.SHOW_ALL
        )

    def _foot(self, painter: QPainter, message: Message, placed: Placed) -> None:
        foot, action = placed.foot, placed.action
        painter.setFont(self._caption)
        if message.state is not State.FAILED:
            painter.setPen(self.colour("text_2"))
            when = local(message.read_ms or message.sent_ms)
            painter.drawText(foot, _RIGHT, strings.read_at(when))
            return
        painter.setPen(self.colour("danger"))
        room = foot.width() - action.width() - self._theme.px(8)
        words = self._caption_metrics.elidedText(
            strings.failed(message.cause), Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(foot, _LEFT, words)
        painter.setFont(self._strong)
        painter.setPen(self.colour("accent"))
        painter.drawText(action, _RIGHT, strings.RESEND)
