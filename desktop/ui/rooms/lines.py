"""Lines between a room's header and its stage: figures for the host, the pinned entry, and what
has to be said of the room's relay."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from desktop.core.rooms import Entry, Line, Room
from desktop.core.texts import harmless
from desktop.ui.messages.strings import clock
from desktop.ui.messages.when import local
from desktop.ui.rooms import stage_words, strings
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import IconButton, Pressable
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.notes import Dot
from desktop.ui.widgets.plain import Picture, Plain
from protocol.ids import EntryId


class Figures(QWidget):
    """How the room does, in numbers: for host and moderators."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        px = self._px = theme.px
        self.setProperty("ground", "bg")
        self.setProperty("line", "bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(px(44))
        self.numbers = tuple(Plain(theme, "", "title") for _ in range(4))
        self.words = tuple(Plain(theme, "", "small", "text_2") for _ in range(4))
        self._dot = Dot(theme)
        self.whole = Plain(theme, "", "small", "text_2")
        layout = row(margins=(px(20), 0, px(20), 0))
        self._groups = list[QWidget]()
        for number, word in zip(self.numbers, self.words, strict=True):
            group = QWidget()
            group.setLayout(row(number, px(8), word, px(24)))
            self._groups.append(group)
            layout.addWidget(group)
        layout.addStretch(1)
        layout.addWidget(self._dot)
        layout.addSpacing(px(8))
        layout.addWidget(self.whole)
        self.setLayout(layout)

    def show_room(self, room: Room) -> None:
        counts = (room.people, room.entries_a_minute, room.questions, room.at_desk)
        said = strings.figures(*counts)
        for number, word, count, what in zip(self.numbers, self.words, counts, said, strict=True):
            number.say(f"{count:,}")
            word.say(what)
        waits = bool(room.at_desk)
        self.numbers[3].say(f"{room.at_desk:,}", tone="warn" if waits else "text")
        if room.line is Line.UP:
            self._dot.show_tone("ok" if room.complete else "warn")
            self.whole.say(strings.UP_TO_DATE if room.complete else strings.CATCHING_UP)
        else:
            self._dot.show_tone("text_2", hollow=True)
            self.whole.say(strings.NOT_TOLD)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """What has no room goes whole: first the line at the right, then figure by figure. The desk
        is told of last in the row and goes last, since somebody waits there."""
        room = self.width() - 2 * self._px(20)
        whole = self.whole.sizeHint().width() + self._px(16)
        wide = [one.sizeHint().width() for one in self._groups]
        fits = room >= sum(wide) + whole
        self.whole.setVisible(fits)
        self._dot.setVisible(fits)
        for place in (3, 0, 1, 2):
            room -= wide[place]
            self._groups[place].setVisible(room + self._px(24) >= 0)


class PinnedLine(Pressable):
    """The pinned entry; a click goes there."""

    go_wanted = Signal(object)  # entry id
    unpin_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        px = theme.px
        self._entry: EntryId | None = None
        self.setProperty("kind", "pinned")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.who = Plain(theme, "", "small-strong")
        self.text_line = Plain(theme, "", "small")
        self.when = Plain(theme, "", "caption", "text_2")
        self.unpin = IconButton(
            theme, "x", strings.UNPIN_HERE, size=16, clicked=self.unpin_wanted.emit
        )
        layout = row(
            Picture(theme, "pin", 16, "accent"),
            px(12),
            self.who,
            px(8),
            self.text_line,
            px(12),
            self.when,
            self.unpin,
            margins=(px(20), 0, px(12), 0),
        )
        layout.setStretch(4, 1)
        self.setLayout(layout)
        for child in (self.who, self.text_line, self.when):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(self._go)
        self.hide()

    def show_entry(self, entry: Entry | None, *, moderates: bool) -> None:
        self.setVisible(entry is not None)
        if entry is None:
            return
        self._entry = entry.entry_id
        name, text = stage_words.name(entry), " ".join(harmless(entry.text[:300]).split())
        self.who.say(name)
        self.text_line.say(text)
        when = clock(local(entry.pinned_ms or entry.sent_ms))
        self.when.say(f"{strings.PINNED} {when}")
        self.unpin.setVisible(moderates)
        self.setAccessibleName(f"{strings.PINNED} {when}. {name}: {text}")

    def _go(self) -> None:
        if self._entry is not None:
            self.go_wanted.emit(self._entry)


class Warnings(QFrame):
    """That the relay is away, or was caught at something."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        px = theme.px
        self.setProperty("card", "banner-warn")
        self._picture = Picture(theme, "wifi-off", 20, "warn")
        self.words = Plain(theme, "", "small", wrap=True)
        layout = row(self._picture, px(12), self.words, margins=(px(20), px(8), px(20), px(8)))
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self.hide()

    def show_room(self, room: Room) -> None:
        lead, text, icon = "", "", "wifi-off"
        if room.warning is not None:
            icon = "triangle-alert"
            lead, text = strings.WARNED[room.warning]
        elif room.line is Line.DOWN and not room.ended:
            lead, text = strings.OFFLINE, strings.OFFLINE_TEXT
        elif room.line is Line.CONNECTING and not room.ended:
            lead, icon = strings.CONNECTING, "refresh-cw"
        self._picture.show_icon(icon)
        self.words.say(text, lead=lead)
        self.setVisible(bool(lead))
