"""A desk's key, handed to who was made a moderator: taken from the host only, and only if it is the
one that the policy names."""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.engine.ground import Said
from desktop.engine.rooms.keys import learned
from desktop.store.rooms import desk_keys
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.epochs import EpochKey, held
from protocol.e2e.rooms.letters import DeskKey
from protocol.e2e.sealing import open_with, seal_to
from protocol.errors import RemoteProtocolError
from protocol.ids import SeatId
from protocol.keys import Secret


def heard(
    db: Connection, said: Said, room: KeptRoom, by: SeatId, handed: DeskKey, now: int
) -> None:
    """Read the desk with it from now on. Raises RemoteProtocolError, Damaged where it is not the
    host's to give, or opens nothing."""
    if room.front().seat != by:
        raise RemoteProtocolError("a key of somebody who is not the host")
    policy, private = room.body, Secret(handed.private)
    if handed.desk == policy.desk:
        open_with(private, seal_to(policy.desk_key, b"", b""), b"")
    key = EpochKey(room.room_id, handed.epoch, Secret(handed.epoch_key))
    if handed.epoch == policy.epoch:
        held(key, policy.commitment)
    desk_keys.keep(db, room.row, handed.desk, private)
    learned.take(db, said, room, key, now)
    learned.desk_opened(db, said, room, handed.desk, now)
