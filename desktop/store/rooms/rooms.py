"""Rooms I host, sit in, sat in, or have a link to, each with the seat I have there."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.rows import reads_a_row
from protocol.e2e.packing import pack, unpack
from protocol.e2e.rooms import front as fronts
from protocol.e2e.rooms.front import Front
from protocol.e2e.rooms.link import RoomLink, parse_room_link
from protocol.errors import Damaged, RemoteProtocolError
from protocol.ids import RoomId, SeatId
from protocol.keys import Secret
from protocol.wire.frames.rooms import SeatState, SignedCard, SignedGrant, SignedPolicy
from protocol.wire.rooms.policy import PolicyBody, read_policy
from protocol.wire.rooms.signed import RoomKey, SeatKey


class KeptSeat(Struct, frozen=True):
    """A seat of mine, with all that only I have of it."""

    row: int
    key: SeatKey
    sealing: Secret
    card: SignedCard
    wrap_key: Secret
    pseudonym: str


class KeptRoom(Struct, frozen=True):
    """A room, as far as it is known here. ``key``: I am its host."""

    row: int
    room_id: RoomId
    link: RoomLink
    key: RoomKey | None
    policy: SignedPolicy
    seat: KeptSeat
    state: SeatState
    grant: SignedGrant | None
    wanted: bool
    opening: bool
    reason: str = ""
    muted_until_ms: int = 0
    said_ms: int = 0
    entered_ms: int | None = None
    knocked_ms: int | None = None
    ended_ms: int | None = None
    live_since_ms: int | None = None
    lasted_ms: int = 0
    people: int = 0
    waiting: int = 0
    desk_told: int = 0
    oldest: int = 0
    warned: str | None = None
    added_ms: int = 0
    before: bytes | None = None  # the last front that opened, where the one in force does not

    @property
    def body(self) -> PolicyBody:
        """What its host decided."""
        return _policy(self.policy.body, self.policy.signature, self.room_id)

    def front(self) -> Front:
        """Title and what else stands at its door: as it was, where a newer one does not open; with
        nothing of it known, nothing."""
        found = _front(self.body.front, str(self.link))
        if found is not None:
            return found
        return Front(title="") if self.before is None else unpack(self.before, Front)


# All are asked for at each entry that comes, and change as seldom as the room itself.
@lru_cache(maxsize=64)
def _link(text: str) -> RoomLink:
    return parse_room_link(text)


@lru_cache(maxsize=64)
def _policy(body: bytes, signature: bytes, room_id: RoomId) -> PolicyBody:
    return read_policy(SignedPolicy(body=body, signature=signature), room_id)


@lru_cache(maxsize=64)
def _front(sealed: bytes, link: str) -> Front | None:
    found = _link(link)
    try:
        return fronts.open_front(sealed, found.front_key(), found.room)
    except (Damaged, RemoteProtocolError):
        return None


_SEAT = (
    "SELECT row, seat_id, seed, sealing, card, card_signature, wrap_key, pseudonym"
    " FROM room_seat WHERE room = ? ORDER BY row DESC"
)
_ROOM = (
    "SELECT row, room_id, link, seed, policy, policy_signature, grant_body, grant_signature,"
    " seat_state, wanted, opening, reason, muted_until_ms, said_ms, entered_ms, knocked_ms,"
    " ended_ms, live_since_ms, lasted_ms, people, waiting, desk_told, oldest, warned, added_ms,"
    " front FROM room"
)


def find(db: Connection, room_id: RoomId) -> KeptRoom | None:
    """One that is known here."""
    row = db.execute(f"{_ROOM} WHERE room_id = ?", (room_id,)).fetchone()
    return None if row is None else _room((row, _newest(db, row[0])))


def get(db: Connection, row: int) -> KeptRoom:
    """One that is there for certain."""
    found = db.execute(f"{_ROOM} WHERE row = ?", (row,)).fetchone()
    return _room((found, _newest(db, row)))


def every(db: Connection) -> list[KeptRoom]:
    """All of them, the newest first."""
    rows = db.execute(f"{_ROOM} ORDER BY row DESC").fetchall()
    return [_room((row, _newest(db, row[0]))) for row in rows]


def seats(db: Connection, row: int) -> list[KeptSeat]:
    """All seats I ever had in a room, the newest first."""
    return [_seat(each) for each in db.execute(_SEAT, (row,))]


def add(
    db: Connection, link: RoomLink, policy: SignedPolicy, key: RoomKey | None, now_ms: int
) -> int:
    """A room that was not known; it needs a seat next."""
    made = db.execute(
        "INSERT INTO room (room_id, link, seed, policy, policy_signature, seat_state, wanted,"
        " opening, added_ms) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?) RETURNING row",
        (
            link.room,
            str(link),
            None if key is None else bytes(key.seed),
            policy.body,
            policy.signature,
            SeatState.AWAY.value,
            key is not None,
            now_ms,
        ),
    ).fetchone()
    return int(made[0])


def sit(
    db: Connection,
    row: int,
    key: SeatKey,
    sealing: Secret,
    card: SignedCard,
    wrap_key: Secret,
    pseudonym: str,
    now_ms: int,
) -> None:
    """Have another seat from now on. What the seat before was said to be is not true of it."""
    db.execute(
        "INSERT INTO room_seat (room, seat_id, seed, sealing, card, card_signature, wrap_key,"
        " pseudonym, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row,
            key.seat,
            bytes(key.seed),
            bytes(sealing),
            card.body,
            card.signature,
            bytes(wrap_key),
            pseudonym,
            now_ms,
        ),
    )
    db.execute(
        "UPDATE room SET seat_state = ?, grant_body = NULL, grant_signature = NULL, reason = '',"
        " muted_until_ms = 0, said_ms = 0, desk_told = 0, knocked_ms = NULL WHERE row = ?",
        (SeatState.AWAY.value, row),
    )


def rename(db: Connection, seat_row: int, pseudonym: str) -> None:
    """Another name on the same seat."""
    db.execute("UPDATE room_seat SET pseudonym = ? WHERE row = ?", (pseudonym, seat_row))


def put_wrap_key(db: Connection, seat_row: int, wrap_key: Secret) -> None:
    """Keys for the seat are locked with this from now on."""
    db.execute("UPDATE room_seat SET wrap_key = ? WHERE row = ?", (bytes(wrap_key), seat_row))


def put(db: Connection, row: int, **facts: str | bytes | int | None) -> None:
    """Facts of a room by the names of their columns."""
    names = ", ".join(f"{name} = ?" for name in facts)
    db.execute(f"UPDATE room SET {names} WHERE row = ?", (*facts.values(), row))


def put_policy(db: Connection, row: int, policy: SignedPolicy) -> None:
    """A newer one. What was known of the door stays, for where its front does not open."""
    known = get(db, row).front()
    if known.title:
        put(db, row, front=pack(known))
    put(db, row, policy=policy.body, policy_signature=policy.signature)


def put_link(db: Connection, row: int, link: RoomLink) -> None:
    """The way in is another one."""
    put(db, row, link=str(link))


def put_grant(db: Connection, row: int, grant: SignedGrant | None) -> None:
    """What my seat may, by the room key's word."""
    body, signature = (None, None) if grant is None else (grant.body, grant.signature)
    put(db, row, grant_body=body, grant_signature=signature)


