"""Redis with an append-only file, synced before each answer: durable deposits as fast as they get.

Of the peers at hand the only one that acknowledges after fsync.
"""

from __future__ import annotations

from tests.bench.peers.running import Recipe

ALWAYS = Recipe(
    name="Redis, fsync always",
    program="redis-server",
    arguments=(
        *("--bind", "127.0.0.1", "--port", "{port}", "--dir", "{folder}", "--daemonize", "no"),
        *("--save", "", "--appendonly", "yes", "--appendfsync", "always"),
        *("--protected-mode", "yes", "--maxclients", "12000", "--loglevel", "warning"),
    ),
    version=("--version",),
)
