"""The seam: answers, failures, cancelling, order, fairness and the end (laws 5, 6 and 8)."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
import shiboken6
import trio
from PySide6.QtCore import QObject, QTimer, Signal
from pytestqt.qtbot import QtBot

from desktop.bridge import Bridge
from desktop.core.events import ClockWarning
from desktop.core.facade import Facade
from tests.fakes.facade import FakeFacade

Make = Callable[..., tuple[Bridge, FakeFacade]]


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    made: list[Bridge] = []

    def start(log: list[str] | None = None) -> tuple[Bridge, FakeFacade]:
        alice = FakeFacade()

        @asynccontextmanager
        async def open_engine() -> AsyncGenerator[Facade]:
            try:
                yield alice
            finally:
                if log is not None:
                    log.append("closed")

        bridge = Bridge(open_engine)
        made.append(bridge)
        with qtbot.waitSignal(bridge.ready, timeout=5000):
            bridge.start()
        return bridge, alice

    yield start
    for bridge in made:
        assert bridge.stop()


class Page(QObject):
    """A widget's stand-in: hears answers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.heard: list[object] = []

    def hear(self, what: object) -> None:
        self.heard.append((what, threading.current_thread() is threading.main_thread()))


async def twice(number: int) -> int:
    await trio.sleep(0)
    return number * 2


async def fails() -> int:
    await trio.sleep(0)
    raise KeyError("a bug")


def test_an_answer_comes_on_the_windows_thread(qtbot: QtBot, make: Make) -> None:
    bridge, _ = make()
    page = Page()
    bridge.call(twice, 21, ok=page.hear)
    qtbot.waitUntil(lambda: page.heard == [(42, True)])


def test_what_is_asked_before_the_engine_runs_is_answered(qtbot: QtBot) -> None:
    @asynccontextmanager
    async def slow() -> AsyncGenerator[Facade]:
        await trio.sleep(0.05)
        yield FakeFacade()

    bridge = Bridge(slow)
    page = Page()
    bridge.call(twice, 1, ok=page.hear)
    bridge.start()
    qtbot.waitUntil(lambda: page.heard == [(2, True)])
    assert bridge.stop()


def test_a_failed_call_leaves_the_engine_alone(qtbot: QtBot, make: Make) -> None:
    bridge, _ = make()
    errors: list[Exception] = []
    page = Page()
    bridge.call(fails, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], KeyError)
    bridge.call(twice, 3, ok=page.hear)
    qtbot.waitUntil(lambda: page.heard == [(6, True)])


def test_a_failure_nobody_hears_reaches_the_one_exit(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge, _ = make()
    page = Page()
    raised: list[type[BaseException]] = []

    def hook(kind: type[BaseException], error: BaseException, trace: object) -> None:
        raised.append(kind)

    monkeypatch.setattr("sys.excepthook", hook)
    bridge.call(fails, ok=page.hear)
    bridge.call(twice, 4, ok=page.hear)
    qtbot.waitUntil(lambda: page.heard == [(8, True)])
    assert raised == [KeyError]


def test_cancel_runs_the_clean_up_and_nothing_comes(qtbot: QtBot, make: Make) -> None:
    bridge, _ = make()
    page = Page()
    log: list[str] = []

    async def wait() -> None:
        log.append("begun")
        try:
            await trio.sleep_forever()
        finally:
            log.append("clean")

    call = bridge.call(wait, ok=page.hear, failed=page.hear)
    qtbot.waitUntil(lambda: log == ["begun"])
    call.cancel()
    call.cancel()
    qtbot.waitUntil(lambda: log == ["begun", "clean"])
    qtbot.wait(20)
    assert page.heard == []


def test_an_answer_under_way_does_not_come_after_cancel(qtbot: QtBot, make: Make) -> None:
    bridge, _ = make()
    page = Page()
    done = threading.Event()

    async def answer() -> int:
        trio.lowlevel.current_trio_token().run_sync_soon(done.set)
        return 1

    call = bridge.call(answer, ok=page.hear)
    assert done.wait(5)  # the answer is in the queue, this thread has not read it yet
    time.sleep(0.02)
    call.cancel()
    qtbot.wait(30)
    assert page.heard == []


def test_nothing_comes_when_the_owner_is_gone(qtbot: QtBot, make: Make) -> None:
    bridge, _ = make()
    parent = QObject()
    page = Page(parent)
    late = Page()
    heard = page.heard
    gate = trio.Event()

    async def wait() -> int:
        await gate.wait()
        return 1

    async def open_gate() -> None:
        gate.set()

    bridge.call(wait, ok=page.hear)
    bridge.call(wait, ok=lambda _: heard.append("told"), owner=page)
    bridge.call(twice, 1, ok=late.hear)
    qtbot.waitUntil(lambda: bool(late.heard))
    shiboken6.delete(parent)
    bridge.call(open_gate, ok=late.hear)
    qtbot.waitUntil(lambda: len(late.heard) == 2)
    qtbot.wait(20)
    assert heard == []


def test_events_come_in_order_and_yield_to_the_window(qtbot: QtBot, make: Make) -> None:
    bridge, alice = make()
    seen: list[int] = []
    beats: list[float] = []

    def hear(event: object) -> None:
        assert isinstance(event, ClockWarning)
        seen.append(event.ahead_ms)

    bridge.heard.connect(hear)
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start(1)

    async def burst() -> None:
        for n in range(20_000):
            alice.emit(ClockWarning(n))

    page = Page()
    bridge.call(burst, ok=page.hear)
    qtbot.waitUntil(lambda: len(seen) == 20_000, timeout=20_000)
    timer.stop()
    assert seen == list(range(20_000))
    assert len(beats) > 5  # the window had its turns while the burst was drained


class Emitter(QObject):
    flag = Signal(bool)
    thing = Signal(object)


def test_five_thousand_emits_cost_no_reference(qtbot: QtBot) -> None:
    """PySide6 6.12.0 loses a reference to True at every emit on Python 3.11 and aborts."""
    emitter = Emitter()
    heard: list[object] = []
    emitter.flag.connect(heard.append)
    emitter.thing.connect(heard.append)
    for _ in range(5_000):
        emitter.flag.emit(True)
        emitter.thing.emit(True)
    assert len(heard) == 10_000


def test_stop_waits_for_the_clean_up(qtbot: QtBot, make: Make) -> None:
    log: list[str] = []
    bridge, _ = make(log)

    async def busy() -> None:
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(0.05)
            log.append("call cleaned up")

    begun = Page()
    bridge.call(busy)
    bridge.call(twice, 1, ok=begun.hear)
    qtbot.waitUntil(lambda: bool(begun.heard))
    assert bridge.stop()
    assert log == ["call cleaned up", "closed"]


def test_an_engine_that_cannot_open_says_why(qtbot: QtBot) -> None:
    @asynccontextmanager
    async def broken() -> AsyncGenerator[Facade]:
        if alice.relays == {}:
            raise OSError("no such disk")
        yield alice

    alice = FakeFacade()
    bridge = Bridge(broken)
    ended: list[object] = []
    bridge.ended.connect(ended.append)
    bridge.start()
    qtbot.waitUntil(lambda: len(ended) == 1)
    assert isinstance(ended[0], OSError)
    assert bridge.stop()


def test_stop_before_start_is_harmless(qtbot: QtBot) -> None:
    @asynccontextmanager
    async def never() -> AsyncGenerator[Facade]:
        yield FakeFacade()

    assert Bridge(never).stop()
