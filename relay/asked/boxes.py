"""Letters: left for a seat from any connection, and collected by whoever proves the seat's key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from protocol.errors import BadSignature, RemoteProtocolError
from protocol.ids import CallId
from protocol.wire.frames import Done, Reason, Refused, Reply, Request, Stored
from protocol.wire.frames.letters import (
    MAX_LETTERS,
    AcknowledgeLetters,
    BoxOpened,
    LeaveLetter,
    Letters,
    OpenBox,
)
from protocol.wire.frames.rooms import ShowCards
from protocol.wire.rooms.entering import check_box
from protocol.wire.rooms.letters import LetterBody
from relay.asked.calls import Calls
from relay.asked.looking import Looking
from relay.premises import Premises
from relay.rooms.live import RETRY_MS, LiveRoom
from relay.rooms.sitting import Line
from relay.rules.rooms.asking import BoxRead, FindLetter, ReadBox
from relay.rules.rooms.seats import Seat


class Boxes:
    """One connection's: one box at most. ``in_room``: where its seat asks."""

    def __init__(
        self, premises: Premises, calls: Calls, line: Line, in_room: Callable[[ShowCards], None]
    ) -> None:
        self._premises = premises
        self._calls = calls
        self._line = line
        self._in_room = in_room
        self._open: tuple[LiveRoom, Seat] | None = None
        self._sent = 0
        self._reading = False
        self._again = False
        self._ended = False

    def take(self, asked: Request[Any]) -> None:
        """One of ``HANDLERS``."""
        self.HANDLERS[type(asked)](self, asked)

    def end(self) -> None:
        """The connection is over."""
        self._ended = True
        if self._open is not None:
            live, seat = self._open
            live.guests -= 1
            live.boxes[seat.number].remove(self._ring)
            self._open = None

    def _leave(self, asked: LeaveLetter) -> None:
        self._calls.begin(len(asked.letter))
        self._premises.hall.find(asked.room, partial(self._leave_in, asked))

    def _leave_in(self, asked: LeaveLetter, live: LiveRoom | Reason) -> None:
        if isinstance(live, Reason):
            self._refuse(asked, live)
            return
        try:
            said = live.letters.read(asked.letter)
        except (BadSignature, RemoteProtocolError):
            self._refuse(asked, Reason.BAD_SIGNATURE)
            return
        find = FindLetter(asked.call, live.room.row, said.letter)
        known = partial(self._leave_new, asked, live, said)
        self._premises.storage.submit(find, self._calls.now, known)

    def _leave_new(
        self, asked: LeaveLetter, live: LiveRoom, said: LetterBody, known: Reply
    ) -> None:
        if isinstance(known, Stored):
            self._calls.finish(Stored(call=asked.call), len(asked.letter))
            return
        left = live.letters.leave(said, asked.letter, self._premises.now())
        if isinstance(left, Reason):
            self._refuse(asked, left)
            return
        seat, change = left

        def then(ok: bool) -> None:
            if not ok:
                self._refuse(asked, Reason.TRY_LATER)
                return
            self._calls.finish(Stored(call=asked.call), len(asked.letter))
            for ring in live.boxes.get(seat.number, ()):
                ring()

        live.saving.change((change,), then)

    def _refuse(self, asked: LeaveLetter, reason: Reason) -> None:
        self._calls.finish(Refused(call=asked.call, reason=reason), len(asked.letter))

    def _open_box(self, asked: OpenBox) -> None:
        if self._open is not None:
            self._calls.refuse(asked, Reason.WRONG_STATE)
            return
        try:
            check_box(asked.seat, asked.signature, self._calls.transcript, asked.room)
        except BadSignature:
            self._calls.refuse(asked, Reason.BAD_SIGNATURE)
            return
        self._calls.begin()
        self._premises.hall.find(asked.room, partial(self._open_in, asked))

    def _open_in(self, asked: OpenBox, live: LiveRoom | Reason) -> None:
        seat = None if isinstance(live, Reason) else live.room.seats.find(asked.seat)
        if isinstance(live, Reason) or seat is None or self._ended or self._open is not None:
            reason = live if isinstance(live, Reason) else Reason.UNKNOWN
            self._calls.finish(Refused(call=asked.call, reason=reason))
            return
        self._open = (live, seat)
        self._sent = asked.after
        live.guests += 1
        live.boxes.setdefault(seat.number, []).append(self._ring)
        self._calls.finish(BoxOpened(call=asked.call, waiting=seat.boxed))
        self._ring()

    def _acknowledge(self, asked: AcknowledgeLetters) -> None:
        if self._open is None or asked.up_to > self._sent:
            self._calls.refuse(asked, Reason.WRONG_STATE)
            return
        live, seat = self._open

        def then(ok: bool) -> None:
            later = Refused(call=asked.call, reason=Reason.TRY_LATER)
            self._calls.finish(Done(call=asked.call) if ok else later)

        self._calls.begin()
        live.saving.change((live.letters.take(seat, asked.up_to),), then)

    def _show(self, asked: ShowCards) -> None:
        """To answer a letter needs no sitting down: the room may be over."""
        if self._open is None:
            self._in_room(asked)
            return
        live, seat = self._open
        Looking(self._calls, self._premises, live, seat).take(asked)

    def _ring(self) -> None:
        """There may be something in the box, or the room is left because of the disk."""
        if self._open is not None and self._open[0].saving.over:
            self._calls.stop(Reason.TRY_LATER, RETRY_MS)
            return
        if self._open is None or self._reading:
            self._again = True
            return
        live, seat = self._open
        self._reading, self._again = True, False
        asked = ReadBox(CallId(0), live.room.row, seat.number, self._sent, MAX_LETTERS)
        self._premises.storage.submit(asked, self._premises.now(), self._read)

    def _read(self, reply: Reply) -> None:
        self._reading = False
        if self._open is None:
            return
        letters = reply.letters if isinstance(reply, BoxRead) else ()
        if letters:
            self._sent = letters[-1].sequence
            self._line.put(Letters(letters=letters))
        if self._again or len(letters) == MAX_LETTERS:
            self._ring()

    HANDLERS: ClassVar[dict[type[Any], Callable[[Boxes, Any], None]]] = {
        LeaveLetter: _leave,
        OpenBox: _open_box,
        AcknowledgeLetters: _acknowledge,
        ShowCards: _show,
    }
