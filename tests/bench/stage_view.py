"""A room's stage at work: rows a second, CPU and late frames; at 200 and at 1,000 entries a second.

``python -m tests.bench.stage_view [--seconds N]``. Entries come 20 times a second, as the window
hears of them; every seventh answers another, every ninth has reactions. Every batch is painted, and
at the end the last row must be the last entry: no gap, no row twice. Baseline: Qt's own list of as
many bare texts.
"""

from __future__ import annotations

import argparse
import os
import time
from random import Random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from desktop.core.rooms import Entries, Entry, Reaction, Reply, Role
from desktop.ui.rooms.stage import Stage
from desktop.ui.theme import Mode, Theme
from protocol.ids import EntryId, SeatId
from tests.bench import message_view
from tests.bench.message_view import (
    BATCHES,
    FRAME_MS,
    SENTENCE,
    SPECIAL,
    QtsList,
    Results,
    memory_mb,
    quantiles,
    timed,
)

NAME = "stage"
SEATS = 500


def said(first: int, count: int) -> list[Entry]:
    """Entries of 500 people; lengths spread as people's do."""
    random, made = Random(first), list[Entry]()
    for place in range(first, first + count):
        length = min(40, 1 + int(random.expovariate(1 / 8)))
        text = " ".join(random.choices(SENTENCE.split(), k=length))
        seat = random.randrange(SEATS)
        reply = made[-1] if made and place % 7 == 0 else None
        made.append(
            Entry(
                place,
                EntryId(place.to_bytes(16, "big")),
                SeatId(seat.to_bytes(32, "big")),
                f"heron-{seat}",
                Role.MODERATOR if seat < 3 else Role.MEMBER,
                random.choice(SPECIAL) if random.random() < 0.1 else text,
                1_700_000_000_000 + place * 5,
                newcomer=seat % 11 == 0,
                reply=Reply(reply.entry_id, reply.name, reply.text) if reply else None,
                reactions=(Reaction("👏", seat), Reaction("🔥", 6)) if place % 9 == 0 else (),
            )
        )
    return made


def live(stage: Stage, first: int, rate: int, seconds: int, results: Results) -> int:
    """``rate`` entries a second, followed at the end; answers the next place."""
    entries, share = said(first, rate * seconds), rate // BATCHES
    took, burnt, late = list[float](), list[float](), 0
    loop, clock = QEventLoop(), QTimer(timerType=Qt.TimerType.PreciseTimer)
    begin, used = time.perf_counter(), time.process_time()

    def batch() -> None:
        nonlocal late
        number = len(took)
        if number == BATCHES * seconds:
            loop.quit()
            return
        due = begin + (number + 1) / BATCHES
        some = tuple(entries[number * share : (number + 1) * share])

        def show() -> None:
            stage.add(Entries(some))
            stage.view.viewport().repaint()

        before = time.process_time()
        took.append(timed(show))
        burnt.append((time.process_time() - before) * 1000)
        late += (time.perf_counter() - due) * 1000 > 2 * FRAME_MS

    clock.timeout.connect(batch)
    clock.start(1000 // BATCHES)
    loop.exec()
    clock.stop()
    # Of the time the entries stand for: on a busy machine the batches come later than that.
    cpu = (time.process_time() - used) / seconds * 100
    if stage.view.entries.last_place != entries[-1].place or not stage.view.following:
        raise AssertionError("the stage lost its end")
    what = f"{rate:,} entries a second"
    results.say(f"{what}: CPU, % of a core", NAME, f"{cpu:.0f}")
    results.say(f"{what}: batch to painted, ms (p50 / p99)", NAME, quantiles(took))
    results.say(f"{what}: CPU of a batch, ms (p50 / p99)", NAME, quantiles(burnt))
    results.say(f"{what}: frames late, of {len(took)}", NAME, str(late))
    return first + rate * seconds


def most(stage: Stage, first: int, results: Results) -> None:
    """As many as there are, in the same batches, each painted: what the window could bear."""
    entries = said(first, 10_000)

    def all_of_them() -> None:
        for start in range(0, len(entries), 50):
            stage.add(Entries(tuple(entries[start : start + 50])))
            stage.view.viewport().repaint()

    rows = len(entries) / timed(all_of_them) * 1000
    results.say("rows a second at most, painted in batches of 50", NAME, f"{rows:,.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    asked = parser.parse_args()
    app = QApplication([])
    results = Results()
    theme = Theme(Mode.LIGHT)
    baseline = QtsList(theme)
    baseline.view.resize(566, 614)
    baseline.view.show()
    for rate in (200, 1000):
        message_view.live(baseline, rate, asked.seconds, results, "entries")
    baseline.view.hide()
    before = memory_mb()
    stage = Stage(theme)
    stage.resize(566, 614)
    stage.show()
    stage.show_entries(Entries(tuple(said(0, 100)), older=True))
    app.processEvents()
    first = 100
    for rate in (200, 1000):
        first = live(stage, first, rate, asked.seconds, results)
    most(stage, first, results)
    results.say("memory it took by then, MB", NAME, f"{memory_mb() - before:.0f}")
    print(results.table([baseline.name, NAME]))


if __name__ == "__main__":
    main()
