"""My questions, votes, reactions and hand, and what a host or moderator does with a question.

Law: what I did shows at once, before anybody counted it; a question's next state is queued for the
stage in the transaction that shows it here.
"""

from __future__ import annotations

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.desk import DeskId, DeskKind
from desktop.core.errors import OutOfBounds, TextMissing, TextTooLong
from desktop.core.questions import QuestionId, QuestionState
from desktop.core.room_errors import (
    EntryUnknown,
    QuestionClosed,
    QuestionsWait,
    QuestionUnknown,
    RoomNotAllowed,
)
from desktop.core.room_facade import BoardChanged, DeskChanged, RoomChanged, StageMoved
from desktop.core.texts import is_blank
from desktop.engine.ground import Bell, Said
from desktop.engine.rooms.desk import counting
from desktop.engine.rooms.desk.incoming import MOST_QUESTIONS
from desktop.engine.rooms.order import roles
from desktop.engine.rooms.stage import compose
from desktop.store.rooms import board, desk, items, reactions
from desktop.store.rooms.board import OPEN, KeptQuestion
from desktop.store.rooms.desk import Waiting
from desktop.store.rooms.items import KeptItem
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import contents, words
from protocol.e2e.rooms.contents import MAX_ANSWER, MAX_QUESTION, Pinned
from protocol.e2e.rooms.desk_contents import MAX_WORDS, Ask, Hand, React, Report, Vote
from protocol.e2e.rooms.stage import MAX_INSIDE
from protocol.ids import EntryId
from protocol.wire.rooms.items import is_stub
from protocol.wire.rooms.orders import Scope


def ask(
    db: Connection, said: Said, room: KeptRoom, text: str, now: int, *, nameless: bool
) -> QuestionId:
    """Raises TextMissing, TextTooLong, QuestionsWait where the host's app would take it in no
    more: what was asked has a state that changes."""
    if is_blank(text):
        raise TextMissing
    asked = words.line(text, MAX_QUESTION + 1)
    if len(asked) > MAX_QUESTION:
        raise TextTooLong(MAX_QUESTION)
    me = room.seat
    if board.open_of(db, room.row, me.key.seat) >= MOST_QUESTIONS:
        raise QuestionsWait
    content = Ask(name=me.pseudonym, sent_ms=now, text=asked, nameless=nameless)
    question = QuestionId(compose.say(db, said, room, content, now))
    kept = KeptQuestion(
        question, asked, me.key.seat, me.pseudonym, nameless, asked_ms=now, mine=True
    )
    board.ask(db, room.row, kept, due=False)
    said.events.append(BoardChanged(room.room_id))
    return question


def vote(db: Connection, said: Said, room: KeptRoom, question_id: QuestionId, now: int) -> None:
    """Once for each question. Raises QuestionUnknown, QuestionClosed."""
    question = find(db, room, question_id)
    if question.voted or question.mine:
        return
    if question.state not in OPEN:
        raise QuestionClosed
    board.vote(db, room.row, question_id, room.seat.key.seat, taken_back=False)
    content = Vote(name=room.seat.pseudonym, sent_ms=now, question=EntryId(question_id))
    compose.say(db, said, room, content, now)
    said.bells.add(Bell.ROOMS)
    said.events.append(BoardChanged(room.room_id))


def react(
    db: Connection, said: Said, room: KeptRoom, entry_id: EntryId, sign: str, now: int
) -> None:
    """Given, or taken back if it was given. Raises EntryUnknown, OutOfBounds for what is no
    picture."""
    entry, me = _entry(db, room, entry_id), room.seat
    shown = words.sign(sign)
    if not shown:
        raise OutOfBounds("sign")
    given = reactions.given(db, room.row, entry_id, shown, me.key.seat)
    reactions.react(db, room.row, entry_id, shown, me.key.seat, taken_back=given)
    content = React(name=me.pseudonym, sent_ms=now, entry=entry_id, sign=shown, taken_back=given)
    compose.say(db, said, room, content, now)
    said.bells.add(Bell.ROOMS)
    said.events.append(StageMoved(room.room_id, (entry.entry_id or entry_id,)))


def pin(db: Connection, said: Said, room: KeptRoom, entry_id: EntryId | None, now: int) -> None:
    """For host and moderators. Raises RoomNotAllowed, EntryUnknown."""
    _need(db, room, Scope.MODERATE, now)
    if entry_id is not None:
        _entry(db, room, entry_id)
    content = Pinned(name=room.seat.pseudonym, sent_ms=now, entry=entry_id)
    compose.say(db, said, room, content, now)


def hand(db: Connection, said: Said, room: KeptRoom, now: int, *, raised: bool) -> None:
    """Mine. To say it twice changes nothing."""
    me = room.seat
    if desk.mine_up(db, room.row, me.key.seat) == raised:
        return
    content = Hand(name=me.pseudonym, sent_ms=now, raised=raised)
    desk_id = DeskId(compose.say(db, said, room, content, now))
    if raised:
        desk.put(db, room.row, Waiting(desk_id, DeskKind.HAND, me.key.seat, me.pseudonym, now))
    else:
        desk.done_of(db, room.row, me.key.seat, DeskKind.HAND)
    said.events += (RoomChanged(room.room_id), DeskChanged(room.room_id))


def report(
    db: Connection, said: Said, room: KeptRoom, entry_id: EntryId, why: str, now: int
) -> None:
    """To the desk, in the bytes it was said in. Raises EntryUnknown."""
    entry = _entry(db, room, entry_id)
    content = Report(
        name=room.seat.pseudonym,
        sent_ms=now,
        item=entry.item,
        words=words.line(why, MAX_WORDS),
    )
    compose.say(db, said, room, content, now)


def move(
    db: Connection,
    said: Said,
    room: KeptRoom,
    question_id: QuestionId,
    state: QuestionState,
    now: int,
    text: str = "",
) -> None:
    """A question's next state, for everybody. Raises QuestionUnknown, QuestionClosed,
    RoomNotAllowed, TextTooLong."""
    _need(db, room, Scope.MODERATE, now)
    question = find(db, room, question_id)
    if question.state not in OPEN:
        raise QuestionClosed
    if len(text) > MAX_ANSWER:
        raise TextTooLong(MAX_ANSWER)
    answered = state is QuestionState.ANSWERED
    moved = replace(
        question,
        state=state,
        words=words.lines(text, MAX_ANSWER),
        answered_ms=now if answered else question.answered_ms,
        votes=max(question.votes, question.counted),
    )
    told = counting.as_told(room, moved, now)
    if len(contents.dump(told)) > MAX_INSIDE:
        raise TextTooLong(MAX_ANSWER // 2)
    compose.say(db, said, room, told, now)
    board.stands(db, room.row, moved)
    said.events.append(BoardChanged(room.room_id))


def find(db: Connection, room: KeptRoom, question_id: QuestionId) -> KeptQuestion:
    """Raises QuestionUnknown."""
    found = board.find(db, room.row, question_id, room.seat.key.seat)
    if found is None:
        raise QuestionUnknown
    return found


def _need(db: Connection, room: KeptRoom, scope: Scope, now: int) -> None:
    if scope not in roles.mine(db, room, now):
        raise RoomNotAllowed


def _entry(db: Connection, room: KeptRoom, entry_id: EntryId) -> KeptItem:
    found = items.by_id(db, room.row, entry_id)
    if found is None or is_stub(found.item):
        raise EntryUnknown
    return found
