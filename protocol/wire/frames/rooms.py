"""A room's life and its seats: what is asked before entering, on entering and about who is there.

A room's connection is a fresh one after the ordinary handshake and holds one seat of one room, so
that a relay cannot join seats by the connection they share. Signed bodies travel as they were
signed; what they mean stands in :mod:`protocol.wire.rooms`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from protocol.ids import ARoomId, ASeatId, ASignature, ATime
from protocol.wire.frames.declared import ACount, ASecret, ASequence, Done, Notice, Reply, Request

MAX_POLICY = 6 * 1024
MAX_GRANT = 256
MAX_HEAD = 512
MAX_CARD = 1536
MAX_SEALED_NAME = 256
MAX_SEAT_ROWS = 256
MAX_CARDS = 64
MAX_TOLD = 256

ARun = Annotated[int, Meta(ge=1, lt=2**31)]
AScopes = Annotated[int, Meta(ge=0, lt=2**31)]
ASealedName = Annotated[bytes, Meta(max_length=MAX_SEALED_NAME)]


class SignedPolicy(Struct, frozen=True, kw_only=True):
    """An encoded PolicyBody and the room key's signature over exactly these bytes."""

    body: Annotated[bytes, Meta(max_length=MAX_POLICY)]
    signature: ASignature


class SignedGrant(Struct, frozen=True, kw_only=True):
    """An encoded GrantBody and the room key's signature over exactly these bytes."""

    body: Annotated[bytes, Meta(max_length=MAX_GRANT)]
    signature: ASignature


class SignedHead(Struct, frozen=True, kw_only=True):
    """An encoded HeadBody and the relay's signature over exactly these bytes."""

    body: Annotated[bytes, Meta(max_length=MAX_HEAD)]
    signature: ASignature


class SignedCard(Struct, frozen=True, kw_only=True):
    """An encoded SeatCard and the seat's signature over room and exactly these bytes."""

    body: Annotated[bytes, Meta(max_length=MAX_CARD)]
    signature: ASignature


class SeatState(StrEnum):
    """How a seat stands. Muted is told beside it."""

    HERE = "here"
    AWAY = "away"
    WAITING = "waiting"  # to be admitted
    REFUSED = "refused"  # it asked and was not admitted
    REMOVED = "removed"
    BANNED = "banned"
    OTHER = "other"  # a state of a newer relay

    @classmethod
    def _missing_(cls, value: object) -> SeatState:
        return cls.OTHER


class OpenRoom(Request[Done], frozen=True, tag="open_room"):
    """A new room on this pass. Safe to repeat.

    ``signature`` is the room key's over the connection's transcript and the policy's body, so that
    a policy that was seen elsewhere opens nothing.
    """

    pass_secret: ASecret
    policy: SignedPolicy
    signature: ASignature


class SetRoom(Request[Done], frozen=True, tag="set_room"):
    """A newer policy. The room key's signature in it is all the leave it needs; safe to repeat."""

    policy: SignedPolicy


class RoomShown(Reply, frozen=True, tag="room_shown"):
    """What anybody who has the room's link may know before entering."""

    policy: SignedPolicy
    seats: ACount  # that are taken at this moment
    live: bool  # whether the host, or who holds the scope ``host``, is here


class ShowRoom(Request[RoomShown], frozen=True, tag="show_room"):
    """Ask for a room by its id, which its link holds and nobody can guess."""

    room: ARoomId


class Entered(Reply, frozen=True, tag="entered", omit_defaults=True):
    """The seat is taken on this connection; entries follow from ``number`` + 1 of ``run`` on.

    What lies before is fetched, back to ``oldest`` of ``oldest_run`` at most. A seat whose
    ``state`` is ``waiting`` is told of nothing until it is admitted, and may only write to the
    desk.
    """

    policy: SignedPolicy
    state: SeatState
    run: ARun
    number: ASequence
    oldest_run: ARun
    oldest: ASequence
    seats: ACount
    head: SignedHead | None = None
    grant: SignedGrant | None = None  # this seat's own, in force
    muted_until_ms: ATime = 0


class EnterRoom(Request[Entered], frozen=True, tag="enter_room", omit_defaults=True):
    """Take this seat on this connection; a later one takes over from an earlier one.

    ``signature`` is the seat key's over the connection's transcript and the room. ``token`` is the
    link's (or an invitation's own) and is asked for as long as the seat is new here. ``name`` is
    sealed for the other seats.
    """

    room: ARoomId
    seat: ASeatId
    signature: ASignature
    card: SignedCard
    token: Annotated[bytes, Meta(max_length=32)] = b""
    name: ASealedName = b""


class LeaveRoom(Request[Done], frozen=True, tag="leave_room", omit_defaults=True):
    """The seat is empty; ``for_good``: the relay forgets it, its name, its card and its box."""

    for_good: bool = False


class SetName(Request[Done], frozen=True, tag="set_name"):
    """The seat's name anew: another pseudonym, or the same one sealed under a new epoch."""

    name: ASealedName


class SeatRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One seat in the list of people. Waiting and removed ones are shown to who may order them."""

    seat: ASeatId
    state: SeatState
    since_ms: ATime  # when it was first taken
    scopes: AScopes = 0  # of its grant in force
    muted_until_ms: ATime = 0
    name: ASealedName = b""
    grant: SignedGrant | None = None  # which proves the scopes


class SeatsShown(Reply, frozen=True, tag="seats_shown"):
    """A page of seats in the order of their ids; ``more``: ask again after the last one."""

    seats: Annotated[tuple[SeatRow, ...], Meta(max_length=MAX_SEAT_ROWS)]
    more: bool


class ShowSeats(Request[SeatsShown], frozen=True, tag="show_seats", omit_defaults=True):
    """The list of people, after this seat; without one, some that are named or from the start.

    ``granted``: only those with a grant in force.
    """

    after: Annotated[bytes, Meta(max_length=32)] = b""
    named: Annotated[tuple[ASeatId, ...], Meta(max_length=MAX_SEAT_ROWS)] = ()
    granted: bool = False


class CardRow(Struct, frozen=True, kw_only=True):
    """A seat and the card it entered with."""

    seat: ASeatId
    card: SignedCard


class CardsShown(Reply, frozen=True, tag="cards_shown"):
    """The cards that are here, of those that were asked for."""

    cards: Annotated[tuple[CardRow, ...], Meta(max_length=MAX_CARDS)]


class ShowCards(Request[CardsShown], frozen=True, tag="show_cards"):
    """What letters to these seats, and keys for them, are sealed to."""

    seats: Annotated[tuple[ASeatId, ...], Meta(min_length=1, max_length=MAX_CARDS)]


class RoomSet(Notice, frozen=True, tag="room_set"):
    """A newer policy is in force; the same bytes for every seat."""

    policy: SignedPolicy


class SeatsChanged(Notice, frozen=True, tag="seats_changed", omit_defaults=True):
    """How many are here, at most once a second; the same bytes for every seat.

    Who came and who went, as far as it has room; ``more``: others did, too.
    """

    seats: ACount
    came: Annotated[tuple[ASeatId, ...], Meta(max_length=MAX_TOLD)] = ()
    went: Annotated[tuple[ASeatId, ...], Meta(max_length=MAX_TOLD)] = ()
    waiting: ACount = 0
    more: bool = False


class SeatTold(Notice, frozen=True, tag="seat_told", omit_defaults=True):
    """How this connection's own seat stands from now on. Who was admitted enters once more; after
    ``refused``, ``removed`` and ``banned`` the seat is no longer on this connection."""

    state: SeatState
    grant: SignedGrant | None = None
    muted_until_ms: ATime = 0
