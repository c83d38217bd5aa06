"""Questions of a room with their votes: the board as it was published, and what was counted here.

Law: a question's state only goes on from ``queued``, never back to it, and what stands later on the
stage counts. ``due``: nobody has published it yet; ``touched``: a vote came that was not published.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.questions import QuestionId, QuestionState
from desktop.store.rows import reads_a_row
from protocol.ids import EntryId, SeatId

OPEN = (QuestionState.QUEUED, QuestionState.ANSWERING)


class KeptQuestion(Struct, frozen=True):
    """A question as it is known here."""

    question_id: QuestionId
    text: str
    asker: SeatId | None
    name: str
    nameless: bool
    asked_ms: int
    state: QuestionState = QuestionState.QUEUED
    words: str = ""
    merged: QuestionId | None = None
    votes: int = 0  # as they were published
    moment: EntryId | None = None
    answered_ms: int | None = None
    starred: bool = False
    mine: bool = False
    told_place: int = 0
    counted: int = 0  # those that came to this desk
    voted: bool = False


_SELECT = (
    "SELECT question, text, asker, name, nameless, asked_ms, state, words, merged, votes, moment,"
    " answered_ms, starred, mine, told_place, (SELECT count(*) FROM room_vote AS vote WHERE"
    " vote.room = one.room AND vote.question = one.question), EXISTS (SELECT 1 FROM room_vote AS"
    " vote WHERE vote.room = one.room AND vote.question = one.question AND vote.seat = ?1)"
    " FROM room_question AS one WHERE room = ?2"
)


def ask(db: Connection, room: int, question: KeptQuestion, *, due: bool) -> bool:
    """A question came to the desk, or is mine; whether it is new."""
    done = db.execute(
        "INSERT INTO room_question"
        " (room, question, text, asker, name, nameless, asked_ms, state, mine, due)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(room, question.question_id, question.text, question.asker, question.name),
            *(question.nameless, question.asked_ms, question.state.value, question.mine, due),
        ),
    )
    return bool(done.rowcount)


def know_asker(db: Connection, room: int, question: KeptQuestion, *, due: bool) -> None:
    """The desk tells who asked what is known here already."""
    db.execute(
        "UPDATE room_question SET asker = ?, name = ?, nameless = ?, asked_ms = ?, due = ?"
        " WHERE room = ? AND question = ?",
        (
            *(question.asker, question.name, question.nameless, question.asked_ms, due),
            *(room, question.question_id),
        ),
    )


def stands(db: Connection, room: int, question: KeptQuestion) -> None:
    """It stands so from now on. What is known here of its asker, and my star, stay."""
    db.execute(
        "INSERT INTO room_question (room, question, text, asker, name, nameless, asked_ms, state,"
        " words, merged, votes, moment, answered_ms, told_place)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (room, question) DO UPDATE SET state = excluded.state,"
        " words = excluded.words, merged = excluded.merged, votes = excluded.votes,"
        " moment = coalesce(excluded.moment, moment),"
        " answered_ms = coalesce(excluded.answered_ms, answered_ms),"
        " told_place = max(told_place, excluded.told_place), due = 0",
        (
            *(room, question.question_id, question.text, question.asker, question.name),
            *(question.nameless, question.asked_ms, question.state.value, question.words),
            *(question.merged, question.votes, question.moment, question.answered_ms),
            question.told_place,
        ),
    )


def find(db: Connection, room: int, question: bytes, me: bytes) -> KeptQuestion | None:
    """One of them; ``me`` is my seat."""
    row = db.execute(_SELECT + " AND question = ?3", (me, room, question)).fetchone()
    return None if row is None else _question(row)


def every(db: Connection, room: int, me: bytes, most: int = 2_000) -> list[KeptQuestion]:
    """The board, in the order of asking; of too many the newest."""
    rows = db.execute(_SELECT + " ORDER BY asked_ms DESC, question LIMIT ?3", (me, room, most))
    return [_question(row) for row in rows][::-1]


def count_open(db: Connection, room: int) -> int:
    """How many wait or are being answered."""
    (found,) = db.execute(
        "SELECT count(*) FROM room_question WHERE room = ? AND state IN ('queued', 'answering')",
        (room,),
    ).fetchone()
    return int(found)


def open_of(db: Connection, room: int, asker: bytes) -> int:
    """How many a seat has waiting."""
    (found,) = db.execute(
        "SELECT count(*) FROM room_question WHERE room = ? AND asker = ? AND state = 'queued'",
        (room, asker),
    ).fetchone()
    return int(found)


def unanswered(db: Connection, room: int) -> list[tuple[QuestionId, SeatId, str]]:
    """Who asked and got no answer, with what, the oldest of each seat."""
    rows = db.execute(
        "SELECT question, asker, text, min(asked_ms) FROM room_question WHERE room = ?"
        " AND state IN ('queued', 'answering') AND asker IS NOT NULL AND mine = 0 GROUP BY asker"
        " ORDER BY 4",
        (room,),
    )
    return [(QuestionId(question), SeatId(asker), text) for question, asker, text, _ in rows]


def withdraw(db: Connection, room: int, question: bytes) -> None:
    """A question of mine that nobody took, and nobody has seen."""
    db.execute(
        "DELETE FROM room_question WHERE room = ? AND question = ? AND mine = 1 AND told_place = 0",
        (room, question),
    )


def move(db: Connection, room: int, before: bytes, after: bytes) -> None:
    """A question of mine that waits to be told goes by another id, where it is one."""
    db.execute(
        "UPDATE room_question SET question = ? WHERE room = ? AND question = ? AND mine = 1",
        (after, room, before),
    )


def star(db: Connection, room: int, question: bytes) -> None:
    """For myself, or not any more."""
    db.execute(
        "UPDATE room_question SET starred = 1 - starred WHERE room = ? AND question = ?",
        (room, question),
    )


# Votes


def vote(db: Connection, room: int, question: bytes, seat: bytes, *, taken_back: bool) -> bool:
    """One of each seat counts; whether it changes anything."""
    act = (
        "DELETE FROM room_vote WHERE room = ? AND question = ? AND seat = ?"
        if taken_back
        else "INSERT INTO room_vote (room, question, seat) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    )
    if not db.execute(act, (room, question, seat)).rowcount:
        return False
    db.execute(
        "UPDATE room_question SET touched = 1 WHERE room = ? AND question = ?", (room, question)
    )
    return True


def counted(db: Connection, room: int, question: bytes, votes: int) -> bool:
    """So many were published; whether that is news."""
    done = db.execute(
        "UPDATE room_question SET votes = ? WHERE room = ? AND question = ? AND votes <> ?1",
        (votes, room, question),
    )
    return bool(done.rowcount)


# What is to be published


_HELD = (
    "EXISTS (SELECT 1 FROM room_person AS person WHERE person.room = one.room"
    " AND person.seat = one.asker AND person.muted_until_ms > {})"
)


def waits(db: Connection, room: int, now: int) -> bool:
    """Whether anything of it does. What somebody asked who may not speak now, waits until they
    may."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM room_question AS one WHERE room = ? AND due = 1"
        f" AND NOT {_HELD.format('?')})"
        " OR EXISTS (SELECT 1 FROM room_question WHERE room = ? AND touched = 1 AND due = 0)",
        (room, now, room),
    ).fetchone()
    return bool(row[0])


