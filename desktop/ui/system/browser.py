"""A link, given to whatever opens links here, and whether it was taken.

Law: what the opener says goes nowhere. It names the link, and our logs hold no texts.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

OPENER = ("xdg-open",)


class Browser(QObject):
    """Opens links without waiting for them."""

    failed = Signal()  # nothing here opens links

    def __init__(self, parent: QObject, opener: Sequence[str] = OPENER) -> None:
        super().__init__(parent)
        self._opener = opener

    def open(self, url: QUrl) -> None:
        if url.scheme() not in ("http", "https"):
            return
        if sys.platform != "linux":
            if not QDesktopServices.openUrl(url):
                self.failed.emit()
            return
        command = [*self._opener, url.toString(QUrl.ComponentFormattingOption.FullyEncoded)]
        # Some openers end only with the browser they started.
        threading.Thread(target=self._run, args=[command], name="browser", daemon=True).start()

    def _run(self, command: Sequence[str]) -> None:
        try:
            code = subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            ).returncode
        except OSError:
            code = -1
        if code != 0:
            self._tell()

    def _tell(self) -> None:
        try:
            self.failed.emit()
        except RuntimeError:
            return  # the window has gone meanwhile, and nobody waits for this