def forget(db: Connection, row: int) -> None:
    """Everything of it."""
    db.execute("DELETE FROM room WHERE row = ?", (row,))


def _newest(db: Connection, row: int) -> tuple[Any, ...]:
    found: tuple[Any, ...] = db.execute(f"{_SEAT} LIMIT 1", (row,)).fetchone()
    return found


@reads_a_row
def _seat(row: tuple[Any, ...]) -> KeptSeat:
    number, seat_id, seed, sealing, card, signature, wrap_key, pseudonym = row
    return KeptSeat(
        row=number,
        key=SeatKey(SeatId(seat_id), Secret(seed)),
        sealing=Secret(sealing),
        card=SignedCard(body=card, signature=signature),
        wrap_key=Secret(wrap_key),
        pseudonym=pseudonym,
    )


@reads_a_row
def _room(rows: tuple[tuple[Any, ...], tuple[Any, ...]]) -> KeptRoom:
    row, seat = rows
    number, room_id, link, seed, policy, signature, grant, granted, state, wants, opening = row[:11]
    room = RoomId(room_id)
    return KeptRoom(
        number,
        room,
        _link(link),
        None if seed is None else RoomKey(room, Secret(seed)),
        SignedPolicy(body=policy, signature=signature),
        _seat(seat),
        SeatState(state),
        None if grant is None else SignedGrant(body=grant, signature=granted),
        bool(wants),
        bool(opening),
        *row[11:],
    )
