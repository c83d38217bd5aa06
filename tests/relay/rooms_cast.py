"""A room of alice's with bob and carol in it, as its relay sees it: keys, policies, orders."""

from __future__ import annotations

from itertools import count
from typing import Any

from msgspec.structs import replace

from protocol.ids import GrantId, LetterId, OrderId, SeatId
from protocol.wire import frames
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import EnterRoom, OpenRoom, SignedGrant, SignedPolicy
from protocol.wire.rooms.entering import SeatCard, sign_card, sign_entering, token_hash
from protocol.wire.rooms.items import EntryBody, sign_entry, sign_order
from protocol.wire.rooms.letters import LetterBody, sign_letter
from protocol.wire.rooms.orders import GrantBody, OrderBody, Scope, What, sign_grant
from protocol.wire.rooms.policy import Entry, PolicyBody, sign_policy
from protocol.wire.rooms.signed import RoomKey, SeatKey, new_room, new_seat
from relay.rules.clock import Now
from relay.rules.rooms.asking import KeepRoom, LoadRoom, RoomLoaded
from relay.rules.rooms.changes import Change
from relay.rules.rooms.entering import Sat, enter
from relay.rules.rooms.hosted import Hosted, Taken
from relay.rules.rooms.letters import Letters
from relay.rules.rooms.seats import Seat
from tests.relay.rules_cast import ALICE_PASS, Office, call

TOKEN = b"the link's token".ljust(32)
FAR_MS = 2_000_000_000_000
ROOM = new_room(lambda size: b"r" * size)
_ids = count(1)


def a_room(number: int) -> RoomKey:
    return new_room(lambda size: number.to_bytes(2, "big") * (size // 2))


def a_seat(number: int) -> SeatKey:
    return new_seat(lambda size: number.to_bytes(2, "big") * (size // 2))


ALICE, BOB, CAROL = (a_seat(number) for number in (60_001, 60_002, 60_003))


def an_id() -> bytes:
    return next(_ids).to_bytes(16, "big")


def policy(version: int = 1, room: RoomKey = ROOM, **fields: Any) -> SignedPolicy:
    body = PolicyBody(
        room=room.room,
        version=version,
        entry=Entry.LINK,
        token=token_hash(TOKEN),
        epoch=1,
        commitment=bytes(32),
        desk_key=bytes(1216),
        desk=1,
    )
    return sign_policy(room, replace(body, **fields))


def opening(room: RoomKey = ROOM, /, by: bytes = ALICE_PASS, **fields: Any) -> OpenRoom:
    signed = policy(1, room, **fields)
    return OpenRoom(call=call(), pass_secret=by, policy=signed, signature=bytes(64))


def entering(
    key: SeatKey, token: bytes = TOKEN, name: bytes = b"", transcript: bytes = b""
) -> EnterRoom:
    card = SeatCard(sealing=key.seat * 38, made_ms=1)
    return EnterRoom(
        call=call(),
        room=ROOM.room,
        seat=key.seat,
        signature=sign_entering(key, transcript, ROOM.room),
        card=sign_card(key, ROOM.room, card),
        token=token,
        name=name,
    )


def entry(
    key: SeatKey, counter: int, lane: Lane = Lane.STAGE, *, epoch: int = 1, text: bytes = b"hello"
) -> bytes:
    previous = b"" if counter == 1 else bytes(32)
    body = EntryBody(lane, key.seat, epoch, counter, previous, text)
    return sign_entry(key, ROOM.room, body)


def grant(key: SeatKey, scopes: Scope, expires_ms: int = FAR_MS, made_ms: int = 1) -> SignedGrant:
    body = GrantBody(
        room=ROOM.room,
        grant=GrantId(an_id()),
        seat=key.seat,
        scopes=scopes,
        made_ms=made_ms,
        expires_ms=expires_ms,
    )
    return sign_grant(ROOM, body)


def order(
    what: What,
    about: SeatId | None = None,
    by: RoomKey | SeatKey = ROOM,
    *,
    expires_ms: int = FAR_MS,
    order_id: bytes | None = None,
    **fields: Any,
) -> bytes:
    signer = by.room if isinstance(by, RoomKey) else by.seat
    body = OrderBody(OrderId(order_id or an_id()), signer, what, 1, expires_ms, about)
    return sign_order(by, ROOM.room, replace(body, **fields))


def letter(by: SeatKey, to: SeatKey) -> bytes:
    body = LetterBody(LetterId(an_id()), to.seat, by.seat, 1, bytes(2048))
    return sign_letter(by, ROOM.room, body)


class Stage:
    """The room as it is loaded from a post office, and kept there."""

    def __init__(self, office: Office, **fields: Any) -> None:
        self.office = office
        assert isinstance(office.ask(opening(**fields)), frames.Done)
        self.room, self.letters = self.load(begins=True)

    @property
    def now(self) -> Now:
        return self.office.now

    def load(self, *, begins: bool = False) -> tuple[Hosted, Letters]:
        loaded = self.office.answer(LoadRoom(call(), ROOM.room, begins))
        assert isinstance(loaded, RoomLoaded)
        room = Hosted(loaded)
        return room, Letters(room, loaded)

    def restart(self) -> None:
        """As after a kill: what was not kept is gone."""
        self.room, self.letters = self.load(begins=True)

    def keep(self, changes: tuple[Change, ...] = ()) -> None:
        """Write these, and what was said."""
        logs = self.room.lanes.values()
        items = [kept for log in logs if (kept := log.take_unsaved()) is not None]
        if items or changes:
            self.office.answer(KeepRoom(call(), self.room.row, (*items, *changes)))
        for kept in items:
            self.room.lanes[kept.lane].now_saved(kept)

    def sit(
        self, key: SeatKey, place: bytes | None = None, token: bytes = TOKEN, mark: bytes = b""
    ) -> Seat:
        sat = enter(self.room, entering(key, token), place, self.now, mark)
        assert isinstance(sat, Sat), sat
        self.keep(sat.changes)
        return sat.seat

    def why_not_sit(
        self, key: SeatKey, place: bytes | None = None, token: bytes = TOKEN, mark: bytes = b""
    ) -> frames.Reason:
        sat = enter(self.room, entering(key, token), place, self.now, mark)
        assert isinstance(sat, frames.Reason)
        return sat

    def say(self, key: SeatKey, counter: int, lane: Lane = Lane.STAGE, epoch: int = 1) -> object:
        seat = self.room.seats.find(key.seat)
        assert seat is not None
        said = self.room.say(seat, entry(key, counter, lane, epoch=epoch), self.now)
        return (said.lane, said.number) if isinstance(said, Taken) else said

    def order(self, item: bytes) -> object:
        done = self.room.give(item, self.now)
        self.keep(done.changes if isinstance(done, Taken) else ())
        return done.number if isinstance(done, Taken) else done

    def make(self, key: SeatKey, scopes: Scope) -> SignedGrant:
        given = grant(key, scopes)
        assert isinstance(self.order(order(What.GRANT, key.seat, given=given)), int)
        return given

    def told(self, lane: Lane = Lane.STAGE) -> list[int]:
        page = self.room.lanes[lane].tell()
        return [] if page is None else [page.first + n for n in range(len(page.items))]
