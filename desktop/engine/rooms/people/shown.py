"""The list of people as a room shows it: who runs it first, each with what was done to them.

Law: the relay's word of who is here is shown and decides nothing; roles are the host's to give.
"""

from __future__ import annotations

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.rooms import Order, Person, Presence, Role
from desktop.engine.rooms.line.clocks import FOR_GOOD, here
from desktop.engine.rooms.order import orders, roles
from desktop.engine.rooms.people.likeness import Likeness
from desktop.store.rooms import grants, ordered, people
from desktop.store.rooms.people import KeptPerson
from desktop.store.rooms.rooms import KeptRoom
from protocol.ids import SeatId
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.authority import in_force, is_hosts
from protocol.wire.rooms.orders import What

MOST_SHOWN = 1_000
FOR_GOOD_MS = 100 * 366 * 86_400_000
"""A host's own role has no end that anybody needs to know."""

NEWCOMER_MS = 5 * 60_000
STATES = {
    SeatState.HERE: Presence.HERE,
    SeatState.WAITING: Presence.AT_THE_DOOR,
    SeatState.REMOVED: Presence.REMOVED,
    SeatState.BANNED: Presence.REMOVED,
    SeatState.REFUSED: Presence.REMOVED,
}


def listed(db: Connection, room: KeptRoom, now: int, ahead_ms: int = 0) -> list[Person]:
    """The list as it is shown: who runs the room first, then who is here, then the others.
    ``ahead_ms``: of the room's clock, by which roles and time-outs end."""
    at = now - ahead_ms
    front = room.front()
    given = grants.every(db, room.row)
    of_rank = {seat: roles.role_of(held.at(at)) for seat, held in given.items()}
    ends = {
        seat: here(held.expires_ms, ahead_ms)
        for seat, held in given.items()
        if of_rank[seat] is not Role.MEMBER and held.expires_ms - held.made_ms < FOR_GOOD_MS
    }
    if front.seat is not None:
        of_rank[front.seat] = Role.HOST
    kept = people.some(db, room.row, list(STATES), MOST_SHOWN)
    kept += [
        person
        for seat in of_rank
        if (person := people.find(db, room.row, seat)) is not None and person not in kept
    ]
    likeness = Likeness(db, room)
    shown = [
        replace(
            _person(room, one, of_rank.get(one.seat, Role.MEMBER), now, ahead_ms),
            imitates=likeness.misleads(one.seat, one.name),
            role_until_ms=ends.get(one.seat),
            may=roles.may_of(given[one.seat].at(at)) if one.seat in given else (),
        )
        for one in kept
    ]
    shown = [
        replace(one, done=_why(db, room, one.seat_id), by_host=_by_host(db, room, one))
        if one.state in _DONE_TO
        else one
        for one in shown
    ]
    return sorted(shown, key=lambda one: (_ORDER[one.role], one.state is not Presence.HERE))


_ORDER = {Role.HOST: 0, Role.MODERATOR: 1, Role.GUEST: 2, Role.MEMBER: 3}


_DONE_TO = (Presence.REMOVED, Presence.MUTED, Presence.TIMED_OUT)
_PUTS_OUT = (What.REMOVE, What.BAN)
_MUTES = (What.MUTE, What.TIME_OUT)


def _why(db: Connection, room: KeptRoom, seat: SeatId) -> Order | None:
    """The order by which somebody is out, or else may not write."""
    verdict = ordered.verdict(db, room.row, seat)
    kept = verdict.out or verdict.muted_by
    return None if kept is None else orders.shown(db, room, kept.order)


def _by_host(db: Connection, room: KeptRoom, one: Person) -> bool:
    """Whether any of what they are under is a host's: a moderator lifts none of it."""
    done = in_force(ordered.about(db, room.row, one.seat_id))
    kinds = _PUTS_OUT if one.state is Presence.REMOVED else _MUTES
    return any(each.what in kinds and is_hosts(each, room.room_id) for each in done)


def _person(room: KeptRoom, one: KeptPerson, role: Role, now: int, ahead_ms: int) -> Person:
    state, until = STATES.get(one.state, Presence.AWAY), None
    muted_until = here(one.muted_until_ms, ahead_ms)
    if muted_until > now and state is Presence.HERE:
        for_good = muted_until >= FOR_GOOD
        state = Presence.MUTED if for_good else Presence.TIMED_OUT
        until = None if for_good else muted_until
    return Person(
        seat_id=one.seat,
        name=one.name,
        role=role,
        state=state,
        me=one.seat == room.seat.key.seat,
        newcomer=role is Role.MEMBER and now - one.since_ms < NEWCOMER_MS,
        until_ms=until,
    )
