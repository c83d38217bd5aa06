"""What stands beside a stage: questions, the desk, people, and the host's tools.

Law: the desk is there for host and moderators, and for nobody else.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.core.room_facade import BoardChanged, DeskChanged, PeopleChanged, Rooms
from desktop.core.rooms import May, Room
from desktop.ui.context import Context
from desktop.ui.rooms import board_words as words
from desktop.ui.rooms import desk_words
from desktop.ui.rooms.board import Board
from desktop.ui.rooms.desk import Desk
from desktop.ui.rooms.people import People
from desktop.ui.rooms.tabs import Tabs
from desktop.ui.rooms.tools import HostTools
from desktop.ui.widgets.layout import column

WIDE = 330


class Panel(QWidget):
    """330 wide, with a line at its left."""

    def __init__(self, ctx: Context, rooms: Rooms, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self.room: Room | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "surface")
        self.setProperty("line", "left")
        self.tabs = Tabs(ctx.theme, words.QUESTIONS, desk_words.DESK, words.PEOPLE)
        self.board = Board(ctx, rooms)
        self.desk = Desk(ctx, rooms)
        self.people = People(ctx, rooms, now_ms)
        self.tools = HostTools(ctx, rooms)
        self.tools.hide()
        self._pages = QStackedWidget()
        for page in (self.board, self.desk, self.people):
            self._pages.addWidget(page)
        layout = column(self.tabs, self._pages, self.tools, margins=(1, 0, 0, 0))
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.tabs.picked.connect(self._pages.setCurrentIndex)
        self.board.counted.connect(self._count_questions)
        self.desk.counted.connect(self._count_desk)
        self.desk.act_wanted.connect(self.people.act_on)
        self.people.counted.connect(self._count_people)
        ctx.heard.connect(self._hear)

    def show_room(self, room: Room) -> None:
        self.room = room
        self.board.show_room(room)
        self.desk.show_room(room)
        self.tabs.tabs[1].setVisible(May.DESK in room.may)
        if May.DESK not in room.may and self._pages.currentWidget() is self.desk:
            self.show_questions()
        self.people.show_room(room)
        self.tools.show_room(room)
        self.tabs.tabs[2].say(words.PEOPLE, room.people)

    def show_questions(self) -> None:
        self._turn_to(0)

    def show_desk(self) -> None:
        self._turn_to(1)

    def show_people(self) -> None:
        self._turn_to(2)

    # inside

    def _turn_to(self, page: int) -> None:
        self.tabs.tabs[page].setChecked(True)
        self._pages.setCurrentIndex(page)

    def _hear(self, event: object) -> None:
        if self.room is None:
            return
        match event:
            case BoardChanged() if event.room_id == self.room.room_id:
                self.board.knock()
            case PeopleChanged() if event.room_id == self.room.room_id:
                self.people.knock()
            case DeskChanged() if event.room_id == self.room.room_id:
                self.desk.knock()
            case _:
                return

    def _count_questions(self, count: int) -> None:
        queue = self.room is not None and self.room.moderates
        self.tabs.tabs[0].say(words.QUEUE if queue else words.QUESTIONS, count)

    def _count_desk(self, count: int) -> None:
        self.tabs.tabs[1].say(desk_words.DESK, count)

    def _count_people(self, count: int) -> None:
        room = self.room
        self.tabs.tabs[2].say(words.PEOPLE, max(count, room.people if room else 0))
