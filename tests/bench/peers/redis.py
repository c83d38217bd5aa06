"""Redis, in two ways: durable deposits as fast as they get, and pub/sub with nothing kept.

With an append-only file that is synced before each answer it is the only one of the peers at hand
that acknowledges after fsync.
"""

from __future__ import annotations

import os

from tests.bench.peers.running import Recipe
from tests.bench.senders import Plan, Step

_ARGUMENTS = (
    "redis-server",
    *("--bind", "127.0.0.1", "--port", "{port}", "--dir", "{folder}", "--daemonize", "no"),
    *("--protected-mode", "yes", "--maxclients", "12000", "--loglevel", "warning", "--save", ""),
)
ALWAYS = Recipe(
    name="Redis, fsync always",
    package="redis-server",
    arguments=(*_ARGUMENTS, "--appendonly", "yes", "--appendfsync", "always"),
)
PUB_SUB = Recipe(
    name="Redis pub/sub",
    package="redis-server",
    arguments=(*_ARGUMENTS, "--client-output-buffer-limit", "pubsub 0 0 0"),
)

COME = [Step(b"SUBSCRIBE room\r\n", b"$4\r\nroom\r\n:1\r\n")]


def publish(entry: bytes) -> bytes:
    """To everybody in the room."""
    return b"*3\r\n$7\r\nPUBLISH\r\n$4\r\nroom\r\n$%d\r\n%s\r\n" % (len(entry), entry)


def deposits(senders: int, size: int) -> Plan:
    """One entry a time, each sender to a stream of its own; the answer is an id with one dash."""
    body = os.urandom(size)
    requests = [
        b"*5\r\n$4\r\nXADD\r\n$5\r\nbox%02d\r\n$1\r\n*\r\n$1\r\ne\r\n$%d\r\n%s\r\n"
        % (number, size, body)
        for number in range(senders)
    ]
    return Plan([Step(b"PING\r\n", b"+PONG\r\n")], b"-", requests)
