"""``vault.header``: what turns a passphrase into the vault's keys.

The database key and the identity seed are random and wrapped apart, each under a key of its own
that Argon2id made of the passphrase; a new passphrase wraps them anew and re-encrypts nothing.
The cost of Argon2id is chosen by whoever makes the vault and stands here.

The file: a mark, the format's version (2 bytes), a digest of all that follows and precedes it
(32 bytes), a MessagePack body. Mark, version and digest stay as they are in every version to
come, so that damage, a newer version and a wrong passphrase are told apart.

A change of passphrase keeps the old header as ``vault.header.old`` until the new one has been
read back; it is asked only where ``vault.header`` itself is missing or damaged.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from nacl import bindings

from desktop.core.errors import (
    PassphraseMissing,
    ProfileExists,
    ProfileMissing,
    VaultDamaged,
    VaultNewer,
    WrongPassphrase,
)
from desktop.store import beginnings, durable
from protocol.errors import Unopenable
from protocol.ids import Bytes16
from protocol.keys import Domain, Rng, Secret, derive, digest, joined, lock
from protocol.keys import unlock as unlock_bytes

HEADER_FILE = "vault.header"
OLD_FILE = "vault.header.old"
VERSION = 1

_MARK = b"aside vault\n"
_SALT_BYTES = 16
_ID_BYTES = 16
_MOST_MEMORY = 1024 * 1024 * 1024
_MOST_OPS = 64
_MOST_BYTES = 4096
_HEAD_BYTES = len(_MARK) + 2
_BODY = _HEAD_BYTES + 32


class Cost(Struct, frozen=True):
    """What one guess at the passphrase costs: passes, and bytes of memory."""

    ops: int
    memory: int


REAL_COST = Cost(ops=3, memory=256 * 1024 * 1024)


class Keys(Struct, frozen=True):
    """What an unlocked header gives."""

    db_key: Secret


class _Header(msgspec.Struct, frozen=True):
    vault_id: Annotated[bytes, Bytes16]
    salt: Annotated[bytes, Bytes16]
    ops: Annotated[int, Meta(ge=1, le=_MOST_OPS)]
    memory: Annotated[int, Meta(ge=8192, le=_MOST_MEMORY)]
    database: Annotated[bytes, Meta(max_length=256)]
    identity: Annotated[bytes, Meta(max_length=256)]


def create(
    folder: Path, passphrase: str, cost: Cost, rng: Rng, *, identity_seed: Secret, db_key: Secret
) -> None:
    """Write the header of a new vault, which makes the profile.

    Raises PassphraseMissing, ProfileExists, VaultFull, VaultDamaged.
    """
    if exists(folder):
        raise ProfileExists
    durable.make_folder(folder)
    header = _wrap(passphrase, cost, rng, rng(_ID_BYTES), _Wrapped(db_key, identity_seed))
    path = folder / HEADER_FILE
    durable.put(durable.write_beside(path, _dump(header)), path)
    beginnings.end(folder)


def exists(folder: Path) -> bool:
    """Whether ``folder`` holds a profile. Raises VaultDamaged where one has lost its header."""
    lost = beginnings.lost(folder)
    found = any((folder / name).exists() for name in (HEADER_FILE, OLD_FILE))
    if lost and not found:
        raise VaultDamaged
    return found


def unlock(folder: Path, passphrase: str) -> Keys:
    """The vault's key. Nothing is changed; whoever holds the vault's lock may :func:`settle`.

    Raises ProfileMissing, WrongPassphrase, VaultDamaged, VaultNewer.
    """
    header, _ = _read(folder)
    return Keys(_unwrap_database(header, _stretch(passphrase, header)))


def settle(folder: Path) -> None:
    """End what a start or a change of passphrase began and a crash cut short. Only under the
    vault's lock: another process may be in the middle of one. Raises VaultDamaged, VaultNewer."""
    _, name = _read(folder)
    beginnings.end(folder)
    if name == OLD_FILE:
        durable.put(folder / OLD_FILE, folder / HEADER_FILE)
    else:
        _forget_old(folder)


def identity_seed(folder: Path, passphrase: str) -> Secret:
    """The identity key's seed, to sign with and let go. Raises what :func:`unlock` raises."""
    header, _ = _read(folder)
    return _unwrap_identity(header, _stretch(passphrase, header))


