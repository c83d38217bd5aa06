"""Requests to go on aside: those that came to me, and what became of those that I made. Cards are
here as they were written; :mod:`desktop.engine.rooms.asides.cards` reads them."""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.rows import reads_a_row
from protocol.ids import ConversationId, LetterId, SeatId
from protocol.keys import Secret


class AskedState(Enum):
    """How far a request of mine has come, as far as anybody tells me."""

    WAITING = "waiting"  # to be left at the relay
    LEFT = "left"
    REFUSED = "refused"  # the relay takes none for that seat
    ACCEPTED = "accepted"  # their link has to be used
    OVER = "over"  # it led to a conversation, or never will


class Asked(Struct, frozen=True):
    """A request of mine."""

    row: int
    room: int
    seat: int
    to: SeatId
    card: bytes
    made_ms: int
    state: AskedState
    link: str | None
    accepted_ms: int | None


class Came(Struct, frozen=True):
    """A request to me. ``seat`` is the row of the seat of mine that was asked."""

    row: int
    room: int
    seat: int
    by: SeatId
    letter_id: LetterId
    name: str
    words: str
    card: bytes
    sent_ms: int
    came_ms: int
    accepted_ms: int | None = None
    invitation: Secret | None = None
    conversation_id: ConversationId | None = None


_ASKED = "SELECT row, room, seat, to_seat, card, made_ms, state, link, accepted_ms FROM room_asked"
_CAME = (
    "SELECT row, room, seat, by_seat, letter_id, name, words, card, sent_ms, came_ms,"
    " accepted_ms, invitation, conversation_id FROM room_request"
)

# Mine


def ask(
    db: Connection,
    room: int,
    seat: int,
    to: SeatId,
    letter: int,
    card: bytes,
    now_ms: int,
    about: bytes = b"",
) -> int:
    """Note a request whose letter has this row."""
    made = db.execute(
        "INSERT INTO room_asked (room, seat, to_seat, about, letter, card, made_ms, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING row",
        (room, seat, to, about, letter, card, now_ms, AskedState.WAITING.value),
    ).fetchone()
    return int(made[0])


def asked(db: Connection, row: int) -> Asked | None:
    """One of mine."""
    found = db.execute(f"{_ASKED} WHERE row = ?", (row,)).fetchone()
    return None if found is None else _asked(found)


def asked_since(db: Connection, seat: int, since_ms: int) -> int:
    """How many a seat of mine made since then."""
    row = db.execute(
        "SELECT count(*) FROM room_asked WHERE seat = ? AND made_ms > ?", (seat, since_ms)
    ).fetchone()
    return int(row[0])


def was_invited(db: Connection, room: int, to: SeatId) -> bool:
    """Whether a seat was asked about a question of theirs that nobody had answered."""
    row = db.execute(
        "SELECT 1 FROM room_asked WHERE room = ? AND to_seat = ? AND about <> x''", (room, to)
    ).fetchone()
    return row is not None


def refusals(db: Connection, row: int) -> int:
    """How often the relay did not take its letter, so far."""
    found = db.execute(
        "SELECT refusals FROM room_letter JOIN room_asked ON room_asked.letter = room_letter.row"
        " WHERE room_asked.row = ?",
        (row,),
    ).fetchone()
    return 0 if found is None else int(found[0])


def withdraw(db: Connection, row: int) -> None:
    """It was not asked, and its letter does not leave."""
    db.execute(
        "DELETE FROM room_letter WHERE row = (SELECT letter FROM room_asked WHERE row = ?)", (row,)
    )
    db.execute("DELETE FROM room_asked WHERE row = ?", (row,))


def sealed(db: Connection, letter: int, letter_id: LetterId) -> None:
    """The letter has its id, which the answer names."""
    db.execute("UPDATE room_asked SET letter_id = ? WHERE letter = ?", (letter_id, letter))


def over(db: Connection, letter: int, state: AskedState) -> None:
    """The letter was left, or refused."""
    db.execute(
        "UPDATE room_asked SET state = ?, letter = NULL WHERE letter = ?", (state.value, letter)
    )


def answered(
    db: Connection, room: int, letter_id: LetterId, by: SeatId, link: str, now_ms: int
) -> bool:
    """They said yes to what I asked them; whether I did, and this is the first answer."""
    changed = db.execute(
        "UPDATE room_asked SET state = 'accepted', link = ?, accepted_ms = ?, letter = NULL"
        " WHERE room = ? AND letter_id = ? AND to_seat = ? AND link IS NULL",
        (link, now_ms, room, letter_id, by),
    )
    return changed.rowcount > 0


