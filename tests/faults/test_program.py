"""Whoever kills a process here leaves nothing of it behind, even when stopped half-way."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from tests.faults.program import Command, kill, open_command, terminate

SLEEPS: Command = ("code", "-q")  # Python that waits for what it is told


async def test_a_killing_that_is_cancelled_is_ended_all_the_same(tmp_path: Path) -> None:
    process = await open_command(SLEEPS, log=tmp_path / "log")
    with trio.CancelScope() as scope:
        scope.cancel()
        await kill(process)
    assert process.returncode is not None


async def test_what_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    process = await open_command(SLEEPS, log=tmp_path / "log")
    with pytest.raises(trio.TooSlowError):
        await terminate(process, 0)
    assert process.returncode is not None
