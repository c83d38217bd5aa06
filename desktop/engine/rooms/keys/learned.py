"""Keys of epochs as a member gets them: announced, wrapped for my seat, compared, used."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.room_facade import RoomChanged, StageMoved
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.rooms.order import orders
from desktop.engine.rooms.stage.hearing import Hearing
from desktop.store.rooms import epochs, items, ordered, outgoing, rooms
from desktop.store.rooms import said as sayings
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.epochs import EpochKey, unwrap
from protocol.errors import BadSignature, Damaged, RemoteProtocolError
from protocol.ids import EntryId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_orders import SignedEpoch
from protocol.wire.rooms.authority import scopes_in
from protocol.wire.rooms.epochs import read_epoch
from protocol.wire.rooms.items import EntryBody, parse_item
from protocol.wire.rooms.orders import Scope


def announced(
    db: Connection, said: Said, ground: Ground, row: int, signed: SignedEpoch, wrap: bytes
) -> None:
    """A new epoch, and my wrap if it came along. An announcement by somebody who may not make one,
    and a wrap that does not hold what was announced, change nothing."""
    room = rooms.get(db, row)
    try:
        body = read_epoch(signed, room.room_id)
    except (BadSignature, RemoteProtocolError):
        return
    known = orders.standing(db, room, body.made_ms)
    scopes = scopes_in(body.grant, room.room_id, body.by, body.made_ms, known.revoked, known.about)
    if not isinstance(scopes, Scope) or Scope.ADMIT not in scopes:
        return
    newest = ordered.last_row(db, row)
    outgoing.announced(db, row, outgoing.Begun(body.epoch, signed, newest))
    if not wrap or epochs.key(db, row, body.epoch) is not None:
        return
    for seat in rooms.seats(db, row):
        try:
            key = unwrap(
                wrap, room.room_id, body.epoch, seat.key.seat, seat.wrap_key, body.commitment
            )
        except Damaged:
            continue
        got(db, said, ground, room, key)
        return


def got(db: Connection, said: Said, ground: Ground, room: KeptRoom, key: EpochKey) -> None:
    """A key that was checked, and my wrap held it."""
    take(db, said, room, key, ground.now())


def take(db: Connection, said: Said, room: KeptRoom, key: EpochKey, now: int) -> None:
    """A key that was checked: what waited for it opens, what I have yet to say is sealed anew."""
    newest = epochs.newest(db, room.row)
    epochs.keep(db, room.row, key)
    if newest is None or key.epoch > newest.epoch:
        sayings.unseal(db, room, Lane.STAGE)
        said.bells.add(Bell.ROOMS)
    changed = _open(db, said, room, Lane.STAGE, key.epoch, now)
    said.events.append(RoomChanged(room.room_id))
    if changed:
        said.events.append(StageMoved(room.room_id, tuple(changed)))


def desk_opened(db: Connection, said: Said, room: KeptRoom, desk: int, now: int) -> None:
    """The desk's key of this number came: what was told under it is taken in."""
    _open(db, said, room, Lane.DESK, desk, now)
    said.bells.add(Bell.ROOMS)
    said.events.append(RoomChanged(room.room_id))


def _open(
    db: Connection, said: Said, room: KeptRoom, lane: Lane, epoch: int, now: int
) -> list[EntryId]:
    hearing = Hearing(db, said, room, lane, now)
    changed: list[EntryId] = []
    for kept in items.unopened(db, room.row):
        entry = parse_item(kept.item) if kept.lane is lane else None
        if isinstance(entry, EntryBody) and entry.epoch == epoch:
            items.understood(db, room.row, hearing.understand(hearing.fresh(kept), entry))
            if kept.entry_id is not None:
                changed.append(kept.entry_id)
    return changed
