"""Keys of epochs as a member gets them: announced, wrapped for my seat, compared, used."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.room_facade import RoomChanged, StageMoved
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.rooms import orders
from desktop.engine.rooms.hearing import Hearing
from desktop.store.rooms import epochs, items, ordered, outgoing, rooms
from desktop.store.rooms import said as sayings
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.epochs import EpochKey, unwrap
from protocol.errors import BadSignature, Damaged, RemoteProtocolError
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
    revoked = orders.standing(db, room, body.made_ms).revoked
    scopes = scopes_in(body.grant, room.room_id, body.by, body.made_ms, revoked)
    if not isinstance(scopes, Scope) or Scope.ADMIT not in scopes:
        return
    known = ordered.last_row(db, row)
    outgoing.announced(db, row, outgoing.Begun(body.epoch, signed, known))
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
    """A key that was checked: what waited for it opens, what I have yet to say is sealed anew."""
    newest = epochs.newest(db, room.row)
    epochs.keep(db, room.row, key)
    if newest is None or key.epoch > newest.epoch:
        sayings.unseal(db, room, Lane.STAGE)
        said.bells.add(Bell.ROOMS)
    hearing = Hearing(db, said, room, Lane.STAGE, ground.now())
    for kept in items.unopened(db, room.row):
        entry = parse_item(kept.item)
        if kept.lane is Lane.STAGE and isinstance(entry, EntryBody) and entry.epoch == key.epoch:
            items.understood(db, room.row, hearing.understand(hearing.fresh(kept), entry))
            if kept.entry_id is not None:
                hearing.changed.append(kept.entry_id)
    said.events.append(RoomChanged(room.room_id))
    if hearing.changed:
        said.events.append(StageMoved(room.room_id, tuple(hearing.changed)))
