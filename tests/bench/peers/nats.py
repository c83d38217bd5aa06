"""A NATS server without anything kept: idle connections where little is needed, and rooms."""

from __future__ import annotations

from pathlib import Path

from tests.bench.peers.running import Recipe
from tests.bench.senders import Step


def _files(folder: Path, port: int) -> dict[str, str]:
    return {"nats.conf": f'listen: "127.0.0.1:{port}"\nping_interval: "10m"\n'}


PLAIN = Recipe(
    name="NATS",
    package="nats-server",
    arguments=("nats-server", "--config", "{folder}/nats.conf"),
    files=_files,
)

# Connected, subscribed to something, and answered.
COME = [
    Step(b"", b"INFO"),
    Step(b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB room 1\r\nPING\r\n', b"PONG\r\n"),
]


def publish(entry: bytes) -> bytes:
    """To everybody who is subscribed."""
    return b"PUB room %d\r\n%s\r\n" % (len(entry), entry)
