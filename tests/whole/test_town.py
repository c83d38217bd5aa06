"""The town of ``python -m tests.faults.town``, small and in one process with a virtual clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from desktop.core.models import Kind, Message
from protocol.wire.frames import Deposit, Reason, Refused, Stored
from relay.rules.clock import Now
from relay.rules.office import AnyRequest
from relay.store.group import NEEDS_ROOM
from relay.store.storage import Answered, Inline
from tests.faults.town import NAMES, RELAYS, homes
from tests.faults.verdict import judge
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, Place, World, befriend

MESSAGES = 36
PEACE_S = 150.0


class Filling(Inline):
    """A store on a disk that somebody else fills now and then."""

    full = False
    forgets = False  # says Stored, and it is not

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if self.forgets and isinstance(asked, Deposit):
            answered(Stored(call=asked.call))
        elif self.full and isinstance(asked, NEEDS_ROOM):
            answered(Refused(call=asked.call, reason=Reason.TRY_LATER))
        else:
            super().submit(asked, now, answered)


async def be_in_trouble(world: World, house: Place, chance: random.Random) -> None:
    while True:
        await trio.sleep(chance.uniform(3, 12))
        relay = house.relay
        assert relay is not None
        if chance.random() < 0.5:
            await house.off()
            await trio.sleep(chance.uniform(5, 45))
            await house.on()
        else:
            storage = relay.premises.storage
            assert isinstance(storage, Filling)
            storage.full = True
            try:
                await trio.sleep(chance.uniform(5, 45))
            finally:
                storage.full = False


def shown(message: Message) -> dict[str, Any]:
    return {"kind": message.kind.value, "text": message.text, "late": False}


async def a_small_town(
    world: World, names: Sequence[str] = NAMES, met_all: Callable[[], None] = lambda: None
) -> None:
    """People, each with mailboxes at two relays and a neighbour on either side."""
    houses = [await world.relay(f"{name}.example", storage=Filling) for name in RELAYS]
    chance = random.Random(3)
    async with AsyncExitStack() as stack:
        people: list[Desktop] = []
        for number, name in enumerate(names):
            first, second = homes(number, houses)
            person = await stack.enter_async_context(world.desktop(name, at=first))
            await person.engine.relay_add(str(second.address))
            people.append(person)
        pairs = list(pairwise([*people, people[0]]))
        met = [(one, other, await befriend(world, one, other)) for one, other in pairs]
        met_all()
        said: dict[tuple[str, str], list[str]] = {}
        async with trio.open_nursery() as troubling:
            for house in houses:
                seed = chance.random()
                troubling.start_soon(be_in_trouble, world, house, random.Random(seed))
            for number in range(MESSAGES):
                one, other, where = met[number % len(met)]
                author, reader = chance.choice([(one, other), (other, one)])
                text = f"{author.name} {number}"
                await author.engine.message_send(where, text)
                said.setdefault((author.name, reader.name), []).append(text)
                await trio.sleep(chance.uniform(0, 6))
            troubling.cancel_scope.cancel()
        for house in houses:
            if house.relay is None:
                await house.on()
        await trio.sleep(PEACE_S)
        for one, other, where in met:
            for author, reader in ((one, other), (other, one)):
                rows = await reader.engine.message_list(where, limit=1000)
                came = [shown(row) for row in rows if not (row.mine or row.kind is Kind.NOTICE)]
                way = judge(said.get((author.name, reader.name), []), came)
                assert way.well, (author.name, reader.name, way)


async def test_relays_die_and_fill_up_and_nothing_is_lost_doubled_or_out_of_order(
    world: World, autojump_clock: MockClock
) -> None:
    await a_small_town(world)


async def test_mutant_relays_that_promise_what_they_do_not_keep(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with the_story_fails():
        await a_small_town(world, NAMES[:3], lambda: monkeypatch.setattr(Filling, "forgets", True))
