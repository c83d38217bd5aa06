"""Where the parts of a row stand: bubble, text, time, captions. Numbers only; nothing is drawn.

Law: a row's height depends on the row, its shape, the width and the theme, on nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import Struct
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetricsF

from desktop.core.models import Kind, Message, State
from desktop.ui.messages import strings
from desktop.ui.messages.shape import Shape
from desktop.ui.messages.strip import Size
from desktop.ui.messages.typeset import Extent, Typesetter
from desktop.ui.messages.when import local
from desktop.ui.theme import Theme

_ICONS = {
    State.QUEUED: "clock",
    State.SENT: "check",
    State.DELIVERED: "check-check",
    State.READ: "check-check",
    State.FAILED: "circle-alert",
}
_NOWHERE = QRect()


class Meta(NamedTuple):
    """What stands behind a text: when, and how far it has come."""

    text: str
    icon: str | None
    width: int


class Placed(Struct, frozen=True):
    """A row's parts, measured from the row's top and the view's left edge."""

    size: Size
    body: QRect  # the bubble, the card, or the words of a notice
    extent: Extent
    text: QPoint  # where the lines begin; they are ``extent.limit`` wide
    meta: Meta | None
    meta_at: QPoint  # left end of its baseline
    foot: QRect  # the caption below, empty when there is none
    action: QRect  # "Send again" in it
    fold: QRect  # "Show all" or "Show less" below the lines of a long text
    whole: bool  # all of a long text is shown


class _End(NamedTuple):
    """What stands in the last line of a bubble, where the time stands too if there is room."""

    width: int
    baseline: int  # of the time
    height: int  # of everything down to here
    pad: int  # below it
    label: int  # how wide "Show all" is, 0 without it


