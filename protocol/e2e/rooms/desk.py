"""Sealing to the desk: to a key that the host signs into the policy and gives to moderators.

    sealed   HPKE to the desk key of: length 2 ‖ packed content ‖ zeros; four lengths
    info     joined("aside/1 room-desk", room, desk 8, seat, counter 8, previous)

One who spoke cannot open it again: what an asker wants to show later stays in the own vault.
"""

from __future__ import annotations

from typing import Final

from protocol.e2e.rooms import desk_contents
from protocol.e2e.sealing import open_with, seal_to
from protocol.errors import BadPadding, Damaged, TextTooLong
from protocol.ids import SEALING_OVERHEAD, RoomId
from protocol.keys import Domain, Secret, joined
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.items import EntryBody, sign_entry
from protocol.wire.rooms.policy import PolicyBody
from protocol.wire.rooms.signed import SeatKey

SIZES: Final = (2048, 4096, 8192, 16384)
"""Lengths of what is sealed on the desk."""

_LENGTH = 2
_AROUND = SEALING_OVERHEAD + _LENGTH
MAX_INSIDE: Final = SIZES[-1] - _AROUND


def tell(
    content: desk_contents.DeskContent,
    policy: PolicyBody,
    seat: SeatKey,
    counter: int,
    previous: bytes,
) -> bytes:
    """The item that says it, under the desk key in force.

    Raises TextTooLong, RemoteProtocolError for a desk key that is none.
    """
    packed = desk_contents.dump(content)
    if len(packed) > MAX_INSIDE:
        raise TextTooLong(MAX_INSIDE)
    size = next(size for size in SIZES if len(packed) + _AROUND <= size)
    plain = len(packed).to_bytes(_LENGTH, "big") + packed.ljust(size - _AROUND, b"\0")
    bare = EntryBody(Lane.DESK, seat.seat, policy.desk, counter, previous, b"")
    sealed = seal_to(policy.desk_key, plain, _info(bare, policy.room))
    entry = EntryBody(Lane.DESK, seat.seat, policy.desk, counter, previous, sealed)
    return sign_entry(seat, policy.room, entry)


def hear(entry: EntryBody, room: RoomId, desk: int, private: Secret) -> desk_contents.Heard:
    """What an entry of the desk says, by the desk key of this number; its signature was checked.

    Raises Damaged, BadPadding, RemoteProtocolError.
    """
    if entry.lane is not Lane.DESK or entry.epoch != desk or len(entry.sealed) not in SIZES:
        raise Damaged
    plain = open_with(private, entry.sealed, _info(entry, room))
    end = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
    if end > len(plain) or plain[end:].strip(b"\0"):
        raise BadPadding
    return desk_contents.load(plain[_LENGTH:end])


def _info(entry: EntryBody, room: RoomId) -> bytes:
    where = (entry.epoch.to_bytes(8, "big"), entry.seat, entry.counter.to_bytes(8, "big"))
    return joined(Domain.ROOM_DESK.value, room, *where, entry.previous)
