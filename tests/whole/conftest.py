"""A world for every story. A story asks for ``autojump_clock`` itself: pytest-trio looks there."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.whole.world import World


@pytest.fixture
async def world(tmp_path: Path, autojump_clock: trio.testing.MockClock) -> AsyncGenerator[World]:
    async with trio.open_nursery() as nursery:
        yield World(nursery, tmp_path, autojump_clock, random.Random(11))
        nursery.cancel_scope.cancel()
