"""Sealing what everybody in the room may read: entries, the names of seats, reasons of orders.

    entry    lock(the epoch's key for it, length 2 ‖ packed content ‖ zeros, bound): few lengths
    bound    joined("aside/1 room-stage", room, lane 1, epoch 8, seat, counter 8, previous)
    name     epoch 4 ‖ lock(…, length 1 ‖ UTF-8 ‖ zeros, joined("aside/1 room-name", room, seat))
    reason   epoch 4 ‖ lock(…, length 2 ‖ UTF-8 ‖ zeros, joined("aside/1 room-reason", room, order))

The nonce is drawn and not made from seat and counter: an entry that is sealed again after a crash,
or from a vault that was copied, may say something else under the same counter, and a nonce that is
used twice would give both texts away. It costs 24 bytes.
"""

from __future__ import annotations

from typing import Final

from protocol.e2e.rooms import contents, words
from protocol.e2e.rooms.epochs import EpochKey
from protocol.e2e.rooms.pseudonyms import MAX_PSEUDONYM, clean
from protocol.errors import BadPadding, Damaged, LocalProtocolError, TextTooLong, Unopenable
from protocol.ids import OrderId, SeatId
from protocol.keys import Domain, Rng, joined, lock, unlock
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.items import EntryBody, sign_entry
from protocol.wire.rooms.signed import SeatKey

SIZES: Final = (128, 256, 512, 1024, 2048, 4096)
"""Lengths of what is sealed on the stage."""

AROUND = 24 + 16
_LENGTH = 2
MAX_INSIDE: Final = SIZES[-1] - AROUND - _LENGTH
MAX_REASON = 480
_NAME_ROOM = 4 * MAX_PSEUDONYM


def say(
    content: contents.StageContent,
    key: EpochKey,
    seat: SeatKey,
    counter: int,
    previous: bytes,
    rng: Rng,
) -> bytes:
    """The item that says it. Raises TextTooLong."""
    packed = contents.dump(content)
    if len(packed) > MAX_INSIDE:
        raise TextTooLong(MAX_INSIDE)
    around = AROUND + _LENGTH
    size = next(size for size in SIZES if len(packed) + around <= size)
    plain = len(packed).to_bytes(_LENGTH, "big") + packed.ljust(size - around, b"\0")
    bare = EntryBody(Lane.STAGE, seat.seat, key.epoch, counter, previous, b"")
    sealed = lock(key.of(Domain.ROOM_STAGE), plain, _bound(bare, key), rng)
    entry = EntryBody(Lane.STAGE, seat.seat, key.epoch, counter, previous, sealed)
    return sign_entry(seat, key.room, entry)


def hear(entry: EntryBody, key: EpochKey) -> contents.Heard:
    """What an entry of the stage says; its signature was checked before.

    Raises Damaged, BadPadding, RemoteProtocolError.
    """
    if entry.lane is not Lane.STAGE or entry.epoch != key.epoch:
        raise Damaged
    if len(entry.sealed) not in SIZES:
        raise BadPadding
    plain = _unlock(key, Domain.ROOM_STAGE, entry.sealed, _bound(entry, key))
    return contents.load(_unpadded(plain, _LENGTH))


def seal_name(name: str, key: EpochKey, seat: SeatId, rng: Rng) -> bytes:
    """For the list of people."""
    bound = joined(Domain.ROOM_NAME.value, key.room, seat)
    return _seal_text(clean(name), _NAME_ROOM, 1, key, Domain.ROOM_NAME, bound, rng)


def open_name(sealed: bytes, key: EpochKey, seat: SeatId) -> str:
    """As it may be shown. Raises Damaged, BadPadding."""
    return clean(
        _open_text(sealed, 1, key, Domain.ROOM_NAME, joined(Domain.ROOM_NAME.value, key.room, seat))
    )


def seal_reason(reason: str, key: EpochKey, order: OrderId, rng: Rng) -> bytes:
    """For an order."""
    bound = joined(Domain.ROOM_REASON.value, key.room, order)
    text = words.line(reason, MAX_REASON)
    while len(text.encode()) > MAX_REASON:
        text = text[:-1]
    return _seal_text(text, MAX_REASON, 2, key, Domain.ROOM_REASON, bound, rng)


def open_reason(sealed: bytes, key: EpochKey, order: OrderId) -> str:
    """As it may be shown. Raises Damaged, BadPadding."""
    bound = joined(Domain.ROOM_REASON.value, key.room, order)
    return words.line(_open_text(sealed, 2, key, Domain.ROOM_REASON, bound), MAX_REASON)


def epoch_of(sealed: bytes) -> int:
    """Under which epoch a name or a reason was sealed."""
    return int.from_bytes(sealed[:4], "big")


def _seal_text(
    text: str, room: int, length: int, key: EpochKey, domain: Domain, bound: bytes, rng: Rng
) -> bytes:
    raw = text.encode()
    if len(raw) > room:
        raise LocalProtocolError("a text too long for its place")
    plain = len(raw).to_bytes(length, "big") + raw.ljust(room, b"\0")
    return key.epoch.to_bytes(4, "big") + lock(key.of(domain), plain, bound, rng)


def _open_text(sealed: bytes, length: int, key: EpochKey, domain: Domain, bound: bytes) -> str:
    if epoch_of(sealed) != key.epoch:
        raise Damaged
    plain = _unlock(key, domain, sealed[4:], bound)
    try:
        return _unpadded(plain, length).decode()
    except UnicodeDecodeError as exc:
        raise BadPadding from exc


def _unlock(key: EpochKey, domain: Domain, sealed: bytes, bound: bytes) -> bytes:
    try:
        return unlock(key.of(domain), sealed, bound)
    except Unopenable as exc:
        raise Damaged from exc


def _unpadded(plain: bytes, length: int) -> bytes:
    end = length + int.from_bytes(plain[:length], "big")
    if end > len(plain) or plain[end:].strip(b"\0"):
        raise BadPadding
    return plain[length:end]


def _bound(entry: EntryBody, key: EpochKey) -> bytes:
    return joined(
        Domain.ROOM_STAGE.value,
        key.room,
        bytes([entry.lane]),
        entry.epoch.to_bytes(8, "big"),
        entry.seat,
        entry.counter.to_bytes(8, "big"),
        entry.previous,
    )
