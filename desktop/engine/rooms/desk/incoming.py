"""What is told to the desk of a room, taken in by a seat that may read it.

Law: whatever a stranger sends is one row, one vote or nothing: a seat's questions, reports and held
messages are bounded, a vote and a reaction count once, a hand is up or down.
"""

from __future__ import annotations

from typing import TypeAlias

from sqlcipher3 import Connection

from desktop.core.desk import DeskId, DeskKind
from desktop.core.questions import QuestionId
from desktop.core.room_facade import BoardChanged, DeskChanged, PeopleChanged
from desktop.engine.ground import Bell, Said
from desktop.engine.rooms.keys import admission
from desktop.engine.rooms.order import roles
from desktop.store.rooms import board, desk, items, joins, people, reactions
from desktop.store.rooms.board import KeptQuestion
from desktop.store.rooms.desk import Waiting
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import words
from protocol.e2e.rooms.contents import MAX_QUESTION, MAX_SAID
from protocol.e2e.rooms.desk_contents import (
    MAX_WORDS,
    Ask,
    DeskContent,
    Hand,
    Held,
    Join,
    React,
    Rename,
    Report,
    Table,
    Vote,
)
from protocol.e2e.rooms.pseudonyms import clean
from protocol.e2e.rooms.tagged import Unknown
from protocol.errors import BadSignature, RemoteProtocolError
from protocol.ids import EntryId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.items import EntryBody, read_item
from protocol.wire.rooms.orders import Scope

MOST_QUESTIONS = 10
"""Of one seat at a time: who has more waiting is not asking."""

Heard: TypeAlias = DeskContent | Unknown


def heard(
    db: Connection,
    said: Said,
    room: KeptRoom,
    entry_id: EntryId,
    entry: EntryBody,
    content: Heard,
    place: int,
    now: int,
) -> None:
    """An entry of the desk that opened, and whose signature was checked; each comes once."""
    del place  # the desk is taken in its order, and nothing here needs more of it
    if isinstance(content, Unknown):
        return
    came_ms = min(content.sent_ms, now)
    match content:
        case Ask() | Vote() | React():
            _to_board(db, said, room, entry_id, entry, content, came_ms)
        case Hand() | Held() | Report():
            _to_desk(db, said, room, entry_id, entry, content, came_ms)
        case Join():
            _join(db, said, room, entry_id, entry, content, came_ms)
        case Rename():
            people.rename(db, room.row, entry.seat, clean(content.name))
            said.events.append(PeopleChanged(room.room_id))
        case Table() if Scope.HOST in roles.scopes_of(db, room, entry.seat, now):
            for row in content.rows:
                joins.put(db, room.row, row.seat, row.wrap_key, entry.epoch)
            said.bells.add(Bell.ROOMS)
        case _:
            pass


def _to_board(
    db: Connection,
    said: Said,
    room: KeptRoom,
    entry_id: EntryId,
    entry: EntryBody,
    content: Ask | Vote | React,
    came_ms: int,
) -> None:
    match content:
        case Ask():
            asked = KeptQuestion(
                QuestionId(entry_id),
                words.line(content.text, MAX_QUESTION),
                entry.seat,
                clean(content.name),
                content.nameless,
                came_ms,
            )
            _ask(db, said, room, asked)
        case Vote():
            if board.vote(
                db, room.row, content.question, entry.seat, taken_back=content.taken_back
            ):
                said.bells.add(Bell.ROOMS)
                said.events.append(BoardChanged(room.room_id))
        case React():
            _react(db, said, room, entry, content)


def _to_desk(
    db: Connection,
    said: Said,
    room: KeptRoom,
    entry_id: EntryId,
    entry: EntryBody,
    content: Hand | Held | Report,
    came_ms: int,
) -> None:
    who = (entry.seat, clean(content.name), came_ms)
    match content:
        case Hand():
            hand = Waiting(DeskId(entry_id), DeskKind.HAND, *who)
            _hand(db, said, room, hand, raised=content.raised)
        case Held():
            text = words.lines(content.text, MAX_SAID)
            held = Waiting(DeskId(entry_id), DeskKind.HELD, *who, text, reply_to=content.reply_to)
            _put(db, said, room, held)
        case Report():
            text = words.line(content.words, MAX_WORDS)
            proven = content.item if _is_of_stage(content.item, room) else None
            _put(db, said, room, Waiting(DeskId(entry_id), DeskKind.REPORT, *who, text, proven))


def _ask(db: Connection, said: Said, room: KeptRoom, asked: KeptQuestion) -> None:
    me = room.seat.key.seat
    known = board.find(db, room.row, asked.question_id, me)
    if known is not None:
        board.know_asker(db, room.row, asked, due=not known.told_place)
    elif (
        not asked.text
        or asked.asker is None
        or board.open_of(db, room.row, asked.asker) >= MOST_QUESTIONS
    ):
        return
    else:
        board.ask(db, room.row, asked, due=True)
    said.bells.add(Bell.ROOMS)
    said.events.append(BoardChanged(room.room_id))


def _react(db: Connection, said: Said, room: KeptRoom, entry: EntryBody, content: React) -> None:
    """A reaction counts if the entry stands here, whatever the sign is."""
    sign = words.sign(content.sign)
    there = items.by_id(db, room.row, content.entry)
    if not sign or there is None or not there.shown or there.lane is not Lane.STAGE:
        return
    back = content.taken_back
    if reactions.react(db, room.row, content.entry, sign, entry.seat, taken_back=back):
        said.bells.add(Bell.ROOMS)


def _hand(db: Connection, said: Said, room: KeptRoom, hand: Waiting, *, raised: bool) -> None:
    changed = (
        desk.put(db, room.row, hand)
        if raised
        else desk.done_of(db, room.row, hand.seat, DeskKind.HAND)
    )
    if changed:
        said.events.append(DeskChanged(room.room_id))


def _put(db: Connection, said: Said, room: KeptRoom, one: Waiting) -> None:
    if desk.put(db, room.row, one):
        said.events.append(DeskChanged(room.room_id))


def _is_of_stage(item: bytes, room: KeptRoom) -> bool:
    """Whether who it names said it on this room's stage."""
    try:
        said = read_item(item, room.room_id)
    except (BadSignature, RemoteProtocolError):
        return False
    return isinstance(said, EntryBody) and said.lane is Lane.STAGE


def _join(
    db: Connection,
    said: Said,
    room: KeptRoom,
    entry_id: EntryId,
    entry: EntryBody,
    content: Join,
    came_ms: int,
) -> None:
    joins.put(db, room.row, entry.seat, content.wrap_key, entry.epoch)
    said.bells.add(Bell.ROOMS)
    at_door = Waiting(
        DeskId(entry_id),
        DeskKind.DOOR,
        entry.seat,
        clean(content.name),
        came_ms,
        words.line(content.words, MAX_WORDS),
    )
    if admission.must_knock(db, room, entry.seat) and desk.put(db, room.row, at_door):
        people.knocks(db, room.row, entry.seat, at_door.name, came_ms)
        said.events += (DeskChanged(room.room_id), PeopleChanged(room.room_id))
