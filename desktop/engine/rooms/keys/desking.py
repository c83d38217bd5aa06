"""Keys of the desk: handed to who was made a moderator, and changed when one of them is none.

Law: a key is the policy's before anybody has it from here, and who lost the role learns no later
one.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.engine.ground import Said
from desktop.engine.rooms.asides import letters
from desktop.engine.rooms.keys import admission
from desktop.engine.rooms.stage import compose
from desktop.store.rooms import desk_keys, epochs, grants, joins, rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.desk_contents import MAX_TABLE, Table, TableRow
from protocol.e2e.rooms.letters import DeskKey
from protocol.e2e.sealing import new_sealing_key
from protocol.ids import SeatId
from protocol.wire.rooms.orders import Scope


def hand_over(db: Connection, said: Said, room: KeptRoom, to: SeatId, now: int) -> None:
    """What a new moderator needs: the desk's key, the epoch in force, and the wrapping table."""
    _send_key(db, said, room, [to], now)
    rows = [TableRow(one.seat, bytes(one.wrap_key)) for one in joins.every(db, room.row)]
    for at in range(0, len(rows), MAX_TABLE):
        part = tuple(rows[at : at + MAX_TABLE])
        table = Table(name=room.seat.pseudonym, sent_ms=now, rows=part)
        compose.say(db, said, room, table, now)


def change(db: Connection, said: Said, room: KeptRoom, without: SeatId, now: int) -> None:
    """Another key for the desk, for all that read it but this one. For the host alone."""
    made, policy = new_sealing_key(now), room.body
    desk_keys.keep(db, room.row, policy.desk + 1, made.private)
    changed = replace(policy, desk=policy.desk + 1, desk_key=made.public)
    admission.set_policy(db, said, room, changed)
    readers = [
        seat
        for seat, held in grants.every(db, room.row).items()
        if Scope.DESK in held.at(now) and seat not in (without, room.seat.key.seat)
    ]
    _send_key(db, said, rooms.get(db, room.row), readers, now)


def _send_key(
    db: Connection, said: Said, room: KeptRoom, seats: Iterable[SeatId], now: int
) -> None:
    desk, epoch = room.body.desk, epochs.newest(db, room.row)
    private = desk_keys.find(db, room.row, desk)
    if private is None or epoch is None:
        return
    content = DeskKey(
        name=room.seat.pseudonym,
        desk=desk,
        private=bytes(private),
        epoch=epoch.epoch,
        epoch_key=bytes(epoch.key),
    )
    for seat in seats:
        letters.write(db, said, room, seat, content, now)
