"""What every page is given: the engine's façade, a way to call it, the theme, a word to the member.

Law: a page asks the engine only with :meth:`Context.ask` and hears of changes only by ``heard``;
each is a knock, and the page reads again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar, TypeVarTuple

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.errors import AsideError
from desktop.core.facade import Facade
from desktop.ui.strings import sentence
from desktop.ui.theme import Theme

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Handle(Protocol):
    """A running call."""

    def cancel(self) -> None: ...


class Calls(Protocol):
    """The bridge, as the window sees it."""

    def call(
        self,
        fn: Callable[[*Ts], Awaitable[T]],
        *args: *Ts,
        ok: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        owner: QObject | None = None,
    ) -> Handle: ...


class Context(QObject):
    """One window's way to its engine."""

    heard = Signal(object)  # an Event
    told = Signal(str)  # a sentence for the member
    invited = Signal(str)  # a link of ours was followed: to a person, a relay or a room

    def __init__(self, calls: Calls, facade: Facade, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._calls = calls
        self.facade = facade
        self.theme = theme
        self.window = window

    def ask(
        self,
        fn: Callable[[*Ts], Awaitable[T]],
        *args: *Ts,
        ok: Callable[[T], None] | None = None,
        failed: Callable[[AsideError], None] | None = None,
        owner: QObject | None = None,
    ) -> Handle:
        """Call the engine. What it refuses is told to the member, or to ``failed``.

        Anything else that goes wrong is a bug and ends the program (law 8).
        """

        def fail(error: Exception) -> None:
            if not isinstance(error, AsideError):
                raise error
            if failed is not None:
                failed(error)
            else:
                self.told.emit(sentence(error))

        if owner is None:
            owner = next((o for o in (owner_of(ok), owner_of(failed)) if o is not None), self)
        return self._calls.call(fn, *args, ok=ok, failed=fail, owner=owner)

    def tell(self, words: str) -> None:
        self.told.emit(words)


def owner_of(callback: object) -> QObject | None:
    owner = getattr(callback, "__self__", None)
    return owner if isinstance(owner, QObject) else None


class Knocker(QObject):
    """Reads again after a knock: at once, then at most 20 times a second, one reading at a time."""

    GAP_MS = 50

    def __init__(self, read: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._read = read
        self._reading = False
        self._again = False
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)

    def knock(self) -> None:
        if self._reading:
            self._again = True
        elif not self._timer.isActive():
            elapsed = self._since.elapsed() if self._since.isValid() else self.GAP_MS
            if elapsed >= self.GAP_MS:
                self._go()
            else:
                self._timer.start(int(self.GAP_MS - elapsed))

    def done(self) -> None:
        """The reading that ``read`` began is over."""
        self._reading = False
        if self._again:
            self._again = False
            self.knock()

    def _go(self) -> None:
        self._reading = True
        self._since.start()
        self._read()
