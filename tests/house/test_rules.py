"""Laws that a reader can check in the text of the modules: size, time and chance."""

from __future__ import annotations

import ast

import pytest

from tests.house.tree import modules, name_of, uses

MOST_LINES = 300
# Longer ones, and why each is one subject still.
LONGER: dict[str, str] = {}

# Law 4: below floor 4 time and chance are arguments.
LOW_FLOORS = ("protocol", "desktop/core", "desktop/store", "relay/rules", "relay/store")
CLOCKS_AND_DICE = {
    *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter"),
    *("time.sleep", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today"),
    *("os.urandom", "os.getrandom", "uuid.uuid1", "uuid.uuid4", "nacl.utils.random"),
}
# Not random.Random, which is what an rng argument is declared as.
DICE = ("random.rand", "random.choice", "random.getrandbits", "random.s", "random.uniform")
SECRETS = ("secrets.token", "secrets.choice", "secrets.rand", "random.SystemRandom")
ALLOWED: dict[tuple[str, str], str] = {}


def test_modules_have_one_subject() -> None:
    lengths = {
        name_of(path): len(path.read_text("utf-8").splitlines())
        for path in modules("protocol", "relay", "desktop")
    }
    long = {name for name, lines in lengths.items() if lines > MOST_LINES}
    assert long <= set(LONGER), f"over {MOST_LINES} lines: think again"


def clocks_and_dice(source: str) -> list[tuple[int, str]]:
    return [
        (line, name)
        for line, name in uses(ast.parse(source))
        if name in CLOCKS_AND_DICE or name.startswith(DICE + SECRETS)
    ]


# A proxy has no way around it: who may open what leads out of this computer, or look up names.
OPENS = ("connector.py", "socks.py", "network.py")
SOCKETS = (
    *("trio.open_tcp_stream", "trio.open_ssl", "trio.socket.", "python_socks.", "http."),
    *("socket.socket", "socket.create_", "socket.getaddrinfo", "socket.gethost", "urllib.request"),
)


def opens_sockets(source: str) -> list[str]:
    return [name for _, name in uses(ast.parse(source)) if name.startswith(SOCKETS)]


def test_only_the_connectors_lead_out_of_the_engine() -> None:
    found = {
        name_of(path)
        for path in modules("desktop/engine", "desktop/core", "desktop/store", "desktop/rpc")
        if opens_sockets(path.read_text("utf-8"))
    }
    assert found == {f"desktop/engine/lines/{name}" for name in OPENS}


def test_the_rule_sees_what_leads_out() -> None:
    assert opens_sockets("import trio\nasync def f():\n    await trio.open_tcp_stream('x', 1)")
    assert opens_sockets("import socket\nsocket.getaddrinfo('x', 1)")


def test_time_and_chance_are_arguments_below_floor_four() -> None:
    found = [
        f"{name_of(path)}:{line}: {name}"
        for path in modules(*LOW_FLOORS)
        for line, name in clocks_and_dice(path.read_text("utf-8"))
        if (name_of(path), name) not in ALLOWED
    ]
    assert not found, "take now and rng as arguments:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.time()",
        "from time import monotonic as now\nnow()",
        "from datetime import datetime\ndatetime.now(UTC)",
        "import os\nkey = os.urandom(32)",
        "import secrets\nsecrets.token_bytes(32)",
        "import random\nrandom.random()",
    ],
)
def test_the_rule_sees(source: str) -> None:
    assert clocks_and_dice(source)


def test_the_rule_lets_arguments_be() -> None:
    assert not clocks_and_dice("def due(now_ms, rng):\n    return rng.random() * now_ms")
