"""A bridge without threads: a fake engine's calls run at once, or when a test lets them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar, TypeVarTuple

from PySide6.QtCore import QObject
from shiboken6 import isValid

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Held:
    """A call that has been made and not been run."""

    def __init__(self, run: Callable[[], None]) -> None:
        self._run: Callable[[], None] | None = run

    def cancel(self) -> None:
        self._run = None

    def run(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run()


class DirectCalls:
    """What the window is given instead of the bridge. The fake engine never waits without delay."""

    def __init__(self) -> None:
        self.hold = False
        self.hold_only = ""  # the name of one call that is held
        self.held: list[Held] = []

    def call(
        self,
        fn: Callable[[*Ts], Awaitable[T]],
        *args: *Ts,
        ok: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        owner: QObject | None = None,
    ) -> Held:
        def run() -> None:
            try:
                value = _result(fn(*args))
            except Exception as exc:
                if failed is None:
                    raise
                if owner is None or isValid(owner):
                    failed(exc)
                return
            if ok is not None and (owner is None or isValid(owner)):
                ok(value)

        held = Held(run)
        if self.hold or getattr(fn, "__name__", "") == self.hold_only:
            self.held.append(held)
        else:
            held.run()
        return held

    def let_go(self) -> None:
        """Run what was held, in order."""
        self.hold, self.hold_only = False, ""
        held, self.held = self.held, []
        for call in held:
            call.run()


def _result(waiting: Awaitable[T]) -> T:
    try:
        waiting.__await__().send(None)
    except StopIteration as stop:
        value: T = stop.value
        return value
    raise AssertionError("the fake engine waited; tests that want that use the real bridge")
