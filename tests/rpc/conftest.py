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
    """What changes there is heard by whoever listens to the engine."""
    rooms = FakeRooms()
    rooms.listen(engine.emit)
    return rooms


@pytest.fixture
async def bot(engine: FakeFacade, rooms: FakeRooms) -> AsyncIterator[Client]:
    async with a_client(engine, rooms) as client:
        yield client
