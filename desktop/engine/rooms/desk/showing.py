"""The board and the desk as somebody who sits in the room may be shown them."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.desk import DeskItem, DeskKind
from desktop.core.questions import Question, QuestionState
from desktop.core.requests import Proof, Quoted
from desktop.core.rooms import Role
from desktop.engine.rooms.keys import admission
from desktop.engine.rooms.order import roles
from desktop.engine.rooms.people.likeness import Likeness
from desktop.store.rooms import board, desk, epochs, people
from desktop.store.rooms.board import KeptQuestion
from desktop.store.rooms.desk import Waiting
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import stage, words
from protocol.e2e.rooms.contents import MAX_SAID, Text
from protocol.e2e.rooms.pseudonyms import clean
from protocol.errors import BadPadding, BadSignature, Damaged, RemoteProtocolError
from protocol.wire.rooms.items import EntryBody, entry_id, read_item
from protocol.wire.rooms.orders import Scope

NEWCOMER_MS = 5 * 60_000


def questions(db: Connection, room: KeptRoom, now: int) -> list[Question]:
    """In the order of asking."""
    scopes = roles.mine(db, room, now)
    reads_desk = bool(scopes & (Scope.DESK | Scope.HOST))
    helps = roles.role_of(scopes) in (Role.HOST, Role.MODERATOR)
    me, likeness = room.seat.key.seat, Likeness(db, room)
    return [
        _question(db, room, one, likeness, now, reads_desk=reads_desk, helps=helps)
        for one in board.every(db, room.row, me)
    ]


def waiting(db: Connection, room: KeptRoom, now: int) -> list[DeskItem]:
    """What waits at the desk, oldest first; nothing for whoever does not read it."""
    if not roles.mine(db, room, now) & (Scope.DESK | Scope.HOST):
        return []
    likeness = Likeness(db, room)
    return [
        _item(db, room, one, likeness, now)
        for one in desk.every(db, room.row)
        if one.kind is not DeskKind.DOOR or admission.must_knock(db, room, one.seat)
    ]


def quoted(db: Connection, room: KeptRoom, item: bytes) -> Quoted | None:
    """What an entry of the stage says, from its own bytes; None where it does not open here."""
    try:
        said = read_item(item, room.room_id)
        if not isinstance(said, EntryBody):
            return None
        key = epochs.key(db, room.row, said.epoch)
        heard = None if key is None else stage.hear(said, key)
    except (BadSignature, RemoteProtocolError, Damaged, BadPadding):
        return None
    if not isinstance(heard, Text):
        return None
    return Quoted(
        entry_id=entry_id(room.room_id, said.lane, said.seat, said.counter),
        seat_id=said.seat,
        name=clean(heard.name),
        text=words.lines(heard.text, MAX_SAID),
        sent_ms=heard.sent_ms,
        mine=said.seat == room.seat.key.seat,
        proof=Proof.SIGNED,
    )


def _question(
    db: Connection,
    room: KeptRoom,
    one: KeptQuestion,
    likeness: Likeness,
    now: int,
    *,
    reads_desk: bool,
    helps: bool,
) -> Question:
    declined = one.state is QuestionState.DECLINED
    named = reads_desk or not one.nameless
    seat = one.asker if named or one.mine else None
    name = one.name or (people.name_of(db, room.row, one.asker) if named else "")
    to_host = one.mine and not helps and room.front().seat is not None
    return Question(
        question_id=one.question_id,
        text=one.text,
        name="" if one.nameless else name,
        asked_ms=one.asked_ms,
        votes=max(one.votes, int(one.voted)),
        state=one.state,
        mine=one.mine,
        voted=one.voted,
        starred=one.starred,
        reason=one.words if declined else "",
        answer="" if declined else one.words,
        moment=one.moment,
        answered_ms=one.answered_ms,
        seat_id=seat,
        seat_name=name if reads_desk else "",
        asidable=to_host or (helps and not one.mine and one.asker is not None),
        held=reads_desk and not one.mine and _is_held(db, room, one, now),
        imitates=likeness.misleads(one.asker, name if reads_desk or not one.nameless else ""),
    )


def _is_held(db: Connection, room: KeptRoom, one: KeptQuestion, now: int) -> bool:
    """Whether the board does not have it, since its asker may not speak."""
    if one.state is not QuestionState.QUEUED or one.told_place or one.asker is None:
        return False
    asker = people.find(db, room.row, one.asker)
    return asker is not None and asker.muted_until_ms > now


def _item(db: Connection, room: KeptRoom, one: Waiting, likeness: Likeness, now: int) -> DeskItem:
    person = people.find(db, room.row, one.seat)
    return DeskItem(
        desk_id=one.desk_id,
        kind=one.kind,
        seat_id=one.seat,
        name=one.name,
        came_ms=one.came_ms,
        words=one.words,
        entry=None if one.item is None else quoted(db, room, one.item),
        newcomer=person is None or now - person.since_ms < NEWCOMER_MS,
        imitates=likeness.misleads(one.seat, one.name),
    )
