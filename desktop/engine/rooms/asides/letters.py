"""Letters between seats: writing one, and what each that comes does. Transactions only; the lines
they go by are in :mod:`desktop.engine.rooms.asides.letterbox`.

Law: a letter is in the vault before it leaves and before it is acknowledged. One that is not signed
for this room and seat, that nobody here can open, or that comes from a blocked seat does nothing,
and its writer does not hear of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlcipher3 import Connection

from desktop.core.room_facade import RequestsChanged
from desktop.engine.ground import Bell, Said
from desktop.engine.rooms.keys import handed
from desktop.store.rooms import letters, requests, rooms
from desktop.store.rooms.requests import Came
from desktop.store.rooms.rooms import KeptRoom, KeptSeat
from protocol.e2e.packing import pack
from protocol.e2e.rooms import words
from protocol.e2e.rooms.letters import (
    MAX_FIRST_WORDS,
    AsideAccepted,
    AsideRequest,
    DeskKey,
    Heard,
    LetterContent,
    read,
)
from protocol.e2e.rooms.pseudonyms import clean
from protocol.errors import BadSignature, RemoteProtocolError, Unopenable
from protocol.ids import RoomId, SeatId
from protocol.wire.frames.letters import BoxedLetter
from protocol.wire.rooms.letters import LetterBody, read_letter

MOST_OF_SEAT = 3  # requests of one seat that wait for an answer; further ones are not kept
MOST_OF_ROOM = 200

log = logging.getLogger(__name__)


def write(
    db: Connection,
    said: Said,
    room: KeptRoom,
    to: SeatId,
    content: LetterContent,
    now: int,
    *,
    seat: KeptSeat | None = None,
) -> int:
    """Queue a letter from the seat I have, or from one that I had; its row."""
    said.bells.add(Bell.LETTERS)
    return letters.add(db, room.row, (seat or room.seat).row, to, pack(content), now)


def heard(
    db: Connection,
    said: Said,
    room_id: RoomId,
    seat: KeptSeat,
    boxed: Iterable[BoxedLetter],
    now: int,
) -> None:
    """Letters that lay in the box of a seat of mine."""
    room = rooms.find(db, room_id)
    if room is None:
        return
    mine = {one.key.seat for one in rooms.seats(db, room.row)}
    for each in boxed:
        try:
            letter = read_letter(each.letter, room_id)
            ours = letter.to == seat.key.seat and letter.by not in mine
            if ours and _wanted(db, room, letter):
                content = read(letter, room_id, seat.sealing)
                _take(db, said, room, seat, letter, content, now)
        except (BadSignature, RemoteProtocolError, Unopenable) as exc:
            log.info("a letter that says nothing: %s", type(exc).__name__)


def _wanted(db: Connection, room: KeptRoom, letter: LetterBody) -> bool:
    """Nobody asked not to hear of this seat, and this one was not heard."""
    return not requests.is_blocked(db, room.row, letter.by) and letters.first_time(
        db, room.row, letter.letter, letter.by
    )


def _take(
    db: Connection,
    said: Said,
    room: KeptRoom,
    seat: KeptSeat,
    letter: LetterBody,
    content: Heard,
    now: int,
) -> None:
    match content:
        case AsideRequest():
            _asked(db, said, room, seat, letter, content, now)
        case AsideAccepted(request=asked, link=link):
            if requests.answered(db, room.row, asked, letter.by, link, now):
                said.bells.add(Bell.ASIDES)
        case DeskKey():
            handed.heard(db, said, room, letter.by, content, now)
        case _:
            log.info("a letter of a newer version")


def _asked(
    db: Connection,
    said: Said,
    room: KeptRoom,
    seat: KeptSeat,
    letter: LetterBody,
    asked: AsideRequest,
    now: int,
) -> None:
    by_them = requests.waiting(db, room.row, letter.by)
    if by_them >= MOST_OF_SEAT or requests.waiting(db, room.row) >= MOST_OF_ROOM:
        return
    if asked.card.room != room.room_id:
        raise RemoteProtocolError("a card of another room")
    requests.add(
        db,
        Came(
            row=0,
            room=room.row,
            seat=seat.row,
            by=letter.by,
            letter_id=letter.letter,
            name=clean(asked.name),
            words=words.lines(asked.words, MAX_FIRST_WORDS),
            card=pack(asked.card),
            sent_ms=letter.made_ms,
            came_ms=now,
        ),
    )
    said.events.append(RequestsChanged())
