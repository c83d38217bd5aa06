"""Prosody with mail for people who are not there. It acknowledges before anything is synced."""

from __future__ import annotations

from pathlib import Path

from tests.bench.peers.running import Recipe
from tests.bench.peers.xmpp import GUESTS, HOST

PEOPLE = 64


def _files(folder: Path, port: int) -> dict[str, str]:
    settings = f"""
run_as_root = true; daemonize = false
pidfile = "{folder}/prosody.pid"; data_path = "{folder}/data"
network_backend = "epoll"; interfaces = {{ "127.0.0.1" }}; c2s_ports = {{ {port} }}
modules_enabled = {{ "saslauth", "roster", "disco", "smacks", "offline" }}
modules_disabled = {{ "s2s", "posix" }}
c2s_require_encryption = false; allow_unencrypted_plain_auth = true
authentication = "internal_plain"
log = {{ warn = "{folder}/prosody.log" }}
VirtualHost "{HOST}"
VirtualHost "{GUESTS}"
  authentication = "anonymous"
"""
    accounts = {
        f"data/{HOST}/accounts/u{number:02}.dat": 'return { ["password"] = "x" }'
        for number in range(PEOPLE)
    }
    return {"prosody.cfg.lua": settings} | accounts


OFFLINE = Recipe(
    name="prosody",
    package="prosody",
    arguments=("prosody", "--config", "{folder}/prosody.cfg.lua", "-F"),
    files=_files,
)
