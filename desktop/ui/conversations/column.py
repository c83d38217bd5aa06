"""The list column: search and jump on top, All and Unread, the rows, the relays' state below.

Its four states: loading, empty, error, and rows (with the footer saying that it is offline).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QWidget

from desktop.core.errors import AsideError
from desktop.core.events import Event, PresenceChanged
from desktop.core.models import Conversation
from desktop.core.rooms import RoomRow, Standing
from desktop.ui import strings
from desktop.ui.context import Context, Knocker
from desktop.ui.conversations import strings as words
from desktop.ui.conversations.banner import RequestBanner
from desktop.ui.conversations.footer import Footer
from desktop.ui.conversations.live import LiveRooms
from desktop.ui.conversations.painting import RowPainter, row_list
from desktop.ui.conversations.rows import AnyIndex, Heading, Hit, Row, RowModel
from desktop.ui.conversations.search import Search
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import area, column, row
from desktop.ui.widgets.menu import MenuButton
from desktop.ui.widgets.notes import Empty
from desktop.ui.widgets.plain import Plain
from protocol.ids import ConversationId, MessageId, RoomId


class ListColumn(QWidget):
    """Everybody the member writes with."""

    picked = Signal(object, object)  # ConversationId, and a MessageId or None
    room_picked = Signal(object)  # RoomId
    rooms_wanted = Signal()  # one was found that is not to be seen from inside
    read = Signal(object)  # the conversations, whenever they were read
    new_wanted = Signal(object)  # the Menu to fill with what is new

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx
        theme, px = ctx.theme, ctx.theme.px
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "surface")
        self.setProperty("line", "right")
        self.conversations: Sequence[Conversation] = ()
        self._loaded = False
        self._open_id: ConversationId | RoomId | None = None
        self.search = Field(theme, words.SEARCH, hint=words.SEARCH, icon="search", keys="Ctrl+K")
        self.new = MenuButton(theme, "square-pen", words.NEW, self.new_wanted.emit)
        self.all = Button(theme, words.ALL, "chip", checkable=True)
        self.unread = Button(theme, words.UNREAD, "chip", checkable=True)
        self.all.setChecked(True)
        self.rooms = Button(theme, words.ROOMS, "chip", checkable=True)
        self.rooms.hide()
        self._chips = self._group(self.all, self.unread, self.rooms)
        self.requests = RequestBanner(theme)
        self._model = RowModel(self)
        self.list = row_list()
        self._painter = RowPainter(theme)
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._painter)
        self.list.clicked.connect(self._clicked)
        self.list.activated.connect(self._clicked)
        self._nobody = Empty(theme, "message-circle", words.NOBODY, words.NOBODY_TEXT)
        self.but_rooms = Empty(
            theme,
            "messages-square",
            words.NOBODY,
            words.NOBODY_BUT_ROOMS,
            action=words.SEE_ROOMS,
            clicked=self.rooms_wanted.emit,
        )
        self._nothing = Empty(theme, "check-check", "")
        self._loading = Empty(theme, "loader", words.LOADING)
        self._failed = Empty(
            theme,
            "circle-alert",
            words.LIST_FAILED,
            " ",
            action=strings.TRY_AGAIN,
            clicked=self.reload,
        )
        self._pages = QStackedWidget()
        for page in (
            *(self._loading, self.list, self._failed),
            *(self._nobody, self.but_rooms, self._nothing),
        ):
            self._pages.addWidget(page)
        self.footer = Footer(ctx)
        head = row(
            Plain(theme, strings.CONVERSATIONS, "page"),
            None,
            self.new,
            margins=(px(20), 0, px(12), 0),
        )
        top = area(head)
        top.setFixedHeight(px(60))
        layout = column(
            top,
            row(self.search, margins=(px(12), 0, px(12), 0)),
            self._chips,
            row(self.requests, margins=(px(12), 0, px(12), 0)),
            self._pages,
            self.footer,
        )
        layout.setStretch(4, 1)
        layout.setContentsMargins(0, 0, 1, 0)
        self.setLayout(layout)
        self.live = LiveRooms(ctx, self)
        self.live.changed.connect(self._show)
        self._search = Search(ctx, self)
        self._search.found.connect(self._show)
        self.search.textChanged.connect(self._search.look_for)
        self.search.returnPressed.connect(self._first)
        self.search.installEventFilter(self)
        theme.changed.connect(self.list.viewport().update)
        self._knocker = Knocker(self._read, self)
        ctx.heard.connect(self._hear)

    def _group(self, *chips: Button) -> QWidget:
        """One of them is on."""
        px, group = self._ctx.theme.px, QButtonGroup(self)
        line = row(margins=(px(12), px(12), px(12), px(8)))
        for chip in chips:
            group.addButton(chip)
            line.addWidget(chip)
            line.addSpacing(px(4))
        line.addStretch(1)
        group.buttonClicked.connect(self._show)
        return area(line)

    # asked from outside

    def known(self, conversation_id: ConversationId) -> Conversation | None:
        every = self.conversations
        return next((one for one in every if one.conversation_id == conversation_id), None)

    def reload(self) -> None:
        self._knocker.knock()

    def mark_open(self, shown: ConversationId | RoomId | None) -> None:
        """Which conversation or room is shown beside the list."""
        self._open_id = shown
        self._show()

    def start_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def step(self, by: int) -> None:
        """The conversation above or below the open one."""
        ids = [one.conversation_id for one in self.conversations]
        if not ids:
            return
        at = next((n + by for n, one in enumerate(ids) if one == self._open_id), 0)
        self.picked.emit(ids[max(0, min(at, len(ids) - 1))], None)

    def go_to(self, number: int) -> None:
        """The conversation at a place of the list, from 0, or the room."""
        places: list[Row] = [*self.live.rooms, *self.conversations]
        if number < len(places):
            self._go(places[number])

    # inside

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            key = event.key() if isinstance(event, QKeyEvent) else None
            if key == Qt.Key.Key_Down:
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                return True
            if key == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def _hear(self, event: Event) -> None:
        """Somebody came or went: their row says so, and nothing is read again."""
        if isinstance(event, PresenceChanged):
            self.conversations = [
                replace(one, presence=event.presence) if one.contact_id == event.contact_id else one
                for one in self.conversations
            ]
            self._show()

    def _read(self) -> None:
        self._ctx.ask(
            self._ctx.facade.conversation_list, ok=self._have, failed=self._failed_to_read
        )

    def _have(self, conversations: Sequence[Conversation]) -> None:
        self.conversations = conversations
        self._loaded = True
        self._show()
        self.read.emit(conversations)
        self.live.begin()
        self._knocker.done()

    def _failed_to_read(self, error: AsideError) -> None:
        self._failed.text.say(strings.sentence(error))
        self._pages.setCurrentWidget(self._failed)
        self._knocker.done()

    def _show(self) -> None:
        if not self._loaded:
            self._chips.hide()
            return
        wanted = self.search.text().strip()
        # What stands in the composer beside the list need not be said in the list as well.
        shown = [
            replace(one, draft="") if one.conversation_id == self._open_id else one
            for one in self.conversations
        ]
        rooms = self.live.rooms
        self.rooms.setVisible(bool(rooms))
        if not rooms and self.rooms.isChecked():
            self.all.setChecked(True)
        self._chips.setVisible(bool(self.conversations or rooms) and not wanted)
        if wanted:
            rows = self._search.rows(self.conversations, self.live.known)
            empty = (strings.NOTHING_FOUND, strings.NOTHING_FOUND_TEXT, "search")
        elif self.unread.isChecked():
            rows = list[Row](one for one in shown if one.unread)
            empty = (words.NOTHING_UNREAD, words.NOTHING_UNREAD_TEXT, "check-check")
        elif self.rooms.isChecked():
            rows, empty = list[Row](rooms), None
        else:
            rows, empty = [*rooms, *shown], None
        self._model.show_rows(rows)
        if rows:
            self._pages.setCurrentWidget(self.list)
            self._select()
        elif empty is None:
            self._pages.setCurrentWidget(self.but_rooms if self.live.known else self._nobody)
        else:
            self._nothing.title.say(empty[0])
            self._nothing.text.say(empty[1])
            self._nothing.text.show()
            self._nothing.picture.show_icon(empty[2])
            self._pages.setCurrentWidget(self._nothing)

    def _select(self) -> None:
        number = self._model.number_of(self._open_id) if self._open_id else None
        selection = self.list.selectionModel()
        if number is None or self.search.text().strip():
            selection.clearSelection()
            return
        index = self._model.index(number)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _clicked(self, index: AnyIndex) -> None:
        self._go(self._model.row(index.row()))

    def _first(self) -> None:
        for number in range(self._model.rowCount()):
            one = self._model.row(number)
            if not isinstance(one, Heading):
                self._go(one)
                return

    def _go(self, row: Row) -> None:
        message_id: MessageId | None = None
        match row:
            case RoomRow():
                self.search.clear()
                if row.inside or row.standing in (Standing.HOSTING, Standing.PAST):
                    self.room_picked.emit(row.room_id)
                else:
                    self.rooms_wanted.emit()
                return
            case Conversation():
                target = row.conversation_id
            case Hit():
                target, message_id = row.message.conversation_id, row.message.message_id
            case Heading():
                return
        self.search.clear()
        self.picked.emit(target, message_id)
