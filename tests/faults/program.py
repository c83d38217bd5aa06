"""A program of its own, started here, killed here, by its own process id."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TypeAlias

import trio

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0  # a busy machine takes its time to start a program

# A module and the words before its own arguments: what is run with ``python -m``.
Command: TypeAlias = tuple[str, ...]


class Died(Exception):
    """The process ended while something was expected of it."""


async def open_command(command: Command, *arguments: str, log: Path) -> trio.Process:
    """Run it with pipes for what it hears and says; its log goes on in ``log``."""
    with log.open("ab") as stderr:
        return await trio.lowlevel.open_process(
            [sys.executable, "-m", *command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=ROOT,
        )


async def run_command(command: Command, *arguments: str, log: Path) -> tuple[int, str]:
    """Run it to its end; exit code and what it said."""
    process = await open_command(command, *arguments, log=log)
    assert process.stdout is not None
    said = b""
    try:
        with trio.fail_after(PATIENCE_S):
            async for chunk in process.stdout:
                said += chunk
            return await process.wait(), said.decode()
    finally:
        await kill(process)


async def kill(process: trio.Process) -> None:
    """SIGKILL, and gone when this returns, even where the killing itself is cancelled."""
    with trio.CancelScope(shield=True):
        process.kill()
        await process.wait()
        await _close(process)


async def terminate(process: trio.Process, patience_s: float) -> int:
    """SIGTERM; the exit code. Raises trio.TooSlowError, and then it is killed."""
    try:
        process.send_signal(signal.SIGTERM)
        with trio.fail_after(patience_s):
            return await process.wait()
    finally:
        await kill(process)


async def _close(process: trio.Process) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            await pipe.aclose()
