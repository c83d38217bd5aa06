"""Starting and ending one peer: a folder of its own, a free port, its own process id."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STARTS_WITHIN_S = 20.0
ENDS_WITHIN_S = 20.0


class PeerMissing(Exception):
    """The peer is not installed, or it does not come up."""


@dataclass(frozen=True)
class Recipe:
    """How a peer is run. ``{port}`` and ``{folder}`` are filled in where they stand."""

    name: str
    program: str
    arguments: tuple[str, ...]
    version: tuple[str, ...]


@dataclass(frozen=True)
class Peer:
    """A peer that accepts connections on the loopback."""

    name: str
    version: str
    port: int
    pid: int
    folder: Path


@contextmanager
def running(recipe: Recipe) -> Generator[Peer]:
    program = shutil.which(recipe.program)
    if program is None:
        raise PeerMissing(
            f"{recipe.program} is not installed: packaging/system-packages.sh --bench brings it"
        )
    with tempfile.TemporaryDirectory(prefix="aside-peer-") as made:
        folder = Path(made)
        port = _free_port()
        arguments = [a.format(port=port, folder=folder) for a in recipe.arguments]
        log = folder / "peer.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        try:
            _wait_until_it_listens(process, port, log)
            version = _version(program, recipe)
            yield Peer(recipe.name, version, port, process.pid, folder)
        finally:
            _end(process)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _version(program: str, recipe: Recipe) -> str:
    said = subprocess.run(
        [program, *recipe.version], capture_output=True, text=True, check=True, timeout=10
    )
    return said.stdout.splitlines()[0].strip()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise PeerMissing(f"the peer did not come up: {log.read_text('utf-8', 'replace')[-500:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
