"""Redis with an append-only file, synced before each answer: durable deposits as fast as they get.

Of the peers at hand the only one that acknowledges after fsync.
"""

from __future__ import annotations

import os

from tests.bench.peers.running import Recipe
from tests.bench.senders import Plan, Step

ALWAYS = Recipe(
    name="Redis, fsync always",
    package="redis-server",
    arguments=(
        "redis-server",
        *("--bind", "127.0.0.1", "--port", "{port}", "--dir", "{folder}", "--daemonize", "no"),
        *("--save", "", "--appendonly", "yes", "--appendfsync", "always"),
        *("--protected-mode", "yes", "--maxclients", "12000", "--loglevel", "warning"),
    ),
)


def deposits(senders: int, size: int) -> Plan:
    """One entry a time, each sender to a stream of its own; the answer is an id with one dash."""
    body = os.urandom(size)
    requests = [
        b"*5\r\n$4\r\nXADD\r\n$5\r\nbox%02d\r\n$1\r\n*\r\n$1\r\ne\r\n$%d\r\n%s\r\n"
        % (number, size, body)
        for number in range(senders)
    ]
    return Plan([Step(b"PING\r\n", b"+PONG\r\n")], b"-", requests)
