"""Who sits in a room, as its relay tells it, and the names that opened.

``proven``: the name opened under a key of the room and is bound to the seat, so whoever sits there
has, or had, that key. The state is the relay's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.rows import reads_a_row
from protocol.ids import SeatId
from protocol.wire.frames.rooms import SeatState


class KeptPerson(Struct, frozen=True):
    """A seat, as it was told last."""

    seat: SeatId
    name: str
    sealed_name: bytes
    proven: bool
    state: SeatState
    since_ms: int
    muted_until_ms: int = 0


_SELECT = (
    "SELECT seat, name, sealed_name, proven, state, since_ms, muted_until_ms"
    " FROM room_person WHERE room = ?"
)


_AT_ONCE = 250  # in one statement


def put(db: Connection, room: int, person: KeptPerson) -> None:
    """It is told so. A name that did not open does not take the place of one that did; who is at
    the door has none yet but the one they knocked with."""
    db.execute(
        "INSERT INTO room_person"
        " (room, seat, name, sealed_name, proven, state, since_ms, muted_until_ms)"
        " VALUES (?1, ?2, coalesce(nullif(?3, ''), (SELECT name FROM room_desk WHERE room = ?1"
        " AND seat = ?2 AND kind = 'door' LIMIT 1), ''), ?4, ?5, ?6, ?7, ?8)"
        " ON CONFLICT (room, seat) DO UPDATE SET"
        " name = iif(excluded.name = '', name, excluded.name),"
        " sealed_name = excluded.sealed_name, proven = max(proven, excluded.proven),"
        " state = excluded.state, since_ms = excluded.since_ms,"
        " muted_until_ms = excluded.muted_until_ms",
        (
            *(room, person.seat, person.name, person.sealed_name, person.proven),
            *(person.state.value, person.since_ms, person.muted_until_ms),
        ),
    )


def rename(db: Connection, room: int, seat: bytes, name: str) -> None:
    """What an entry of theirs says they are called."""
    db.execute(
        "UPDATE room_person SET name = ? WHERE room = ? AND seat = ? AND name <> ?1",
        (name, room, seat),
    )


def knocks(db: Connection, room: int, seat: bytes, said: str, now_ms: int) -> None:
    """Somebody at the door, whose seat has no name that anybody could read, and what they say at
    the desk that they are called."""
    db.execute(
        "INSERT INTO room_person (room, seat, name, sealed_name, proven, state, since_ms,"
        " muted_until_ms) VALUES (?, ?, ?, x'', 0, 'waiting', ?, 0) ON CONFLICT (room, seat)"
        " DO UPDATE SET name = iif(proven, name, excluded.name)",
        (room, seat, said, now_ms),
    )


def moved(db: Connection, room: int, came: Iterable[bytes], went: Iterable[bytes]) -> None:
    """Of those who are known: they sit there, or do not any more."""
    act = "UPDATE room_person SET state = ? WHERE room = ? AND seat = ? AND state = ?"
    db.executemany(act, [("here", room, seat, "away") for seat in came])
    db.executemany(act, [("away", room, seat, "here") for seat in went])


def set_state(
    db: Connection, room: int, seat: bytes, state: SeatState, muted_until_ms: int | None = None
) -> None:
    """An order says how a seat stands."""
    db.execute(
        "UPDATE room_person SET state = ?, muted_until_ms = coalesce(?, muted_until_ms)"
        " WHERE room = ? AND seat = ?",
        (state.value, muted_until_ms, room, seat),
    )


def find(db: Connection, room: int, seat: bytes) -> KeptPerson | None:
    """One seat."""
    row = db.execute(_SELECT + " AND seat = ?", (room, seat)).fetchone()
    return None if row is None else _person(row)


def name_of(db: Connection, room: int, seat: bytes | None) -> str:
    """What a seat is called, or nothing."""
    row = db.execute(
        "SELECT name FROM room_person WHERE room = ? AND seat = ?", (room, seat)
    ).fetchone()
    return "" if row is None else str(row[0])


def of(db: Connection, room: int, seats: Sequence[SeatId]) -> dict[SeatId, KeptPerson]:
    """These, those of them that are known."""
    found: list[KeptPerson] = []
    for at in range(0, len(seats), _AT_ONCE):
        some_ = seats[at : at + _AT_ONCE]
        rows = db.execute(f"{_SELECT} AND seat IN ({', '.join('?' * len(some_))})", (room, *some_))
        found += map(_person, rows)
    return {one.seat: one for one in found}


def unnamed(db: Connection, room: int, seats: Iterable[SeatId]) -> list[SeatId]:
    """Those of whom nothing is known yet, or no name that their seat bears."""
    asked = list(seats)
    known = of(db, room, asked)
    return [seat for seat in asked if seat not in known or not known[seat].proven]


def spoken_of(db: Connection, room: int) -> list[SeatId]:
    """Askers, who knocks, and whom orders are about, of whom nothing is known yet."""
    rows = db.execute(
        "SELECT asker FROM room_question AS one WHERE room = ?1 AND asker IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM room_person WHERE room = ?1 AND seat = one.asker)"
        " UNION SELECT seat FROM room_desk AS one WHERE room = ?1 AND done = 0"
        " AND NOT EXISTS (SELECT 1 FROM room_person WHERE room = ?1 AND seat = one.seat)"
        " UNION SELECT about FROM room_order AS one WHERE room = ?1 AND about IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM room_person WHERE room = ?1 AND seat = one.about)",
        (room,),
    )
    return [SeatId(row[0]) for row in rows]


def some(db: Connection, room: int, states: Sequence[SeatState], most: int) -> list[KeptPerson]:
    """Those who stand so, who came first first."""
    rows = db.execute(
        _SELECT + f" AND state IN ({', '.join('?' * len(states))}) ORDER BY since_ms, seat LIMIT ?",
        (room, *(state.value for state in states), most),
    )
    return [_person(row) for row in rows]


@reads_a_row
def _person(row: tuple[bytes, str, bytes, int, str, int, int]) -> KeptPerson:
    seat, name, sealed, proven, state, since, muted = row
    return KeptPerson(SeatId(seat), name, sealed, bool(proven), SeatState(state), since, muted)
