"""Relays in processes of their own, and the commands an operator gives them."""

from __future__ import annotations

import io
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from hashlib import sha256
from pathlib import Path

import pytest
import trio

from protocol.wire.address import RelayAddress, parse_address
from protocol.wire.handshake import agree, hello
from relay.__main__ import WRONG_USE, main
from tests.relay.caller import Caller, Line, some_bytes

ROOT = Path(__file__).parents[2]
SOON_S = 20.0


def run_program(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The program as a shell would start it."""
    command = [sys.executable, "-m", "relay", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The same in this process, in half a hundredth of the time. Here nothing can serve, since
    that needs signals: what should have refused to breaks."""
    words = list(map(str, arguments))
    out, err = io.StringIO(), io.StringIO()

    def command() -> int:
        with redirect_stdout(out), redirect_stderr(err):
            try:
                return main(words)
            except SystemExit as exc:  # how argparse ends after its help
                assert isinstance(exc.code, int)
                return exc.code

    # In a thread, since a story's clock may run in this one, and a command brings its own.
    with ThreadPoolExecutor(1) as pool:
        code = pool.submit(command).result(60)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


class Serving:
    """A relay in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.log = folder.with_name("log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "relay", "serve", str(folder)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode().strip()
        if not line.startswith("listening on "):
            self.stop(signal.SIGKILL)
            pytest.fail(f"it does not serve: {self.log.read_text('utf-8')}")
        self.address: RelayAddress = parse_address(line.removeprefix("listening on "))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(SOON_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


class Relays:
    """Starts relays and ends those that a test left running."""

    def __init__(self) -> None:
        self._started: list[Serving] = []

    def serve(self, folder: Path) -> Serving:
        self._started.append(Serving(folder))
        return self._started[-1]

    def end(self) -> None:
        for each in self._started:
            if each.process.poll() is None:
                each.stop(signal.SIGKILL)


@asynccontextmanager
async def open_caller(address: RelayAddress, seed: int) -> AsyncGenerator[Caller]:
    stream: trio.abc.Stream = await trio.open_tcp_stream(address.host, address.port)
    certificate = b""
    if address.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        wrapped = trio.SSLStream(stream, context)
        await wrapped.do_handshake()
        received = wrapped.getpeercert(binary_form=True)
        assert isinstance(received, bytes)
        certificate = sha256(received).digest()
        stream = wrapped
    try:
        line = Line(stream)
        await line.upgrade()
        said = hello(some_bytes(seed))
        await line.say(said)
        heard = await line.hear()
        assert heard is not None
        yield Caller(line, agree(said, heard, address.fingerprint, certificate), seed)
    finally:
        await trio.aclose_forcefully(stream)


def mistake(done: subprocess.CompletedProcess[str], code: int = WRONG_USE) -> str:
    """The one sentence on stderr."""
    assert done.returncode == code
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("aside-relay: ")
    return lines[0]


class Operator:
    """Somebody at a terminal, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> str:
        """What a command said that went well."""
        code = main([str(each) for each in arguments])
        said = self._capsys.readouterr()
        assert code == 0, said.err
        # What init advises is the only other thing to be heard.
        assert not said.err or arguments[0] == "init"
        return said.out

    def unwell(self, *arguments: object) -> str:
        """What one said that found something wrong."""
        code = main([str(each) for each in arguments])
        said = self._capsys.readouterr()
        assert (code, said.err) == (1, "")
        return said.out

    def either(self, *arguments: object) -> str:
        """What one said, whether all was well or not."""
        assert main([str(each) for each in arguments]) in (0, 1)
        return self._capsys.readouterr().out

    def mistake(self, *arguments: object, code: int = WRONG_USE) -> str:
        """The one sentence of one that did not."""
        return mistake(run(*arguments), code)