def change_passphrase(folder: Path, old: str, new: str, rng: Rng) -> None:
    """Wrap the same keys anew, at the same cost.

    Raises what :func:`unlock` raises, PassphraseMissing and VaultFull.
    """
    header, _ = _read(folder)
    root = _stretch(old, header)
    wrapped = _Wrapped(_unwrap_database(header, root), _unwrap_identity(header, root))
    cost = Cost(header.ops, header.memory)
    changed = _dump(_wrap(new, cost, rng, header.vault_id, wrapped))
    path, kept = folder / HEADER_FILE, folder / OLD_FILE
    beside = durable.write_beside(path, changed)
    durable.put(durable.write_beside(kept, _dump(header)), kept)
    durable.put(beside, path)
    if path.read_bytes() == changed:
        _forget_old(folder)


def _forget_old(folder: Path) -> None:
    """Nothing that another passphrase opens may lie about."""
    leftovers = [path for path in folder.glob(HEADER_FILE + ".*") if path.is_file()]
    for path in leftovers:
        path.unlink()
    if leftovers:
        durable.sync_folder(folder)


class _Wrapped(Struct, frozen=True):
    """What a header protects."""

    db_key: Secret
    identity_seed: Secret


def _stretch(passphrase: str, header: _Header) -> Secret:
    text = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    return Secret(
        bindings.crypto_pwhash_alg(
            32, text, header.salt, header.ops, header.memory, bindings.crypto_pwhash_ALG_ARGON2ID13
        )
    )


def _wrap(passphrase: str, cost: Cost, rng: Rng, vault_id: bytes, wrapped: _Wrapped) -> _Header:
    if not passphrase:
        raise PassphraseMissing
    bare = _Header(vault_id, rng(_SALT_BYTES), cost.ops, cost.memory, b"", b"")
    root, bound = _stretch(passphrase, bare), _bound(bare)
    return msgspec.structs.replace(
        bare,
        database=lock(derive(Domain.VAULT_DATABASE, root), wrapped.db_key, bound, rng),
        identity=lock(derive(Domain.VAULT_IDENTITY, root), wrapped.identity_seed, bound, rng),
    )


def _unwrap_database(header: _Header, root: Secret) -> Secret:
    return _unwrap(derive(Domain.VAULT_DATABASE, root), header.database, header)


def _unwrap_identity(header: _Header, root: Secret) -> Secret:
    return _unwrap(derive(Domain.VAULT_IDENTITY, root), header.identity, header)


def _unwrap(key: Secret, sealed: bytes, header: _Header) -> Secret:
    try:
        return Secret(unlock_bytes(key, sealed, _bound(header)))
    except Unopenable as exc:
        # The digest says that the file is whole, so it is the key that is wrong.
        raise WrongPassphrase from exc


def _bound(header: _Header) -> bytes:
    cost = (header.ops.to_bytes(4, "big"), header.memory.to_bytes(8, "big"))
    return joined(VERSION.to_bytes(2, "big"), header.vault_id, header.salt, *cost)


def _dump(header: _Header) -> bytes:
    head, body = _MARK + VERSION.to_bytes(2, "big"), msgspec.msgpack.encode(header)
    return head + digest(Domain.VAULT_HEADER, head, body) + body


def _read(folder: Path) -> tuple[_Header, str]:
    """The header and the name of the file it stands in."""
    if not exists(folder):
        raise ProfileMissing
    try:
        return _load(folder / HEADER_FILE), HEADER_FILE
    except VaultDamaged:
        if not (folder / OLD_FILE).exists():
            raise
        return _load(folder / OLD_FILE), OLD_FILE


def _load(path: Path) -> _Header:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError as exc:
        raise VaultDamaged from exc
    head, check, body = data[:_HEAD_BYTES], data[_HEAD_BYTES:_BODY], data[_BODY:]
    if head[: len(_MARK)] != _MARK or check != digest(Domain.VAULT_HEADER, head, body):
        raise VaultDamaged
    if int.from_bytes(head[len(_MARK) :], "big") > VERSION:
        raise VaultNewer
    try:
        return msgspec.msgpack.decode(body, type=_Header)
    except msgspec.MsgspecError as exc:
        raise VaultDamaged from exc
