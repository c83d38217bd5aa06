"""Starting and ending one peer: a folder of its own, a free port, its own process id."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

STARTS_WITHIN_S = 40.0
ENDS_WITHIN_S = 20.0


class PeerMissing(Exception):
    """The peer is not installed, or it does not come up."""


def _no_files(folder: Path, port: int) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Recipe:
    """How a peer is run, in words with ``{port}`` and ``{folder}`` to be filled in; ``files`` are
    written into its folder before. ``package`` is Debian's, which also tells the version."""

    name: str
    package: str
    arguments: tuple[str, ...]
    files: Callable[[Path, int], Mapping[str, str]] = _no_files
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def program(self) -> str | None:
        """Where it is; None where it is not installed."""
        return shutil.which(self.arguments[0])


@dataclass(frozen=True)
class Peer:
    """A peer that accepts connections on the loopback."""

    name: str
    version: str
    port: int
    pid: int
    folder: Path


def missing(recipes: Mapping[str, Recipe]) -> list[str]:
    """Packages of those that are not installed."""
    return sorted({recipe.package for recipe in recipes.values() if recipe.program is None})


@contextmanager
def running(recipe: Recipe) -> Generator[Peer]:
    """Raises PeerMissing."""
    if recipe.program is None:
        raise PeerMissing(
            f"{recipe.package} is not installed: packaging/system-packages.sh --bench brings it"
        )
    with tempfile.TemporaryDirectory(prefix="aside-peer-", ignore_cleanup_errors=True) as made:
        folder, port = Path(made), _free_port()
        for name, text in recipe.files(folder, port).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        filled = [part.format(port=port, folder=folder) for part in recipe.arguments]
        environment = {
            name: part.format(port=port, folder=folder) for name, part in recipe.environment.items()
        }
        log = folder / "peer.log"
        with log.open("wb") as out, ExitStack() as ending:
            process = subprocess.Popen(
                [recipe.program, *filled[1:]],
                cwd=folder,
                env=_few_settings() | environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
            ending.callback(_end, process)
            _wait_until_it_listens(process, port, log)
            yield Peer(recipe.name, _version(recipe), port, process.pid, folder)


def _few_settings() -> dict[str, str]:
    """The same for everybody who measures."""
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _version(recipe: Recipe) -> str:
    """As Debian has it; a peer that came from elsewhere says nothing of itself here."""
    query = ["dpkg-query", "--show", "--showformat", "${Version}", recipe.package]
    try:
        said = subprocess.run(query, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.CalledProcessError):
        return "not Debian's"
    return said.stdout.strip()


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
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
