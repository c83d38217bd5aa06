"""A room's orders and what follows from all of them together.

Nothing is remembered beside the orders: who is muted, removed, granted or invited is what they say,
read in their order without those that were undone. So an undone order is as if it had never been
given, and a restart reads the same.

Law: a room takes so many orders and no more, since each is kept for as long as the room is. Who has
a grant gives them at a pace, and cannot use up those that are left for the room's key: whoever was
made a moderator can never keep the host from taking that back, or from ending the room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from protocol.ids import EntryId, GrantId, RoomId, SeatId
from protocol.wire.frames import Reason
from protocol.wire.frames.rooms import SeatState, SignedGrant
from protocol.wire.rooms.authority import Fault, Standing, fault_of, is_out
from protocol.wire.rooms.items import parse_item
from protocol.wire.rooms.orders import EVERYTHING, GrantBody, OrderBody, Scope, What, read_grant
from protocol.wire.rooms.policy import Speak
from relay.rules.limits import Allowance
from relay.rules.rooms.records import KeptOrder

MOST_ORDERS = 20_000
FOR_THE_HOST = 2_000
# What a seat may order in a row, as in a raid, and how soon there is room for another.
BURST = 200
EACH_MS = 1_000
FOR_GOOD: Final = 2**53 - 1

_NOTHING: Final = Scope(0)
_OUT: Final = frozenset({SeatState.REMOVED, SeatState.BANNED})


class Given(Struct, frozen=True):
    """An order that counted, with its place."""

    order: OrderBody
    at_ms: int
    under: int
    run: int
    number: int


class Held(Struct, frozen=True):
    """A seat's grant, and what it covers."""

    grant: GrantBody
    signed: SignedGrant
    scopes: Scope


class Verdict(Struct, frozen=True):
    """What the orders about one seat come to: AWAY means that it may come in."""

    state: SeatState
    muted_until_ms: int = 0


class Setting(Struct, frozen=True):
    """What the orders since the last policy come to."""

    slow_s: int | None = None
    speak: Speak | None = None
    ended: bool = False


