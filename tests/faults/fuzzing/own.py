"""What comes from this machine: settings, sockets, pipes, files. Not always whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from desktop.core.errors import VaultDamaged, VaultNewer
from desktop.rpc import jsonrpc
from desktop.rpc.jsonrpc import Batch, Request
from desktop.rpc.method import WrongParams, read
from desktop.rpc.methods import METHODS
from desktop.store import header
from protocol.ids import SEALING_PRIVATE_BYTES
from protocol.keys import Domain, Secret, digest
from relay import config
from relay.backups import manifest
from relay.control import words
from relay.errors import NotABackup, OperatorError
from relay.two_hops import sealing
from relay.two_hops.sealing import SealingKey
from tests.faults.fuzzing.parser import Parser


def settings(data: bytes) -> object:
    """A file that is no UTF-8 is refused before; see Folder.settings."""
    found = config.read(data.decode("utf-8", "replace"))
    return found.house, found.listen, found.watched_at, found.community


def some_settings() -> Iterable[bytes]:
    yield b'[relay]\nname = "Ours"\nlisten = "127.0.0.1:7443"\nadmission = "open"\n'
    yield b"[limits]\nmin_free = 67108864\nconnections = 20000\nkeep_days = 30\n"
    yield b'[tls]\ncertificate = ""\nkey = ""\n[metrics]\nlisten = "127.0.0.1:7444"\n'
    yield b'[federation]\npolicy = "block"\nrelays = ["a", "b"]\n[log]\nform = "json"\n'


def call(data: bytes) -> object:
    """A line, and the parameters of whatever is called in it."""
    asked = jsonrpc.parse(data)
    each = asked.asked if isinstance(asked, Batch) else (asked,)
    return [
        read(METHODS[one.method], one.params)
        for one in each
        if isinstance(one, Request) and one.method in METHODS
    ] or asked


def calls() -> Iterable[bytes]:
    for name, cls in METHODS.items():
        params = {field.encode_name: "x" for field in msgspec.structs.fields(cls)}
        said = {"jsonrpc": "2.0", "id": 1, "method": name, "params": params}
        yield msgspec.json.encode(said)
    yield b'[{"jsonrpc":"2.0","method":"relay.list","id":"a"},{"jsonrpc":"2.0","id":2}]'


def backup(data: bytes) -> object:
    (_FOLDER / manifest.NAME).write_bytes(data)
    return manifest.read(_FOLDER)


def vault_header(data: bytes) -> object:
    """With the digest that is right for it: damage is known by that, and this is what it hides."""
    head = b"aside vault\n\0\1"
    path = _FOLDER / header.HEADER_FILE
    path.write_bytes(head + digest(Domain.VAULT_HEADER, head, data) + data)
    return header._load(path)  # pyright: ignore[reportPrivateUsage]


# Where a million files cost little, if there is such a place.
_SHM = Path("/dev/shm")
_HELD = tempfile.TemporaryDirectory(prefix="aside-fuzz-", dir=_SHM if _SHM.is_dir() else None)
_FOLDER = Path(_HELD.name)
_BACKUP = (
    b'{"aside_backup":1,"made_ms":1,"aside":"1","store_version":1,"fingerprint":"x","standing":'
    b'{"wall_ms":1,"age_ms":1,"numbered":1,"passes":1,"mailboxes":1,"capabilities":1,"bundles":1},'
    b'"files":{"relay.toml":{"bytes":1,"sha256":"' + b"a" * 64 + b'"}}}'
)
_HEADER = msgspec.msgpack.encode(
    {"vault_id": bytes(16), "salt": bytes(16), "ops": 1, "memory": 8192}
    | {"database": bytes(80), "identity": bytes(80)}
)
_ORDERS = (
    words.line_of(words.Drain(on=True)),
    words.line_of(words.Ask()),
    words.line_of(words.Quota(handle="mfrggzdf", mailboxes=3)),
)
_SAID = (words.line_of(words.Done()), words.line_of(words.Wrong(kind="unknown")))
_KEYS = [SealingKey(1, Secret(bytes(SEALING_PRIVATE_BYTES)))]

PARSERS = (
    Parser("relay.toml", settings, (OperatorError,), some_settings, 4096),
    Parser(
        "control socket: orders",
        words.read_order,
        (),
        lambda: _ORDERS,
        words.MOST_BYTES,
    ),
    Parser(
        "control socket: answers",
        words.read_answer,
        (ValueError,),
        lambda: _SAID,
        words.MOST_BYTES,
    ),
    Parser("JSON-RPC", call, (WrongParams,), calls, 65536),
    Parser("manifest of a backup", backup, (NotABackup,), lambda: [_BACKUP], 65536),
    Parser(
        "sealing keys of a relay",
        lambda d: sealing.read_keys(d.decode("ascii")),
        (ValueError,),
        lambda: [sealing.write_keys(_KEYS)],
        65536,
    ),
    Parser("header of a vault", vault_header, (VaultDamaged, VaultNewer), lambda: [_HEADER], 4000),
)
