"""The message view at work: scrolling, live messages, memory; beside Qt's own list of plain texts.

``python -m tests.bench.message_view [--seconds N]``. Both lists hold 400 rows and get the same
texts 20 times a second, as the window does. Qt's list draws bare text: no bubbles, times or links.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from msgspec.structs import replace
from PySide6.QtCore import QEventLoop, QStringListModel, Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView

from desktop.core.models import Kind, Message, State
from desktop.ui.messages.model import WINDOW
from desktop.ui.messages.view import MessageView
from desktop.ui.theme import Mode, Theme
from protocol.ids import ConversationId, MemberId, MessageId

FRAME_MS = 1000 / 60
BATCHES = 20  # a second
PAGE = 50
LARGEST = 60_000  # about as many letters as one message may hold
SENTENCE = (
    "the relay sends a short note about tonight and everyone can ask questions while hosts read "
    "the queue before the recording is published on https://example.org/recordings/2026 for all"
)
SPECIAL = (
    "👍🏽 🎉",
    "هل نلتقي في الورشة يوم السبت؟",
    "明天下午见，我带上釉料样品。",
    "Donaudampfschifffahrtsgesellschaft" * 4,
)


def written(first: int, count: int) -> list[Message]:
    """Messages of two people; lengths spread as people's do."""
    random = Random(first)
    made: list[Message] = []
    for position in range(first, first + count):
        length = min(90, 1 + int(random.expovariate(1 / 12)))
        text = " ".join(random.choices(SENTENCE.split(), k=length))
        mine = random.random() < 0.4
        made.append(
            Message(
                ConversationId(b"c" * 16),
                MessageId(position.to_bytes(16, "big")),
                position,
                Kind.TEXT,
                MemberId((b"a" if mine else b"b") * 32),
                mine,
                random.choice(SPECIAL) if random.random() < 0.1 else text,
                1_700_000_000_000 + position * 7_000,
                State.DELIVERED if mine else State.RECEIVED,
            )
        )
    return made


class OurList:
    """The view under test."""

    name = "message view"

    def __init__(self, theme: Theme) -> None:
        self.view = MessageView(theme)

    def show(self, messages: Sequence[Message]) -> None:
        self.view.messages.reset(messages)

    def add(self, messages: Sequence[Message]) -> None:
        self.view.messages.append(messages)
        if self.view.messages.last_id != messages[-1].message_id:
            raise AssertionError("the view did not follow the end")


class QtsList:
    """What Qt brings, doing less."""

    name = "QListView"

    def __init__(self, theme: Theme) -> None:
        self.view = QListView()
        self.view.setFont(theme.font("body"))
        self.view.setWordWrap(True)
        self.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.rows = QStringListModel()
        self.view.setModel(self.rows)

    def show(self, messages: Sequence[Message]) -> None:
        self.rows.setStringList([message.text for message in messages])
        self.view.scrollToBottom()

    def add(self, messages: Sequence[Message]) -> None:
        first = self.rows.rowCount()
        self.rows.insertRows(first, len(messages))
        for row, message in enumerate(messages, first):
            self.rows.setData(self.rows.index(row), message.text)
        if self.rows.rowCount() > WINDOW:
            self.rows.removeRows(0, self.rows.rowCount() - WINDOW)
        self.view.scrollToBottom()


@dataclass
class Results:
    """Rows of the table."""

    lines: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def say(self, what: str, who: str, value: str) -> None:
        self.lines.setdefault(what, {})[who] = value

    def table(self, names: Sequence[str]) -> str:
        head = f"| | {' | '.join(names)} |\n|---|{'---:|' * len(names)}"
        rows = [
            f"| {what} | {' | '.join(by.get(name, '–') for name in names)} |"
            for what, by in self.lines.items()
        ]
        return "\n".join([head, *rows])


