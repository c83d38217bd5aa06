"""SECURITY.md as an operator follows it after a breach: commands are run as they stand there."""

from __future__ import annotations

import re
import shlex
import shutil
import socket
from collections.abc import Generator
from pathlib import Path

import pytest

from protocol.wire.address import parse_address, parse_relay_invitation
from protocol.wire.frames import Redeem, Redeemed, Refused
from relay.backups.files import REPLACED
from tests.relay.processes import ROOT, Relays, open_caller, run

PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
PART = PAGE.split("after a breach\n")[1].split("\n## ")[0]
STEPS = re.split(r"\n\d\. ", PART)


@pytest.fixture
def relays() -> Generator[Relays]:
    made = Relays()
    yield made
    made.end()


def type_all(step: str, folder: Path) -> list[tuple[int, str]]:
    """Every command of a step, each with its exit code and what it said."""
    done = list[tuple[int, str]]()
    for command in re.findall(r"aside-relay ([^`\n]*)", step):
        words = [str(folder) if word == "DIR" else word for word in shlex.split(command)]
        said = run(*words)
        done.append((said.returncode, said.stdout + said.stderr))
    return done


async def test_from_store_and_settings_to_another_relay(on_disk: Path, relays: Relays) -> None:
    old, new = on_disk / "old", on_disk / "new"
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    run("init", old, "--listen", place, "--public-url", f"wss://{place}")
    before = parse_relay_invitation(run("invite", old).stdout.strip())
    _, _, _, close, keys, invitations, *_ = STEPS

    bring = re.findall(r"Bring only .*? over", close, re.DOTALL)[0]
    brought = re.findall(r"`([\w.-]+)`", bring)
    assert {"store.db", "relay.toml"} <= set(brought)
    new.mkdir(mode=0o700)
    for name in brought:
        if (old / name).exists():
            shutil.copy(old / name, new / name)
    [(code, said)] = type_all(close, new)
    assert code == 1
    assert "store: ok" in said.splitlines()
    assert not any(path.name.startswith("relay.sealing") for path in new.iterdir())

    done = type_all(keys, new)
    assert [code for code, _ in done] == [0, 0, 0], done
    address = parse_address(re.findall(r"wss://\S+", done[0][1])[0])
    assert address.fingerprint != before.address.fingerprint
    assert not list(new.glob(f"{REPLACED}*")), "there was no old key"
    assert run("check", new).returncode == 0
    done = type_all(invitations, new)
    assert [code for code, _ in done] == [0, 0], done
    assert "; 0 could still be used" in done[0][1]

    assert relays.serve(new).address == address
    after = parse_relay_invitation(run("invite", new).stdout.strip())
    for secret, answer in ((before.code, Refused), (after.code, Redeemed)):
        async with open_caller(address, 1) as somebody:
            redeem = Redeem(call=somebody.call(), code=secret, pass_secret=bytes(32))
            assert isinstance(await somebody.ask(redeem), answer)