class Orders:
    """All that counted in one room."""

    def __init__(self, room: RoomId, kept: tuple[KeptOrder, ...] = ()) -> None:
        self._room = room
        self._given: dict[bytes, Given] = {}
        self._undone: set[bytes] = set()
        self._about: defaultdict[SeatId, list[Given]] = defaultdict(list[Given])
        self._grants: defaultdict[SeatId, list[Held]] = defaultdict(list[Held])
        self._rest: list[Given] = []
        self._settings: dict[int, Setting] = {}  # asked for with each entry
        self._paces: dict[bytes, Allowance] = {}  # only of who has, or had, a grant
        self.revoked: set[GrantId] = set()
        self.hidden: set[EntryId] = set()
        self.invitations: set[bytes] = set()
        for each in kept:
            order = parse_item(each.item)
            if isinstance(order, OrderBody):
                self.add(Given(order, each.at_ms, each.under, each.run, each.number))

    def __len__(self) -> int:
        return len(self._given)

    def find(self, order_id: bytes) -> Given | None:
        """One that counted, undone or not."""
        return self._given.get(order_id)

    def fault_of(self, order: OrderBody, now_ms: int) -> Fault | None:
        """Why this one would not count now."""
        standing = Standing(
            now_ms,
            self.revoked,
            lambda seat: self.scopes_of(seat, now_ms),
            self._order_of,
            self.about,
            self._of_entry,
        )
        return fault_of(order, self._room, standing)

    def why_not_another(self, by: bytes, now_ms: int) -> Reason | None:
        """Why this signer, whose order would count, may give none now; None counts it."""
        hosts = by == self._room
        if len(self) >= (MOST_ORDERS if hosts else MOST_ORDERS - FOR_THE_HOST):
            return Reason.QUOTA
        if hosts:
            return None
        pace = self._paces.setdefault(by, Allowance(BURST, EACH_MS))
        return Reason.SLOW if pace.another(now_ms) else None

    def about(self, seat: SeatId) -> list[OrderBody]:
        """Those about a seat that were not undone, in their order."""
        return self._left(self._about.get(seat, ()))

    def add(self, given: Given) -> None:
        """One more that counts, behind all others."""
        order = given.order
        self._given[order.order] = given
        match order.what:
            case What.UNDO:
                self._undone.add(order.undoes or b"")
                self._read_again()
            case What.GRANT if order.given is not None:
                grant = read_grant(order.given, self._room)
                covers = Scope(grant.scopes & EVERYTHING)
                self._grants[grant.seat].append(Held(grant, order.given, covers))
            case What.REVOKE if order.revoked is not None:
                self.revoked.add(order.revoked)
            case What.HIDE | What.SHOW | What.INVITE | What.UNINVITE:
                self._rest.append(given)
                self._read(order)
            case What.SLOW | What.SPEAK_ALL | What.SPEAK_HOSTS | What.END:
                self._rest.append(given)
                self._settings.clear()
            case _:
                if order.about is not None:
                    self._about[order.about].append(given)

    def verdict(self, seat: SeatId, *, waits: bool) -> Verdict:
        """How a seat stands that ``waits`` where nobody has ordered anything about it."""
        state, muted = (SeatState.WAITING if waits else SeatState.AWAY), 0
        for given in self._about.get(seat, ()):
            if given.order.order in self._undone:
                continue
            match given.order.what:
                case What.MUTE:
                    muted = FOR_GOOD
                case What.TIME_OUT:
                    muted = min(given.at_ms + given.order.seconds * 1000, FOR_GOOD)
                case What.UNMUTE:
                    muted = 0
                case What.REMOVE:
                    state = state if state is SeatState.BANNED else SeatState.REMOVED
                case What.BAN:
                    state = SeatState.BANNED
                case What.UNBAN:
                    state = SeatState.AWAY if state in _OUT else state
                case What.ADMIT:
                    state = state if state is SeatState.BANNED else SeatState.AWAY
                case What.REFUSE:
                    state = SeatState.REFUSED if state is SeatState.WAITING else state
                case _:
                    pass
        return Verdict(state, muted)

    def grant_of(self, seat: SeatId, now_ms: int) -> SignedGrant | None:
        """The seat's grant in force: the one made last of those that were not revoked; none of a
        seat that is out."""
        held = self._held(seat, now_ms)
        return None if held is None else held.signed

    def scopes_of(self, seat: SeatId, now_ms: int) -> Scope:
        """What it covers."""
        held = self._held(seat, now_ms)
        return _NOTHING if held is None else held.scopes

    def setting(self, version: int) -> Setting:
        """What was ordered under this version of the policy; an end is one for good."""
        found = self._settings.get(version)
        if found is None:
            found = self._settings[version] = self._read_setting(version)
        return found

    def _read_setting(self, version: int) -> Setting:
        slow_s: int | None = None
        speak: Speak | None = None
        ended = False
        for given in self._rest:
            match given.order.what:
                case What.END:
                    ended = True
                case What.SLOW if given.under == version:
                    slow_s = given.order.seconds
                case What.SPEAK_ALL if given.under == version:
                    speak = Speak.ALL
                case What.SPEAK_HOSTS if given.under == version:
                    speak = Speak.HOSTS
                case _:
                    pass
        return Setting(slow_s, speak, ended)

    def _held(self, seat: SeatId, now_ms: int) -> Held | None:
        grants = self._grants.get(seat)
        good = grants and [held for held in grants if held.grant.grant not in self.revoked]
        if not good or is_out(self.about(seat)):
            return None
        newest = good[0] if len(good) == 1 else max(good, key=lambda held: held.grant.made_ms)
        return None if now_ms > newest.grant.expires_ms else newest

    def _of_entry(self, entry: EntryId) -> list[OrderBody]:
        return self._left(given for given in self._rest if given.order.entry == entry)

    def _left(self, some: Iterable[Given]) -> list[OrderBody]:
        return [given.order for given in some if given.order.order not in self._undone]

    def _order_of(self, order_id: bytes) -> OrderBody | None:
        given = self._given.get(order_id)
        return None if given is None else given.order

    def _read_again(self) -> None:
        self.hidden.clear()
        self.invitations.clear()
        for given in self._rest:
            if given.order.order not in self._undone:
                self._read(given.order)

    def _read(self, order: OrderBody) -> None:
        match order.what:
            case What.HIDE if order.entry is not None:
                self.hidden.add(order.entry)
            case What.SHOW if order.entry is not None:
                self.hidden.discard(order.entry)
            case What.INVITE if order.token is not None:
                self.invitations.add(order.token)
            case What.UNINVITE if order.token is not None:
                self.invitations.discard(order.token)
            case _:
                pass
