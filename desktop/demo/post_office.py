"""The demo's relays: each a process of its own, on loopback, over a folder that goes in the end.

Desktop and relay know each other only by protocol, so it is started as the program it is.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from desktop.demo import strings
from desktop.demo.person import NotSeen

READY_S = 20.0
ENDING_S = 12.0
RELAY = (sys.executable, "-m", "relay")


@asynccontextmanager
async def open_relay(folder: Path, uses: int = 1) -> AsyncGenerator[str]:
    """A relay that serves; gives the link that lets so many people in."""
    await trio.run_process(
        [*RELAY, "init", str(folder), "--listen", "127.0.0.1:0"],
        capture_stdout=True,
        capture_stderr=True,  # what an operator would do next
    )
    process = await trio.lowlevel.open_process(
        [*RELAY, "serve", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await _serving(process)
        invited = await trio.run_process(
            [*RELAY, "invite", str(folder), "--uses", str(uses)], capture_stdout=True
        )
        yield invited.stdout.decode().strip()
    finally:
        with trio.CancelScope(shield=True):
            await _end(process)


async def _serving(process: trio.Process) -> None:
    assert process.stdout is not None
    said = b""
    with trio.move_on_after(READY_S):
        while b"\n" not in said:
            came = await process.stdout.receive_some()
            if not came:
                break
            said += came
    if not said.endswith(b"\n"):
        raise NotSeen(strings.RELAY_SILENT)


async def _end(process: trio.Process) -> None:
    process.terminate()
    with trio.move_on_after(ENDING_S):
        await process.wait()
    if process.poll() is None:
        process.kill()
        await process.wait()
    if process.stdout is not None:
        await process.stdout.aclose()
