"""The keys that packets for this relay are sealed to, and the card that shows the newest.

Kept in one file, a line for each: when it was made, and its private half. A key that was replaced
still opens packets while its line is there.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from protocol.hpke import HeldKey, new_key_pair
from protocol.ids import SEALING_PRIVATE_BYTES, RelayKey
from protocol.keys import Secret, public_key
from protocol.wire.card import make_card
from protocol.wire.packet import Packet, key_id_of, open_packet


class SealingKey(Struct, frozen=True):
    """One of them."""

    made_ms: int
    private: Secret


class Sealing:
    """This relay's keys at work. There is always one; the newest is on the card."""

    def __init__(self, seed: Secret, keys: Sequence[SealingKey]) -> None:
        newest = max(keys, key=lambda key: key.made_ms)
        held = {key.made_ms: HeldKey(key.private) for key in keys}
        self._relay = RelayKey(public_key(seed))
        self._keys = {key_id_of(each.public): each for each in held.values()}
        public = held[newest.made_ms].public
        self.card_body, self.card_signature = make_card(seed, public, newest.made_ms)

    def open(self, packet: bytes) -> Packet:
        """What is asked in it. Raises Unopenable, RemoteProtocolError."""
        return open_packet(packet, self._relay, self._keys)


def new_sealing_key(now_ms: int) -> SealingKey:
    """A fresh one; the library draws its own chance."""
    return SealingKey(now_ms, new_key_pair().private)


def write_keys(keys: Sequence[SealingKey]) -> bytes:
    """The file's text."""
    return "".join(f"{key.made_ms} {key.private.hex()}\n" for key in keys).encode()


def read_keys(text: str) -> list[SealingKey]:
    """What :func:`write_keys` wrote. Raises ValueError."""
    keys: list[SealingKey] = []
    for line in text.splitlines():
        made, private = line.split()
        key = SealingKey(int(made), Secret(bytes.fromhex(private)))
        if len(key.private) != SEALING_PRIVATE_BYTES or key.made_ms < 0:
            raise ValueError("not a sealing key")
        keys.append(key)
    if not keys or len({key.made_ms for key in keys}) < len(keys):
        raise ValueError("no sealing key, or two of one moment")
    return keys
