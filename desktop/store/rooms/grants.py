"""Roles of a room that were proven: grants whose signature by the room's key was seen.

Law: what a relay says of scopes counts for nothing; of two grants of a seat the one made later
counts, unless it was revoked; and none of a seat that is out, until it is let back.
"""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.rooms import ordered
from protocol.errors import BadSignature, RemoteProtocolError
from protocol.ids import GrantId, RoomId, SeatId
from protocol.wire.frames.rooms import SignedGrant
from protocol.wire.rooms.authority import is_out
from protocol.wire.rooms.orders import EVERYTHING, GrantBody, Scope, read_grant

MOST = 1_000
"""Of one room: a host who gives more roles than that is not helped by them being known."""


class Held(Struct, frozen=True):
    """A seat's grant that counts."""

    grant_id: GrantId
    seat: SeatId
    scopes: Scope
    made_ms: int
    expires_ms: int
    signed: SignedGrant

    def at(self, at_ms: int) -> Scope:
        """What it covers at this time."""
        return self.scopes if at_ms <= self.expires_ms else Scope(0)


_SELECT = (
    "SELECT grant_id, seat, scopes, made_ms, expires_ms, body, signature FROM room_grant AS held"
    " WHERE room = ?1 AND NOT EXISTS (SELECT 1 FROM room_revoked AS gone"
    " WHERE gone.room = held.room AND gone.grant_id = held.grant_id)"
)


def proven(signed: SignedGrant, room_id: RoomId) -> GrantBody | None:
    """What a grant says, if it proves itself."""
    try:
        return read_grant(signed, room_id)
    except (BadSignature, RemoteProtocolError):
        return None


def learn(db: Connection, room: int, room_id: RoomId, signed: SignedGrant) -> GrantBody | None:
    """Keep a grant that proves itself; None where it does not."""
    grant = proven(signed, room_id)
    if grant is None:
        return None
    db.execute(
        "INSERT INTO room_grant"
        " (room, grant_id, seat, scopes, made_ms, expires_ms, body, signature)"
        " SELECT ?, ?, ?, ?, ?, ?, ?, ?"
        " WHERE (SELECT count(*) FROM room_grant WHERE room = ?1) < ?9 ON CONFLICT DO NOTHING",
        (
            *(room, grant.grant, grant.seat, grant.scopes, grant.made_ms, grant.expires_ms),
            *(signed.body, signed.signature, MOST),
        ),
    )
    return grant


def revoke(db: Connection, room: int, grant_id: GrantId) -> None:
    """It counts no more, also if it comes only later."""
    db.execute(
        "INSERT INTO room_revoked (room, grant_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (room, grant_id),
    )


def revoked(db: Connection, room: int) -> frozenset[GrantId]:
    """All that count no more."""
    rows = db.execute("SELECT grant_id FROM room_revoked WHERE room = ?", (room,))
    return frozenset(GrantId(row[0]) for row in rows)


def held(db: Connection, room: int, seat: bytes, place: int = ordered.LAST) -> Held | None:
    """The seat's grant that counts at this place, expired or not."""
    found = all_of(db, room, seat)
    if not found or is_out(ordered.about(db, room, seat, place)):
        return None
    return found[-1]


def all_of(db: Connection, room: int, seat: bytes) -> list[Held]:
    """All that a seat was given and that were not revoked; the last one counts."""
    rows = db.execute(_SELECT + " AND seat = ?2 ORDER BY made_ms, grant_id", (room, seat))
    return [_held(row) for row in rows]


def every(db: Connection, room: int) -> dict[SeatId, Held]:
    """Of each seat that has one that counts."""
    rows = db.execute(_SELECT + " ORDER BY made_ms, grant_id", (room,)).fetchall()
    out = ordered.put_out(db, room) if rows else frozenset[SeatId]()
    return {one.seat: one for one in map(_held, rows) if one.seat not in out}


def scopes_of(
    db: Connection, room: int, seat: bytes, at_ms: int, place: int = ordered.LAST
) -> Scope:
    """What a seat may at this time and place, as far as it was proven."""
    found = held(db, room, seat, place)
    return Scope(0) if found is None else found.at(at_ms)


def _held(row: tuple[bytes, bytes, int, int, int, bytes, bytes]) -> Held:
    grant_id, seat, scopes, made, expires, body, signature = row
    return Held(
        GrantId(grant_id),
        SeatId(seat),
        Scope(scopes & EVERYTHING),
        made,
        expires,
        SignedGrant(body=body, signature=signature),
    )
