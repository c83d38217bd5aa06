"""Opening a room: it is in the vault first, and then at its relay, however often that takes."""

from __future__ import annotations

from functools import partial

from sqlcipher3 import Connection

from desktop.core.doors import MOST_BYTES, Opening
from desktop.core.errors import (
    AsideError,
    NameMissing,
    OutOfBounds,
    RelayFull,
    RelayUnavailable,
)
from desktop.core.room_errors import ClockJumped, NoRelayToHost, RelayHostsNoRooms, TitleMissing
from desktop.core.room_facade import RoomsChanged
from desktop.core.rooms import Speak, Way
from desktop.core.texts import is_blank
from desktop.engine.ground import Ground, Said
from desktop.engine.lines.line import Line
from desktop.store import relays
from desktop.store.relays import MyRelay
from desktop.store.rooms import desk_keys, epochs, grants, rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import words
from protocol.e2e.rooms.epochs import EpochKey, new_epoch, wrap
from protocol.e2e.rooms.front import MAX_ABOUT, MAX_RULES, MAX_TITLE, Front, seal_front, web
from protocol.e2e.rooms.link import SECRET_BYTES, RoomLink
from protocol.e2e.rooms.pseudonyms import clean
from protocol.e2e.sealing import new_sealing_key
from protocol.ids import GrantId, OrderId, RoomId
from protocol.keys import Rng, Secret
from protocol.wire.frames import Reason, Refused
from protocol.wire.frames.room_orders import GiveOrder, SetEpoch
from protocol.wire.frames.rooms import OpenRoom
from protocol.wire.rooms import policy as policies
from protocol.wire.rooms.entering import SeatCard, sign_card, sign_opening, token_hash
from protocol.wire.rooms.epochs import EpochBody, sign_epoch
from protocol.wire.rooms.items import sign_order
from protocol.wire.rooms.orders import EVERYTHING, GrantBody, OrderBody, What, sign_grant
from protocol.wire.rooms.policy import Entry, PolicyBody, sign_policy
from protocol.wire.rooms.signed import RoomKey, SeatKey, new_room, new_seat

FOREVER_MS = 2**52
ORDER_LIFE_MS = 24 * 3600 * 1000


def check(opening: Opening) -> None:
    """Raises TitleMissing, NameMissing; OutOfBounds for what no dialog lets through, as nothing is
    cut or left out without a word."""
    if is_blank(words.line(opening.title, MAX_TITLE)):
        raise TitleMissing
    if is_blank(clean(opening.name)):
        raise NameMissing
    stream = opening.stream.strip()
    for field, text, most in (
        ("title", opening.title, MAX_TITLE),
        ("about", opening.about, MAX_ABOUT),
        ("rules", opening.rules, MAX_RULES),
    ):
        if len(text) > most:
            raise OutOfBounds(field)
    if stream and not web(stream):
        raise OutOfBounds("stream")
    if opening.size > MOST_BYTES:
        raise OutOfBounds("rules")


def make(db: Connection, said: Said, ground: Ground, opening: Opening) -> KeptRoom:
    """A room with all its keys, in the vault; its relay hears of it next. Raises NoRelayToHost."""
    relay = _relay(db, opening)
    rng, now = ground.rng, ground.now()
    key, seat = new_room(rng), new_seat(rng)
    link = RoomLink(relay.address, key.room, Secret(rng(SECRET_BYTES)))
    is_open = opening.way is Way.LINK
    first = EpochKey(key.room, 1, link.first_epoch()) if is_open else new_epoch(key.room, 1, rng)
    desk = new_sealing_key(now)
    front = Front(
        title=words.line(opening.title, MAX_TITLE),
        about=words.lines(opening.about, MAX_ABOUT),
        rules=words.lines(opening.rules, MAX_RULES),
        where=web(opening.stream.strip()),
        host=clean(opening.name),
        seat=seat.seat,
    )
    policy = PolicyBody(
        room=key.room,
        version=1,
        entry=Entry.LINK if is_open else Entry.APPROVAL,
        token=token_hash(bytes(link.token())),
        epoch=1,
        commitment=first.commitment(),
        desk_key=desk.public,
        desk=1,
        speak=policies.Speak.ALL if opening.speak is Speak.ALL else policies.Speak.HOSTS,
        slow_s=opening.slow_s,
        seats=opening.seats,
        history=opening.history,
        front=seal_front(front, link.front_key(), key.room, rng),
    )
    row = rooms.add(db, link, sign_policy(key, policy), key, now)
    sit(db, row, key.room, seat, clean(opening.name), now, rng)
    epochs.keep(db, row, first)
    if not is_open:
        epochs.keep(db, row, new_epoch(key.room, 2, rng))
    desk_keys.keep(db, row, 1, desk.private)
    grant = sign_grant(
        key,
        GrantBody(
            room=key.room,
            grant=GrantId(rng(16)),
            seat=seat.seat,
            scopes=EVERYTHING,
            made_ms=now,
            expires_ms=now + FOREVER_MS // 2,
        ),
    )
    grants.learn(db, row, key.room, grant)
    rooms.put_grant(db, row, grant)
    rooms.put(db, row, wanted=1, oldest=1 << 32 | 1)
    said.events.append(RoomsChanged())
    return rooms.get(db, row)


