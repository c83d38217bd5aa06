"""A line that is lost at any moment, and a bug met on one, end that connection and no other."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from protocol.wire.frames import Frame, OpenMailbox, Pong, Reply, Stored
from relay.outbox import Outbox
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.rules.office import AnyRequest
from relay.rules.records import Bell
from relay.store import database
from relay.store.committing import CommittingThread
from relay.store.memory import MemoryStore
from relay.store.sqlite import SqliteStore
from relay.store.storage import Answered, Inline
from tests.relay.caller import World, open_world
from tests.relay.rules_cast import START, Office, deposit, grant

BOB_MAY = b"alice gave this to bob".ljust(32)


class Unhurried(Inline):
    """Answers an opening when the test says so, as a committing thread answers: unasked."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.hurried = True
        self.late: list[tuple[AnyRequest, Now, Answered]] = []

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if isinstance(asked, OpenMailbox) and not self.hurried:
            self.late.append((asked, now, answered))
        else:
            super().submit(asked, now, answered)

    def answer_late(self) -> None:
        for asked, now, answered in self.late:
            super().submit(asked, now, answered)


@pytest.mark.parametrize("rounds", range(8))
async def test_an_opening_answered_while_its_connection_winds_up(
    autojump_clock: MockClock, rounds: int
) -> None:
    storage = Unhurried()
    async with open_world(storage=storage) as world:
        alice, carol = await world.caller(1), await world.caller(3)
        await alice.move_in()
        storage.hurried = False
        ours, theirs = trio.testing.memory_stream_pair()
        world.nursery.start_soon(world.relay.serve_stream, theirs)
        alice = await world.caller(1, ours)
        await alice.say(alice.open_frame())
        await trio.testing.wait_all_tasks_blocked()
        assert len(storage.late) == 1
        # As a reset does: the relay's own reading raises.
        theirs.receive_stream.close()
        for _ in range(rounds):
            await trio.lowlevel.checkpoint()
        storage.answer_late()
        await carol.ping()


async def alice_beside_a_broken_one(world: World) -> None:
    """Bob's line meets a bug; alice is served on hers, and bob on another."""
    alice, bob = await world.caller(1), await world.caller(2)
    await bob.say(bob.open_frame())
    assert await bob.next() is None
    await alice.ping()
    await (await world.caller(2)).ping()


async def test_what_cannot_be_written_ends_its_own_connection(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = Outbox.put

    def put(self: Outbox, frame: Frame) -> None:
        whole(self, frame if isinstance(frame, Pong) else Nonsense())  # type: ignore[arg-type]

    monkeypatch.setattr(Outbox, "put", put)
    async with open_world() as world:
        await alice_beside_a_broken_one(world)
    assert [r.levelno for r in caplog.records if r.name.startswith("relay")] == [logging.CRITICAL]


class Nonsense:
    """No frame."""


async def test_an_answer_that_nobody_can_take_harms_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    office = Office(store := SqliteStore(path), House(open=True))
    office.admit()
    office.create()
    office.ask(grant())
    store.close()
    replies: list[Reply] = []
    done = trio.Event()

    def bug(reply: Reply) -> None:
        raise RuntimeError("a secret")

    def heard(reply: Reply) -> None:
        replies.append(reply)
        done.set()

    def ring(rung: frozenset[Bell]) -> None:
        raise RuntimeError("a secret")

    storage = CommittingThread(path)
    async with trio.open_nursery() as nursery:
        await nursery.start(storage.run, House(open=True), ring)
        for number in range(3):
            done = trio.Event()
            storage.submit(deposit(2 * number), START, bug)
            storage.submit(deposit(2 * number + 1), START, heard)
            await done.wait()
        nursery.cancel_scope.cancel()
    assert [type(reply) for reply in replies] == [Stored] * 3
    assert "secret" not in caplog.text
    assert "RuntimeError in test_lost_lines.py" in caplog.text
