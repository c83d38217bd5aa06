"""Beside the relay: what its disk and its log tell, and what the lengths on the wire tell."""

from __future__ import annotations

import os
from base64 import b64encode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from protocol.wire.frames import ENVELOPE_SIZES
from tests.faults.house import House, Pair, a_house
from tests.faults.knowing import Findings, secrets_of
from tests.faults.leaks import leaks, strange_sizes
from tests.faults.proxy import Tape, a_proxy
from tests.faults.relays import free_port
from tests.faults.storm import MARK

pytestmark = pytest.mark.xdist_group("faults")

Lengths = Counter[tuple[str, int]]
# Said when nothing else is; and presence, which goes by its own moments on a line of its own.
TIMED = {"ping", "pong", "hello", "welcome", "publish", "noted", "watch", "watching", "told"}


async def script(house: House, tape: Tape, text: str) -> Lengths:
    """Both say it, one after the other; what went over the wire meanwhile."""
    await tape.wait_quiet()
    tape.seen.clear()
    for desktop in (house.alice, house.bob):
        await house.say(desktop, text)
        await house.wait_state(desktop, "delivered")
    await tape.wait_quiet()
    return Counter({each: n for each, n in tape.lengths().items() if each[0] not in TIMED})


def without_envelopes(lengths: Lengths) -> Lengths:
    return Counter({e: n for e, n in lengths.items() if e[0] not in ("deposit", "delivery")})


async def test_only_an_envelopes_bucket_depends_on_a_text(tmp_path: Path, pair: Pair) -> None:
    port = free_port()
    async with (
        a_proxy(pair.port, port) as tape,
        a_house(pair, tmp_path, relay_port=port) as house,
    ):
        with trio.fail_after(60):
            await script(house, tape, "warm")
            short = await script(house, tape, "no")
            other = await script(house, tape, "quite another text 🦉" * 5)
            long = await script(house, tape, "z" * 9000)
    assert short["deposit", short_deposit(short)] == 4  # two messages and their receipts
    assert short == other
    assert short != long
    assert without_envelopes(short) == without_envelopes(long)
    over = {n - short_deposit(short) for tag, n in long if tag == "deposit"}
    assert over <= {size - ENVELOPE_SIZES[0] + wider for size in ENVELOPE_SIZES for wider in (0, 2)}


def short_deposit(lengths: Lengths) -> int:
    """A deposit around the smallest envelope; the length of a longer one may take 2 bytes more."""
    return min(n for tag, n in lengths if tag == "deposit")


async def test_a_relays_files_and_log_know_nothing(tmp_path: Path, pair: Pair) -> None:
    async with a_house(pair, tmp_path) as house:
        findings = Findings(await secrets_of(house))
        with trio.fail_after(60):
            await findings.look(house)
        findings.search(house)
        assert await house.relay.terminate() == 0
        findings.search(house)
    assert findings.found == set()
    assert len(findings.sizes) > 1
    assert not strange_sizes(findings.sizes)


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("spell", [bytes, bytes.hex, b64encode, urlsafe_b64encode])
def test_the_search_finds_a_secret_however_it_is_written(
    spell: Callable[[bytes], bytes | str], before: int
) -> None:
    written = spell(os.urandom(before) + MARK.encode() + os.urandom(5))
    data = written.encode() if isinstance(written, str) else written
    assert leaks({"a text": MARK.encode()}, [("here", data)]) == ["a text in here"]
    assert leaks({"a text": MARK.encode()}, [("there", os.urandom(10_000))]) == []


def test_strange_sizes_are_seen() -> None:
    assert strange_sizes({2048: 3, 2049: 1, 65536: 1}) == [2049]
