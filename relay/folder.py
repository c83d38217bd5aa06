"""A relay's folder: settings, key, certificate, store, and the lock of whoever serves it."""

from __future__ import annotations

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import Fingerprint
from protocol.keys import SEED_BYTES, Rng, Secret, public_key
from protocol.wire.address import RelayAddress, is_loopback
from protocol.wire.handshake import fingerprint
from relay import certificate, config, durable
from relay.certificate import Certificates
from relay.config import Settings
from relay.errors import (
    AlreadyARelay,
    AlreadyRunning,
    BadKey,
    CannotWrite,
    FilledFolder,
    IsABackup,
    LostSettings,
    MovedAway,
    NotAFolder,
    NotAllowed,
    NotARelay,
    PortUnknown,
    UnencodedSettings,
)
from relay.store import database
from relay.two_hops import sealing
from relay.two_hops.sealing import Sealing, SealingKey

LOCK_WAIT_S = 2.0


class Folder:
    """Paths below one folder, and what is in them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings_path = path / "relay.toml"
        self.key_path = path / "relay.key"
        self.sealing_path = path / "relay.sealing"
        self.store_path = path / "store.db"
        self._lock_path = path / "lock"
        self._port_path = path / "port"
        self._draining_path = path / "draining"
        self._moved_path = path / "moved"
        self._backup_path = path / "backup.json"

    def make(self, settings: Settings, now_ms: int, rng: Rng) -> None:
        """Fill an empty folder, which is on disk when this returns: what is called stored a moment
        later must not lose the relay's key. Raises AlreadyARelay, FilledFolder, NotAFolder,
        CannotWrite, WrongSetting."""
        if self.is_begun():
            raise AlreadyARelay(str(self.path))
        for each in (self.path, *self.path.parents):
            if each.exists() and not each.is_dir():
                raise NotAFolder(str(each))
        others = sorted(p.name for p in self.path.iterdir()) if self.path.exists() else []
        for name in others:
            # A disk of its own has this one from the first.
            if name != "lost+found":
                raise FilledFolder(str(self.path), name)
        # Whatever is wrong with the settings must show before anything is made.
        text = config.write(settings)
        config.read(text)
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            durable.make_new(self.key_path, rng(SEED_BYTES).hex().encode() + b"\n")
            self._make_sealing_key(now_ms)
            if settings.tls.certificate:
                public, secret = certificate.make(self.host(settings), now_ms)
                (self.path / settings.tls.certificate).write_bytes(public)
                durable.make_new(self.path / settings.tls.key, secret)
            database.create(self.store_path)
            durable.make_new(self.settings_path, text.encode())
            durable.settle(self.path)
            durable.settle_name(self.path)
        except (OSError, sqlite.Error) as exc:
            raise CannotWrite(str(self.path)) from exc

    def is_begun(self) -> bool:
        """Whether anything of a relay is here, sound or not. Raises NotAllowed."""
        try:
            return any(p.exists() for p in (self.settings_path, self.key_path, self.store_path))
        except PermissionError as exc:
            raise NotAllowed(str(self.path)) from exc

    def settings(self) -> Settings:
        """Raises NotARelay and what reading relay.toml raises."""
        try:
            text = self.settings_path.read_text("utf-8")
        except FileNotFoundError as exc:
            kind = LostSettings if self.is_begun() else NotARelay
            raise kind(str(self.path)) from exc
        except PermissionError as exc:
            raise NotAllowed(str(self.path)) from exc
        except OSError as exc:
            raise LostSettings(str(self.path)) from exc
        except UnicodeDecodeError as exc:
            raise UnencodedSettings from exc
        return config.read(text)

    def seed(self) -> Secret:
        """The relay's key. Raises BadKey, NotAllowed."""
        try:
            seed = Secret(bytes.fromhex(self.key_path.read_text("ascii").strip()))
        except PermissionError as exc:
            raise NotAllowed(str(self.key_path)) from exc
        except (OSError, ValueError) as exc:
            raise BadKey(str(self.key_path)) from exc
        if len(seed) != SEED_BYTES:
            raise BadKey(str(self.key_path))
        return seed

    def sealing(self, now_ms: int) -> Sealing:
        """The keys that packets are sealed to; made where an older relay had none.

        Raises BadKey, CannotWrite.
        """
        seed = self.seed()
        if not self.sealing_path.exists():
            try:
                self._make_sealing_key(now_ms)
            except OSError as exc:
                raise CannotWrite(str(self.path)) from exc
        return Sealing(seed, self.sealing_keys())

    def sealing_keys(self) -> list[SealingKey]:
        """As they stand in their file. Raises BadKey, NotAllowed."""
        try:
            return sealing.read_keys(self.sealing_path.read_text("ascii"))
        except PermissionError as exc:
            raise NotAllowed(str(self.sealing_path)) from exc
        except (OSError, ValueError) as exc:
            raise BadKey(str(self.sealing_path)) from exc

    def certificates(self, settings: Settings) -> Certificates:
        """What its connections are served with. Raises BadCertificate."""
        tls = settings.tls
        paths = [
            self.path / each if each else None for each in (tls.certificate, tls.key, tls.seen)
        ]
        return Certificates(*paths)

    def fingerprint(self) -> Fingerprint:
        """The name by which people pass on the relay's key. Raises BadKey."""
        return fingerprint(public_key(self.seed()))

    def address(self, settings: Settings) -> RelayAddress:
        """Where others reach it. Raises PortUnknown."""
        port = settings.listen[1] or self.port_in_use()
        if not port and not settings.relay.public_url:
            raise PortUnknown
        return self._address(settings, port)

    def likely_address(self, settings: Settings) -> RelayAddress:
        """The same where it is not running: the system may still choose another port."""
        return self._address(settings, settings.listen[1] or self.last_port())

    def host(self, settings: Settings) -> str:
        """The part of it that needs no key."""
        return settings.host(socket.gethostname())

    def address_at(self, settings: Settings, port: int) -> RelayAddress:
        """The same, for the port it listens on."""
        return self._address(settings, port)

    @contextmanager
    def lock(self) -> Generator[None]:
        """Be the only one who works on this folder. Raises AlreadyRunning, CannotWrite, IsABackup.

        The lock is SQLite's own on an empty file: it works on every system and ends with the
        process, however that ends.
        """
        self.no_backup()
        holder = self._hold_lock(LOCK_WAIT_S)
        try:
            yield
        finally:
            holder.close()

    def _hold_lock(self, wait_s: float) -> sqlite.Connection:
        """Until it is closed. Raises AlreadyRunning, CannotWrite, NotAllowed."""
        holder = None
        try:
            holder = sqlite.connect(self._lock_path, timeout=wait_s, isolation_level=None)
            holder.execute("BEGIN EXCLUSIVE")
        except sqlite.OperationalError as exc:
            if holder is not None:
                holder.close()
            if exc.sqlite_errorcode == sqlite.SQLITE_BUSY:
                raise AlreadyRunning(str(self.path)) from exc
            if self._lock_path.exists() and not os.access(self._lock_path, os.R_OK):
                raise NotAllowed(str(self._lock_path)) from exc
            raise CannotWrite(str(self.path)) from exc
        return holder

    def is_running(self) -> bool:
        """Whether somebody holds the lock; of a folder that never was served, nobody does.

        Raises CannotWrite, NotAllowed: where it cannot be told, nothing is made of it.
        """
        if not self._lock_path.exists():
            return False
        try:
            self._hold_lock(0).close()
        except AlreadyRunning:
            return True
        return False

    def is_draining(self) -> bool:
        """Whether nobody new is to be let in."""
        return self._draining_path.exists()

    def mark_draining(self, on: bool) -> None:
        """So that it stays so after the next start. Raises CannotWrite."""
        try:
            if on:
                self._draining_path.touch(mode=0o600)
            else:
                self._draining_path.unlink(missing_ok=True)
            durable.settle_name(self._draining_path)
        except OSError as exc:
            raise CannotWrite(str(self._draining_path)) from exc

    def is_moved(self) -> bool:
        """Whether ``move`` made this folder a thing of the past."""
        return self._moved_path.exists()

    def is_backup(self) -> bool:
        """Whether ``backup`` made this folder."""
        return self._backup_path.exists()

    def no_backup(self) -> None:
        """Raises IsABackup."""
        if self.is_backup():
            raise IsABackup(str(self.path))

    def still_here(self) -> None:
        """Raises IsABackup, MovedAway."""
        self.no_backup()
        if self.is_moved():
            raise MovedAway(str(self.path))

    def mark_moved(self, now_ms: int) -> None:
        """Whoever serves this folder from now on would serve the past. Raises CannotWrite."""
        try:
            durable.replace(self._moved_path, f"{now_ms}\n".encode("ascii"))
        except OSError as exc:
            raise CannotWrite(str(self._moved_path)) from exc

    def unmark_moved(self) -> None:
        """The move was given up. Raises CannotWrite."""
        try:
            self._moved_path.unlink(missing_ok=True)
        except OSError as exc:
            raise CannotWrite(str(self._moved_path)) from exc

    def note_port(self, port: int) -> None:
        """Let ``invite`` know the port that the system chose, and ``serve`` find it again."""
        durable.replace(self._port_path, str(port).encode("ascii"))

    def _make_sealing_key(self, now_ms: int) -> None:
        durable.make_new(self.sealing_path, sealing.write_keys([sealing.new_sealing_key(now_ms)]))

    def port_in_use(self) -> int:
        """The port that whoever serves it listens on; 0 where nobody does."""
        return self.last_port() if self.is_running() else 0

    def last_port(self) -> int:
        """The port it had last; 0 if none is known."""
        try:
            return int(self._port_path.read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def _address(self, settings: Settings, port: int) -> RelayAddress:
        return settings.address(socket.gethostname(), port, self.fingerprint())


def plain_by_default(listen: str, public_url: str) -> bool:
    """Whether a new relay needs no certificate: it is for this machine only."""
    host, _ = config.host_and_port("relay.listen", listen)
    return is_loopback(host) and not public_url.startswith("wss:")
