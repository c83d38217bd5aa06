"""At a room's door: what it says before anybody enters, and under which name I do.

Law: a room never learns a member's name: the name proposed is one for this room, remembered or
fresh, and the one that contacts know is not taken.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.doors import Doorplate
from desktop.core.errors import AsideError, NameMissing, ProxyUnavailable, RelayUnavailable
from desktop.core.models import Profile
from desktop.core.room_errors import RoomEnded
from desktop.core.room_facade import Rooms
from desktop.core.rooms import RoomRow, Standing, Way
from desktop.core.texts import harmless_name
from desktop.ui import strings as common
from desktop.ui.context import Context, Handle
from desktop.ui.rooms import door_words as words
from desktop.ui.rooms.door_card import DoorCard, NameBox
from desktop.ui.widgets.busy import Busy, holds_focus
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import announce
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.notes import Note
from desktop.ui.widgets.plain import Plain
from protocol.ids import RoomId

LONG_MS = 3_000  # a relay that is there has answered by then


class EnterRoomDialog(Dialog):
    """Asks at the door, shows what is there, and enters or knocks."""

    entered = Signal(object)  # RoomId: there is a room to look at
    knocked = Signal()

    def __init__(self, ctx: Context, rooms: Rooms, link: str) -> None:
        super().__init__(ctx.theme, ctx.window, words.DOOR)
        theme, px = ctx.theme, ctx.theme.px
        self._ctx, self._rooms, self._link = ctx, rooms, link
        self._me = ""
        self.door: Doorplate | None = None
        self.card: DoorCard | None = None
        self.name: NameBox | None = None
        self._host = host_of(link)
        self.waiting = Plain(theme, words.waits(self._host), "body", "text_2", wrap=True)
        self._asking: Handle | None = None
        self._long = QTimer(self, singleShot=True, interval=LONG_MS)
        self._long.timeout.connect(self._takes_long)
        self._middle = column(self.waiting)
        self._notes: QVBoxLayout = column()
        self.note: Note | None = None
        self.cancel = Button(theme, common.CANCEL, "outline", clicked=self._back)
        self.go = Button(theme, words.ENTER, "filled", clicked=self._go)
        self.go.hide()
        self.again = Button(theme, common.TRY_AGAIN, "filled", clicked=self._look)
        self.again.hide()
        self._busy = Busy(self, self.go)
        self.body.addLayout(self._middle)
        self.body.addLayout(self._notes)
        self.body.addSpacing(px(20))
        self.accepts = Plain(theme, "", "caption", "text_2", wrap=True)
        foot = row(
            column(None, self.accepts, None), px(12), self.cancel, px(8), self.again, self.go
        )
        foot.setStretch(0, 1)
        self.body.addLayout(foot)
        ctx.ask(ctx.facade.profile_show, ok=self._have_me, owner=self)
        self._look()

    @property
    def first(self) -> QWidget:
        """What takes the focus: the name, or what can be done next."""
        if self.name is not None and not self.name.isHidden():
            return self.name.field
        shown = (one for one in (self.go, self.again) if not one.isHidden())
        return next(shown, self.cancel)

    def close_dialog(self) -> None:
        """Whoever goes away waits for nothing."""
        self._stop()
        super().close_dialog()

    # inside

    def _look(self) -> None:
        self.again.hide()
        self._note(None)
        self.waiting.say(words.waits(self._host))
        self.waiting.show()
        self.cancel.say(common.CANCEL)
        self._long.start()
        self._asking = self._ctx.ask(
            self._rooms.room_look, self._link, ok=self._have, failed=self._not_there, owner=self
        )

    def _back(self) -> None:
        """While I am on my way in, only that is over."""
        if self.door is None or self._asking is None:
            self.close_dialog()
            return
        self._stop()
        self._rest(self.door)
        self._busy.end()

    def _stop(self) -> None:
        self._long.stop()
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()

    def _takes_long(self) -> None:
        said = words.waits_long(self._host)
        place = self.waiting if self.door is None else self.accepts
        place.say(said)
        announce(self, said)
        self.fit()

    def _rest(self, door: Doorplate) -> None:
        """Nobody is asked any more, and the door stands as it stood."""
        self._long.stop()
        self._asking = None
        self.go.say(words.KNOCK if door.way is Way.APPROVAL else words.ENTER)
        self.accepts.say(words.ACCEPTS if door.rules else "")

    def _have_me(self, me: Profile) -> None:
        self._me = me.name

    def _have(self, door: Doorplate) -> None:
        self._asking = None
        self._long.stop()
        self.door = door
        self.waiting.hide()
        self._note(None)
        self.title.say(harmless_name(door.title))
        self.setAccessibleName(harmless_name(door.title))
        self.card = DoorCard(self._ctx, door)
        self._middle.addWidget(self.card)
        self.card.show()  # else it has no size before the next turn
        self.go.show()
        match door.standing:
            case Standing.HOSTING:
                self.go.say(words.GO)
                self._note(Note(self.theme, "info", "", words.YOURS, "ok"))
            case Standing.PAST:
                self.go.say(words.READ)
                self._note(Note(self.theme, "info", "", words.OVER))
            case Standing.KNOCKING:
                self.go.hide()
                self._note(
                    Note(self.theme, "door-closed", words.KNOCKED_BEFORE, words.KNOCKED_TEXT)
                )
            case Standing.LINK | None:
                self._ask_name(door)
        self.cancel.say(common.CLOSE if self.go.isHidden() else common.CANCEL)
        self.fit()
        if holds_focus(self):
            self.first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ask_name(self, door: Doorplate) -> None:
        knocks = door.way is Way.APPROVAL
        self.name = NameBox(self._ctx, door)
        self.name.field.returnPressed.connect(self._go)
        self._busy = Busy(self, self.name.field, self.go)
        self._middle.addWidget(self.name)
        self.name.show()
        self.go.say(words.KNOCK if knocks else words.ENTER)
        self.accepts.say(words.ACCEPTS if door.rules else "")
        if knocks:
            self._note(
                Note(self.theme, "door-closed", words.KNOCK_LEAD_HERE, words.KNOCK_HERE, "ok")
            )

    def _not_there(self, error: AsideError) -> None:
        """Nothing is shown of a door that does not open to this link."""
        self._asking = None
        self._long.stop()
        said = self._sentence(error)
        self.waiting.hide()
        self._note(Note(self.theme, "circle-alert", "", said, "danger"))
        self.cancel.say(common.CLOSE)
        self.again.setVisible(isinstance(error, RelayUnavailable | ProxyUnavailable))
        if holds_focus(self):
            self.first.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, said)

    def _sentence(self, error: AsideError) -> str:
        match error:
            case RoomEnded():
                return words.ENDED
            case RelayUnavailable():
                return words.room_away(self._host)
            case _:
                return common.sentence(error)

    def _go(self) -> None:
        door = self.door
        if door is None or not self.go.isEnabled():
            return
        if self.name is None:
            self._to(door.room_id)
            return
        said = self.name.check(self._me, door.host)
        if said:
            self.name.problem.tell(said)
            self.name.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.fit()
            return
        self.go.say(words.ENTERING)
        self._busy.begin()
        self._note(None)
        self.accepts.say(words.waits(self._host))
        self._long.start()
        self._asking = self._ctx.ask(
            self._rooms.room_enter,
            self._link,
            self.name.field.text().strip(),
            ok=self._in,
            failed=self._refused,
            owner=self,
        )

    def _in(self, _: RoomId) -> None:
        """In, or at the door: the list of rooms says which."""
        self._asking = None
        self._long.stop()
        self._ctx.ask(self._rooms.rooms, ok=self._have_rows, failed=self._refused, owner=self)

    def _have_rows(self, rows: Sequence[RoomRow]) -> None:
        door = self.door
        if door is None:
            return
        here = next((one for one in rows if one.room_id == door.room_id), None)
        if here is None or here.standing is not Standing.KNOCKING:
            self._to(door.room_id)
            return
        self._busy.end()
        self.go.hide()
        self.accepts.say("")
        if self.name is not None:
            self.name.hide()
        self._note(Note(self.theme, "door-closed", words.KNOCKED, words.KNOCKED_TEXT, "ok"))
        self.cancel.say(common.CLOSE)
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, f"{words.KNOCKED} {words.KNOCKED_TEXT}")
        self.knocked.emit()

    def _refused(self, error: AsideError) -> None:
        door = self.door
        if door is not None:
            self._rest(door)
        if isinstance(error, NameMissing) and self.name is not None:
            self._busy.end(self.name.field)
            self.name.problem.tell(common.sentence(error))
            self.fit()
            return
        self._busy.end()
        said = self._sentence(error)
        self._note(Note(self.theme, "circle-alert", "", said, "danger"))
        announce(self, said)

    def _to(self, room_id: RoomId) -> None:
        self.close_dialog()
        self.entered.emit(room_id)

    def _note(self, note: Note | None) -> None:
        if self.note is not None:
            self._notes.removeWidget(self.note)
            self.note.hide()
            self.note.deleteLater()
        while self._notes.count():
            self._notes.takeAt(0)
        self.note = note
        if note is not None:
            self._notes.addSpacing(self.theme.px(16))
            self._notes.addWidget(note)
            note.show()
        self.fit()


def host_of(link: str) -> str:
    """Whom a room's link asks, as far as it says so; what it is worth, the engine finds out."""
    ascii_letters = QUrl.ComponentFormattingOption.FullyEncoded
    return QUrl(link.strip()).host(ascii_letters) or words.ITS_RELAY
