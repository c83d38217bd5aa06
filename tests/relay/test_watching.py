"""The machine's own port of a real relay, asked as a monitor asks."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from pathlib import Path

from relay.__main__ import TRY_AGAIN
from tests.relay.processes import Relays, mistake, run_program


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def watched(folder: Path, port: int) -> None:
    settings = folder / "relay.toml"
    head, section, tail = settings.read_text().partition("[metrics]")
    tail = tail.replace('listen = ""', f'listen = "127.0.0.1:{port}"')
    settings.write_text(head + section + tail)


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_a_monitor_asks_a_serving_relay(folder: Path, relays: Relays) -> None:
    port = free_port()
    watched(folder, port)
    serving = relays.serve(folder)
    assert get(port, "/healthz")[0] == 200
    assert get(port, "/readyz") == (200, "ready\n")
    status, text = get(port, "/metrics")
    assert status == 200
    assert "aside_relay_commit_seconds_count" in text
    assert "process_resident_memory_bytes" in text
    assert get(port, "/elsewhere")[0] == 404
    assert serving.stop() == 0


def test_the_machine_s_port_may_be_taken(folder: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        watched(folder, port)
        assert f"127.0.0.1:{port}" in mistake(run_program("serve", folder), TRY_AGAIN)
