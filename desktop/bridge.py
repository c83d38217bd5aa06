"""The one seam between the engine's trio thread and the window's Qt thread (laws 5, 6 and 8).

The engine is one ``trio.run`` in a thread of its own. Calls go over with :meth:`Bridge.call`;
answers and events come back through one queue, with one queued signal a burst, drained for at
most 4 ms at a time, so that input and paint get their turn. Callbacks never cross: the engine's
thread knows a call by its number, so that it can neither touch a widget nor outlive one.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar, TypeVarTuple

import trio
from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from desktop.core.facade import Facade

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

BUDGET_S = 0.004
GRACE_S = 10.0


class Inbox(QObject):
    """What other threads ask the window's thread to do: in order, one wake-up a burst."""

    _wake = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._jobs: deque[Callable[[], None]] = deque()
        self._armed = False
        self._lock = threading.Lock()
        self._wake.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def post(self, job: Callable[[], None]) -> None:
        """Have ``job`` done on the window's thread. Any thread may say this."""
        with self._lock:
            self._jobs.append(job)
            if self._armed:
                return
            self._armed = True
        self._wake.emit()

    @Slot()
    def _drain(self) -> None:
        stop_at = time.perf_counter() + BUDGET_S
        while True:
            with self._lock:
                if not self._jobs:
                    self._armed = False
                    return
                job = self._jobs.popleft()
            try:
                job()
            except BaseException:
                # It goes on to the one exit; the rest of the burst is still drained.
                self._wake.emit()
                raise
            if time.perf_counter() > stop_at:
                self._wake.emit()
                return


class Call:
    """One running call. After :meth:`cancel` none of its callbacks comes any more."""

    __slots__ = ("_bridge", "failed", "number", "ok", "owner", "scope")

    def __init__(
        self,
        bridge: Bridge,
        number: int,
        ok: Callable[[Any], None] | None,
        failed: Callable[[Exception], None] | None,
        owner: QObject | None,
    ) -> None:
        self._bridge = bridge
        self.number = number
        self.ok = ok
        self.failed = failed
        self.owner = owner
        self.scope = trio.CancelScope()

    def cancel(self) -> None:
        """Stop it in the engine and hear nothing of it. Harmless when it is over."""
        self._bridge.forget(self)


class Bridge(QObject):
    """Runs an engine and carries calls, answers and events across."""

    ready = Signal(object)  # the façade: the engine is open
    heard = Signal(object)  # an Event
    ended = Signal(object)  # None, or the exception that ended the engine

    def __init__(self, open_engine: Callable[[], AbstractAsyncContextManager[Facade]]) -> None:
        super().__init__()
        self._open_engine = open_engine
        self._inbox = Inbox()
        self._calls: dict[int, Call] = {}
        self._count = 0
        self._early: list[Callable[[], object]] | None = []  # asked before the engine ran
        self._gate = threading.Lock()
        self._token: trio.lowlevel.TrioToken | None = None
        self._nursery: trio.Nursery | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Returns at once; ``ready`` or ``ended`` follows."""
        self._thread.start()

    def call(
        self,
        fn: Callable[[*Ts], Awaitable[T]],
        *args: *Ts,
        ok: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        owner: QObject | None = None,
    ) -> Call:
        """Run ``fn(*args)`` in the engine; one of the callbacks comes, on this thread.

        None comes after ``cancel()`` or when ``owner`` is gone; where a callback is a method of a
        QObject, that one is the owner if none is named. A failure that nobody asked to hear of is
        raised here and so ends the program.
        """
        if owner is None:
            owner = _owner_of(ok) or _owner_of(failed)
        self._count += 1
        call = Call(self, self._count, ok, failed, owner)
        self._calls[call.number] = call
        number, scope = call.number, call.scope

        async def job() -> None:
            with scope:
                try:
                    value = await fn(*args)
                except Exception as exc:  # noqa: BLE001 - whatever it is, the asker is told
                    error = exc
                    self._inbox.post(lambda: self._fail(number, error))
                else:
                    self._inbox.post(lambda: self._answer(number, value))
            if scope.cancelled_caught:
                self._inbox.post(lambda: self._drop(number))

        self._soon(lambda: self._start_job(job))
        return call

    def forget(self, call: Call) -> None:
        if self._calls.pop(call.number, None) is not None:
            self._soon(call.scope.cancel)

    def stop(self, grace_s: float = GRACE_S) -> bool:
        """Cancel everything, let every clean-up run, and wait for it. False: it did not end."""
        self._stopping = True
        self._calls.clear()
        if not self._thread.ident:
            return True
        self._soon(self._cancel_all)
        self._thread.join(grace_s)
        return not self._thread.is_alive()

    def raise_here(self, error: BaseException) -> None:
        """Let an error of another thread reach this one's exit. Any thread may say this."""

        def go() -> None:
            raise error

        self._inbox.post(go)

    # on the window's thread

    def _answer(self, number: int, value: object) -> None:
        call = self._calls.pop(number, None)
        if call and call.ok and (call.owner is None or isValid(call.owner)):
            call.ok(value)

    def _fail(self, number: int, error: Exception) -> None:
        call = self._calls.pop(number, None)
        if call is None or (call.owner is not None and not isValid(call.owner)):
            return
        if call.failed is None:
            raise error
        call.failed(error)

    def _drop(self, number: int) -> None:
        self._calls.pop(number, None)

    def _tell(self, event: object) -> None:
        if not self._stopping:
            self.heard.emit(event)

    def _open(self, facade: Facade) -> None:
        if not self._stopping:
            self.ready.emit(facade)

    # on either thread

    def _soon(self, job: Callable[[], object]) -> None:
        with self._gate:
            if self._early is not None:
                self._early.append(job)
                return
            token = self._token
        if token is not None:
            try:
                token.run_sync_soon(job)
            except trio.RunFinishedError:
                return  # nothing runs any more, so there is nothing to start or to cancel

    # on the engine's thread

    def _start_job(self, job: Callable[[], Awaitable[None]]) -> None:
        if self._nursery is not None:
            self._nursery.start_soon(job)

    def _cancel_all(self) -> None:
        if self._nursery is not None:
            self._nursery.cancel_scope.cancel()

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            trio.run(self._engine, strict_exception_groups=True)
        except BaseException as exc:  # noqa: BLE001 - told to the window, whatever it is
            error = exc
        finally:
            with self._gate:
                self._early, self._token = None, None
            self._inbox.post(lambda: self.ended.emit(error))

    async def _engine(self) -> None:
        async with self._open_engine() as facade, trio.open_nursery() as nursery:
            self._nursery = nursery
            silence = facade.listen(lambda event: self._inbox.post(lambda: self._tell(event)))
            try:
                self._inbox.post(lambda: self._open(facade))
                with self._gate:
                    early, self._early = self._early or [], None
                    self._token = trio.lowlevel.current_trio_token()
                for job in early:
                    job()
                await trio.sleep_forever()
            finally:
                silence()
                self._nursery = None


def _owner_of(callback: object) -> QObject | None:
    owner = getattr(callback, "__self__", None)
    return owner if isinstance(owner, QObject) else None
