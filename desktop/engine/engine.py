"""The façade over one member's engine; its calls are in ``calls/``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from desktop.engine.calls.requests import RequestCalls
from desktop.engine.composition import Composition


class Engine(RequestCalls):
    """See :class:`desktop.core.facade.Facade`. Each layer of calls stands on the one before:
    profile, relays, contacts, conversations, rooms, requests."""


@asynccontextmanager
async def open_engine(folder: Path, composition: Composition) -> AsyncGenerator[Engine]:
    """An engine over the profile in ``folder``; leaving it locks the profile and waits."""
    async with trio.open_nursery() as nursery:
        engine = Engine(folder, composition, nursery)
        try:
            yield engine
        finally:
            with trio.CancelScope(shield=True):
                await engine.profile_lock()
        nursery.cancel_scope.cancel()
