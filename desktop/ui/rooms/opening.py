"""Where a room is opened: what it is called, who gets in, and under which name I host it.

Law: what the link will be is said where the choice is made, before there is one.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core import doors
from desktop.core.doors import Opened, Opening
from desktop.core.errors import AsideError, NameMissing, RelayUnavailable
from desktop.core.models import Profile
from desktop.core.room_errors import TitleMissing
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Way
from desktop.core.texts import is_blank
from desktop.ui import strings as common
from desktop.ui.context import Context, Handle
from desktop.ui.messages.hosts import safe
from desktop.ui.rooms import door_words as words
from desktop.ui.rooms.seats import SeatsField
from desktop.ui.rooms.where import WhereRoom
from desktop.ui.theme import Theme
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Field, Problem, announce
from desktop.ui.widgets.layout import column, row
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.radio import Radio, choice
from desktop.ui.widgets.scrolled import Tall
from desktop.ui.widgets.writing import Writing, WritingProblem

WIDE = 512  # of a dialog's inside
LONG_MS = 3_000  # a relay that is there has answered by then


class OpenRoomDialog(Dialog):
    """Everything that people see before they enter, and how they do."""

    opened = Signal(object, object)  # Opened, Way
    relay_wanted = Signal()  # there is none to open it on

    def __init__(self, ctx: Context, rooms: Rooms) -> None:
        super().__init__(ctx.theme, ctx.window, words.OPEN_TITLE)
        theme, px = ctx.theme, ctx.theme.px
        self._ctx, self._rooms = ctx, rooms
        self.title_field = Field(theme, words.TITLE)
        self.title_field.setMaxLength(doors.MOST_TITLE)
        self.about = Writing(theme, words.ABOUT, most=doors.MOST_ABOUT)
        self.rules = Writing(theme, words.RULES, most=doors.MOST_RULES)
        self.by_link = Radio(theme, words.WITH_LINK, words.WITH_LINK_TEXT)
        self.by_approval = Radio(theme, words.LET_IN, words.LET_IN_TEXT)
        self.seats = SeatsField(theme)
        self.stream = Field(theme, words.STREAM, hint=words.STREAM_HINT)
        self.stream.setMaxLength(doors.MOST_STREAM)
        self.name = Field(theme, f"{words.MY_NAME}. {words.MY_NAME_NOTE}")
        self.name.setMaxLength(doors.MOST_NAME)
        self.title_problem = Problem(theme, self.title_field)
        self.about_problem = WritingProblem(theme, self.about, words.too_many)
        self.rules_problem = WritingProblem(theme, self.rules, words.too_many)
        self.seats_problem = Problem(theme, self.seats)
        self.stream_problem = Problem(theme, self.stream)
        self.name_problem = Problem(theme, self.name)
        self.problem = Plain(theme, "", "small", "danger", wrap=True)
        self.problem.hide()
        self.where = WhereRoom(ctx)
        self.where.changed.connect(self._have_relay)
        self.where.add_wanted.connect(self.relay_wanted)
        self._said = Plain(theme, "", "caption", "text_2", wrap=True)
        self._asking: Handle | None = None
        self._long = QTimer(self, singleShot=True, interval=LONG_MS)
        self._long.timeout.connect(self._takes_long)
        self.cancel = Button(theme, common.CANCEL, "outline", clicked=self._back)
        self.go = Button(theme, words.OPEN, "filled", clicked=self.ask)
        self.go.setEnabled(False)
        self.fields = Tall(self._fields(), px(WIDE))
        foot = row(column(None, self._said, None), px(12), self.cancel, px(8), self.go)
        foot.setStretch(0, 1)
        self.body.addWidget(self.where.missing)
        self.body.addWidget(self.fields)
        self.body.addWidget(self.problem)
        self.body.addWidget(self.where.away)
        self.body.addSpacing(px(16))
        self.body.addLayout(foot)
        self._resting = (self.title_field, self.about, self.rules, self.seats, self.stream)
        self._busy = Busy(self, *self._resting, self.name, self.where, self.go)
        for field in (self.title_field, self.stream, self.name):
            field.returnPressed.connect(self.ask)
        ctx.ask(ctx.facade.profile_show, ok=self._have_me, owner=self)
        self._have_relay()

    @property
    def first(self) -> QWidget:
        return self.title_field

    def ask(self) -> None:
        """What is wrong is said beside it, and nothing is asked for before it is right."""
        if not self.go.isEnabled() or not self._right():
            return
        self.problem.hide()
        self.go.say(words.OPENING)
        self._busy.begin()
        self._said.say(words.waits(self._host))
        self._long.start()
        self._asking = self._ctx.ask(
            self._rooms.room_open,
            self._opening(),
            ok=self._opened,
            failed=self._refused,
            owner=self,
        )

    def close_dialog(self) -> None:
        """Whoever goes away waits for nothing."""
        self._stop()
        super().close_dialog()

    # inside

    @property
    def _host(self) -> str:
        relay = self.where.relay
        return "" if relay is None else relay.host

    def _back(self) -> None:
        """While a relay is asked, only that is over: what was written stays."""
        if self._asking is None:
            self.close_dialog()
        else:
            self._stop()
            self._rest()

    def _stop(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()

    def _rest(self, wrong: QWidget | None = None) -> None:
        """Nothing is asked any more."""
        self._long.stop()
        self.go.say(words.OPEN)
        self._busy.end(wrong)
        self._have_relay()

    def _takes_long(self) -> None:
        said = words.waits_long(self._host)
        self._said.say(said)
        announce(self, said)
        self.fit()

    def _fields(self) -> QVBoxLayout:
        theme, px = self.theme, self.theme.px
        seats = column(headed(theme, words.SEATS), px(5), self.seats)
        stream = column(headed(theme, words.STREAM, words.STREAM_NOTE), px(5), self.stream)
        beside = row(seats, px(16), stream)
        beside.setStretch(2, 1)
        self.seats.setFixedWidth(px(120))
        return column(
            headed(theme, words.TITLE),
            px(5),
            self.title_field,
            self.title_problem,
            px(14),
            headed(theme, words.ABOUT, words.ABOUT_NOTE),
            px(5),
            self.about,
            self.about_problem,
            px(14),
            headed(theme, words.RULES, words.RULES_NOTE),
            px(5),
            self.rules,
            self.rules_problem,
            px(14),
            headed(theme, words.WAY),
            px(5),
            choice(theme, self.by_link, self.by_approval),
            px(14),
            beside,
            self.seats_problem,
            self.stream_problem,
            px(14),
            headed(theme, words.MY_NAME, words.MY_NAME_NOTE),
            px(5),
            self.name,
            self.name_problem,
            self.where,
        )

    def _opening(self) -> Opening:
        return Opening(
            title=self.title_field.text().strip(),
            about=self.about.toPlainText().strip(),
            rules=self.rules.toPlainText().strip(),
            way=Way.APPROVAL if self.by_approval.isChecked() else Way.LINK,
            seats=self.seats.count or 0,
            name=self.name.text().strip(),
            stream=self.stream.text().strip(),
            relay_id=None if self.where.relay is None else self.where.relay.relay_id,
        )

    def _right(self) -> bool:
        wrong: list[QWidget] = []
        stream = self.stream.text().strip()
        for field, problem, fault, said in (
            (
                self.title_field,
                self.title_problem,
                is_blank(self.title_field.text()),
                words.NO_TITLE,
            ),
            (self.seats, self.seats_problem, self.seats.count is None, words.NO_SEATS),
            (
                self.stream,
                self.stream_problem,
                bool(stream) and (not stream.isascii() or safe(stream) is None),
                words.NO_STREAM,
            ),
            (self.name, self.name_problem, is_blank(self.name.text()), words.NO_NAME),
        ):
            if fault:
                problem.tell(said)
                wrong.append(field)
        wrong += [one for one in (self.about, self.rules) if not one.fits]
        if not wrong and self._opening().size > doors.MOST_BYTES:
            self._tell(words.TOO_LONG)
            wrong.append(self.rules)
        self.fit()
        if wrong:
            self._busy.end(wrong[0])
            wrong[0].setFocus()
        return not wrong

    def _tell(self, sentence: str) -> None:
        self.problem.say(sentence)
        self.problem.show()
        announce(self, sentence)
        self.fit()

    def _have_me(self, me: Profile) -> None:
        if not self.name.text():
            self.name.setText(me.name[: doors.MOST_NAME])

    def _have_relay(self) -> None:
        if self._asking is None:
            self.go.setEnabled(self.where.relay is not None)
            self._said.say(words.runs_on(self._host))
        self.fit()

    def _opened(self, opened: Opened) -> None:
        self._asking = None
        way = self._opening().way
        self.close_dialog()
        self.opened.emit(opened, way)

    def _refused(self, error: AsideError) -> None:
        self._asking = None
        match error:
            case TitleMissing():
                self._rest(self.title_field)
                self.title_problem.tell(common.sentence(error))
            case NameMissing():
                self._rest(self.name)
                self.name_problem.tell(common.sentence(error))
            case RelayUnavailable():
                self._rest()
                self._tell(words.no_answer(self._host))
            case _:
                self._rest()
                self._tell(common.sentence(error))
        self.fit()


def headed(theme: Theme, title: str, note: str = "") -> QHBoxLayout:
    """What a field is for, and at the other end what becomes of it."""
    said = Plain(theme, title, "small-strong")
    return row(said, None, Plain(theme, note, "caption", "text_2")) if note else row(said, None)
