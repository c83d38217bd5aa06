"""What the stage says of the board: questions as they stand, counts, what is pinned.

Law: what its author had no scope for changes nothing, and what stands later on the stage counts.
"""

from __future__ import annotations

from typing import Final

from sqlcipher3 import Connection

from desktop.core.questions import QuestionId, QuestionState
from desktop.core.room_facade import BoardChanged, RoomChanged, StageMoved
from desktop.engine.ground import Said
from desktop.store.rooms import board, items, people, reactions
from desktop.store.rooms.board import KeptQuestion
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import words
from protocol.e2e.rooms.contents import (
    MAX_ANSWER,
    MAX_QUESTION,
    Counted,
    Pinned,
    Question,
    StageContent,
    may_say,
)
from protocol.e2e.rooms.contents import QuestionState as Told
from protocol.ids import EntryId
from protocol.wire.rooms.items import EntryBody
from protocol.wire.rooms.orders import Scope

_STATES: Final[dict[Told, QuestionState]] = {
    told: QuestionState(told.value) for told in Told if told is not Told.OTHER
}


def heard(
    db: Connection,
    said: Said,
    room: KeptRoom,
    entry_id: EntryId,
    entry: EntryBody,
    content: StageContent,
    scopes: Scope,
    place: int,
    now: int,
) -> None:
    """An entry of the stage came with its number. ``scopes`` are its author's, as proven."""
    del entry_id, entry  # what a question is called stands in it
    if not may_say(content, scopes):
        return
    match content:
        case Question():
            _stands(db, said, room, content, place, now)
        case Counted():
            _counted(db, said, room, content)
        case Pinned():
            before = reactions.pinned(db, room.row)
            reactions.pin(db, room.row, content.entry, place, min(content.sent_ms, now))
            after = reactions.pinned(db, room.row)
            moved = tuple(one.entry_id for one in (before, after) if one is not None)
            said.events += (StageMoved(room.room_id, moved), RoomChanged(room.room_id))
        case _:
            pass


def _stands(
    db: Connection, said: Said, room: KeptRoom, content: Question, place: int, now: int
) -> None:
    known = board.find(db, room.row, content.question, room.seat.key.seat)
    state = _STATES.get(content.state)
    text = words.line(content.text, MAX_QUESTION)
    if not text or state is None or (known is not None and place <= known.told_place):
        return
    if known is not None and state is QuestionState.QUEUED is not known.state:
        return  # it was published by two at once
    answered = state is QuestionState.ANSWERED
    board.stands(
        db,
        room.row,
        KeptQuestion(
            question_id=QuestionId(content.question),
            text=text,
            asker=content.asker,
            name="" if content.asker is None else people.name_of(db, room.row, content.asker),
            nameless=content.asker is None,
            asked_ms=min(content.sent_ms, now),
            state=state,
            words=words.lines(content.words, MAX_ANSWER),
            merged=None if content.merged is None else QuestionId(content.merged),
            votes=content.votes,
            moment=_moment(db, room, place) if state is QuestionState.ANSWERING else None,
            answered_ms=min(content.sent_ms, now) if answered else None,
            told_place=place,
        ),
    )
    said.events.append(BoardChanged(room.room_id))


def _counted(db: Connection, said: Said, room: KeptRoom, content: Counted) -> None:
    news = [board.counted(db, room.row, one.question, one.votes) for one in content.votes]
    if any(news):
        said.events.append(BoardChanged(room.room_id))
    changed: list[EntryId] = []
    for one in content.reactions:
        sign = words.sign(one.sign)
        if sign and items.by_id(db, room.row, one.entry) is not None:
            reactions.counted(db, room.row, one.entry, sign, one.count)
            changed.append(one.entry)
    if changed:
        said.events.append(StageMoved(room.room_id, tuple(dict.fromkeys(changed))))


def _moment(db: Connection, room: KeptRoom, place: int) -> EntryId | None:
    """The last row before: what the stage can be taken to."""
    rows = items.shown(db, room.row, 1, before=place)
    return rows[0].entry_id if rows else None
