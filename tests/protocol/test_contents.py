"""Every content, from its declaration: round trip, noise, unknown keys, bounds."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.e2e.contents import (
    CONTENTS,
    MAX_MAILBOXES,
    MAX_TEXT_BYTES,
    Content,
    Declined,
    DeclineReason,
    Greeting,
    MailboxRoute,
    Route,
    Text,
    UnknownContent,
    check_text,
    conversation_of,
    dump,
    load,
)
from protocol.e2e.devices import MAX_DEVICES, sign_list
from protocol.e2e.envelope import MAX_INSIDE
from protocol.e2e.packing import pack
from protocol.e2e.sealing import sign_sealing_key
from protocol.e2e.session import encrypt, start
from protocol.errors import LocalProtocolError, RemoteProtocolError, TextTooLong
from protocol.ids import DeviceId, MemberId
from protocol.keys import Secret
from tests.protocol.cast import Person, header, person
from tests.protocol.shapes import struct_of

FEW = settings(max_examples=50)
FEWEST = settings(max_examples=5)  # where what stands in the fields plays no part
EVERY_CONTENT = pytest.mark.parametrize("cls", CONTENTS.values(), ids=list(CONTENTS))
ANY_CONTENT = st.sampled_from(list(CONTENTS.values())).flatmap(struct_of)


@pytest.fixture(scope="module")
def alice() -> Person:
    return person("alice")


@pytest.fixture(scope="module")
def bob() -> Person:
    return person("bob")


def as_map(content: Content) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.msgpack.decode(dump(content))
    return found


def olm_length(alice: Person, bob: Person, content: Content) -> int:
    """The length of the longest kind of Olm message around this content."""
    session = start(alice.account, bob.olm, person("key").olm)
    return len(encrypt(session, dump(content))[1].body)


@EVERY_CONTENT
@FEW
@given(data=st.data())
def test_a_content_comes_back_as_it_was_said(cls: type[Content], data: st.DataObject) -> None:
    content = data.draw(struct_of(cls))
    assert load(dump(content)) == content


@EVERY_CONTENT
@FEW
@given(data=st.data())
def test_keys_of_a_newer_version_are_ignored(cls: type[Content], data: st.DataObject) -> None:
    content = data.draw(struct_of(cls))
    raw = as_map(content)
    raw["added_later"] = [1, {"x": b"y"}]
    raw["header"]["mood"] = 7
    assert load(msgspec.msgpack.encode(raw)) == content


@EVERY_CONTENT
@FEW
@given(data=st.data())
def test_a_field_of_another_type_is_the_authors_fault(
    cls: type[Content], data: st.DataObject
) -> None:
    raw = as_map(data.draw(struct_of(cls)))
    key = data.draw(st.sampled_from(sorted(raw)))
    with pytest.raises(RemoteProtocolError):
        load(msgspec.msgpack.encode(raw | {key: 1.5}))


@EVERY_CONTENT
@FEWEST
@given(data=st.data())
def test_a_content_shows_its_name_and_nothing_else(cls: type[Content], data: st.DataObject) -> None:
    content = data.draw(struct_of(cls))
    assert repr(content) == str(content) == f"<{cls.__name__}>"
    assert repr(content.header) == "<Header>"


@given(st.binary(max_size=300))
def test_noise_is_the_authors_fault(noise: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        load(noise)


@given(content=ANY_CONTENT, data=st.data())
def test_a_damaged_content_is_the_authors_fault_or_a_content(
    content: Content, data: st.DataObject
) -> None:
    encoded = bytearray(dump(content))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        heard = load(bytes(encoded))
    except RemoteProtocolError:
        return
    assert isinstance(heard, Content | UnknownContent)


@given(content=ANY_CONTENT, data=st.data())
def test_a_content_cut_short_is_the_authors_fault(content: Content, data: st.DataObject) -> None:
    encoded = dump(content)
    with pytest.raises(RemoteProtocolError):
        load(encoded[: data.draw(st.integers(0, len(encoded) - 1))])


@pytest.mark.parametrize(
    "junk",
    [
        b"\x91" * 60_000,
        b"\x81\xa1t" * 20_000,
        b"\x82\xa1t\xa4text\xa6header" + b"\x81\xa4seen" * 10_000,
        b"\xdf\xff\xff\xff\xff",
        b"\x81\xa1t\xa2\xff\xfe",
        b"",
    ],
    ids=range(6),
)
def test_hostile_contents_are_the_authors_fault(junk: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        load(junk)


def test_a_content_of_a_newer_version_is_a_value(alice: Person, bob: Person) -> None:
    said = header(alice, bob)
    raw = as_map(Text(header=said, text="x")) | {"t": "hologram", "text": b"\x00"}
    assert load(msgspec.msgpack.encode(raw)) == UnknownContent("hologram", said)
    with pytest.raises(RemoteProtocolError):
        load(msgspec.msgpack.encode({"t": "hologram"}))


def test_an_unknown_content_hides_its_name(alice: Person, bob: Person) -> None:
    assert "hello" not in repr(UnknownContent("hello", header(alice, bob)))


def test_a_reason_of_a_newer_version_is_other(alice: Person, bob: Person) -> None:
    said = header(alice, bob)
    raw = as_map(Declined(header=said, reason=DeclineReason.SPENT)) | {"reason": "eclipse"}
    assert load(msgspec.msgpack.encode(raw)) == Declined(header=said, reason=DeclineReason.OTHER)


def test_a_secret_is_packed_as_plain_bytes_and_nothing_else_is() -> None:
    secret = Secret(bytes(range(32)))
    assert pack(secret) == pack(bytes(secret))
    with pytest.raises(LocalProtocolError):
        pack(object())


def test_defaults_are_left_out_of_the_bytes(alice: Person, bob: Person) -> None:
    """So that a version with a new field encodes an old content to the same bytes."""
    raw = as_map(Text(header=header(alice, bob), text="x"))
    assert not {"seen", "generation", "sealing_key", "repairs"} & set(raw["header"])


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_conversation_has_one_id(one: bytes, two: bytes) -> None:
    a, b = MemberId(one), MemberId(two)
    assert conversation_of(a, b) == conversation_of(b, a)
    assert len(conversation_of(a, b)) == 16
    assert (conversation_of(a, b) == conversation_of(a, a)) == (a == b)


@pytest.mark.parametrize("letter", ["x", "é", "漢", "😀"])
def test_a_texts_limit_is_in_bytes(letter: str) -> None:
    most = MAX_TEXT_BYTES // len(letter.encode())
    check_text(letter * most)
    with pytest.raises(TextTooLong) as caught:
        check_text(letter * (most + 1))
    assert caught.value.limit == MAX_TEXT_BYTES


def fullest(alice: Person, bob: Person) -> Any:
    seen = {DeviceId(alice.rng(32)): 2**32 - 1 for _ in range(64)}
    return msgspec.structs.replace(
        header(alice, bob, counter=2**32 - 1, previous=bytes(32)),
        list_version=2**31 - 1,
        known_list_version=2**31 - 1,
        seen=seen,
        generation=2**31 - 1,
        sealing_key=sign_sealing_key(alice.device, alice.sealing),
        repairs=bytes(32),
    )


def test_the_longest_text_fits_beside_the_fullest_header(alice: Person, bob: Person) -> None:
    text = Text(header=fullest(alice, bob), text="x" * MAX_TEXT_BYTES)
    assert olm_length(alice, bob, text) <= MAX_INSIDE


def test_the_fullest_greeting_fits(alice: Person, bob: Person) -> None:
    entries = [alice.new_entry() for _ in range(MAX_DEVICES)]
    mailbox = MailboxRoute(relay="x" * 300, capability=bytes(32), drawer_key=bytes(32))
    sealing = sign_sealing_key(alice.device, alice.sealing)
    greeting = Greeting(
        header=fullest(alice, bob),
        name="漢" * 64,
        device_list=sign_list(alice.member, entries, alice.signed_list),
        routes=tuple(
            Route(device=one.device, mailboxes=(mailbox,) * MAX_MAILBOXES, sealing_key=sealing)
            for one in entries
        ),
        text="😀" * 2000,
        reply=True,
    )
    assert load(dump(greeting)) == greeting
    assert olm_length(alice, bob, greeting) <= MAX_INSIDE
