"""The wire never changes by accident: everything comes out as it was frozen.

If a test here fails and the change is meant, ``python -m tests.vectors --change`` writes it, and
the commit says why yesterday's programs may be left behind.
"""

from __future__ import annotations

import pytest

from protocol.e2e.bundle import open_bundle
from protocol.e2e.contents import CONTENTS, Text, dump, load
from protocol.e2e.devices import SignedDeviceList, read_list
from protocol.e2e.envelope import open_envelope
from protocol.e2e.link import parse_contact_link
from protocol.e2e.packing import unpack
from protocol.e2e.session import accept
from protocol.keys import Secret
from protocol.wire import codec
from protocol.wire.frames import ENVELOPE_SIZES, FRAMES
from tests.vectors.made import BOOKS, example, people
from tests.vectors.store import changed, read


@pytest.mark.parametrize("book", BOOKS)
def test_everything_comes_out_as_it_was_frozen(book: str) -> None:
    made = BOOKS[book]()
    assert changed(book, made) == []
    assert set(made) == set(read(book)), "new ones are frozen with `python -m tests.vectors`"


@pytest.mark.parametrize("size", ["least", "full"])
@pytest.mark.parametrize("tag", FRAMES)
def test_a_frozen_frame_is_still_understood(tag: str, size: str) -> None:
    cls = FRAMES[tag]
    frozen = bytes.fromhex(read("frames")[f"{tag} {size}"])
    assert codec.load(frozen, cls.said_by) == [example(cls, size == "full")]


@pytest.mark.parametrize("size", ["least", "full"])
@pytest.mark.parametrize("tag", CONTENTS)
def test_a_frozen_content_is_still_understood(tag: str, size: str) -> None:
    frozen = bytes.fromhex(read("contents")[f"{tag} {size}"])
    assert load(frozen) == example(CONTENTS[tag], size == "full")


def test_a_frozen_envelope_still_opens() -> None:
    """Envelope, Olm and content, each made by an earlier version of everything below."""
    alice, bob = people()
    frozen = read("sealed")
    envelope = bytes.fromhex(frozen["envelope"])
    assert len(envelope) == ENVELOPE_SIZES[0]
    inside = open_envelope(envelope, bob.device.device_id, [bob.sealing])
    assert inside.sender == alice.device.device_id
    assert inside.olm.body.hex() == frozen["olm"]
    _, _, plain = accept(bob.account, alice.olm, inside.olm)
    content = load(plain)
    assert isinstance(content, Text)
    assert content.text == frozen["text"]
    assert dump(content) == plain


def test_a_frozen_bundle_and_list_still_open() -> None:
    alice, _ = people()
    frozen = read("identities")
    opened = open_bundle(
        bytes.fromhex(frozen["bundle"]), Secret(bytes(range(32))), alice.member.member_id
    )
    assert opened.signed_list == alice.signed_list
    second = unpack(bytes.fromhex(frozen["device list 2"]), SignedDeviceList)
    assert read_list(second, alice.member.member_id).version == 2


def test_a_frozen_link_is_still_understood() -> None:
    alice, _ = people()
    link = parse_contact_link(read("links")["contact link"])
    assert (link.member_id, link.name, link.join) == (
        alice.member.member_id,
        "Ali\u00e7e",
        True,
    )
