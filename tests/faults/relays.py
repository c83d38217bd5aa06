"""A real relay on the loopback that can be killed and comes back at the same address."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from tests.faults.program import (
    PATIENCE_S,
    Command,
    Died,
    kill,
    open_command,
    run_command,
    terminate,
)

RELEASED: Command = ("relay",)


class RelayProcess:
    """``aside-relay serve``, again and again over one folder."""

    def __init__(self, folder: Path, log: Path, command: Command = RELEASED) -> None:
        self.folder = folder
        self.log = log
        self.command = command
        self.address = ""
        self._process: trio.Process | None = None

    @property
    def store(self) -> Path:
        """Its SQLite file."""
        return self.folder / "store.db"

    @property
    def pid(self) -> int:
        """Of the process that serves now."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> int | None:
        """The same, or None between two of them."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Serve; accepting when this returns."""
        process = await open_command(self.command, "serve", str(self.folder), log=self.log)
        self._process = process
        assert process.stdout is not None
        said = b""
        with trio.fail_after(PATIENCE_S):
            while b"\n" not in said:
                chunk = await process.stdout.receive_some()
                if not chunk:
                    raise Died("the relay did not come up")
                said += chunk
        self.address = said.decode().removeprefix("listening on ").strip()

    async def freeze(self) -> None:
        """No more answers from here on, whatever its threads are told by the system."""
        tasks = Path(f"/proc/{self.pid}/task")
        os.kill(self.pid, signal.SIGSTOP)
        with trio.fail_after(PATIENCE_S):
            # One that waits for the disk stops before it comes back.
            while any(_state(task) not in "TD" for task in tasks.iterdir()):
                await trio.sleep(0.001)

    async def kill(self) -> None:
        """SIGKILL, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            await kill(process)

    async def terminate(self) -> int:
        """SIGTERM; its exit code. Raises trio.TooSlowError after the promised 10 s."""
        process, self._process = self._process, None
        assert process is not None
        return await terminate(process, 10)


def _state(task: Path) -> str:
    """One letter; behind the name, in which anything may stand."""
    return (task / "stat").read_text("utf-8").rpartition(")")[2].split()[0]


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


async def make_relay(folder: Path, log: Path, port: int, public_url: str = "") -> None:
    """Fill the folder of a relay that admits everybody; perhaps it is called elsewhere."""
    listen = ("--listen", f"127.0.0.1:{port}")
    called = ("--public-url", public_url) if public_url else ()
    code, _ = await run_command(RELEASED, "init", str(folder), *listen, *called, "--open", log=log)
    assert code == 0


def generous(folder: Path, bounds: dict[str, int]) -> None:
    """No quota is what is looked at; nor any other number of the settings."""
    path = folder / "relay.toml"
    text = path.read_text("utf-8")
    for name, bound in bounds.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {bound}", text, flags=re.MULTILINE)
    path.write_text(text, "utf-8")


@asynccontextmanager
async def serving(relay: RelayProcess) -> AsyncGenerator[RelayProcess]:
    """It serves, and is gone afterwards whatever happened."""
    try:
        await relay.start()
        yield relay
    finally:
        await relay.kill()


@asynccontextmanager
async def a_relay(
    folder: Path, command: Command = RELEASED, *, home: Path | None = None, tls: bool = False
) -> AsyncGenerator[RelayProcess]:
    """A new one; its log lies in ``folder``, all else in ``home``. With the certificate that
    ``init`` makes, or without any as on a loopback."""
    log = folder / "relay.log"
    where = home or folder / "relay"
    port = free_port()
    await make_relay(where, log, port, f"wss://127.0.0.1:{port}" if tls else "")
    async with serving(RelayProcess(where, log, command)) as relay:
        yield relay