def accepted(db: Connection) -> list[Asked]:
    """Those whose link has to be used."""
    return [_asked(row) for row in db.execute(f"{_ASKED} WHERE state = 'accepted' ORDER BY row")]


def end_asked(db: Connection, row: int) -> None:
    """It led to a conversation, or never will."""
    db.execute("UPDATE room_asked SET state = 'over', letter = NULL WHERE row = ?", (row,))


# To me


def add(db: Connection, one: Came) -> int:
    """Somebody asks."""
    made = db.execute(
        "INSERT INTO room_request (room, seat, by_seat, letter_id, name, words, card, sent_ms,"
        " came_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING row",
        (
            one.room,
            one.seat,
            one.by,
            one.letter_id,
            one.name,
            one.words,
            one.card,
            one.sent_ms,
            one.came_ms,
        ),
    ).fetchone()
    return int(made[0])


def every(db: Connection) -> list[Came]:
    """Those that did not lead to a conversation yet, the newest first."""
    rows = db.execute(f"{_CAME} WHERE conversation_id IS NULL ORDER BY row DESC")
    return [_came(row) for row in rows]


def find(db: Connection, row: int) -> Came | None:
    """One of them."""
    found = db.execute(f"{_CAME} WHERE row = ?", (row,)).fetchone()
    return None if found is None else _came(found)


def waiting(db: Connection, room: int, by: SeatId | None = None) -> int:
    """How many wait for an answer: of a room, or of one seat in it."""
    row = db.execute(
        "SELECT count(*) FROM room_request WHERE room = ? AND (? IS NULL OR by_seat = ?)"
        " AND accepted_ms IS NULL",
        (room, by, by),
    ).fetchone()
    return int(row[0])


def accept(db: Connection, row: int, invitation: Secret, now_ms: int) -> None:
    """They are answered with a link of this secret."""
    db.execute(
        "UPDATE room_request SET accepted_ms = ?, invitation = ? WHERE row = ?",
        (now_ms, bytes(invitation), row),
    )


def invited(db: Connection, invitation: Secret) -> Came | None:
    """The one that was answered with this link."""
    found = db.execute(f"{_CAME} WHERE invitation = ?", (bytes(invitation),)).fetchone()
    return None if found is None else _came(found)


def came(db: Connection, row: int, conversation_id: ConversationId) -> None:
    """They came, and this is the conversation."""
    db.execute("UPDATE room_request SET conversation_id = ? WHERE row = ?", (conversation_id, row))


def drop(db: Connection, row: int) -> None:
    """It is not to be answered any more."""
    db.execute("DELETE FROM room_request WHERE row = ?", (row,))


def older(db: Connection, before_ms: int) -> list[int]:
    """Those that came before this time."""
    rows = db.execute("SELECT row FROM room_request WHERE came_ms < ?", (before_ms,))
    return [int(row) for (row,) in rows]


def block(db: Connection, room: int, seat: SeatId) -> None:
    """Nothing of this seat is read any more, and what it asked is gone."""
    db.execute(
        "INSERT INTO room_blocked (room, seat) VALUES (?, ?) ON CONFLICT DO NOTHING", (room, seat)
    )
    db.execute("DELETE FROM room_request WHERE room = ? AND by_seat = ?", (room, seat))


def is_blocked(db: Connection, room: int, seat: SeatId) -> bool:
    """Whether nothing of this seat is read."""
    row = db.execute(
        "SELECT 1 FROM room_blocked WHERE room = ? AND seat = ?", (room, seat)
    ).fetchone()
    return row is not None


@reads_a_row
def _asked(row: tuple[Any, ...]) -> Asked:
    number, room, seat, to, card, made, state, link, accepted_ms = row
    return Asked(
        *(number, room, seat, SeatId(to), card),
        *(made, AskedState(state), link, accepted_ms),
    )


@reads_a_row
def _came(row: tuple[Any, ...]) -> Came:
    number, room, seat, by, letter, name, words, card, sent, at, accepted_ms, secret, where = row
    return Came(
        *(number, room, seat, SeatId(by), LetterId(letter), name, words, card),
        *(sent, at, accepted_ms, None if secret is None else Secret(secret)),
        None if where is None else ConversationId(where),
    )
