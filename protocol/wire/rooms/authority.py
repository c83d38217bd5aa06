"""Whether an order counts: one rule for the relay that enforces it and for whoever looks on.

What a caller can expect is a value: :func:`fault_of` says what is wrong with an order whose own
signature holds, or nothing. It is asked at the moment of the order, in the order of numbers.

Law: who is out orders nothing, whatever grant they show; what a host ordered only hosts lift, and
nobody lifts what was ordered about them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from enum import Enum
from typing import Final, TypeAlias

from msgspec import Struct

from protocol.errors import BadSignature, RemoteProtocolError
from protocol.ids import EntryId, GrantId, RoomId, SeatId
from protocol.wire.frames.rooms import SignedGrant
from protocol.wire.rooms.orders import EVERYTHING, OrderBody, Scope, What, read_grant

NEEDED: Final[dict[What, Scope | None]] = {
    What.MUTE: Scope.MODERATE,
    What.UNMUTE: Scope.MODERATE,
    What.TIME_OUT: Scope.MODERATE,
    What.REMOVE: Scope.MODERATE,
    What.HIDE: Scope.MODERATE,
    What.SHOW: Scope.MODERATE,
    What.BAN: Scope.BAN,
    What.UNBAN: Scope.BAN,
    What.ADMIT: Scope.ADMIT,
    What.REFUSE: Scope.ADMIT,
    What.INVITE: Scope.ADMIT,
    What.UNINVITE: Scope.ADMIT,
    What.SLOW: Scope.SETTINGS,
    What.SPEAK_ALL: Scope.SETTINGS,
    What.SPEAK_HOSTS: Scope.SETTINGS,
    What.END: Scope.HOST,
    What.GRANT: None,  # the room key's alone
    What.REVOKE: None,
}
"""The scope each kind of order wants; ``undo`` wants that of what it undoes."""

UNDOABLE: Final = frozenset(
    {What.MUTE, What.TIME_OUT, What.REMOVE, What.BAN, What.REFUSE, What.HIDE, What.INVITE}
)
"""What can be taken back by the order's id, as if it had never been given."""

_ABOUT_A_SEAT: Final = frozenset(
    {What.MUTE, What.UNMUTE, What.TIME_OUT, What.REMOVE, What.BAN, What.UNBAN}
    | {What.ADMIT, What.REFUSE}
)
_AGAINST: Final = frozenset({What.MUTE, What.TIME_OUT, What.REMOVE, What.BAN})
_OUT: Final = frozenset({What.REMOVE, What.BAN})
_MUTES: Final = frozenset({What.MUTE, What.TIME_OUT})
_LIFTS: Final = {
    What.UNBAN: _OUT,
    What.ADMIT: frozenset({What.REMOVE, What.REFUSE}),
    What.UNMUTE: _MUTES,
    What.TIME_OUT: _MUTES,  # in the place of a longer one
    What.SHOW: frozenset({What.HIDE}),
}
"""What each kind of order ends, of those in force about the same seat or entry."""
_RANKS: Final = EVERYTHING & ~Scope.SPEAK
"""A guest who may speak can be ordered about like anybody else."""


class Fault(Enum):
    """Why an order does not count."""

    UNKNOWN = "unknown"  # of a newer version, or it undoes what nobody knows
    INCOMPLETE = "incomplete"  # it does not say whom, which or how long
    EXPIRED = "expired"  # the order, or the grant behind it
    NO_GRANT = "no_grant"  # none, a forged one, another seat's or another room's
    REVOKED = "revoked"
    OUT = "out"  # who ordered it was removed or banned, and not let back
    OUT_OF_SCOPE = "out_of_scope"
    PROTECTED = "protected"  # whom it is about has a role, or what it lifts is a host's or its own


About: TypeAlias = Callable[[SeatId], Iterable[OrderBody]]


class Standing(Struct, frozen=True):
    """What is known where an order is judged."""

    now_ms: int
    revoked: Container[GrantId]
    scopes_of: Callable[[SeatId], Scope]  # of the grant of that seat in force; none: 0
    order_of: Callable[[bytes], OrderBody | None]  # an order that was carried out, by its id
    about: About  # a seat: those that were not undone, in their order
    of_entry: Callable[[EntryId], Iterable[OrderBody]]  # the same of an entry


def is_out(about: Iterable[OrderBody]) -> bool:
    """Whether these orders about a seat, in their order, leave it removed or banned."""
    return any(each.what in _OUT for each in in_force(about))


