"""Engines in memory, and a client of one that has rooms."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import FakeRooms
from tests.rpc.client import Client, a_client


@pytest.fixture
def engine() -> FakeFacade:
    return FakeFacade()


@pytest.fixture
def rooms(engine: FakeFacade) -> FakeRooms:
    """Those of the engine."""
    return engine


@pytest.fixture
async def bot(engine: FakeFacade) -> AsyncIterator[Client]:
    async with a_client(engine) as client:
        yield client
