"""Policies and epochs of mine that the relay has yet to take: saved first, then offered (law 1)."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.e2e.rooms.epochs import EpochKey
from protocol.ids import RoomId
from protocol.keys import Secret
from protocol.wire.frames.room_orders import SignedEpoch
from protocol.wire.frames.rooms import SignedPolicy


class NextEpoch(Struct, frozen=True):
    """An epoch that I announce, and its key."""

    key: EpochKey
    signed: SignedEpoch


def put_policy(db: Connection, room: int, signed: SignedPolicy) -> None:
    """This one is to be in force; it takes the place of one that still waits."""
    db.execute(
        "INSERT OR REPLACE INTO room_policy_out (room, body, signature) VALUES (?, ?, ?)",
        (room, signed.body, signed.signature),
    )


def policy(db: Connection, room: int) -> SignedPolicy | None:
    """The one that waits."""
    row = db.execute(
        "SELECT body, signature FROM room_policy_out WHERE room = ?", (room,)
    ).fetchone()
    return None if row is None else SignedPolicy(body=row[0], signature=row[1])


def policy_taken(db: Connection, room: int, signed: SignedPolicy) -> None:
    """The relay has answered for this one."""
    db.execute("DELETE FROM room_policy_out WHERE room = ? AND body = ?", (room, signed.body))


def put_epoch(db: Connection, room: int, epoch: NextEpoch) -> None:
    """This one is to begin."""
    db.execute(
        "INSERT OR REPLACE INTO room_epoch_out (room, epoch, key, body, signature)"
        " VALUES (?, ?, ?, ?, ?)",
        (room, epoch.key.epoch, bytes(epoch.key.key), epoch.signed.body, epoch.signed.signature),
    )


def epoch(db: Connection, room: int, room_id: RoomId) -> NextEpoch | None:
    """The one that waits to begin."""
    row = db.execute(
        "SELECT epoch, key, body, signature FROM room_epoch_out WHERE room = ?", (room,)
    ).fetchone()
    if row is None:
        return None
    number, key, body, signature = row
    return NextEpoch(
        EpochKey(room_id, number, Secret(key)), SignedEpoch(body=body, signature=signature)
    )


def epoch_over(db: Connection, room: int) -> None:
    """It began, or another one did."""
    db.execute("DELETE FROM room_epoch_out WHERE room = ?", (room,))


class Begun(Struct, frozen=True):
    """An epoch that began by an announcement. Orders up to the row ``after_order`` were known when
    it was decided who gets its key."""

    epoch: int
    signed: SignedEpoch
    after_order: int


def announced(db: Connection, room: int, begun: Begun) -> None:
    """This epoch is in force; whose announcement it is does not matter for further wraps."""
    db.execute(
        "INSERT INTO room_epoch_told (room, epoch, after_order, body, signature)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (room) DO UPDATE SET epoch = excluded.epoch,"
        " after_order = excluded.after_order, body = excluded.body,"
        " signature = excluded.signature WHERE epoch < excluded.epoch",
        (room, begun.epoch, begun.after_order, begun.signed.body, begun.signed.signature),
    )


def in_force(db: Connection, room: int) -> Begun | None:
    """The newest epoch that began by an announcement, as far as is known here."""
    row = db.execute(
        "SELECT epoch, after_order, body, signature FROM room_epoch_told WHERE room = ?", (room,)
    ).fetchone()
    if row is None:
        return None
    number, after, body, signature = row
    return Begun(number, SignedEpoch(body=body, signature=signature), after)
