"""What came to the desk goes to the stage: new questions, and counts, at most once a second.

Law: one app publishes, the host's, or a co-host's while the host is away. What changed is noted in
the transaction that takes it in, and goes out in one that queues its entry, so a count that was not
published before a crash is published after it. What somebody asks who was muted or given a pause
waits with the host, who can answer it, until they may speak: a mute is no mute that leaves the
board open.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import trio
from sqlcipher3 import Connection

from desktop.core.questions import QuestionState
from desktop.core.room_facade import BoardChanged, RoomChanged
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground, Said
from desktop.engine.rooms.keys import admission
from desktop.engine.rooms.stage import compose
from desktop.store.rooms import board, reactions, rooms
from desktop.store.rooms.board import KeptQuestion
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.contents import MAX_TALLIES, Counted, Question, Reactions, Votes
from protocol.e2e.rooms.contents import QuestionState as Told
from protocol.ids import EntryId, SeatId
from protocol.wire.rooms.orders import Scope

PACE_S: Final = 1.0
AT_A_TIME: Final = 8
"""Questions that are published in one second; the others in the next."""


async def keep_counting(ground: Ground, row: int, bell: Doorbell) -> None:
    """For as long as I sit in the room."""
    while True:
        more = False
        if await ground.vault.read(partial(_is_due, row=row, now=ground.now())):
            more = await ground.do(partial(_publish, row=row, now=ground.now()))
        await trio.sleep(PACE_S)
        if not more:
            await bell.wait()


def _is_due(db: Connection, row: int, now: int) -> bool:
    """Looked at first: whoever only listens writes nothing for it."""
    room = rooms.get(db, row)
    waits = board.waits(db, row, now) or reactions.waits(db, row)
    return waits and admission.deputises(db, room, Scope.HOST, now)


def _publish(db: Connection, said: Said, row: int, now: int) -> bool:
    room = rooms.get(db, row)
    return room.ended_ms is None and publish(db, said, room, now)


def publish(db: Connection, said: Said, room: KeptRoom, now: int) -> bool:
    """Queue what the stage has yet to see; whether more is left for the next time."""
    if not admission.deputises(db, room, Scope.HOST, now):
        return False
    asked = board.due(db, room.row, room.seat.key.seat, now, AT_A_TIME)
    for question in asked:
        compose.say(db, said, room, as_told(room, question, now), now)
        board.published(db, room.row, question.question_id)
        board.counted(db, room.row, question.question_id, question.counted)
    votes = board.touched(db, room.row, MAX_TALLIES)
    given = reactions.touched(db, room.row, MAX_TALLIES)
    if votes or given:
        counted = Counted(
            name=room.seat.pseudonym,
            sent_ms=now,
            votes=tuple(Votes(question, count) for question, count in votes),
            reactions=tuple(Reactions(entry, sign, count) for entry, sign, count in given),
        )
        compose.say(db, said, room, counted, now)
        for question_id, count in votes:
            board.counted(db, room.row, question_id, count)
    if asked or votes:  # heard again from the stage, they are no news any more
        said.events += (BoardChanged(room.room_id), RoomChanged(room.room_id))
    return len(asked) == AT_A_TIME or MAX_TALLIES in (len(votes), len(given))


def as_told(room: KeptRoom, question: KeptQuestion, now: int) -> Question:
    """The question as the stage is told of it."""
    asker: SeatId | None = None if question.nameless else question.asker
    return Question(
        name=room.seat.pseudonym,
        sent_ms=now,
        question=_entry_id(question),
        text=question.text,
        state=Told(question.state.value),
        asker=asker,
        votes=max(question.counted, question.votes if question.state is not _NEW else 0),
        words=question.words,
        merged=None if question.merged is None else EntryId(question.merged),
    )


_NEW = QuestionState.QUEUED


def _entry_id(question: KeptQuestion) -> EntryId:
    return EntryId(question.question_id)
