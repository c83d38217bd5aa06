"""Epochs' keys: what commits to one, and how it is locked for each seat.

    commitment   derive("aside/1 room-commitment", key, room, epoch 8)
    wrap         lock(wrap key, epoch's key, joined("aside/1 room-wrap", room, epoch 8, seat)): 72

A wrap key is 32 random bytes that a seat drew and told the desk when it asked to be let in, so
whoever reads the desk can wrap. Nothing is agreed on by curves here: the desk's seal around it is a
post-quantum one, and ten thousand wraps cost ten thousand times a few microseconds. Whoever gets an
epoch's key checks the commitment, which everybody was told: no two seats can be given two keys
under one number, and so no ciphertext can be made that opens to two texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from protocol.errors import Damaged, Unopenable
from protocol.ids import RoomId, SeatId
from protocol.keys import Domain, Rng, Secret, derive, joined, lock, unlock
from protocol.wire.frames.room_orders import MAX_WRAPS, SeatWrap

KEY_BYTES = 32


class EpochKey(Struct, frozen=True):
    """What entries of one epoch of one room are sealed under."""

    room: RoomId
    epoch: int
    key: Secret

    def commitment(self) -> bytes:
        """What everybody is told of it."""
        return bytes(derive(Domain.ROOM_COMMITMENT, self.key, self.room, _number(self.epoch)))

    def of(self, domain: Domain) -> Secret:
        """The key for one purpose within the epoch."""
        return derive(domain, self.key, self.room, _number(self.epoch))


def new_epoch(room: RoomId, epoch: int, rng: Rng) -> EpochKey:
    """A key nobody has yet."""
    return EpochKey(room, epoch, Secret(rng(KEY_BYTES)))


def held(key: EpochKey, commitment: bytes) -> EpochKey:
    """The key, if it is the one that was announced. Raises Damaged."""
    if key.commitment() != commitment:
        raise Damaged
    return key


def wrap(key: EpochKey, seat: SeatId, wrap_key: Secret, rng: Rng) -> SeatWrap:
    """The epoch's key for one seat."""
    return SeatWrap(seat, lock(wrap_key, bytes(key.key), _bound(key.room, key.epoch, seat), rng))


def wrap_all(
    key: EpochKey, table: Mapping[SeatId, Secret], rng: Rng
) -> Iterable[tuple[SeatWrap, ...]]:
    """For everybody in the table, as many at a time as one request takes."""
    seats = list(table.items())
    for at in range(0, len(seats), MAX_WRAPS):
        part = seats[at : at + MAX_WRAPS]
        yield tuple(wrap(key, seat, secret, rng) for seat, secret in part)


def unwrap(
    wrapped: bytes, room: RoomId, epoch: int, seat: SeatId, wrap_key: Secret, commitment: bytes
) -> EpochKey:
    """The announced key, from one's own wrap. Raises Damaged."""
    try:
        plain = unlock(wrap_key, wrapped, _bound(room, epoch, seat))
    except Unopenable as exc:
        raise Damaged from exc
    if len(plain) != KEY_BYTES:
        raise Damaged
    return held(EpochKey(room, epoch, Secret(plain)), commitment)


def _bound(room: RoomId, epoch: int, seat: SeatId) -> bytes:
    return joined(Domain.ROOM_WRAP.value, room, _number(epoch), seat)


def _number(epoch: int) -> bytes:
    return epoch.to_bytes(8, "big")
