"""A peer starts fresh, answers, and is gone afterwards with all it wrote."""

from __future__ import annotations

import shutil
import socket

import pytest

from tests.bench.peers import PeerMissing, Recipe, peer
from tests.bench.peers.redis import ALWAYS
from tests.bench.peers.running import running


def test_a_peer_that_is_not_installed_says_which_script_brings_it() -> None:
    absent = Recipe("Absent", "no-such-program", (), ())
    with pytest.raises(PeerMissing, match="system-packages"), running(absent):
        pass


def test_a_peer_that_does_not_come_up_says_why() -> None:
    with pytest.raises(PeerMissing), running(Recipe("Fails", "false", (), ())):
        pass


def redis_is_here() -> bool:
    return shutil.which(ALWAYS.program) is not None


@pytest.mark.skipif(not redis_is_here(), reason="the bench's peers are installed by make bench")
def test_redis_acknowledges_and_leaves_nothing_behind() -> None:
    with peer("redis_always") as redis:
        assert redis.version.startswith("Redis server")
        with socket.create_connection(("127.0.0.1", redis.port), timeout=5) as line:
            line.sendall(b"CONFIG GET appendfsync\r\nSET alice bob\r\n")
            heard = b""
            while b"+OK" not in heard:
                heard += line.recv(1024)
        assert b"always" in heard
        assert list(redis.folder.rglob("*.aof"))
    assert not redis.folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", redis.port), timeout=1)
