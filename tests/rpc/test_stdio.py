"""The process: what reaches stdout, and every way to end it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.rpc.client import request

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.rpc.stdio_child"]


class Process:
    """The child and its pipes."""

    def __init__(self) -> None:
        self.child = subprocess.Popen(
            COMMAND,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        assert self.child.stderr is not None
        self.asks: IO[bytes] = self.child.stdin
        self.answers: IO[bytes] = self.child.stdout
        self.log: IO[bytes] = self.child.stderr

    def ask(self, method: str, name: object, /, **params: object) -> None:
        self.asks.write(request(method, name, **params) + b"\n")
        self.asks.flush()

    def hear(self) -> object:
        return json.loads(self.answers.readline())["id"]

    def end(self) -> tuple[int, bytes, bytes]:
        """Exit code, the rest of stdout, and stderr."""
        said, log = self.child.communicate(timeout=20)
        return self.child.returncode, said, log


@pytest.fixture
def process() -> Iterator[Process]:
    process = Process()
    with process.child:
        yield process
        process.child.kill()


def test_the_end_of_stdin_ends_it_with_everything_answered(process: Process) -> None:
    process.ask("profile.show", 1)
    process.ask("contact.list", 2)
    code, said, log = process.end()
    assert code == 0
    assert sorted(json.loads(line)["id"] for line in said.splitlines()) == [1, 2]
    assert log.splitlines() == [b"this must not reach the client", b"closed"]


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_the_engine_closed(process: Process, name: signal.Signals) -> None:
    process.ask("profile.show", 1)
    assert process.hear() == 1
    process.child.send_signal(name)
    code, said, log = process.end()
    assert (code, said, log.splitlines()[-1]) == (0, b"", b"closed")


def test_a_client_that_stops_reading_ends_it(process: Process) -> None:
    process.answers.close()
    process.ask("profile.show", 1)
    assert process.child.wait(20) == 0
    assert process.log.read().splitlines()[-1] == b"closed"


def test_junk_does_not_end_it(process: Process) -> None:
    process.asks.write(b"\xff\xfe\n" + b"x" * (3 * 2**20) + b"\n{}\n")
    process.ask("profile.show", 7)
    assert [process.hear() for _ in range(4)] == [None, None, None, 7]


def test_files_serve_as_well_as_pipes(tmp_path: Path) -> None:
    (tmp_path / "asks").write_bytes(request("profile.show", 1) + b"\n" + request("no.such", 2))
    with (tmp_path / "asks").open("rb") as asks, (tmp_path / "answers").open("wb") as answers:
        subprocess.run(
            COMMAND,
            cwd=ROOT,
            stdin=asks,
            stdout=answers,
            stderr=subprocess.PIPE,
            timeout=20,
            check=True,
        )
    lines = (tmp_path / "answers").read_bytes().splitlines()
    assert sorted(json.loads(line)["id"] for line in lines) == [1, 2]
