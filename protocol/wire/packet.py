"""Packets: what a desktop asks of a relay it does not connect to, by way of its own.

    packet   version 1 ‖ key id 8 ‖ HPKE output: encapsulated key 1120 ‖ ciphertext ‖ tag 16
    plain    answer key 32 ‖ length 4 ‖ one request frame in MessagePack ‖ zeros
    info     joined("aside/1 packet", version, relay key)
    answer   nonce 24 ‖ XChaCha20-Poly1305 of: length 4 ‖ one reply frame ‖ zeros ‖ tag 16
    bound    joined("aside/1 packet-answer", hash of the packet)

A packet has one of nine lengths by the kind of request alone, and an answer one of three by the
packet's length alone: who carries both learns nothing from the second. Numbers are big endian; the
zeros are checked. The request's call means nothing and is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct

from protocol.errors import (
    BadPadding,
    Damaged,
    LocalProtocolError,
    RemoteProtocolError,
    UnknownKey,
    Unopenable,
)
from protocol.hpke import HeldKey, seal_to
from protocol.ids import SEALING_OVERHEAD, RelayKey
from protocol.keys import Domain, Rng, Secret, digest, joined, lock, unlock
from protocol.wire import codec
from protocol.wire.frames import (
    ANSWER_SIZES,
    PACKET_SIZES,
    CardBody,
    Deposit,
    Frame,
    GetChunk,
    PutChunk,
    Reply,
    Request,
    ShowBlob,
    Side,
    Signal,
    TakeBundle,
    Watch,
    WatchRoom,
    answer_room,
)
from protocol.wire.frames.forwarding import CHUNK_QUESTION

VERSION = b"\x01"
ANSWER_KEY_BYTES = 32
FLEETING: Final = (Watch, WatchRoom, Signal)
"""What may be passed on without waiting, and without counting: nothing is kept of it."""
FLEETING_PACKET: Final = PACKET_SIZES[2]
"""Of all three: who passes one on cannot tell from it which it is."""
CARRIED: Final = (Deposit, TakeBundle, ShowBlob, GetChunk, PutChunk, Watch, WatchRoom, Signal)
"""What may stand in a packet. Nothing that needs a pass or a mailbox's key, and no packet again:
that is the hop limit."""

AnyRequest: TypeAlias = Request[Any]

_KEY_ID = 8
_LENGTH = 4
_HEAD = len(VERSION) + _KEY_ID
_AROUND = _HEAD + SEALING_OVERHEAD + ANSWER_KEY_BYTES + _LENGTH
_NONCE_AND_TAG = 24 + 16


class Packet(Struct, frozen=True):
    """What a relay finds in a packet for it."""

    asked: AnyRequest
    answer_key: Secret
    packet_hash: bytes


def key_id_of(public: bytes) -> bytes:
    """The short name of a relay's sealing key, which stands on every packet."""
    return digest(Domain.PACKET_KEY_ID, public, size=_KEY_ID)


def ticket_of(secret: bytes) -> bytes:
    """What the own relay is told of the secret that fetches the answer."""
    return digest(Domain.TICKET, secret)


def hash_of(packet: bytes) -> bytes:
    """What an answer is bound to."""
    return digest(Domain.PACKET, packet)


def answer_size(asked: AnyRequest) -> int:
    """How long the answer to such a request is, whatever it says."""
    match asked:
        case TakeBundle() | ShowBlob():
            return ANSWER_SIZES[1]
        case GetChunk():
            return ANSWER_SIZES[2]
        case _:
            return ANSWER_SIZES[0]


def seal_packet(asked: AnyRequest, card: CardBody, answer_key: Secret) -> bytes:
    """A packet for the relay of this card. Raises LocalProtocolError, RemoteProtocolError."""
    if not isinstance(asked, CARRIED) or len(answer_key) != ANSWER_KEY_BYTES:
        raise LocalProtocolError(f"a {type(asked).__name__} in a packet")
    said = codec.dump([asked])
    needed = max(len(said) + _AROUND, _least(asked))
    size = next((size for size in PACKET_SIZES if needed <= size), None)
    if size is None:
        raise LocalProtocolError("a request that fits no packet")
    plain = (answer_key + _counted(said)).ljust(size - _HEAD - SEALING_OVERHEAD, b"\0")
    return VERSION + key_id_of(card.sealing) + seal_to(card.sealing, plain, _info(card.relay))


def _least(asked: AnyRequest) -> int:
    """The size that tells the room of its answer, where the request would fit a smaller one."""
    match asked:
        case GetChunk():
            return CHUNK_QUESTION
        case Watch() | WatchRoom():
            return FLEETING_PACKET
        case _:
            return 0


def open_packet(packet: bytes, relay: RelayKey, keys: Mapping[bytes, HeldKey]) -> Packet:
    """What is asked in it; ``keys`` are this relay's, by their ids.

    Raises UnknownKey, Damaged, BadPadding, RemoteProtocolError.
    """
    if len(packet) not in PACKET_SIZES or packet[: len(VERSION)] != VERSION:
        raise Damaged
    key = keys.get(packet[len(VERSION) : _HEAD])
    if key is None:
        raise UnknownKey
    plain = key.open(packet[_HEAD:], _info(relay))
    said = _uncounted(plain[ANSWER_KEY_BYTES:])
    asked = _only(said, Side.DESKTOP)
    if not isinstance(asked, CARRIED):
        raise RemoteProtocolError("a request that no packet may carry")
    if answer_size(asked) != answer_room(len(packet)):
        # Its carrier has set another room aside for the answer.
        raise RemoteProtocolError("a request in a packet of another's length")
    return Packet(asked, Secret(plain[:ANSWER_KEY_BYTES]), hash_of(packet))


def seal_answer(packet: Packet, reply: Reply, rng: Rng) -> bytes:
    """The answer, for whoever made the packet. Raises LocalProtocolError."""
    said = _counted(codec.dump([reply]))
    size = answer_size(packet.asked) - _NONCE_AND_TAG
    if len(said) > size:
        raise LocalProtocolError(f"a {type(reply).__name__} that fits no answer")
    return lock(packet.answer_key, said.ljust(size, b"\0"), _bound(packet.packet_hash), rng)


def open_answer(answer: bytes, answer_key: Secret, packet_hash: bytes) -> Reply:
    """What the destination said. Raises Damaged, BadPadding, RemoteProtocolError."""
    if len(answer) not in ANSWER_SIZES:
        raise Damaged
    try:
        plain = unlock(answer_key, answer, _bound(packet_hash))
    except Unopenable as exc:
        raise Damaged from exc
    reply = _only(_uncounted(plain), Side.RELAY)
    if not isinstance(reply, Reply):
        raise RemoteProtocolError("an answer that is no reply")
    return reply


def _only(said: bytes, side: Side) -> Frame:
    frames = codec.load(said, side)
    if len(frames) != 1 or not isinstance(frames[0], Frame):
        raise RemoteProtocolError("not one frame that is known here")
    return frames[0]


def _counted(said: bytes) -> bytes:
    return len(said).to_bytes(_LENGTH, "big") + said


def _uncounted(plain: bytes) -> bytes:
    end = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
    if end > len(plain) or plain[end:].strip(b"\0"):
        raise BadPadding
    return plain[_LENGTH:end]


def _info(relay: RelayKey) -> bytes:
    return joined(Domain.PACKET.value, VERSION, relay)


def _bound(packet_hash: bytes) -> bytes:
    return joined(Domain.PACKET_ANSWER.value, packet_hash)
