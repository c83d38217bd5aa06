"""A peer starts fresh, answers, and is gone afterwards with all it wrote."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.bench.peers import RECIPES, PeerMissing, Recipe, missing, peer, redis
from tests.bench.peers.running import running

ROOT = Path(__file__).parents[2]


def test_a_peer_that_is_not_installed_says_which_script_brings_it() -> None:
    absent = Recipe("Absent", "no-such-package", ("no-such-program",))
    with pytest.raises(PeerMissing, match=r"no-such-package.*system-packages"), running(absent):
        pass


def test_what_is_missing_is_named_by_package_once() -> None:
    absent = Recipe("Absent", "no-such-package", ("no-such-program",))
    here = Recipe("Here", "coreutils", ("false",))
    assert missing({"one": absent, "other": absent, "here": here}) == ["no-such-package"]


def test_a_peer_that_does_not_come_up_says_why() -> None:
    with pytest.raises(PeerMissing), running(Recipe("Fails", "coreutils", ("false",))):
        pass


def test_every_package_is_brought_by_the_script() -> None:
    script = (ROOT / "packaging" / "system-packages.sh").read_text("utf-8")
    brought = script.partition("\nbench=(")[2].partition(")")[0].split()
    assert {recipe.package for recipe in RECIPES.values()} <= set(brought)


@pytest.mark.parametrize("name", RECIPES)
def test_words_and_files_are_filled_in(name: str) -> None:
    recipe = RECIPES[name]
    folder = Path("somewhere")
    said = [part.format(port=4242, folder=folder) for part in recipe.arguments]
    files = recipe.files(folder, 4242)
    assert any("4242" in text for text in [*said, *files.values()])
    assert all("127.0.0.1" in text for text in [" ".join(said), *files.values()] if "4242" in text)


def test_redis_acknowledges_and_leaves_nothing_behind() -> None:
    if redis.ALWAYS.program is None:  # the bench's peers come with `make bench`
        with pytest.raises(PeerMissing, match="redis"), peer("redis_always"):
            pass
        return
    with peer("redis_always") as running_redis:
        assert running_redis.version
        with socket.create_connection(("127.0.0.1", running_redis.port), timeout=5) as line:
            line.sendall(b"CONFIG GET appendfsync\r\nSET alice bob\r\n")
            heard = b""
            while b"+OK" not in heard:
                heard += line.recv(1024)
        assert b"always" in heard
        assert list(running_redis.folder.rglob("*.aof"))
    assert not running_redis.folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", running_redis.port), timeout=1)
