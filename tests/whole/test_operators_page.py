"""relay/README.md as an operator meets it: its commands are run as they stand there.

Only the example's folder, host and port are put in their places, and what would change this machine
(users, systemd's units) is left out.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
import trio

from protocol.wire.address import parse_relay_invitation
from protocol.wire.frames import Redeem, Redeemed
from relay.__main__ import main
from tests.relay.processes import ROOT, open_caller

PAGE = (ROOT / "relay" / "README.md").read_text("utf-8")
SOON_S = 60


def blocks(heading: str) -> list[str]:
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", part, re.DOTALL)


class Operator:
    """Somebody who types what the page says, on a machine of their own."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder = home / "aside"
        programs = home / "bin"
        programs.mkdir()
        # The port that stands in a new relay's settings may be another relay's here.
        listen = f'[ "$1" != init ] || set -- "$@" --listen 0.0.0.0:{self.port}'
        shims = {
            "aside-relay": f'{listen}\nexec "{sys.executable}" -m relay "$@"',
            "sudo": 'shift 2; exec "$@"',
            "useradd": f'mkdir -m 0700 "{self.folder}"',
            **dict.fromkeys(("install", "systemctl", "journalctl"), "exit 0"),
        }
        for name, does in shims.items():
            (programs / name).write_text(f"#!/bin/sh\n{does}\n")
            (programs / name).chmod(0o755)
        self._environment = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        }

    def start(self, text: str) -> subprocess.Popen[str]:
        typed = text.replace("/var/lib/aside-relay", str(self.folder))
        typed = typed.replace("relay.example:7443", f"127.0.0.1:{self.port}")
        return subprocess.Popen(
            ["bash", "-euc", typed if "\n" in typed.strip() else f"exec {typed}"],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def type(self, text: str) -> list[str]:
        done = self.start(text)
        out, err = done.communicate(timeout=SOON_S)
        assert done.returncode == 0, err
        return out.splitlines()


@pytest.fixture
def operator(on_disk: Path) -> Operator:
    return Operator(on_disk)


@pytest.fixture
def ended() -> Generator[list[subprocess.Popen[str]]]:
    started = list[subprocess.Popen[str]]()
    yield started
    for each in started:
        each.terminate()
        each.communicate(timeout=SOON_S)


@pytest.mark.skipif(shutil.which("bash") is None, reason="the page is typed into bash")
async def test_from_nothing_to_a_first_member(
    operator: Operator, ended: list[subprocess.Popen[str]]
) -> None:
    _, make, by_systemd, invite = blocks("Start one")
    operator.type(by_systemd)
    serve = re.findall(r"`(sudo -u aside-relay aside-relay serve [^`]*)`", PAGE)[0]
    # A loaded disk may be slow, which the doctor says; it is well all the same.
    said = operator.type(make)
    assert said[0].startswith(f"wss://127.0.0.1:{operator.port}#")
    assert any("start it with serve" in line for line in said)
    serving = operator.start(serve)
    ended.append(serving)
    assert serving.stdout is not None
    assert serving.stdout.readline() == f"listening on {said[0]}\n"
    *looked, link = operator.type(invite)
    assert any("proves to be this relay" in line for line in looked)
    assert not any(line.startswith("WRONG") for line in looked)
    invitation = parse_relay_invitation(link)
    async with open_caller(invitation.address, 1) as member:
        redeem = Redeem(call=member.call(), code=invitation.code, pass_secret=bytes(32))
        with trio.fail_after(SOON_S):
            assert isinstance(await member.ask(redeem), Redeemed)
    status = operator.type(re.findall(r"`(aside-relay status [^`]*)`", PAGE)[0])
    assert any(line.startswith("1 pass,") for line in status)


def test_the_page_names_every_command_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    there = set(re.findall(r"^    ([a-z]+) ", capsys.readouterr().out, re.MULTILINE))
    table = set(re.findall(r"^\| `([a-z]+) (?:DIR|SRC)", PAGE, re.MULTILINE))
    assert {"init", "serve"} | table == there
    for name in table:
        with pytest.raises(SystemExit):
            main([name, "--help"])
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
        assert "--json" in options
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name} "))
        assert set(re.findall(r"--[a-z-]+", row)) <= options
