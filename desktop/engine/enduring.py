"""What a task does when this computer's disk is full: wait for room, and begin again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from desktop.core.errors import VaultFull
from desktop.engine.ground import Ground


async def endure(ground: Ground, task: Callable[[Ground], Awaitable[None]]) -> None:
    """Run a task. What the full disk refused did not happen, so nothing has to be undone; whoever
    writes a message meanwhile is told by the call itself."""
    full = True
    while full:
        full = False
        try:
            await task(ground)
        except* VaultFull:
            full = True
        if full:
            await ground.nudges.pause(ground.timings.full_retry)
