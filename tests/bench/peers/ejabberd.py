"""ejabberd with mail for people who are not there, with TLS, and with a room for many (MUC).

It acknowledges before a sync. In the room nobody is told who else comes, nothing is kept, and
nobody has to wait between two messages.

Run by Erlang itself, without the scripts around it, so that one process of ours is all there is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from relay.certificate import make
from relay.server import wall_ms
from tests.bench.peers.running import Recipe
from tests.bench.peers.xmpp import GUESTS, HOST, ROOMS

PEOPLE = 64
# Debian splits its modules over two folders.
_MODULES = sorted(map(str, Path("/usr/lib").glob("*/ejabberd-*/ebin")))
_START = (
    "application:ensure_all_started(ejabberd),"
    '[ejabberd_auth:try_register(iolist_to_binary(io_lib:format("u~2..0w", [I])),'
    f' <<"{HOST}">>, <<"x">>) || I <- lists:seq(0, {PEOPLE - 1})].'
)
_MAIL = """
  mod_roster: {}
  mod_offline: {access_max_user_messages: max_user_offline_messages, store_empty_body: true}
  mod_stream_mgmt: {max_ack_queue: infinity}
"""
_MUC = f"""
  mod_muc:
    host: {ROOMS}
    access: all
    access_create: all
    history_size: 0
    max_users: 6000
    min_message_interval: 0
    min_presence_interval: 0
    room_shaper: none
    user_message_shaper: none
    default_room_options: {{max_users: 6000, presence_broadcast: [], persistent: false}}
"""


def _settings(folder: Path, port: int, tls: str, modules: str = _MAIL) -> dict[str, str]:
    settings = f"""
hosts: [{HOST}, {GUESTS}]
loglevel: error
listen:
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    backlog: 4096
    max_stanza_size: 262144
    shaper: none
    access: all
    {tls}
auth_method: [internal]
auth_password_format: plain
host_config:
  {GUESTS}:
    auth_method: [anonymous]
    anonymous_protocol: sasl_anon
    allow_multiple_connections: true
acl: {{local: {{user_regexp: ""}}}}
shaper_rules: {{max_user_offline_messages: infinity, max_user_sessions: infinity}}
modules:
  mod_disco: {{}}
{modules.strip(chr(10))}
"""
    return {"ejabberd.yml": settings}


def _plain(folder: Path, port: int) -> dict[str, str]:
    return _settings(folder, port, "starttls: false")


def _with_tls(folder: Path, port: int) -> dict[str, str]:
    certificate, key = make(HOST, wall_ms())
    listen = f'tls: true\n    certfile: "{folder}/tls.pem"'
    return _settings(folder, port, listen) | {"tls.pem": (certificate + key).decode()}


def _with_rooms(folder: Path, port: int) -> dict[str, str]:
    return _settings(folder, port, "starttls: false", _MUC)


def _recipe(name: str, files: Callable[[Path, int], dict[str, str]]) -> Recipe:
    paths = [part for folder in _MODULES for part in ("-pa", folder)]
    return Recipe(
        name=name,
        package="ejabberd",
        arguments=(
            *("erl", "-noinput", *paths, "+K", "true", "+P", "500000"),
            *("-mnesia", "dir", '"{folder}/spool"', "-eval", _START),
        ),
        files=files,
        environment={
            "EJABBERD_CONFIG_PATH": "{folder}/ejabberd.yml",
            "EJABBERD_LOG_PATH": "{folder}/ejabberd.log",
            "SPOOL_DIR": "{folder}/spool",
            "HOME": "{folder}",
        },
    )


OFFLINE = _recipe("ejabberd", _plain)
OVER_TLS = _recipe("ejabberd, TLS", _with_tls)
MUC = _recipe("ejabberd MUC", _with_rooms)