def in_force(given: Iterable[OrderBody]) -> list[OrderBody]:
    """Of orders about one seat or entry those that no later one lifted."""
    left: list[OrderBody] = []
    for order in given:
        ended = _LIFTS.get(order.what)
        if ended is not None:
            left = [each for each in left if each.what not in ended]
        left.append(order)
    return left


def scopes_in(
    signed: SignedGrant | None,
    room: RoomId,
    by: bytes,
    now_ms: int,
    revoked: Container[GrantId],
    about: About,
) -> Scope | Fault:
    """What a seat may order by the grant it shows; also for epochs."""
    if by == room:
        return EVERYTHING
    if signed is None:
        return Fault.NO_GRANT
    try:
        grant = read_grant(signed, room)
    except (BadSignature, RemoteProtocolError):
        return Fault.NO_GRANT
    if grant.seat != by:
        return Fault.NO_GRANT
    if is_out(about(grant.seat)):
        return Fault.OUT
    if grant.grant in revoked:
        return Fault.REVOKED
    if now_ms > grant.expires_ms:
        return Fault.EXPIRED
    return Scope(grant.scopes & EVERYTHING)


def fault_of(order: OrderBody, room: RoomId, standing: Standing) -> Fault | None:
    """What is wrong with an order, whose signature was checked before."""
    if order.what is What.OTHER:
        return Fault.UNKNOWN
    if _is_incomplete(order, room):
        return Fault.INCOMPLETE
    if standing.now_ms > order.expires_ms:
        return Fault.EXPIRED
    scopes = scopes_in(
        order.grant, room, order.by, standing.now_ms, standing.revoked, standing.about
    )
    if isinstance(scopes, Fault):
        return scopes
    meant, lifted = order, _lifted(order, standing)
    if order.what is What.UNDO:
        undone = standing.order_of(order.undoes or b"")
        if undone is None or undone.what not in UNDOABLE:
            return Fault.UNKNOWN
        meant, lifted = undone, [undone]
    if order.by == room:
        return None
    needed = NEEDED[meant.what]
    if needed is None or needed not in scopes:
        return Fault.OUT_OF_SCOPE
    if any(_is_kept(each, order, room, scopes) for each in lifted):
        return Fault.PROTECTED
    return _protected(order, scopes, standing)


def _is_incomplete(order: OrderBody, room: RoomId) -> bool:
    match order.what:
        case What.TIME_OUT:
            return order.about is None or order.seconds < 1
        case What.HIDE | What.SHOW:
            return order.entry is None
        case What.INVITE | What.UNINVITE:
            return order.token is None
        case What.GRANT:
            return order.given is None or not _is_grant(order.given, room)
        case What.REVOKE:
            return order.revoked is None
        case What.UNDO:
            return order.undoes is None
        case _:
            return order.what in _ABOUT_A_SEAT and order.about is None


def _is_grant(signed: SignedGrant, room: RoomId) -> bool:
    try:
        read_grant(signed, room)
    except (BadSignature, RemoteProtocolError):
        return False
    return True


def _lifted(order: OrderBody, standing: Standing) -> list[OrderBody]:
    """What it would end."""
    ended = _LIFTS.get(order.what)
    if ended is None:
        return []
    if order.what is What.SHOW:
        given = standing.of_entry(order.entry) if order.entry is not None else ()
    else:
        given = standing.about(order.about) if order.about is not None else ()
    return [
        each
        for each in in_force(given)
        if each.what in ended and not _is_over(each, standing.now_ms)
    ]


def _is_over(order: OrderBody, now_ms: int) -> bool:
    return order.what is What.TIME_OUT and order.made_ms + order.seconds * 1000 < now_ms


def _is_kept(given: OrderBody, order: OrderBody, room: RoomId, scopes: Scope) -> bool:
    """Whether this one is not for that one's signer to lift."""
    return given.about == order.by or (Scope.HOST not in scopes and is_hosts(given, room))


def is_hosts(order: OrderBody, room: RoomId) -> bool:
    """Whether an order that counted is by the room's key or a host's own seat."""
    if order.by == room:
        return True
    try:
        return order.grant is not None and bool(read_grant(order.grant, room).scopes & Scope.HOST)
    except (BadSignature, RemoteProtocolError):
        return False


def _protected(order: OrderBody, scopes: Scope, standing: Standing) -> Fault | None:
    if order.what not in _AGAINST or order.about is None:
        return None
    theirs = standing.scopes_of(order.about)
    if Scope.HOST in theirs or (theirs & _RANKS and Scope.MODERATORS not in scopes):
        return Fault.PROTECTED
    return None
