"""A real desktop is killed in one exact gap; a proxy holds back what would have closed the gap."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest
import trio

from protocol.wire.frames import Deposit
from tests.faults.desktops import CHEAP
from tests.faults.house import House, Pair, a_house
from tests.faults.program import Command, Died
from tests.faults.proxy import Tape, a_proxy
from tests.faults.relays import free_port

pytestmark = pytest.mark.xdist_group("faults")

FORGETS: Command = ("tests.faults.mutants.desktop_forgets",)
SEALS_AGAIN: Command = ("tests.faults.mutants.desktop_seals_again",)
PATIENCE_S = 60


@asynccontextmanager
async def watched(
    pair: Pair, folder: Path, alice: Command = CHEAP, bob: Command = CHEAP
) -> AsyncGenerator[tuple[House, Tape]]:
    """A house with the proxy where its desktops look for the relay."""
    port = free_port()
    async with (
        a_proxy(pair.port, port) as tape,
        a_house(pair, folder, alice=alice, bob=bob, relay_port=port) as house,
    ):
        with trio.fail_after(PATIENCE_S):
            # A house where nobody is at home yet is quiet too.
            await tape.wait_seen("opened", 2)
            yield house, tape


async def lose(house: House, tape: Tape, tag: str, text: str) -> None:
    """Alice writes, and the first frame of this kind that follows from it is swallowed."""
    await tape.wait_quiet()
    tape.seen.clear()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(tape.swallow_next, tag)
        await house.say(house.alice, text)


def deposits(tape: Tape) -> list[tuple[bytes, bytes]]:
    """Envelope id and bytes of all that was deposited, in its order."""
    frames = [msgspec.msgpack.decode(data, type=Deposit) for data in tape.of("deposit")]
    return [(frame.envelope_id, frame.body) for frame in frames]


async def sender_dies_after_stored(house: House, tape: Tape) -> bool:
    """Stored was said, and never heard: whether the same bytes come again, and arrive once."""
    await house.bob.kill()  # a receipt that came first would leave nothing to put again
    await lose(house, tape, "stored", "after Stored")
    first = deposits(tape)[0]
    await house.restart(house.alice)
    await tape.wait_seen("deposit", 2)
    await house.restart(house.bob)
    await house.wait_state(house.alice, "delivered")
    same = deposits(tape).count(first) == 2
    return same and (await house.texts(house.bob))[-1:] == ["after Stored"]


async def relay_dies_after_commit(house: House, tape: Tape) -> bool:
    """Its Stored was never heard: whether the same bytes come again, and arrive once."""
    await house.bob.kill()
    await lose(house, tape, "stored", "after the relay's commit")
    first = deposits(tape)[0]
    await house.relay.kill()
    await house.relay.start()
    await tape.wait_seen("deposit", 2)
    await house.restart(house.bob)
    await house.wait_state(house.alice, "delivered")
    same = deposits(tape).count(first) == 2
    return same and (await house.texts(house.bob))[-1:] == ["after the relay's commit"]


async def receiver_dies_after_commit(house: House, tape: Tape) -> bool:
    """The message is on Bob's disk, the relay never heard so: whether it is shown once, and never
    as something that could not be read, not even until its author says that it was nothing."""
    before = await house.texts(house.bob)
    shown: set[str] = set()

    async def look() -> None:
        while True:
            shown.update(await house.texts(house.bob))

    await lose(house, tape, "acknowledge", "before Acknowledge")
    await house.restart(house.bob)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(look)
        await house.say(house.alice, "and on")
        await house.wait_state(house.alice, "delivered")
        nursery.cancel_scope.cancel()
    once = await house.texts(house.bob) == [*before, "before Acknowledge", "and on"]
    return once and "<unreadable>" not in shown


async def test_killed_between_two_steps_of_a_message(tmp_path: Path, pair: Pair) -> None:
    async with watched(pair, tmp_path) as (house, tape):
        assert await sender_dies_after_stored(house, tape)
        assert await relay_dies_after_commit(house, tape)
        assert await receiver_dies_after_commit(house, tape)
        assert await house.texts(house.alice) == await house.texts(house.bob)


async def test_mutant_encrypting_anew_on_retry_is_caught(tmp_path: Path, pair: Pair) -> None:
    async with watched(pair, tmp_path, alice=SEALS_AGAIN) as (house, tape):
        assert not await sender_dies_after_stored(house, tape)


async def test_mutant_a_receiver_without_dedupe_is_caught(tmp_path: Path, pair: Pair) -> None:
    async with watched(pair, tmp_path, bob=FORGETS) as (house, tape):
        assert not await receiver_dies_after_commit(house, tape)


async def test_killed_at_any_transaction(tmp_path: Path, pair: Pair) -> None:
    """A few of them; ``tests/whole`` has them all, in one process."""
    async with a_house(pair, tmp_path) as house:
        with trio.fail_after(PATIENCE_S):
            said: list[str] = []
            for number in (1, 3):
                for when in ("before", "after"):
                    said.append(f"{when} {number}")
                    await house.bob.kill()
                    await house.say(house.alice, said[-1])
                    await _die(house, when, number)
            await house.restart(house.bob)
            await house.wait_state(house.alice, "delivered")
            assert await house.texts(house.bob) == said


async def _die(house: House, when: str, number: int) -> None:
    """Bob comes back for so many transactions, or to rest if he has not so many to make."""
    with suppress(Died):
        await house.restart(house.bob, when, str(number))
    with trio.move_on_after(0.3):
        await house.bob.gone.wait()
