"""New keys: what changes with them, and what does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trio

from protocol.errors import WrongRelay
from protocol.wire.address import RelayAddress, parse_address
from protocol.wire.frames import Stored
from relay import certificate
from relay.backups.files import REPLACED
from relay.commands.rotate import New, rotate
from relay.errors import BadKey
from relay.folder import Folder
from relay.rules.clock import DAY_MS
from relay.two_hops.sealing import Sealing
from tests.relay.processes import Operator, Relays, mistake, open_caller, run

BOB_MAY = b"alice gave this to bob".ljust(32)


async def test_a_new_certificate_changes_no_address(tmp_path: Path, relays: Relays) -> None:
    folder = tmp_path / "relay"
    run("init", folder, "--listen", "0.0.0.0:0", "--open")
    before = (folder / "certificate.pem").read_bytes()
    first = relays.serve(folder)
    assert await trio.to_thread.run_sync(first.stop) == 0
    said = json.loads(run("rotate", folder, "--certificate", "--json").stdout)
    assert (folder / "certificate.pem").read_bytes() != before
    assert (folder / "certificate.key").stat().st_mode & 0o077 == 0
    assert certificate.covers(folder / "certificate.pem", said["host"])
    again = relays.serve(folder)
    assert again.address == first.address
    here = RelayAddress("127.0.0.1", again.address.port, again.address.fingerprint)
    async with open_caller(here, 1) as alice:
        await alice.ping()


async def test_a_new_identity_is_another_relay_with_the_same_mail(
    folder: Path, relays: Relays
) -> None:
    serving = relays.serve(folder)
    async with (
        open_caller(serving.address, 1) as alice,
        open_caller(serving.address, 2) as bob,
    ):
        await alice.move_in(BOB_MAY)
        assert isinstance(await bob.deposit(BOB_MAY, 1), Stored)
    refused = await trio.to_thread.run_sync(run, "rotate", folder, "--new-identity")
    assert "already running" in mistake(refused)
    assert await trio.to_thread.run_sync(serving.stop) == 0
    said = json.loads(run("rotate", folder, "--new-identity", "--json").stdout)
    assert said["before"] == str(serving.address)
    again = relays.serve(folder)
    assert again.address == parse_address(said["address"])
    assert again.address.fingerprint != serving.address.fingerprint
    with pytest.raises(WrongRelay):
        async with open_caller(serving.address, 1):
            pass
    async with open_caller(again.address, 1) as alice:
        assert (await alice.open()).waiting == 1
    [aside] = folder.glob(f"{REPLACED}*")
    assert (aside / "relay.key").stat().st_mode & 0o077 == 0


def test_a_new_key_for_packets_leaves_the_old_ones_for_sixty_days(stopped: Path) -> None:
    folder = Folder(stopped)
    seed = folder.seed()
    first = folder.sealing_keys()[0]
    made_ms = first.made_ms
    for days, count in ((10, 2), (20, 3), (79, 3), (500, 2)):
        before = folder.sealing_keys()
        rotate(folder, made_ms + days * DAY_MS, [New.SEALING])
        keys = folder.sealing_keys()
        assert len(keys) == count
        assert keys[-1] not in before
        assert keys[-2] == before[-1], "the last one before opens what is on its way"
        assert Sealing(seed, keys).card_body != Sealing(seed, before).card_body
    assert first not in folder.sealing_keys()
    assert folder.sealing_path.stat().st_mode & 0o077 == 0
    # A clock that went back does not make the new key an old one.
    rotate(folder, made_ms, [New.SEALING])
    assert Sealing(seed, folder.sealing_keys()[-1:]).card_body == (
        Sealing(seed, folder.sealing_keys()).card_body
    )


@pytest.mark.parametrize("left", ["", "junk", "sound"])
def test_a_new_identity_needs_no_old_key_and_ends_every_invitation(
    operator: Operator, stopped: Path, left: str
) -> None:
    operator("invite", stopped)
    operator("invite", stopped, "--uses", "20")
    key = stopped / "relay.key"
    if left == "junk":
        key.write_text("junk")
    elif not left:
        key.unlink()
    before = key.read_text() if left else None
    said = json.loads(operator("rotate", stopped, "--new-identity", "--json"))
    assert said["codes"] == 2
    assert (said["before"] is None) is (left != "sound")
    assert parse_address(said["address"]).fingerprint == Folder(stopped).fingerprint()
    kept = [path.read_text() for path in stopped.glob(f"{REPLACED}*/relay.key")]
    assert kept == ([before] if left else [])
    assert json.loads(operator("status", stopped, "--json"))["codes"] == 0
    again = operator("rotate", stopped, "--new-identity")
    assert "Every invitation is void" in again
    assert "The old key lies in" in again


def test_no_new_key_needs_an_old_one(operator: Operator, tmp_path: Path) -> None:
    folder = tmp_path / "relay"
    operator("init", folder, "--listen", "0.0.0.0:7443", "--public-url", "wss://a.example:7443")
    for name in ("relay.key", "relay.sealing", "certificate.pem", "certificate.key"):
        (folder / name).unlink()
    operator("rotate", folder, "--certificate")
    assert certificate.covers(folder / "certificate.pem", "a.example")
    assert "there was none" in operator("rotate", folder, "--sealing")
    assert len(Folder(folder).sealing_keys()) == 1
    operator("rotate", folder, "--new-identity")
    operator("check", folder)


def test_what_cannot_be_done_leaves_nothing_behind(operator: Operator, stopped: Path) -> None:
    for name in ("relay.key", "relay.sealing"):
        (stopped / name).unlink()
    with pytest.raises(BadKey):
        Folder(stopped).sealing(1)
    (stopped / "store.db").write_bytes(b"junk" * 10_000)
    assert "check" in operator.mistake("rotate", stopped, "--new-identity")
    assert not {"relay.key", "relay.sealing"} & {path.name for path in stopped.iterdir()}


def test_it_wants_to_be_told_what(operator: Operator, stopped: Path, tmp_path: Path) -> None:
    before = (stopped / "relay.key").read_bytes()
    assert "Say what" in operator.mistake("rotate", stopped)
    assert "Say what" in operator.mistake("rotate", stopped, "--certificate", "--new-identity")
    assert "no certificate" in operator.mistake("rotate", stopped, "--certificate")
    settings = stopped / "relay.toml"
    outside = tmp_path / "renewed.pem"
    text = settings.read_text().replace('certificate = ""', f'certificate = "{outside}"')
    settings.write_text(text)
    assert "where it comes from" in operator.mistake("rotate", stopped, "--certificate")
    assert (stopped / "relay.key").read_bytes() == before
