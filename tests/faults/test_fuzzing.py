"""Every parser over its corpus and a little more; and what the harness itself is worth."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

import pytest

from protocol.wire import codec
from protocol.wire.frames import Side
from protocol.wire.packet import CARRIED
from tests.faults.fuzzing.harness import Found, fuzz, weigh
from tests.faults.fuzzing.packets import RAW, packets
from tests.faults.fuzzing.parser import Parser
from tests.faults.fuzzing.parsers import PARSERS

SHORT = 150
FRAMES = PARSERS["frames of desktops"]


@pytest.mark.parametrize("name", PARSERS)
def test_whatever_it_is_given(name: str) -> None:
    found = fuzz(PARSERS[name], SHORT, seed=3)
    assert not found.wrong
    assert found.inputs >= SHORT


# Parsers whose examples are refused on purpose: none of ours is the key of that envelope.
NEVER_THROUGH = {"envelope"}


def through(parser: Parser) -> float:
    """What share of a parser's own examples it does not refuse."""
    seeds = list(parser.seeds())
    taken = 0
    for data in seeds:
        with suppress(*parser.refusals):
            parser.parse(data)
            taken += 1
    return taken / len(seeds)


@pytest.mark.parametrize("name", sorted(PARSERS.keys() - NEVER_THROUGH))
def test_it_begins_with_what_gets_through(name: str) -> None:
    assert through(PARSERS[name]) >= 0.5


CARRIED_NAMES = {each.__name__ for each in CARRIED}
PACKETS = PARSERS["inside of a packet"]


def carried(parser: Parser) -> set[str]:
    return CARRIED_NAMES & set(fuzz(parser, SHORT, seed=3).answers)


def test_each_kind_of_request_is_reached_in_its_packet() -> None:
    assert through(PACKETS) == 1
    assert carried(PACKETS) == CARRIED_NAMES


def test_mutant_that_puts_each_request_into_the_smallest_packet() -> None:
    def smallest() -> Iterable[bytes]:
        return (bytes([seed[0] & RAW]) + seed[1:] for seed in packets())

    careless = replace(PACKETS, name="another one", seeds=smallest)
    assert carried(careless) < CARRIED_NAMES


def full_of(unit: bytes, size: int, head: bytes = b"") -> bytes:
    return (head + unit * (size // len(unit) + 1))[:size]


MIB = codec.MAX_MESSAGE
WORST = [
    ("frames of desktops", full_of(b"\xc0", MIB, b"\xdd\x00\x0f\xff\xfb")),
    ("frames of relays", full_of(b"\x80", MIB, b"\xdd\x00\x0f\xff\xfb")),
    ("frames of desktops", full_of(b"\x82\xa1t\xa4ping\xa4call\1", MIB, b"\xdd\0\1\x1a\0")),
    ("frames of desktops", full_of(b"\x91", MIB)),
    ("WebSocket of a desktop", full_of(b"\x82\x80\0\0\0\0", 65536)),
    ("WebSocket of a desktop", full_of(b"\x89\x80\0\0\0\0", 65536)),
    ("what is pasted", full_of(b"aside://a:1/" + b"A" * 43 + b"#A ", 65536)),
    ("JSON-RPC", full_of(b"[", 65536)),
    ("JSON-RPC", full_of(b'"\\ud800', 65536)),
    ("relay.toml", full_of(b"a.", 4096)),
]


@pytest.mark.parametrize(("name", "data"), WORST)
def test_the_worst_that_is_known(name: str, data: bytes) -> None:
    worst = replace(PARSERS[name], name="the worst", seeds=lambda: [data])
    found = fuzz(worst, 1, seed=3)
    weigh(worst, found, 1, seed=3)
    assert not found.wrong


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
