"""What a seat of a room may, as far as it was proven here: by the front, or by signed grants."""

from __future__ import annotations

from collections.abc import Iterable

from sqlcipher3 import Connection

from desktop.core.rooms import May, Role
from desktop.store.rooms import grants, ordered
from desktop.store.rooms.rooms import KeptRoom
from protocol.ids import SeatId
from protocol.wire.rooms.orders import EVERYTHING, Scope

MODERATOR = Scope.MODERATE | Scope.BAN | Scope.ADMIT | Scope.SETTINGS | Scope.SPEAK | Scope.DESK
"""What somebody is given who is made a moderator."""

GUEST = Scope.SPEAK
_COVERS = {
    May.MODERATE: Scope.MODERATE,
    May.BAN: Scope.BAN,
    May.ADMIT: Scope.ADMIT,
    May.SETTINGS: Scope.SETTINGS,
    May.DESK: Scope.DESK,
    May.MODERATORS: Scope.MODERATORS,
    May.END: Scope.HOST,
}
_HELPS = MODERATOR & ~Scope.SPEAK | Scope.MODERATORS


def scopes_of(
    db: Connection, room: KeptRoom, seat: SeatId, at_ms: int, place: int = ordered.LAST
) -> Scope:
    """What a seat may at this time and place. The host's seat stands in the front, which the
    room's key signed: it may everything."""
    found = grants.scopes_of(db, room.row, seat, at_ms, place)
    if Scope.HOST not in found and room.front().seat == seat:
        return EVERYTHING
    return found


class Roles:
    """The same of many seats, read once."""

    def __init__(self, db: Connection, room: KeptRoom, at_ms: int) -> None:
        self._held = grants.every(db, room.row)
        self._host = room.front().seat
        self._at_ms = at_ms

    def of(self, seat: SeatId) -> Scope:
        held = self._held.get(seat)
        found = Scope(0) if held is None else held.at(self._at_ms)
        return EVERYTHING if Scope.HOST not in found and seat == self._host else found


def mine(db: Connection, room: KeptRoom, now: int) -> Scope:
    """What I may."""
    if room.key is not None:
        return EVERYTHING
    return grants.scopes_of(db, room.row, room.seat.key.seat, now)


def covering(may: Iterable[May]) -> Scope:
    """What a moderator is given who may do this, and no more."""
    scopes = GUEST
    for one in may:
        scopes |= _COVERS[one]
    return scopes


def may_of(scopes: Scope) -> tuple[May, ...]:
    """The same in the app's words."""
    return tuple(may for may, scope in _COVERS.items() if scope in scopes)


def role_of(scopes: Scope) -> Role:
    """In one word."""
    if Scope.HOST in scopes:
        return Role.HOST
    if scopes & _HELPS:
        return Role.MODERATOR
    return Role.GUEST if GUEST in scopes else Role.MEMBER