class Placer:
    """Places rows for one theme and width."""

    def __init__(self, theme: Theme) -> None:
        self.body = Typesetter(theme.font("body"), theme.line("body"))
        self.caption = Typesetter(theme.font("caption"), theme.line("caption"))
        self._theme = theme
        self._caption_line = theme.line("caption")
        self._caption_metrics = QFontMetricsF(theme.font("caption"))
        self._action_metrics = QFontMetricsF(theme.font("caption-strong"))
        self._fold_metrics = QFontMetricsF(theme.font("small-strong"))
        self._title_metrics = QFontMetricsF(theme.font("control-medium"))
        px = theme.px
        self.side, self.pad_x, self.pad_y = px(24), px(12), px(8)
        self.gap, self.group_gap = px(4), px(12)
        self.icon, self.card_text = px(16), px(45)
        self._widest, self._least, self._margin = px(560), px(120), 2 * self.side + px(40)
        self._control_line = theme.line("control")
        self._below, self._own_line, self._inset, self._hair = px(4), px(12), px(2), px(1)
        self._fold_line = px(32)  # the least that is easily hit
        self._width = 0
        self._metas: dict[tuple[str, str | None], Meta] = {}

    def set_width(self, width: int) -> None:
        self._width = width

    def typesetter(self, message: Message) -> Typesetter:
        """Who sets this row's text."""
        return self.body if message.kind is Kind.TEXT else self.caption

    def words(self, message: Message) -> str:
        """The row's text that is set in lines; a card's title stands above it."""
        return strings.card(message)[1] if _is_card(message) else strings.content(message)

    def forget(self, key: bytes) -> None:
        """A row's text has changed."""
        self.body.forget(key)
        self.caption.forget(key)

    def place(
        self,
        message: Message,
        shape: Shape,
        known: Extent | None = None,
        *,
        whole: bool = False,
    ) -> Placed:
        """The parts of a row. ``known``: the extent of the same text at another width;
        ``whole``: all of a long text is shown, and may be folded again."""
        if message.kind is Kind.NOTICE:
            return self._notice(message, shape, known)
        lead = self._lead(shape)
        card = _is_card(message)
        left = self.card_text if card else self.pad_x
        top = lead + self.pad_y + (self._hair + self._control_line if card else 0)
        most = max(min(self._widest, self._width - self._margin), self._least)
        limit = most - left - self.pad_x
        extent = self._extent(message, limit, known, whole=whole)
        meta = self._meta(message)

        end = self._end(extent, card=card, whole=whole)
        together = end.width + self.pad_x + meta.width
        beside = together <= limit
        inner = max(extent.width, together if beside else max(meta.width, end.label))
        if card:
            title = self._title_metrics.horizontalAdvance(strings.card(message)[0])
            inner = min(max(inner, int(title) + 1), limit)
        height = top - lead + end.height + (0 if beside else self._caption_line) + end.pad
        width = left + inner + self.pad_x
        x = self._width - self.side - width if message.mine else self.side
        body = QRect(x, lead, width, height + (self._hair if card else 0))

        mirrored = beside and extent.rtl
        baseline = end.baseline if beside else end.height + self._own_line
        meta_x = x + left if mirrored else x + width - self.pad_x - meta.width
        shift = inner - extent.limit if extent.rtl else 0
        fold = _NOWHERE
        if end.label:
            fold_x = x + width - self.pad_x - end.label if extent.rtl else x + left
            fold = QRect(fold_x, top + extent.height, end.label, self._fold_line)
        foot, action = self._foot(message, shape, body)
        lowest = foot if foot.height() else body
        return Placed(
            Size(lead, lowest.y() + lowest.height()),
            body,
            extent,
            QPoint(x + left + shift, top),
            meta,
            QPoint(meta_x, top + baseline),
            foot,
            action,
            fold,
            whole=whole,
        )

    def px(self, size: int) -> int:
        return self._theme.px(size)

    def _end(self, extent: Extent, *, card: bool, whole: bool) -> _End:
        if not whole and not extent.folded:
            below = 0 if card else self._below
            return _End(extent.last, extent.baseline + below, extent.height, self.pad_y, 0)
        words = strings.SHOW_LESS if whole else strings.SHOW_ALL
        metrics = self._fold_metrics
        label = int(metrics.horizontalAdvance(words)) + 1
        baseline = round((self._fold_line + metrics.ascent() - metrics.descent()) / 2)
        height = extent.height + self._fold_line
        return _End(label, extent.height + baseline, height, self._below, label)

    def _notice(self, message: Message, shape: Shape, known: Extent | None) -> Placed:
        lead = self._lead(shape)
        limit = max(min(self._widest, self._width - 4 * self.side), self._least)
        extent = self._extent(message, limit, known)
        x = (self._width - extent.width) // 2
        body = QRect(x, lead, extent.width, extent.height)
        shift = extent.width - extent.limit if extent.rtl else 0
        return Placed(
            Size(lead, lead + extent.height),
            body,
            extent,
            QPoint(x + shift, lead),
            None,
            QPoint(),
            _NOWHERE,
            _NOWHERE,
            _NOWHERE,
            whole=False,
        )

    def _lead(self, shape: Shape) -> int:
        if shape.day is None and not shape.unread:
            return self.group_gap if shape.first else self.gap
        lead = self.px(16) + self._caption_line + self.px(12) if shape.day else 0
        if shape.unread:
            lead += (0 if shape.day else self.px(12)) + self._caption_line + self.px(12)
        return lead

    def _extent(
        self, message: Message, limit: int, known: Extent | None, *, whole: bool = False
    ) -> Extent:
        if known is not None and known.fits(limit):
            return msgspec.structs.replace(known, limit=limit)
        setter, words = self.typesetter(message), self.words(message)
        if not whole:
            return setter.measure(words, limit)
        # It may have ten thousand lines: they are set once, since somebody looks at them.
        extent = setter.lines(message.message_id, words, limit).extent
        return msgspec.structs.replace(extent, limit=limit)

    def _meta(self, message: Message) -> Meta:
        when = strings.clock(local(message.sent_ms))
        text = strings.late(when) if message.late else when
        icon = _ICONS.get(message.state) if message.mine else None
        made = self._metas.get((text, icon))
        if made is None:
            width = int(self._caption_metrics.horizontalAdvance(text)) + 1
            made = Meta(text, icon, width + (self.gap + self.icon if icon else 0))
            self._metas[text, icon] = made
        return made

    def _foot(self, message: Message, shape: Shape, body: QRect) -> tuple[QRect, QRect]:
        failed = message.mine and message.state is State.FAILED
        if not failed and not shape.read:
            return _NOWHERE, _NOWHERE
        y = body.y() + body.height() + self.gap
        right = body.x() + body.width() - self._inset
        if not failed:
            words = strings.read_at(local(message.read_ms or message.sent_ms))
            width = int(self._caption_metrics.horizontalAdvance(words)) + 1
            return QRect(right - width, y, width, self._caption_line), _NOWHERE
        action = int(self._action_metrics.horizontalAdvance(strings.RESEND)) + 1
        words = strings.failed(message.cause)
        width = int(self._caption_metrics.horizontalAdvance(words)) + 1 + self.px(8) + action
        width = min(width, right - self.side)
        foot = QRect(right - width, y, width, self._caption_line)
        return foot, QRect(right - action, y, action, self._caption_line)


def _is_card(message: Message) -> bool:
    return message.kind in (Kind.UNREADABLE, Kind.MISSING)
