"""One window a profile: whoever starts it again brings the first one forward.

A socket that a killed process left behind is taken over. Two starts in the same instant are kept
apart by the vault's own lock.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal

_PATIENCE_MS = 500


class OnlyOne(QObject):
    """Listens for later starts of the same profile."""

    asked_forward = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.RuntimeLocation)
        mark = blake2b(str(folder.resolve()).encode(), digest_size=8).hexdigest()
        self._path = (
            Path(
                place
                or QStandardPaths.writableLocation(QStandardPaths.StandardLocation.TempLocation)
            )
            / f"aside-{mark}"
        )
        self._server: QObject | None = None

    def is_second(self) -> bool:
        """Whether another process has this profile's window; it was asked to come forward."""
        if not self._path.exists():
            return False
        from PySide6.QtNetwork import QLocalSocket  # noqa: PLC0415 - rarely needed before a paint

        socket = QLocalSocket()
        socket.connectToServer(str(self._path))
        if not socket.waitForConnected(_PATIENCE_MS):
            return False
        socket.disconnectFromServer()
        return True

    def listen(self) -> None:
        """From now on this is the first one."""
        from PySide6.QtNetwork import QLocalServer  # noqa: PLC0415 - after the first paint

        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not server.listen(str(self._path)):
            QLocalServer.removeServer(str(self._path))
            server.listen(str(self._path))
        server.newConnection.connect(self._came)
        self._server = server

    def _came(self) -> None:
        self.asked_forward.emit()