def sit(
    db: Connection, row: int, room: RoomId, seat: SeatKey, pseudonym: str, now: int, rng: Rng
) -> None:
    """A fresh seat of mine in a room, with keys of its own."""
    sealing = new_sealing_key(now)
    card = sign_card(seat, room, SeatCard(sealing=sealing.public, made_ms=now))
    rooms.sit(db, row, seat, sealing.private, card, Secret(rng(32)), pseudonym, now)


async def open_at(ground: Ground, room: KeptRoom, line: Line) -> None:
    """Have its relay host it. Safe to repeat. Raises RelayHostsNoRooms, RelayFull, ClockJumped,
    LineLost."""
    relay = await ground.vault.read(lambda db: relays.find(db, room.link.address.fingerprint))
    if relay is None or room.key is None or room.grant is None:
        raise RelayHostsNoRooms
    transcript = line.agreed.transcript
    opened = await line.ask(
        OpenRoom(
            call=line.call(),
            pass_secret=relay.pass_secret,
            policy=room.policy,
            signature=sign_opening(room.key, transcript, room.policy),
        )
    )
    if isinstance(opened, Refused):
        raise _refusal(opened.reason)
    given = await line.ask(
        GiveOrder(call=line.call(), room=room.room_id, item=_grant_order(ground, room, room.key))
    )
    if isinstance(given, Refused):
        raise _refusal(given.reason)
    if room.body.entry is not Entry.LINK:
        await _first_wraps(ground, room, room.key, line)
    await ground.do(partial(_opened, row=room.row))


def _opened(db: Connection, said: Said, row: int) -> None:
    rooms.put(db, row, opening=0)
    said.events.append(RoomsChanged())


def _grant_order(ground: Ground, room: KeptRoom, key: RoomKey) -> bytes:
    now = ground.room_clocks.now(room.room_id)
    order = OrderBody(
        order=OrderId(ground.rng(16)),
        by=key.room,
        what=What.GRANT,
        made_ms=now,
        expires_ms=now + ORDER_LIFE_MS,
        about=room.seat.key.seat,
        given=room.grant,
    )
    return sign_order(key, key.room, order)


async def _first_wraps(ground: Ground, room: KeptRoom, key: RoomKey, line: Line) -> None:
    """A closed room's first key stands in its policy and is nobody's; the next one is wrapped for
    whoever is let in."""
    epoch = await ground.vault.read(lambda db: epochs.key(db, room.row, 2))
    if epoch is None:
        return
    body = EpochBody(
        room=room.room_id,
        epoch=2,
        commitment=epoch.commitment(),
        by=room.room_id,
        made_ms=room.added_ms,
    )
    mine = wrap(epoch, room.seat.key.seat, room.seat.wrap_key, ground.rng)
    begun = await line.ask(
        SetEpoch(call=line.call(), room=room.room_id, epoch=sign_epoch(key, body), wraps=(mine,))
    )
    if isinstance(begun, Refused) and begun.reason is not Reason.WRONG_STATE:
        raise _refusal(begun.reason)


def _relay(db: Connection, opening: Opening) -> MyRelay:
    mine = [relay for relay in relays.every(db) if relay.ready]
    if opening.relay_id is not None:
        mine = [relay for relay in mine if relay.relay_id == opening.relay_id]
    if not mine:
        raise NoRelayToHost
    return mine[0]


def _refusal(reason: Reason) -> AsideError:
    match reason:
        case Reason.EXPIRED:
            return ClockJumped()
        case Reason.QUOTA | Reason.FULL:
            return RelayFull()
        case Reason.NOT_ALLOWED | Reason.UNSUPPORTED | Reason.UNKNOWN:
            return RelayHostsNoRooms()
        case _:
            return RelayUnavailable()
