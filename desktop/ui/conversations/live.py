"""Rooms that are live at this moment and that I sit in: they stand above the conversations. All
others are known too, for who looks for one.

Law: the list of conversations is read and shown first; rooms are read after it, and at each knock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.errors import AsideError
from desktop.core.events import Event
from desktop.core.room_facade import RoomChanged, RoomsChanged
from desktop.core.rooms import Line, RoomRow, Standing
from desktop.ui.context import Context, Knocker
from desktop.ui.conversations import strings as words
from protocol.ids import RoomId

TICK_MS = 20_000
SOON_MS = 1_000


class LiveRooms(QObject):
    """Keeps them, and says when they are others."""

    changed = Signal()
    let_in = Signal(object)  # RoomRow: I knocked there, and somebody opened

    def __init__(self, ctx: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.rooms: list[RoomRow] = []
        self.known: Sequence[RoomRow] = ()
        self._begun = False
        self._knocking: set[RoomId] = set()
        self._knocker = Knocker(self._read, self)
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._knocker.knock)
        self._minutes = QTimer(self, interval=TICK_MS)
        self._minutes.timeout.connect(self.changed)
        ctx.heard.connect(self._hear)

    def begin(self) -> None:
        """There is time for them now."""
        if not self._begun:
            self._begun = True
            self._knocker.knock()

    def _hear(self, event: Event) -> None:
        """Who came and went in a room is read at most once a second."""
        if not self._begun:
            return
        match event:
            case RoomsChanged():
                self._knocker.knock()
            case RoomChanged() if not self._soon.isActive():
                self._soon.start()
            case _:
                return

    def _read(self) -> None:
        self._ctx.ask(self._ctx.facade.rooms, ok=self._have, failed=self._failed, owner=self)

    def _have(self, rows: Sequence[RoomRow]) -> None:
        self._knocker.done()
        self._look_at_doors(rows)
        live = [one for one in rows if is_here(one)]
        if (live, rows) != (self.rooms, self.known):
            self.rooms, self.known = live, rows
            self.changed.emit()
        if live:
            self._minutes.start()
        else:
            self._minutes.stop()

    def _look_at_doors(self, rows: Sequence[RoomRow]) -> None:
        """Where I knocked and am in now, somebody opened; a knock that was taken back is none."""
        waited = self._knocking
        at_door = {one.room_id for one in rows if one.standing is Standing.KNOCKING}
        on_the_way = {
            one.room_id for one in rows if not one.inside and one.line in (Line.UP, Line.CONNECTING)
        }
        self._knocking = at_door | (waited & on_the_way)
        for one in rows:
            if one.room_id in waited and one.standing is Standing.LINK and one.inside:
                self.let_in.emit(one)

    def _failed(self, error: AsideError) -> None:
        """The page of rooms says what is wrong; the next knock asks again."""
        self._knocker.done()


def line_of(room: RoomRow) -> str:
    """The second line of its row."""
    if not is_here(room):
        return {Standing.PAST: words.ENDED, Standing.KNOCKING: words.WAITING}.get(
            room.standing, words.NOT_LIVE
        )
    since = room.live_since_ms
    now = datetime.now().timestamp() * 1000
    return words.live_room(room.people, 0 if since is None else round(now) - since)


def is_here(room: RoomRow) -> bool:
    """Whether it is live, and I sit in it."""
    mine = room.standing is Standing.HOSTING or (room.standing is Standing.LINK and room.inside)
    return mine and room.live_since_ms is not None and room.line is not Line.DOWN
