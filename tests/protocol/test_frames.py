"""Every frame, from its declaration: round trip, noise, unknown keys, the wrong side, bounds."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.errors import LocalProtocolError, RemoteProtocolError
from protocol.ids import CallId, EnvelopeId
from protocol.keys import Secret
from protocol.wire import codec
from protocol.wire.codec import UnknownFrame
from protocol.wire.frames import (
    ENVELOPE_SIZES,
    FRAMES,
    Deposit,
    Frame,
    Notice,
    Ping,
    Reason,
    Refused,
    Reply,
    Request,
    Side,
    TakeBundle,
)
from tests.protocol.shapes import struct_of

FEW = settings(max_examples=25)  # of each of sixty frames
FEWEST = settings(max_examples=5)  # where what stands in the fields plays no part
EVERY_FRAME = pytest.mark.parametrize("cls", FRAMES.values(), ids=list(FRAMES))
ANY_FRAME = st.sampled_from(list(FRAMES.values())).flatmap(struct_of)


def other(side: Side) -> Side:
    return Side.RELAY if side is Side.DESKTOP else Side.DESKTOP


def as_map(frame: Frame) -> dict[str, Any]:
    """The frame as another program would write it."""
    found: dict[str, Any] = msgspec.msgpack.decode(codec.dump([frame]))[0]
    return found


@EVERY_FRAME
@FEW
@given(data=st.data())
def test_a_frame_comes_back_as_it_was_said(cls: type[Frame], data: st.DataObject) -> None:
    frame = data.draw(struct_of(cls))
    assert codec.load(codec.dump([frame]), cls.said_by) == [frame]


@EVERY_FRAME
@FEWEST
@given(data=st.data())
def test_a_frame_from_the_wrong_side_is_refused(cls: type[Frame], data: st.DataObject) -> None:
    message = codec.dump([data.draw(struct_of(cls))])
    with pytest.raises(RemoteProtocolError):
        codec.load(message, other(cls.said_by))


@EVERY_FRAME
@FEW
@given(data=st.data())
def test_keys_of_a_newer_version_are_ignored(cls: type[Frame], data: st.DataObject) -> None:
    frame = data.draw(struct_of(cls))
    raw = as_map(frame) | {"added_later": [1, {"x": b"y"}]}
    assert codec.load(msgspec.msgpack.encode([raw]), cls.said_by) == [frame]


@EVERY_FRAME
@FEW
@given(data=st.data())
def test_a_field_of_another_type_is_the_peers_fault(cls: type[Frame], data: st.DataObject) -> None:
    raw = as_map(data.draw(struct_of(cls)))
    key = data.draw(st.sampled_from(sorted(raw)))
    message = msgspec.msgpack.encode([raw | {key: 1.5}])
    with pytest.raises(RemoteProtocolError):
        codec.load(message, cls.said_by)


@EVERY_FRAME
@FEWEST
@given(data=st.data())
def test_a_frame_shows_its_name_and_nothing_else(cls: type[Frame], data: st.DataObject) -> None:
    frame = data.draw(struct_of(cls))
    assert repr(frame) == str(frame) == f"<{cls.__name__}>"


@EVERY_FRAME
def test_a_frame_says_what_it_is(cls: type[Frame]) -> None:
    assert cls.__doc__
    if issubclass(cls, Request):
        assert issubclass(cls.reply(), Reply)
        assert cls.said_by is Side.DESKTOP
    elif issubclass(cls, (Reply, Notice)):
        assert cls.said_by is Side.RELAY


@given(st.binary(max_size=300), st.sampled_from(list(Side)))
def test_noise_is_the_peers_fault_or_frames(noise: bytes, side: Side) -> None:
    try:
        codec.load(noise, side)
    except RemoteProtocolError:
        return
    assert isinstance(msgspec.msgpack.decode(noise), list)


@given(frame=ANY_FRAME, data=st.data())
def test_a_damaged_message_is_the_peers_fault_or_frames(frame: Frame, data: st.DataObject) -> None:
    message = bytearray(codec.dump([frame]))
    at = data.draw(st.integers(0, len(message) - 1))
    message[at] ^= data.draw(st.integers(1, 255))
    try:
        heard = codec.load(bytes(message), frame.said_by)
    except RemoteProtocolError:
        return
    assert all(isinstance(one, Frame | UnknownFrame) for one in heard)


@given(frame=ANY_FRAME, data=st.data())
def test_a_message_cut_short_is_the_peers_fault(frame: Frame, data: st.DataObject) -> None:
    message = codec.dump([frame])
    with pytest.raises(RemoteProtocolError):
        codec.load(message[: data.draw(st.integers(0, len(message) - 1))], frame.said_by)


@pytest.mark.parametrize(
    "junk",
    [
        b"\x91" * 100_000,  # lists in lists
        b"\x81\xa1t" * 50_000,  # maps in maps
        b"\xdd\xff\xff\xff\xff",  # a list of four thousand million
        b"\xc6\xff\xff\xff\xff",  # bytes of four thousand million
        b"\x91\x82\xa1t\xa4ping\xa4call" + b"\xcf" + b"\xff" * 8,
        b"\x91\x81\xa1t\xa2\xff\xfe",  # a name that is no UTF-8
        b"\x91\x83\xa1t\xa3new\xa4call\x01\xa1x" + b"\x91" * 5000 + b"\xc0",
        b"\x80",
        b"\xc0",
        b"",
    ],
    ids=range(10),
)
@pytest.mark.parametrize("side", Side)
def test_hostile_messages_are_the_peers_fault(junk: bytes, side: Side) -> None:
    with pytest.raises(RemoteProtocolError):
        codec.load(junk, side)


def test_a_frame_of_a_newer_version_is_a_value() -> None:
    message = msgspec.msgpack.encode([{"t": "dance", "call": 7, "steps": [1, 2]}, {"t": "hum"}])
    heard = codec.load(message, Side.DESKTOP)
    assert heard == [UnknownFrame("dance", CallId(7)), UnknownFrame("hum", None)]


def test_an_unknown_frame_leaves_its_neighbours_readable() -> None:
    ping = Ping(call=CallId(1))
    message = msgspec.msgpack.encode([as_map(ping), {"t": "dance", "call": 2}, as_map(ping)])
    assert codec.load(message, Side.DESKTOP) == [ping, UnknownFrame("dance", CallId(2)), ping]


@pytest.mark.parametrize("call", [-1, 2**53, 2**63])
def test_an_unknown_frame_has_no_call_out_of_bounds(call: int) -> None:
    message = msgspec.msgpack.encode([{"t": "dance", "call": call}])
    try:
        assert codec.load(message, Side.DESKTOP) == [UnknownFrame("dance", None)]
    except RemoteProtocolError:
        assert call >= 2**63


def test_a_reason_of_a_newer_relay_is_other() -> None:
    message = msgspec.msgpack.encode([{"t": "refused", "call": 1, "reason": "moon_phase"}])
    assert codec.load(message, Side.RELAY) == [Refused(call=CallId(1), reason=Reason.OTHER)]


def test_too_many_frames_are_refused_on_both_sides() -> None:
    pings = [Ping(call=CallId(n)) for n in range(codec.MAX_FRAMES + 1)]
    with pytest.raises(LocalProtocolError):
        codec.dump(pings)
    with pytest.raises(RemoteProtocolError):
        codec.load(msgspec.msgpack.encode(pings), Side.DESKTOP)
    unknown = [{"t": "dance"}] * (codec.MAX_FRAMES + 1)
    with pytest.raises(RemoteProtocolError):
        codec.load(msgspec.msgpack.encode(unknown), Side.DESKTOP)


def test_too_large_a_message_is_refused_on_both_sides() -> None:
    deposit = Deposit(
        call=CallId(1),
        capability=bytes(32),
        envelope_id=EnvelopeId(bytes(16)),
        body=bytes(ENVELOPE_SIZES[-1]),
    )
    with pytest.raises(LocalProtocolError):
        codec.dump([deposit] * 17)
    with pytest.raises(RemoteProtocolError):
        codec.load(msgspec.msgpack.encode([deposit] * 17), Side.DESKTOP)
    with pytest.raises(RemoteProtocolError):
        codec.load(codec.dump([deposit]), Side.DESKTOP, codec.MAX_BEFORE_HANDSHAKE)


def test_a_secret_crosses_the_wire_as_plain_bytes() -> None:
    secret = Secret(bytes(range(32)))
    said = codec.dump([TakeBundle(call=CallId(1), capability=secret)])
    assert said == codec.dump([TakeBundle(call=CallId(1), capability=bytes(secret))])


def test_a_burst_shares_a_message() -> None:
    pings = [Ping(call=CallId(n)) for n in range(codec.MAX_FRAMES)]
    assert codec.load(codec.dump(pings), Side.DESKTOP) == pings
