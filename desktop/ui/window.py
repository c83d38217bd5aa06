"""The one window: what is shown in it at each time, from the first paint to the last.

Law: its first paint needs neither the engine nor a key; the pages come when the engine answers.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMargins, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.core.errors import AsideError
from desktop.core.events import Event, ProfileChanged
from desktop.core.facade import Facade
from desktop.core.models import ProfileState, Settings
from desktop.ui import strings
from desktop.ui.context import Calls, Context
from desktop.ui.placing import ASSUMED_FRAME, SIZE, brought_in
from desktop.ui.prefs import Prefs
from desktop.ui.start.cover import Cover
from desktop.ui.theme import Theme
from desktop.ui.widgets.layout import row

if TYPE_CHECKING:
    from desktop.ui.shell.shell import Shell

_LEAST = (480, 480)
_SAVE_MS = 2_000
_IDLE_MS = 50


class Window(QWidget):
    """Cover, first start or shell."""

    painted = Signal()  # for the first time: from here on there is time for everything else
    closing = Signal()
    arrived = Signal(str)  # what nobody is looking at, in words, and the member wants to be told

    def __init__(self, theme: Theme, prefs: Prefs) -> None:
        super().__init__()
        self._theme = theme
        self._prefs = prefs
        self.ctx: Context | None = None
        self._closing = False
        self._told = False  # which page it is that comes first
        self._painted = False
        self.cover = Cover(theme)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.cover)
        self.setLayout(row(self.pages))
        self.setWindowTitle(strings.APP)
        self.setMinimumSize(*_LEAST)
        self.resize(SIZE)
        if (geometry := prefs.geometry) is not None:
            self.restoreGeometry(geometry)
        self._bring_in(ASSUMED_FRAME)
        self._told_theme()
        theme.changed.connect(self._told_theme)
        theme.resized.connect(self._rebuild)

    def begin(self, calls: Calls, facade: Facade) -> Context:
        """The engine is open: show what this profile's folder holds."""
        from desktop.ui.widgets.toast import Toast  # noqa: PLC0415 - after the first paint

        ctx = Context(calls, facade, self._theme, self)
        self.ctx = ctx
        self.toast = Toast(self._theme, self)
        ctx.told.connect(self.toast.tell)
        ctx.heard.connect(self._hear)
        ctx.ask(facade.profile_state, ok=self._show_state, failed=self.show_trouble)
        return ctx

    def show_trouble(self, error: AsideError) -> None:
        """The profile cannot be opened at all."""
        self._told = True
        self._to_cover()
        self.cover.show_trouble(strings.sentence(error), again=False).pressed.connect(self.close)

    def come_forward(self) -> None:
        """Somebody started the program again."""
        self.setWindowState(self.windowState() & ~self.windowState().WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # Qt asks

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._stand)
            QTimer.singleShot(0, self, self.painted.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Comes here as long as there is no field: on a slow machine that can be seconds."""
        if not self._told and self.cover.early.take(event):
            self.cover.say_opening()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        activated = event.type() is QEvent.Type.ActivationChange and self.isActiveWindow()
        # Before the vault is open there is no line to try.
        if activated and self.ctx is not None and self._shell() is not None:
            self.ctx.ask(self.ctx.facade.nudge)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window goes at once; the program when the draft is on disk, or cannot be."""
        event.accept()
        if self._closing:
            return
        self._closing = True
        self._prefs.geometry = self.saveGeometry()
        page = self._shell()
        if page is None:
            self.closing.emit()
            return
        patience = QTimer(self, singleShot=True, interval=_SAVE_MS)
        patience.timeout.connect(self.closing)
        patience.start()
        page.save_then(self.closing.emit)

    # inside

    def _stand(self) -> None:
        """Its frame is known by now."""
        self._bring_in(self.windowHandle().frameMargins())

    def _bring_in(self, frame: QMargins) -> None:
        if self.windowState() & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen):
            return
        there = self.geometry()
        wanted = brought_in(there, self.screen().availableGeometry(), frame)
        if wanted.size() != there.size():
            self.resize(wanted.size())
        # Until it is shown its place is the system's to choose, unless it had one last time.
        if wanted.topLeft() != there.topLeft() and (self._painted or self._prefs.geometry):
            self.setGeometry(wanted)

    def _hear(self, event: Event) -> None:
        if isinstance(event, ProfileChanged):
            self._show_state(event.state)

    def _show_state(self, state: ProfileState) -> None:
        self._told = True
        match state:
            case ProfileState.NONE:
                self._show_first_start()
            case ProfileState.LOCKED:
                self._show_unlock()
            case ProfileState.UNLOCKED:
                self._show_shell()

    def _show_first_start(self) -> None:
        from desktop.ui.start.first_start import FirstStart  # noqa: PLC0415 - after the first paint

        if self.ctx is None:
            return
        page = FirstStart(self.ctx)
        self._to(page)
        page.begin_with(*self.cover.early.give())

    def _show_unlock(self) -> None:
        if self.ctx is None:
            return
        self._to_cover()
        self.cover.show_unlock(self.ctx)
        QTimer.singleShot(_IDLE_MS, self, _load_shell)

    def _show_shell(self) -> None:
        from desktop.ui.shell.shell import Shell  # noqa: PLC0415 - after the first paint

        if self.ctx is None or self._shell() is not None:
            return
        shell = Shell(self.ctx, self._prefs)
        shell.lock_wanted.connect(self._lock)
        shell.unread_changed.connect(self._unread)
        shell.arrived.connect(self._arrived)
        shell.offered.connect(self.toast.offer)
        shell.reached.connect(self.toast.was_followed)
        self._to(shell)
        shell.begin()

    def _shell(self) -> Shell | None:
        from desktop.ui.shell.shell import Shell  # noqa: PLC0415

        page = self.pages.currentWidget()
        return page if isinstance(page, Shell) else None

    def _lock(self) -> None:
        if self.ctx is not None:
            self._show_unlock()
            self.ctx.ask(self.ctx.facade.profile_lock)

    def _rebuild(self) -> None:
        """Sizes changed: the page is built anew from what the engine says, and looked at where the
        member chose one. The conversation that was open comes back behind it."""
        shell = self._shell()
        if shell is None or self.ctx is None:
            return
        here = shell.contents.conversation_id
        if here is not None:
            shell.page.composer.save()
        self._to_cover()
        self._show_shell()
        fresh = self._shell()
        if fresh is None:
            return
        _to_sizes(fresh)
        if here is None:
            return
        fresh.open_conversation(here)
        if fresh.contents.conversation_id is None:
            # It comes once the list was read, and would take the settings' place.
            once = Qt.ConnectionType.SingleShotConnection
            fresh.list.read.connect(lambda: _to_sizes(fresh), once)
        else:
            _to_sizes(fresh)

    def _to_cover(self) -> None:
        if self.ctx is not None:
            self.toast.take_away()  # what it leads to is not there either
        self._to(self.cover)
        self._unread(0)

    def _to(self, page: QWidget) -> None:
        old = self.pages.currentWidget()
        if page is old:
            return
        if self.pages.indexOf(page) < 0:
            self.pages.addWidget(page)
        self.pages.setCurrentWidget(page)
        if old is not None and old is not self.cover:
            self.pages.removeWidget(old)
            old.deleteLater()

    def _unread(self, count: int) -> None:
        self.setWindowTitle(strings.new_messages_title(count))

    def _arrived(self, words: str) -> None:
        from desktop.ui.widgets.fields import announce  # noqa: PLC0415

        announce(self, words)
        if self.ctx is not None and not self.isActiveWindow():
            notify = partial(self._perhaps_notify, words)
            self.ctx.ask(self.ctx.facade.settings, ok=notify, owner=self)

    def _perhaps_notify(self, words: str, settings: Settings) -> None:
        if settings.notifications:
            self.arrived.emit(words)

    def _told_theme(self) -> None:
        self.setWindowIcon(QIcon(self._theme.mark(64)))


def _to_sizes(shell: Shell) -> None:
    from desktop.ui.settings.sections import Appearance  # noqa: PLC0415

    shell.show_settings(strings.SET_APPEARANCE)
    for section in shell.settings.findChildren(Appearance):
        section.scales[section.theme.scale].setFocus(Qt.FocusReason.OtherFocusReason)


def _load_shell() -> None:
    """While somebody types a passphrase, what comes after it is loaded."""
    import_module("desktop.ui.shell.shell")
