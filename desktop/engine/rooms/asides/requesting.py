"""Asking somebody of a room aside: who may ask whom, about what, and what goes along.

Host and moderators ask the author of an entry or a question; an author asks the host; others where
the room's policy allows letters between all. The relay holds to the same.
"""

from __future__ import annotations

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.errors import TextTooLong
from desktop.core.questions import QuestionId, QuestionState
from desktop.core.requests import Purpose
from desktop.core.room_errors import (
    AsideNotAllowed,
    AsidesSpent,
    EntryUnknown,
    NotInRoom,
    QuestionUnknown,
    RoomEnded,
    RoomNotAllowed,
    RoomRemoved,
)
from desktop.core.room_facade import BoardChanged, RoomsChanged
from desktop.core.rooms import Role
from desktop.engine.ground import Ground, Said
from desktop.engine.rooms.asides import cards, letters
from desktop.engine.rooms.desk import asking
from desktop.engine.rooms.order import roles
from desktop.store.rooms import board, items, requests, rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.packing import pack
from protocol.e2e.rooms.bridge import BridgeCard
from protocol.e2e.rooms.letters import MAX_FIRST_WORDS, MAX_INSIDE, AsideRequest
from protocol.e2e.rooms.words import lines
from protocol.ids import EntryId, SeatId
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.items import is_stub

AN_HOUR = 3  # requests of a member; a relay takes no more
AN_HOUR_OF_HOSTS = 100
HOUR_MS = 3_600_000
_OUT = (SeatState.REMOVED, SeatState.BANNED, SeatState.REFUSED)


def about_entry(
    db: Connection,
    said: Said,
    room: KeptRoom,
    ground: Ground,
    entry_id: EntryId,
    words: str,
    purpose: Purpose,
    word: str,
) -> int:
    """Ask its author, or the host if it is mine; the row of the request.

    Raises EntryUnknown, AsideNotAllowed, AsidesSpent, TextTooLong and what :func:`_ready` raises.
    """
    _ready(room, ground)
    found = items.by_id(db, room.row, entry_id)
    if found is None or found.seat is None or is_stub(found.item):
        raise EntryUnknown
    to = _towards(db, room, found.seat, ground.now())
    card = cards.make(db, room, found, found.text, purpose, word, ground.now())
    return _ask(db, said, room, ground, to, card, words)


def about_question(
    db: Connection,
    said: Said,
    room: KeptRoom,
    ground: Ground,
    question_id: QuestionId,
    words: str,
    purpose: Purpose,
    word: str,
) -> int:
    """Ask who asked it, and have the board say so; or the host if it is mine.

    Raises QuestionUnknown, QuestionClosed, and what :func:`about_entry` raises.
    """
    _ready(room, ground)
    now = ground.now()
    found = asking.find(db, room, question_id)
    kept = items.by_id(db, room.row, EntryId(question_id))
    if found.asker is None or kept is None:
        raise QuestionUnknown
    to = _towards(db, room, found.asker, now)
    card = cards.make(db, room, kept, found.text, purpose, word, now)
    row = _ask(db, said, room, ground, to, card, words)
    if not found.mine:
        asking.move(db, said, room, question_id, QuestionState.ASIDE, now)
    return row


def invite_askers(db: Connection, said: Said, room: KeptRoom, ground: Ground, words: str) -> int:
    """Ask all who asked and were not answered, each once and about their first question; how many.
    Those that are too many for an hour leave in the next. Their questions count as taken aside.

    Raises RoomNotAllowed, TextTooLong and what :func:`_ready` raises.
    """
    now = ground.now()
    if not _helps(db, room, now):
        raise RoomNotAllowed
    _ready(room, ground)
    invited = 0
    for question_id, asker, text in board.unanswered(db, room.row):
        kept = items.by_id(db, room.row, EntryId(question_id))
        if kept is None or requests.was_invited(db, room.row, asker):
            continue
        card = cards.make(db, room, kept, text, Purpose.SUPPORT, "", now)
        _ask(db, said, room, ground, asker, card, words, about=question_id)
        _all_aside(db, said, room, asker, now)
        invited += 1
    return invited


def _all_aside(db: Connection, said: Said, room: KeptRoom, asker: SeatId, now: int) -> None:
    """On the board while there is one, and here."""
    for one in board.every(db, room.row, room.seat.key.seat):
        if one.asker != asker or one.state not in board.OPEN:
            continue
        if room.ended_ms is None:
            asking.move(db, said, room, one.question_id, QuestionState.ASIDE, now)
        else:
            board.stands(db, room.row, replace(one, state=QuestionState.ASIDE))
            said.events += [BoardChanged(room.room_id), RoomsChanged()]


def _ready(room: KeptRoom, ground: Ground) -> None:
    """Raises NotInRoom, RoomRemoved, RoomEnded where nobody takes letters from me, or any."""
    if room.entered_ms is None:
        raise NotInRoom
    if room.state in _OUT:
        raise RoomRemoved
    if room.ended_ms is not None:
        kept_ms = int(ground.timings.letters_kept * 1000)
        if room.ended_ms + kept_ms < ground.now():
            raise RoomEnded


def _towards(db: Connection, room: KeptRoom, author: SeatId, now: int) -> SeatId:
    """Whom an aside about something of this author goes to."""
    if author not in {one.key.seat for one in rooms.seats(db, room.row)}:
        if not _helps(db, room, now) and not room.body.asides:
            raise AsideNotAllowed
        return author
    host = room.front().seat
    if room.key is not None or host is None or host == room.seat.key.seat:
        raise AsideNotAllowed
    return host


def _helps(db: Connection, room: KeptRoom, now: int) -> bool:
    return roles.role_of(roles.mine(db, room, now)) in (Role.HOST, Role.MODERATOR)


def _ask(
    db: Connection,
    said: Said,
    room: KeptRoom,
    ground: Ground,
    to: SeatId,
    card: BridgeCard,
    words: str,
    about: bytes = b"",
) -> int:
    now = ground.now()
    if len(words) > MAX_FIRST_WORDS:
        raise TextTooLong(MAX_FIRST_WORDS)
    most = AN_HOUR_OF_HOSTS if roles.mine(db, room, now) else AN_HOUR
    if not about and requests.asked_since(db, room.seat.row, now - HOUR_MS) >= most:
        raise AsidesSpent
    content = AsideRequest(name=room.seat.pseudonym, card=card, words=lines(words, MAX_FIRST_WORDS))
    if len(pack(content)) > MAX_INSIDE:  # the words count for more than what was said around
        content = replace(content, card=replace(card, around=()))
    letter = letters.write(db, said, room, to, content, now)
    return requests.ask(
        db, room.row, room.seat.row, to, letter, pack(content.card), now, about=about
    )