def quantiles(took: list[float]) -> str:
    some = sorted(took)
    return f"{some[len(some) // 2]:.1f} / {some[min(len(some) - 1, len(some) * 99 // 100)]:.1f}"


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def memory_mb() -> float:
    """Resident, of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def still(one: OurList | QtsList, results: Results) -> None:
    """Opening, scrolling, another width: nobody writes."""
    messages, view = written(0, WINDOW), one.view

    def open_it() -> None:
        one.show(messages)
        view.viewport().repaint()
        QApplication.processEvents()

    results.say("open 400 rows, ms", one.name, f"{timed(open_it):.0f}")
    bar = view.verticalScrollBar()

    def frame(value: int) -> float:
        def paint() -> None:
            bar.setValue(value)
            view.viewport().repaint()

        return timed(paint)

    steps = range(bar.maximum(), max(0, bar.maximum() - 300 * 40), -40)
    results.say(
        "frame while scrolling 40 px, ms (p50 / p99)", one.name, quantiles([*map(frame, steps)])
    )

    def widen(width: int) -> float:
        def paint() -> None:
            view.resize(width, 657)
            QApplication.processEvents()

        return timed(paint)

    wide = quantiles([widen(896 - 4 * step % 120) for step in range(60)])
    narrow = quantiles([widen(520 - 4 * step % 120) for step in range(60)])
    results.say("frame while the window narrows from 896, ms (p50 / p99)", one.name, wide)
    results.say("the same from 520: bubbles break anew, ms (p50 / p99)", one.name, narrow)
    widen(896)


def longest(theme: Theme, results: Results) -> None:
    """Texts of the largest size, of line breaks alone; Qt's list is spared them."""
    one = OurList(theme)
    one.view.resize(896, 657)
    one.view.show()
    QApplication.processEvents()
    page = [replace(message, text="\n" * LARGEST + "end") for message in written(0, PAGE)]

    def frame(work: Callable[[], object]) -> float:
        def paint() -> None:
            work()
            one.view.viewport().repaint()

        return timed(paint)

    bar = one.view.verticalScrollBar()

    def scrolled() -> str:
        end = bar.value()
        places = range(end, max(0, end - 200 * 40), -40)
        return quantiles([frame(partial(bar.setValue, place)) for place in places])

    what = f"{PAGE} texts of {LARGEST:,} line breaks"
    results.say(f"{what}: open, ms", one.name, f"{frame(lambda: one.show(page)):.0f}")
    results.say(f"{what}: frame while scrolling, ms (p50 / p99)", one.name, scrolled())
    row = one.view.on_screen()[-1]
    whole = frame(lambda: one.view.fold(row, whole=True))
    results.say("all lines of one of them shown, ms", one.name, f"{whole:.0f}")
    bar.setValue(bar.value() + 10_000)
    results.say("frame while scrolling in it, ms (p50 / p99)", one.name, scrolled())
    one.view.hide()


def live(
    one: OurList | QtsList, rate: int, seconds: int, results: Results, noun: str = "messages"
) -> None:
    """``rate`` messages a second, followed at the end."""
    messages = written(rate * 1_000_000, rate * seconds)
    one.view.verticalScrollBar().setValue(one.view.verticalScrollBar().maximum())
    share = rate // BATCHES
    took: list[float] = []
    late = 0
    loop, clock = QEventLoop(), QTimer(timerType=Qt.TimerType.PreciseTimer)
    begin = time.perf_counter()
    used = time.process_time()

    def batch() -> None:
        nonlocal late
        number = len(took)
        if number == BATCHES * seconds:
            loop.quit()
            return
        due = begin + (number + 1) / BATCHES
        some = messages[number * share : (number + 1) * share]

        def show() -> None:
            one.add(some)
            one.view.viewport().repaint()

        took.append(timed(show))
        late += (time.perf_counter() - due) * 1000 > 2 * FRAME_MS

    clock.timeout.connect(batch)
    clock.start(1000 // BATCHES)
    loop.exec()
    clock.stop()
    wall = time.perf_counter() - begin
    cpu = (time.process_time() - used) / wall * 100
    what = f"{rate:,} {noun} a second"
    results.say(f"{what}: CPU, % of a core", one.name, f"{cpu:.0f}")
    results.say(f"{what}: batch to painted, ms (p50 / p99)", one.name, quantiles(took))
    results.say(f"{what}: frames late, of {len(took)}", one.name, str(late))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    asked = parser.parse_args()
    QApplication([])
    theme = Theme(Mode.LIGHT)
    results = Results()
    kinds: tuple[type[OurList] | type[QtsList], ...] = (QtsList, OurList)
    for kind in kinds:
        before = memory_mb()
        one = kind(theme)
        one.view.resize(896, 657)
        one.view.show()
        QApplication.processEvents()
        still(one, results)
        for rate in (200, 1000):
            live(one, rate, asked.seconds, results)
        results.say("memory it took by then, MB", one.name, f"{memory_mb() - before:.0f}")
        one.view.hide()
    longest(theme, results)
    print(results.table([kind.name for kind in kinds]))
    print(f"\nThe whole process: {memory_mb():.0f} MB resident.")


if __name__ == "__main__":
    main()
