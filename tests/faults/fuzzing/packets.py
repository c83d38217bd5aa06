"""What stands in packets and their answers: as if each seal had been opened, for nobody pays for a
million seals.

The first byte of an input names the packet's length, since that decides which requests are heard
in it. What follows is its plain text: from ``RAW`` on just as it stands, below with a length before
the frame that is right, or else most inputs would end there.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from msgspec.structs import replace

from protocol.errors import RemoteProtocolError, Unopenable
from protocol.hpke import new_key_pair
from protocol.ids import SEALING_OVERHEAD, RelayKey
from protocol.keys import Domain, Secret, joined, lock, public_key
from protocol.wire import codec
from protocol.wire.frames import ANSWER_SIZES, PACKET_SIZES, CardBody, PutChunk, Reply, Side
from protocol.wire.packet import (
    ANSWER_KEY_BYTES,
    CARRIED,
    key_id_of,
    open_answer,
    open_packet,
    seal_packet,
)
from tests.faults.fuzzing.parser import Parser
from tests.vectors import store

RELAY = RelayKey(public_key(Secret(b"r" * 32)))
KEY = Secret(b"k" * 32)
HASH = b"h" * 32
KEY_ID = key_id_of(b"public")
RAW = 128
AROUND = 1 + len(KEY_ID) + SEALING_OVERHEAD


class Unsealed:
    """A key that opens what was never sealed."""

    def open(self, sealed: bytes, info: bytes) -> bytes:
        return sealed[:-SEALING_OVERHEAD]


_KEYS = {KEY_ID: Unsealed()}


def inside_of_packet(data: bytes) -> object:
    first = data[0] if data else 0
    said = _text(data[1:], first, ANSWER_KEY_BYTES)[: PACKET_SIZES[-1] - AROUND]
    least = next(at for at, size in enumerate(PACKET_SIZES) if size >= len(said) + AROUND)
    size = PACKET_SIZES[max(least, first % RAW % len(PACKET_SIZES))]
    packet = b"\x01" + KEY_ID + said.ljust(size - 1 - len(KEY_ID), b"\0")
    return [open_packet(packet, RELAY, _KEYS).asked]  # type: ignore[arg-type]


def inside_of_answer(data: bytes) -> object:
    plain = _text(data[1:], data[0] if data else 0, 0)[: ANSWER_SIZES[-1] - 40]
    size = next(size for size in ANSWER_SIZES if size >= len(plain) + 40) - 40
    bound = joined(Domain.PACKET_ANSWER.value, HASH)
    return open_answer(lock(KEY, plain.ljust(size, b"\0"), bound, _chance), KEY, HASH)


def _text(data: bytes, first: int, before: int) -> bytes:
    return data if first >= RAW else data[:before] + _counted(data[before:])


def _counted(said: bytes) -> bytes:
    return len(said).to_bytes(4, "big") + said


def _chance(count: int) -> bytes:
    return Random(count).randbytes(count)


def packets() -> Iterable[bytes]:
    """Each kind of request that may stand in a packet, in one as long as it really has."""
    card = CardBody(relay=RELAY, sealing=new_key_pair().public, made_ms=1)
    for asked in _frozen(Side.DESKTOP):
        if isinstance(asked, CARRIED):
            real = replace(asked, body=bytes(2048)) if isinstance(asked, PutChunk) else asked
            first = PACKET_SIZES.index(len(seal_packet(real, card, KEY)))
            said = codec.dump([real])
            yield bytes([first]) + KEY + said
            yield bytes([RAW + first]) + KEY + _counted(said)


def answers() -> Iterable[bytes]:
    """Each kind of reply; what no packet's answer says is refused later than here."""
    for reply in _frozen(Side.RELAY):
        if isinstance(reply, Reply) and len(said := codec.dump([reply])) < ANSWER_SIZES[1]:
            yield b"\0" + said
            yield bytes([RAW]) + _counted(said)


def _frozen(side: Side) -> Iterable[object]:
    for frozen in store.read("frames").values():
        try:
            yield codec.load(bytes.fromhex(frozen), side)[0]
        except RemoteProtocolError:
            continue


SEALED = (RemoteProtocolError, Unopenable)
PARSERS = (
    Parser("inside of a packet", inside_of_packet, SEALED, packets, PACKET_SIZES[-1]),
    Parser("inside of an answer", inside_of_answer, SEALED, answers, ANSWER_SIZES[-1]),
)
