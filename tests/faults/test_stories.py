"""The stories of ``make faults`` for a few messages; each fails with a part broken on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.engine.sending import elsewhere, posted
from desktop.engine.witness import Witness
from desktop.store import inbox, relays
from protocol.ids import Fingerprint
from relay.store.memory import MemoryEnvelopes
from relay.two_hops import pauses, peer_line
from relay.two_hops.forwarder import Forwarder
from tests.faults.longest import STORIES
from tests.faults.stories.byzantine import byzantine
from tests.faults.stories.half_open import half_open
from tests.faults.virtual import Story, Tally, play
from tests.whole.world import World

DAY = 24 * 3600.0
SHORT = {
    "half-open lines": 3,
    "bad lines": 6,
    "partition": 1,
    "byzantine relay": 20,
    "clock jumps": 6,
}


def survives(name: str, folder: Path, story: Story | None = None, seed: int = 1) -> bool:
    """Whether nothing is lost, doubled or out of order, and nothing takes longer than it may."""
    fault, length = STORIES[name], SHORT[name]
    tally = play(story or fault.story, length, seed, folder / "world")
    return fault.figures(tally, 1, length).well


@pytest.mark.parametrize("name", STORIES)
def test_everybody_survives(name: str, tmp_path: Path) -> None:
    assert survives(name, tmp_path)


def test_mutant_that_never_asks_whether_anybody_is_there(tmp_path: Path) -> None:
    async def patient(world: World, rounds: int) -> Tally:
        world.timings = replace(world.timings, ping=3600)
        return await half_open(world, rounds)

    assert not survives("half-open lines", tmp_path, patient)


def test_mutant_relay_that_never_asks_whether_anybody_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_line, "SILENCE_S", 3600.0)
    monkeypatch.setattr(peer_line, "PATIENCE_S", 3600.0)
    assert not survives("half-open lines", tmp_path)


def test_mutant_nobody_remembers_what_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        """Everything is new."""

    monkeypatch.setattr(MemoryEnvelopes, "seen", never)
    monkeypatch.setattr(inbox, "opened", never)
    monkeypatch.setattr(relays, "set_cursor", never)
    assert not survives("bad lines", tmp_path)


def test_mutant_relay_that_hardly_tries_again_whoever_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep_on(self: Forwarder, relay: Fingerprint) -> None:
        """It will find out by itself."""

    monkeypatch.setattr(Forwarder, "wake", sleep_on)
    monkeypatch.setattr(pauses, "LONGEST_PAUSE_S", 10 * DAY)
    assert not survives("partition", tmp_path)


def test_mutant_that_waits_for_one_relay_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_further(*_: object) -> bool:
        """The first mailbox will do."""
        return False

    monkeypatch.setattr(elsewhere, "further", no_further)
    monkeypatch.setattr(posted, "further", no_further)

    async def trusting(world: World, messages: int) -> Tally:
        world.timings = replace(world.timings, gap_grace=DAY)
        return await byzantine(world, messages)

    assert not survives("byzantine relay", tmp_path, trusting)


def test_mutant_that_believes_its_own_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Witness, "agrees", True)
    assert not survives("clock jumps", tmp_path)
