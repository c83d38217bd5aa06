"""Every parser over its corpus and a little more; and what the harness itself is worth."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from protocol.wire import codec
from protocol.wire.frames import Side
from tests.faults.fuzzing.harness import Found, fuzz, weigh
from tests.faults.fuzzing.parser import Parser
from tests.faults.fuzzing.parsers import PARSERS

SHORT = 150
FRAMES = PARSERS["frames of desktops"]


@pytest.mark.parametrize("name", PARSERS)
def test_whatever_it_is_given(name: str) -> None:
    found = fuzz(PARSERS[name], SHORT, seed=3)
    assert not found.wrong
    assert found.inputs >= SHORT


@pytest.mark.parametrize("name", [name for name, each in PARSERS.items() if each.refusals])
def test_mutant_that_lets_a_refusal_through(name: str) -> None:
    careless = replace(PARSERS[name], refusals=())
    assert fuzz(careless, SHORT, seed=3).wrong


def changed(parse: object) -> Parser:
    assert callable(parse)
    return replace(FRAMES, name="another one", parse=parse, seeds=lambda: [b"\x90"])


def test_mutant_that_dawdles() -> None:
    def dawdle(data: bytes) -> object:
        until = time.thread_time() + 0.06
        while time.thread_time() < until:
            pass
        return codec.load(data, Side.DESKTOP)

    assert "ms" in fuzz(changed(dawdle), 1, seed=3).wrong[0]


def test_mutant_that_takes_a_length_for_true() -> None:
    def believe(data: bytes) -> object:
        return len(bytearray(32 * 1024 * 1024))

    found = Found()
    weigh(changed(believe), found, 1, seed=3)
    assert "bytes of memory" in found.wrong[0]
    assert found.most_bytes > 16 * 1024 * 1024
