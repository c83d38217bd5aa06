"""One window a profile: whoever starts it again brings the first one forward.

A socket that a killed process left behind is taken over. Two starts in the same instant are kept
apart by the vault's own lock. The socket lies in a folder that nobody else can write to; without
one the program runs, and a second start is not noticed before the vault's lock notices it.
"""

from __future__ import annotations

import logging
import os
import stat
from hashlib import blake2b
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal

log = logging.getLogger(__name__)

_PATIENCE_MS = 500
_MOST_BYTES = 103  # of a socket's path; some systems take four more


class OnlyOne(QObject):
    """Listens for later starts of the same profile."""

    asked_forward = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = _socket_of(folder)
        self._server: QObject | None = None

    def is_second(self) -> bool:
        """Whether another process has this profile's window; it was asked to come forward."""
        if self._path is None or not self._path.exists():
            return False
        from PySide6.QtNetwork import QLocalSocket  # noqa: PLC0415 - rarely needed before a paint

        socket = QLocalSocket()
        socket.connectToServer(str(self._path))
        if not socket.waitForConnected(_PATIENCE_MS):
            return False
        socket.disconnectFromServer()
        return True

    def listen(self) -> bool:
        """From now on this is the first one; False if later starts will not find it."""
        from PySide6.QtNetwork import QLocalServer  # noqa: PLC0415 - after the first paint

        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self.asked_forward)
        self._server = server
        if self._path is None:
            log.warning("no place for a socket: later starts will not find this one")
            return False
        if server.listen(str(self._path)):
            return True
        QLocalServer.removeServer(str(self._path))
        if server.listen(str(self._path)):
            return True
        log.warning("no socket (%s): later starts will not find this one", server.serverError())
        return False


def _socket_of(folder: Path) -> Path | None:
    mark = blake2b(str(folder.resolve()).encode(), digest_size=8).hexdigest()
    kinds = QStandardPaths.StandardLocation
    runtime = QStandardPaths.writableLocation(kinds.RuntimeLocation)
    path = Path(runtime) / f"aside-{mark}"
    if runtime and len(os.fsencode(path)) <= _MOST_BYTES:
        return path
    own = Path(QStandardPaths.writableLocation(kinds.TempLocation)) / f"aside-{os.getuid()}"
    path = own / mark
    return path if len(os.fsencode(path)) <= _MOST_BYTES and _is_mine(own) else None


def _is_mine(place: Path) -> bool:
    """A folder of this person's, made if there is none: others write beside it."""
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
