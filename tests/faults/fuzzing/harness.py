"""Runs one parser over many inputs, and looks at each: what came of it, how long it took, and
whether it wanted more memory than it may.

The time is the processor's own, so that a busy machine makes no input slow. The memory is held by
the system: the process may grow by so much and no further, and what would is an error to be told.
"""

from __future__ import annotations

import resource
import time
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.fuzzing.mutation import mutate
from tests.faults.fuzzing.parser import Parser

MOST_MS = 50.0
TRIED_AGAIN = 2
MOST_BYTES = 16 * 1024 * 1024
TOLD = 5
KEPT_BYTES = 4096
MOST_KEPT = 60


@dataclass
class Found:
    """What a run found."""

    inputs: int = 0
    slowest_ms: float = 0.0
    most_bytes: int = 0
    wrong: list[str] = field(default_factory=list[str])  # what was raised or took too much, told
    answers: dict[str, bytes] = field(default_factory=dict[str, bytes])  # the first input to each

    @property
    def well(self) -> bool:
        return not self.wrong

    def tell(self, what: str, data: bytes) -> None:
        """Something that may not be."""
        self.wrong.append(f"{what}: {data[:200].hex()} ({len(data)} bytes)")


def fuzz(parser: Parser, inputs: int, seed: int) -> Found:
    """The whole corpus, and then what becomes of it."""
    found, random, corpus = Found(), Random(seed), parser.corpus()
    for data in corpus:
        _one(parser, data, found)
    while found.inputs < inputs and len(found.wrong) < TOLD:
        data = mutate(corpus, random, parser.longest)
        before = len(found.answers)
        _one(parser, data, found)
        if len(found.answers) > before:
            corpus.append(data)
    return found


def weigh(parser: Parser, found: Found, inputs: int, seed: int) -> None:
    """A few of them with every allocation counted, for the figure."""
    random, corpus = Random(seed), parser.corpus()
    tracemalloc.start()
    for number in range(inputs):
        if len(found.wrong) >= TOLD:
            break
        data = corpus[number] if number < len(corpus) else mutate(corpus, random, parser.longest)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        try:
            parser.answer(data)
        except Exception as exc:  # noqa: BLE001 - told, not raised
            found.tell(f"{type(exc).__name__} {exc}", data)
        _, peak = tracemalloc.get_traced_memory()
        found.most_bytes = max(found.most_bytes, peak - before)
        if peak - before > MOST_BYTES:
            found.tell(f"{peak - before} bytes of memory", data)
    tracemalloc.stop()


@contextmanager
def no_more_memory() -> Generator[None]:
    """This process grows by ``MOST_BYTES`` at most from here on."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + MOST_BYTES
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _again(parser: Parser, data: bytes) -> float:
    """Milliseconds. What is slow by its nature is slow each time, and a held-up machine is not."""
    began = time.thread_time()
    with suppress(Exception):
        parser.answer(data)
    return (time.thread_time() - began) * 1000


def _one(parser: Parser, data: bytes, found: Found) -> None:
    began = time.thread_time()
    try:
        answer = parser.answer(data)
    except Exception as exc:  # noqa: BLE001 - told, not raised
        found.tell(f"{type(exc).__name__} {exc}", data)
        answer = ""
    took_ms = (time.thread_time() - began) * 1000
    if took_ms > MOST_MS:
        took_ms = min(took_ms, *(_again(parser, data) for _ in range(TRIED_AGAIN)))
    found.inputs += 1
    found.slowest_ms = max(found.slowest_ms, took_ms)
    if took_ms > MOST_MS:
        found.tell(f"{took_ms:.0f} ms", data)
    # Some parsers say where they stumbled, each time something else: no more than is of use.
    room = len(data) <= KEPT_BYTES and len(found.answers) < MOST_KEPT
    if room and answer not in found.answers:
        found.answers[answer] = data
