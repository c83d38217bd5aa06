"""Rows of a stage onto the screen: public is flat.

Law: a row never paints outside itself; nothing it says is markup.
"""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPixmap,
    QTextCharFormat,
    QTextLayout,
)

from desktop.core.rooms import Entry, EntryKind, EntryState, Role
from desktop.ui.letters import draw, one_line
from desktop.ui.messages import strings
from desktop.ui.messages.typeset import mark
from desktop.ui.messages.when import local
from desktop.ui.rooms import stage_words
from desktop.ui.rooms.act_icons import ICONS
from desktop.ui.rooms.stage_placing import PlacedEntry, StagePlacer, sign_of
from desktop.ui.rooms.tags import draw_tag, tag_width
from desktop.ui.theme import Theme
from desktop.ui.tokens import hash_of
from desktop.ui.widgets.avatar import draw_avatar
from protocol.ids import SeatId

K = TypeVar("K")
V = TypeVar("V")
_MOST = 256  # faces and names that are kept
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter
_ICONS = {
    EntryKind.GAP: ("message-square-dashed", "text_2"),
    EntryKind.FORK: ("triangle-alert", "warn"),
    EntryKind.UNREADABLE: ("message-square-dashed", "text_2"),
}


class StagePainter:
    """Paints rows in one theme."""

    def __init__(self, theme: Theme, placer: StagePlacer) -> None:
        self._theme = theme
        self._placer = placer
        self._name = theme.font("small-strong")
        self._caption = theme.font("caption")
        self._caption_metrics = QFontMetricsF(self._caption)
        self._link = QTextCharFormat()
        self._link.setForeground(theme.colour("link"))
        self._emoji = QFont(theme.font("control"))
        self._kept: dict[tuple[str, int, int, int], tuple[QTextLayout, float]] = {}
        self._faces: dict[tuple[str, SeatId, float], QPixmap] = {}

    def row(
        self,
        painter: QPainter,
        entry: Entry,
        placed: PlacedEntry,
        area: QRect,
        today: date,
        *,
        lit: bool = False,
        chosen: bool = False,
        ring: bool = False,
    ) -> None:
        """One row in its area; ``lit``: it has the pointer or the keyboard, and the bar."""
        painter.save()
        painter.setClipRect(area)
        self._ground(painter, entry, area, lit=lit, chosen=chosen)
        painter.translate(0, area.y())
        if entry.kind is EntryKind.TEXT:
            self._entry(painter, entry, placed, area, today)
        else:
            self._odd(painter, entry, placed, area)
        painter.restore()
        if ring:
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(4, 1, -4, -1), 8, 8)

    # parts

    def _ground(
        self, painter: QPainter, entry: Entry, area: QRect, *, lit: bool, chosen: bool
    ) -> None:
        theme = self._theme
        mine = entry.mention and entry.kind is EntryKind.TEXT
        role = "selected" if mine or chosen else "hover" if lit else ""
        if entry.kind is EntryKind.FORK:
            role = "warn_soft"
        if role:
            painter.fillRect(area, theme.colour(role))
        if mine:
            painter.fillRect(area.x(), area.y(), theme.px(3), area.height(), theme.colour("accent"))

    def _entry(
        self, painter: QPainter, entry: Entry, placed: PlacedEntry, area: QRect, today: date
    ) -> None:
        theme, place = self._theme, self._placer
        face = QRectF(place.side, place.pad, place.face, place.face)
        name = stage_words.name(entry)
        self._face(painter, face, name, entry.seat_id)
        self._head(painter, entry, name, area, today)
        if entry.reply is not None:
            self._reply(painter, entry, placed)
        muted = entry.state is not EntryState.NUMBERED
        painter.setPen(theme.colour("text_2" if muted else "text"))
        self._lines(painter, entry, placed, area)
        if placed.fold.height():
            painter.setFont(self._name)
            painter.setPen(theme.colour("link"))
            folded = placed.extent is not None and placed.extent.folded
            painter.drawText(placed.fold, _LEFT, strings.SHOW_ALL if folded else strings.SHOW_LESS)
        for where, one in zip(placed.reactions, entry.reactions, strict=True):
            self._chip(painter, where, sign_of(one), one.count, mine=one.mine)
        if placed.foot.height():
            painter.setFont(self._caption)
            painter.setPen(theme.colour("danger"))
            painter.drawText(placed.foot, _LEFT, stage_words.refused(entry.cause))

    def _head(self, painter: QPainter, entry: Entry, name: str, area: QRect, today: date) -> None:
        """Name, marks, and when."""
        theme, place, px = self._theme, self._placer, self._theme.px
        x, top, line = float(place.left), float(place.pad), float(place.line)
        room = area.width() - x - place.side
        tone = QColor(theme.tokens.avatar_names[hash_of(entry.seat_id)])
        painter.setPen(tone)
        x += self._words(painter, name, self._name, x, top, max(px(60), room * 0.6)) + px(8)
        for word in stage_words.marks(entry):
            look = _look(entry, word)
            if look == "accent" and entry.mention:
                look = "raised"
            if x + tag_width(theme, word, look) > area.width() - place.side:
                break
            y = top + (line - px(20)) / 2
            x += draw_tag(painter, theme, QPointF(x, y), word, look) + px(8)
        painter.setPen(theme.colour("text_2"))
        said = [stage_words.YOU] if entry.mine else []
        said.append(stage_words.when(local(entry.sent_ms), today))
        for word in said:
            x += self._words(painter, word, self._caption, x, top, room) + px(8)
        if entry.state is EntryState.WAITING:
            self._icon(painter, "clock", 14, "text_2", x, top + (line - px(14)) / 2)
        if entry.pinned_ms is not None:
            self._icon(painter, "pin", 14, "text_2", x, top + (line - px(14)) / 2)

    def _reply(self, painter: QPainter, entry: Entry, placed: PlacedEntry) -> None:
        to, where, px = entry.reply, placed.reply, self._theme.px
        if to is None:
            return
        top = float(where.y())
        self._icon(painter, "reply", 14, "text_2", where.x(), top + (where.height() - px(14)) / 2)
        x = float(where.x() + px(18))
        room: float = where.width() - px(18)
        painter.setPen(self._theme.colour("accent" if to.mine else "text_2"))
        font = self._theme.font("caption-medium" if to.mine else "caption")
        name = stage_words.reply_name(to)
        x += self._words(painter, name, font, x, top, room * 0.5) + px(4)
        painter.setPen(self._theme.colour("text_2"))
        room = where.x() + where.width() - x
        self._words(painter, stage_words.reply_text(to), self._caption, x, top, min(room, px(280)))

    def _odd(self, painter: QPainter, entry: Entry, placed: PlacedEntry, area: QRect) -> None:
        """What nobody said: an order, a gap, a fork, something that cannot be shown."""
        theme, place, px = self._theme, self._placer, self._theme.px
        icon, tone = icon_of(entry)
        side = px(16)
        x: float = place.side + (place.face - side) / 2
        self._icon(painter, icon, 16, tone, x, place.pad + (place.line - side) / 2)
        when = strings.clock(local(entry.sent_ms))
        width = self._caption_metrics.horizontalAdvance(when)
        room = area.width() - place.left - place.side - width - px(12)
        if placed.extent is None:
            painter.setPen(theme.colour("text_2"))
            font = theme.font("small")
            self._words(painter, placed.words, font, place.left, place.pad, room)
        else:
            fork = entry.kind is EntryKind.FORK
            title = stage_words.FORK_TITLE if fork else stage_words.UNREADABLE_TITLE
            painter.setPen(theme.colour("text"))
            self._words(painter, title, self._name, place.left, place.pad, room)
            painter.setPen(theme.colour("text" if fork else "text_2"))
            self._lines(painter, entry, placed, area)
        painter.setFont(self._caption)
        painter.setPen(theme.colour("text_2"))
        right = QRectF(area.width() - place.side - width - 1, place.pad, width + 1, place.line)
        painter.drawText(right, _LEFT, when)

    def _lines(self, painter: QPainter, entry: Entry, placed: PlacedEntry, area: QRect) -> None:
        extent = placed.extent
        if extent is None:
            return
        setter = self._placer.typesetter(entry)
        lines = setter.lines(entry.entry_id, placed.words, extent.limit, extent.part)
        marked = [mark(link.span, self._link) for link in lines.links]
        screen = QRectF(0, -area.y(), area.width(), painter.window().height())
        draw(painter, lines.layout, QPointF(placed.text), screen, marked)

    def _chip(self, painter: QPainter, where: QRect, sign: str, count: int, *, mine: bool) -> None:
        theme, px = self._theme, self._theme.px
        painter.setBrush(theme.colour("selected" if mine else "bg"))
        painter.setPen(QPen(theme.colour("accent" if mine else "divider"), 1))
        body = QRectF(where).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(body, body.height() / 2, body.height() / 2)
        painter.setFont(self._emoji)
        painter.setPen(theme.colour("text"))
        width = QFontMetricsF(self._emoji).horizontalAdvance(sign)
        left = QRectF(where.x() + px(8), where.y(), width + 1, where.height())
        painter.drawText(left, _CENTRE, sign)
        painter.setFont(theme.font("caption-strong"))
        painter.setPen(theme.colour("accent" if mine else "text_2"))
        rest = QRectF(where).adjusted(px(8) + width + px(4), 0, 0, 0)
        painter.drawText(rest, _LEFT, f"{count:,}")

    def _words(
        self, painter: QPainter, text: str, font: QFont, x: float, top: float, room: float
    ) -> float:
        """One line in the painter's pen, cut where there is no more room; how wide it is."""
        layout, width = self._line_of(text, font, room)
        y = top + (self._placer.line - layout.lineAt(0).height()) / 2
        draw(painter, layout, QPointF(x, y))
        return width

    def _line_of(self, text: str, font: QFont, room: float) -> tuple[QTextLayout, float]:
        """The same names stand in row after row: their lines are kept."""
        key = text, font.pixelSize(), font.weight(), round(room)
        kept = self._kept.get(key)
        if kept is None:
            layout = one_line(text[:300], font, room)
            layout.setCacheEnabled(True)
            kept = layout, min(layout.lineAt(0).naturalTextWidth(), room)
            _keep(self._kept, key, kept)
        return kept

    def _face(self, painter: QPainter, where: QRectF, name: str, seat: SeatId) -> None:
        """The same faces, too."""
        ratio = painter.device().devicePixelRatio()
        key = name, seat, ratio
        face = self._faces.get(key)
        if face is None:
            side = round(where.width() * ratio)
            face = QPixmap(side, side)
            face.setDevicePixelRatio(ratio)
            face.fill(Qt.GlobalColor.transparent)
            with QPainter(face) as drawing:
                size = QRectF(0, 0, where.width(), where.height())
                draw_avatar(drawing, self._theme, size, name, seat)
            _keep(self._faces, key, face)
        painter.drawPixmap(where, face, QRectF(face.rect()))

    def _icon(self, painter: QPainter, name: str, size: int, tone: str, x: float, y: float) -> None:
        drawn = self._theme.pixmap(name, size, tone)
        side = self._theme.px(size)
        painter.drawPixmap(QRectF(x, round(y), side, side), drawn, QRectF(drawn.rect()))


def _keep(where: dict[K, V], key: K, value: V) -> None:
    """Put it there; what was put there first goes when there are too many."""
    if len(where) >= _MOST:
        del where[next(iter(where))]
    where[key] = value


def icon_of(entry: Entry) -> tuple[str, str]:
    """What stands before a row that nobody said, and its tone."""
    if entry.kind is EntryKind.ORDER:
        return ("info" if entry.order is None else ICONS[entry.order.act]), "text_2"
    return _ICONS[entry.kind]


def _look(entry: Entry, word: str) -> str:
    if word == stage_words.IMITATES:
        return "danger"
    return {Role.HOST: "accent", Role.MODERATOR: "outline"}.get(entry.role, "neutral")