def due(db: Connection, room: int, me: bytes, now: int, most: int) -> list[KeptQuestion]:
    """Questions that nobody has seen on the stage, of those who may speak."""
    rows = db.execute(
        _SELECT + f" AND due = 1 AND NOT {_HELD.format('?3')} ORDER BY asked_ms, question LIMIT ?4",
        (me, room, now, most),
    )
    return [_question(row) for row in rows]


def published(db: Connection, room: int, question: bytes) -> None:
    """It is on its way to the stage, with the votes that are counted."""
    db.execute(
        "UPDATE room_question SET due = 0, touched = 0 WHERE room = ? AND question = ?",
        (room, question),
    )


def touched(db: Connection, room: int, most: int) -> list[tuple[EntryId, int]]:
    """Whose votes changed since they were published, and how many there are. They count as told
    from now on."""
    rows = db.execute(
        "SELECT question, votes, (SELECT count(*) FROM room_vote AS vote WHERE"
        " vote.room = one.room AND vote.question = one.question) FROM room_question AS one"
        " WHERE room = ? AND touched = 1 AND due = 0 LIMIT ?",
        (room, most),
    ).fetchall()
    db.executemany(
        "UPDATE room_question SET touched = 0 WHERE room = ? AND question = ?",
        [(room, row[0]) for row in rows],
    )
    return [(EntryId(row[0]), row[2]) for row in rows if row[1] != row[2]]


@reads_a_row
def _question(row: tuple[Any, ...]) -> KeptQuestion:
    question, text, asker, name, nameless, asked, state, words, merged, votes, *rest = row
    moment, answered, starred, mine, place, count, voted = rest
    return KeptQuestion(
        QuestionId(question),
        text,
        None if asker is None else SeatId(asker),
        name,
        bool(nameless),
        asked,
        QuestionState(state),
        words,
        None if merged is None else QuestionId(merged),
        votes,
        None if moment is None else EntryId(moment),
        answered,
        bool(starred),
        bool(mine),
        place,
        count,
        bool(voted),
    )
