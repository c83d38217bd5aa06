"""A relay's sealing keys: one at least, old ones open on."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.errors import UnknownKey
from protocol.ids import CallId
from protocol.keys import Secret, public_key
from protocol.wire.card import read_card
from protocol.wire.frames import TakeBundle
from protocol.wire.handshake import fingerprint
from protocol.wire.packet import seal_packet
from relay.config import RelayPart, Settings, TlsPart
from relay.errors import BadKey
from relay.folder import Folder
from relay.two_hops.sealing import Sealing, new_sealing_key, read_keys, write_keys
from tests.relay.caller import some_bytes

SEED = Secret(b"s" * 32)
ASKED = TakeBundle(call=CallId(0), capability=b"c" * 32)


def packet_for(sealing: Sealing) -> bytes:
    pinned = fingerprint(public_key(SEED))
    card = read_card(sealing.card_body, sealing.card_signature, pinned)
    return seal_packet(ASKED, card, Secret(b"a" * 32))


def test_a_key_that_was_replaced_still_opens() -> None:
    old, new = new_sealing_key(1), new_sealing_key(2)
    before, after = Sealing(SEED, [old]), Sealing(SEED, [new, old])
    assert after.open(packet_for(before)).asked == ASKED
    assert after.open(packet_for(after)).asked == ASKED
    with pytest.raises(UnknownKey):
        before.open(packet_for(after))


def test_keys_come_back_from_their_file() -> None:
    keys = [new_sealing_key(5), new_sealing_key(7)]
    assert read_keys(write_keys(keys).decode()) == keys


@pytest.mark.parametrize("text", ["", "5", "5 zz", "5 00", "x " + "0" * 192, "-1 " + "0" * 192])
def test_a_damaged_file_is_said_so(tmp_path: Path, text: str) -> None:
    folder = a_folder(tmp_path)
    folder.sealing_path.write_text(text)
    with pytest.raises(BadKey):
        folder.sealing(1)


def test_two_keys_of_one_moment_are_damage() -> None:
    with pytest.raises(ValueError, match="two"):
        read_keys(write_keys([new_sealing_key(5), new_sealing_key(5)]).decode())


def test_a_folder_of_an_older_relay_gets_one(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    folder.sealing_path.unlink()
    card = folder.sealing(1).card_body
    assert folder.sealing_path.stat().st_mode & 0o077 == 0
    assert folder.sealing(2).card_body == card


def a_folder(path: Path) -> Folder:
    folder = Folder(path / "relay")
    settings = Settings(RelayPart(listen="127.0.0.1:0"), TlsPart("", ""))
    folder.make(settings, 1, some_bytes(1))
    return folder
