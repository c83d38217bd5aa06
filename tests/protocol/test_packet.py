"""Packets say what they carry to their destination only, and answers to their sender only."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import (
    BadPadding,
    Damaged,
    LocalProtocolError,
    RemoteProtocolError,
    UnknownKey,
    Unopenable,
)
from protocol.hpke import HeldKey, new_key_pair, seal_to
from protocol.ids import CallId, EnvelopeId, RelayKey
from protocol.keys import Domain, Secret, joined, lock, public_key
from protocol.wire import codec
from protocol.wire import packet as packet_module
from protocol.wire.frames import (
    ANSWER_SIZES,
    BLOB_BYTES,
    CHUNK_BYTES,
    ENVELOPE_SIZES,
    MAX_CHUNKS,
    PACKET_SIZES,
    SIGNAL_BYTES,
    BlobShown,
    BundleTaken,
    CardBody,
    Carry,
    Chunk,
    Deposit,
    Forward,
    GetChunk,
    PassOn,
    Ping,
    PutChunk,
    Reason,
    Refused,
    Reply,
    Request,
    ShowBlob,
    ShowCard,
    Signal,
    Stored,
    TakeBundle,
    Watch,
    Watching,
    WatchRoom,
    answer_room,
)
from protocol.wire.packet import (
    VERSION,
    AnyRequest,
    hash_of,
    key_id_of,
    open_answer,
    open_packet,
    seal_answer,
    seal_packet,
)

RELAY = RelayKey(public_key(Secret(b"r" * 32)))
KEY = new_key_pair()
KEYS = {key_id_of(KEY.public): HeldKey(KEY.private)}
CARD = CardBody(relay=RELAY, sealing=KEY.public, made_ms=1)
ANSWER_KEY = Secret(b"a" * 32)
CALL = CallId(0)
STORED = Stored(call=CALL)


def deposit(size: int) -> Deposit:
    return Deposit(
        call=CALL, capability=b"c" * 32, envelope_id=EnvelopeId(b"e" * 16), body=b"b" * size
    )


BUNDLE = TakeBundle(call=CALL, capability=b"c" * 32)
SHOW = ShowBlob(call=CALL, name=b"n" * 32)
GET = GetChunk(call=CALL, name=b"n" * 32, number=MAX_CHUNKS - 1)
PUT = PutChunk(call=CALL, writer=b"w" * 32, number=MAX_CHUNKS - 1, body=bytes(CHUNK_BYTES))
WATCH = Watch(call=CALL, slot=b"s" * 32)
ROOM = WatchRoom(call=CALL, capability=b"c" * 32)
SIGNAL = Signal(call=CALL, capability=b"c" * 32, body=b"b" * SIGNAL_BYTES)


@pytest.mark.parametrize(
    ("asked", "size"),
    [(BUNDLE, PACKET_SIZES[0]), (SHOW, PACKET_SIZES[0]), (GET, PACKET_SIZES[1])]
    + [(WATCH, PACKET_SIZES[2]), (ROOM, PACKET_SIZES[2]), (SIGNAL, PACKET_SIZES[2])]
    + [(deposit(one), other) for one, other in zip(ENVELOPE_SIZES, PACKET_SIZES[2:-1], strict=True)]
    + [(PUT, PACKET_SIZES[-1])],
)
def test_a_packet_comes_back_in_one_of_its_sizes(asked: AnyRequest, size: int) -> None:
    packet = seal_packet(asked, CARD, ANSWER_KEY)
    assert len(packet) == size
    opened = open_packet(packet, RELAY, KEYS)
    assert opened.asked == asked
    assert opened.answer_key == ANSWER_KEY


def test_two_packets_with_the_same_request_have_nothing_in_common() -> None:
    one, other = (seal_packet(BUNDLE, CARD, ANSWER_KEY) for _ in range(2))
    assert one[9:40] != other[9:40]
    assert b"c" * 8 not in one


@pytest.mark.parametrize(
    ("asked", "reply", "size"),
    [
        (deposit(2048), STORED, ANSWER_SIZES[0]),
        (deposit(65536), Refused(call=CALL, reason=Reason.UNKNOWN), ANSWER_SIZES[0]),
        (BUNDLE, BundleTaken(call=CALL, body=b"x" * 8192, last_resort=False), ANSWER_SIZES[1]),
        (BUNDLE, Refused(call=CALL, reason=Reason.QUOTA), ANSWER_SIZES[1]),
        (
            SHOW,
            BlobShown(call=CALL, chunks=MAX_CHUNKS, there=b"\xff" * (MAX_CHUNKS // 8), stay_s=1),
            ANSWER_SIZES[1],
        ),
        (GET, Chunk(call=CALL, body=bytes(CHUNK_BYTES)), ANSWER_SIZES[2]),
        (GET, Refused(call=CALL, reason=Reason.UNKNOWN), ANSWER_SIZES[2]),
        (PUT, STORED, ANSWER_SIZES[0]),
        (WATCH, Watching(call=CALL, blob=b"b" * BLOB_BYTES), ANSWER_SIZES[0]),
        (ROOM, Watching(call=CALL), ANSWER_SIZES[0]),
    ],
)
def test_the_length_of_an_answer_says_nothing_of_it(
    asked: AnyRequest, reply: Reply, size: int
) -> None:
    packet = seal_packet(asked, CARD, ANSWER_KEY)
    assert answer_room(len(packet)) == size  # known to whoever carries it
    answer = seal_answer(open_packet(packet, RELAY, KEYS), reply, os.urandom)
    assert len(answer) == size
    assert open_answer(answer, ANSWER_KEY, hash_of(packet)) == reply


def test_an_answer_belongs_to_its_packet() -> None:
    packet = seal_packet(BUNDLE, CARD, ANSWER_KEY)
    other = seal_packet(BUNDLE, CARD, ANSWER_KEY)
    answer = seal_answer(open_packet(packet, RELAY, KEYS), STORED, os.urandom)
    with pytest.raises(Damaged):
        open_answer(answer, ANSWER_KEY, hash_of(other))
    with pytest.raises(Damaged):
        open_answer(answer, Secret(b"o" * 32), hash_of(packet))


def test_only_its_destination_opens_a_packet() -> None:
    packet = seal_packet(BUNDLE, CARD, ANSWER_KEY)
    with pytest.raises(UnknownKey):
        open_packet(packet, RELAY, {})
    with pytest.raises(Damaged):
        open_packet(packet, RelayKey(public_key(Secret(b"x" * 32))), KEYS)
    with pytest.raises(Damaged):
        open_packet(packet[:-1] + bytes([packet[-1] ^ 1]), RELAY, KEYS)


FORWARD = Forward(
    call=CALL, pass_secret=b"p" * 32, destination="wss://c", ticket=b"t" * 32, packet=bytes(1536)
)
CARRY = Carry(call=CALL, packet=bytes(1536))
PASS_ON = PassOn(call=CALL, pass_secret=b"p" * 32, destination="wss://c", packet=bytes(1536))
OTHERS: list[AnyRequest] = [Ping(call=CALL), ShowCard(call=CALL), FORWARD, CARRY, PASS_ON]


def nothing_else_travels(asked: AnyRequest) -> None:
    """Not even in a packet of the length that the room of its answer has."""
    opened: list[AnyRequest] = []
    for size in PACKET_SIZES[2:]:
        try:
            opened.append(open_packet(_by_hand(codec.dump([asked]), size=size), RELAY, KEYS).asked)
        except RemoteProtocolError as exc:
            assert "no packet may carry" in str(exc)
    assert opened == []


@pytest.mark.parametrize("asked", OTHERS)
def test_nothing_else_travels_in_a_packet(asked: AnyRequest) -> None:
    with pytest.raises(LocalProtocolError):
        seal_packet(asked, CARD, ANSWER_KEY)
    nothing_else_travels(asked)


@pytest.mark.parametrize("asked", OTHERS)
def test_mutant_that_opens_whatever_it_is(
    asked: AnyRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packet_module, "CARRIED", (Request,))
    with pytest.raises(AssertionError):
        nothing_else_travels(asked)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xc1",
        codec.dump([]),
        codec.dump([BUNDLE, BUNDLE]),
        codec.dump([STORED]),
        b"\x91\x81\xa1t\xa5never",
    ],
)
def test_junk_in_a_packet_is_the_senders_fault(said: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        open_packet(_by_hand(said), RELAY, KEYS)


def test_a_question_in_another_ones_packet_is_refused() -> None:
    """Its carrier has set aside room for a small answer only."""
    with pytest.raises(RemoteProtocolError, match="another's length"):
        open_packet(_by_hand(codec.dump([GET])), RELAY, KEYS)


def test_what_lies_behind_a_request_is_refused() -> None:
    with pytest.raises(BadPadding):
        open_packet(_by_hand(codec.dump([BUNDLE]), behind=b"\x01"), RELAY, KEYS)
    with pytest.raises(BadPadding):
        open_packet(_by_hand(b"", length=100_000), RELAY, KEYS)


@given(st.binary(max_size=600))
def test_any_answer_is_a_reply_or_the_others_fault(junk: bytes) -> None:
    packet_hash = bytes(32)
    bound = joined(Domain.PACKET_ANSWER.value, packet_hash)
    for answer in (
        junk,
        lock(ANSWER_KEY, junk[: ANSWER_SIZES[0] - 40].ljust(ANSWER_SIZES[0] - 40, b"\0"), bound,
             os.urandom),
    ):  # fmt: skip
        with pytest.raises((Unopenable, RemoteProtocolError)):
            open_answer(answer, ANSWER_KEY, packet_hash)


def _by_hand(
    said: bytes, *, behind: bytes = b"", length: int | None = None, size: int = PACKET_SIZES[0]
) -> bytes:
    counted = (len(said) if length is None else length).to_bytes(4, "big")
    size -= 9 + 1136
    plain = (ANSWER_KEY + counted + said).ljust(size - len(behind), b"\0") + behind
    info = joined(Domain.PACKET.value, VERSION, RELAY)
    return VERSION + key_id_of(KEY.public) + seal_to(KEY.public, plain, info)
