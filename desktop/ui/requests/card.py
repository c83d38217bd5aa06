"""The bridge card: where an aside began. The same for a request and on top of a conversation.

Laws: what is proven and what is only claimed are told apart in words; nothing on it can be clicked
but its own buttons, whatever a stranger wrote.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.core.requests import BridgeCard, Quoted
from desktop.ui.messages.strings import clock
from desktop.ui.messages.when import local
from desktop.ui.requests import strings
from desktop.ui.rooms.face import RoomFace
from desktop.ui.rooms.stage_words import IMITATES
from desktop.ui.rooms.tags import StateTag
from desktop.ui.theme import Theme
from desktop.ui.tokens import name_tone
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.layout import column, row, rule
from desktop.ui.widgets.plain import Picture, Plain

WIDE = 600


class BridgeCardView(QFrame):
    """As wide as it may be, 600 at most; as high as what it says."""

    moment_wanted = Signal(object, object)  # RoomId, EntryId
    grew = Signal()  # it has another height now

    def __init__(self, theme: Theme, card: BridgeCard, known_as: str) -> None:
        super().__init__()
        self._theme, self.card = theme, card
        self._whole = False
        px = theme.px
        self.setProperty("card", "plain")
        self.setMaximumWidth(px(WIDE))
        self.setAccessibleName(strings.card_spoken(card))
        self.quote = QuoteView(theme, card.quoted)
        self.before = [AroundLine(theme, one) for one in card.before]
        self.after = [AroundLine(theme, one) for one in card.after]
        self.more = Button(theme, "", "quiet", compact=True, clicked=self._turn)
        self._middle = QVBoxLayout()
        self._middle.setContentsMargins(px(12), px(6), px(12), px(6))
        self._middle.setSpacing(px(2))
        for part in (*self.before, self.quote, *self.after):
            self._middle.addWidget(part)
        self._middle.addLayout(row(self.more, None))
        self._middle.setSpacing(px(2))
        claimed = strings.around(card)
        self._around = Plain(theme, claimed, "caption", "text_2", wrap=True)
        self._middle.addLayout(row(self._around, margins=(px(4), 0, px(4), px(4))))
        self.known_as = Plain(theme, known_as, "small", "text_2")
        self.show_moment = Button(
            theme, strings.SHOW_MOMENT, "link", icon="arrow-right", compact=True, clicked=self._go
        )
        self.show_moment.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow behind
        foot = row(self.known_as, px(8), self.show_moment, margins=(px(16), px(5), px(6), px(5)))
        foot.setStretch(0, 1)
        foot_place = QWidget()
        foot_place.setLayout(foot)
        foot_place.setMinimumHeight(px(40))
        parts = (self._head(), rule(), self._middle, rule(), foot_place)
        self.setLayout(column(*parts, margins=_HAIR))
        # Only now: what is shown before it has a place would be a window of its own.
        self._around.setVisible(bool(claimed))
        self.show_moment.setVisible(card.here)
        self._fold()

    def _head(self) -> QWidget:
        theme, px, card = self._theme, self._theme.px, self.card
        face = RoomFace(theme, 32, card.room, card.room_id)
        self.room = Plain(theme, strings.from_room(card), "control-strong")
        self.moment = Plain(theme, strings.moment(card), "caption", "text_2", wrap=True)
        self.purpose = StateTag(theme, strings.purpose(card), "accent")
        who = column(self.room, px(1), self.moment)
        margins = (px(16), px(11), px(16), px(11))
        inner = row(face, px(12), who, px(12), self.purpose, margins=margins)
        inner.setStretch(2, 1)
        made = QWidget()
        made.setLayout(inner)
        return made

    def _turn(self) -> None:
        self._whole = not self._whole
        self._fold()
        self.grew.emit()

    def _fold(self) -> None:
        """One entry on each side, unless all are wanted."""
        hidden = [*self.before[:-1], *self.after[1:]]
        for line in hidden:
            line.setVisible(self._whole)
        self.more.setVisible(bool(hidden))
        self.more.say(strings.FOLD if self._whole else strings.more_around(len(hidden)))

    def _go(self) -> None:
        self.moment_wanted.emit(self.card.room_id, self.card.quoted.entry_id)


_HAIR = (1, 1, 1, 1)


class QuoteView(QWidget):
    """The quoted entry, with what is proven of it."""

    def __init__(self, theme: Theme, one: Quoted) -> None:
        super().__init__()
        self._theme = theme
        px = theme.px
        said, icon, tone = strings.PROOFS[one.proof]
        self.name = Plain(theme, strings.quoted_name(one), "small-strong", name_tone(one.seat_id))
        self.proof = Plain(theme, said, "small", tone)
        self.text = Plain(theme, strings.quoted_text(one), "body", wrap=True)
        top = row(self.name)
        if one.mine:
            top.addSpacing(px(8))
            top.addWidget(Plain(theme, strings.YOU, "caption", "text_2"))
        if one.imitates:
            top.addSpacing(px(8))
            top.addWidget(StateTag(theme, IMITATES, "danger"))
        top.addStretch(1)
        top.addSpacing(px(8))
        top.addWidget(Picture(theme, icon, 14, tone))
        top.addSpacing(px(5))
        top.addWidget(self.proof)
        parts = column(top, px(2), self.text, margins=(px(14), px(8), px(12), px(8)))
        claimed = strings.proven(one)
        if claimed:
            parts.addSpacing(px(4))
            parts.addWidget(Plain(theme, claimed, "caption", "text_2", wrap=True))
        self.setLayout(parts)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, where = self._theme, QRectF(self.rect())
            shape = QPainterPath()
            shape.addRoundedRect(where, theme.px(8), theme.px(8))
            painter.fillPath(shape, theme.colour("surface"))
            painter.setClipPath(shape)
            painter.fillRect(QRectF(0, 0, theme.px(3), where.height()), theme.colour("accent"))


class AroundLine(QWidget):
    """An entry before or after it, in one line."""

    def __init__(self, theme: Theme, one: Quoted) -> None:
        super().__init__()
        px = theme.px
        name = strings.quoted_name(one)
        self.name = Plain(theme, name, "small-strong", "text_2")
        text = " ".join(strings.quoted_text(one)[:300].split())
        self.text = Plain(theme, text, "small", "text_2")
        when = clock(local(one.sent_ms))
        layout = row(
            Avatar(theme, 24, name, one.seat_id),
            px(8),
            self.name,
            px(8),
            *((StateTag(theme, IMITATES, "danger"), px(8)) if one.imitates else ()),
            self.text,
            px(12),
            Plain(theme, when, "caption", "text_2"),
            margins=(px(4), px(6), px(4), px(6)),
        )
        layout.setStretchFactor(self.text, 1)
        self.setLayout(layout)
        marked = f"{name}, {IMITATES}" if one.imitates else name
        self.setAccessibleName(f"{marked}, {when}: {text}")
