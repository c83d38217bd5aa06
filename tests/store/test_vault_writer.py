"""Save, then speak: what shares a transaction, what is undone alone, and what a cancel does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trio
from sqlcipher3 import dbapi2 as sql
from sqlcipher3.dbapi2 import Connection
from trio.testing import MockClock

from desktop.core.errors import ProfileLocked, VaultFull
from desktop.store.threads import InLoop, Threads, WorkerThreads
from desktop.store.vault import Vault
from tests.store.vault_cast import KEY, STEPS, new_vault, numbers, write_note

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture(params=[WorkerThreads, InLoop])
def threads(request: pytest.FixtureRequest) -> Threads:
    chosen: type[Threads] = request.param
    return chosen()


@pytest.fixture
def vault(tmp_path: Path, threads: Threads) -> Iterator[Vault]:
    vault = new_vault(tmp_path, threads=threads)
    yield vault
    vault.close()


def test_a_failing_write_leaves_nothing(vault: Vault) -> None:
    def half(db: Connection) -> None:
        write_note(1)(db)
        raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        vault.write(half)
    assert vault.write(numbers) == []
    assert vault.write(write_note(1)) == 1


async def test_what_was_written_is_read(vault: Vault) -> None:
    assert await vault.transact(write_note(1)) == 1
    assert await vault.read(numbers) == [1]


async def test_those_who_come_together_share_a_transaction(vault: Vault) -> None:
    said: list[str] = []
    vault.write(lambda db: db.set_trace_callback(said.append))
    said.clear()
    async with trio.open_nursery() as nursery:
        for number in range(50):
            nursery.start_soon(vault.transact, write_note(number))
    assert said.count("COMMIT") <= 3
    assert sum(line.startswith("INSERT INTO note") for line in said) == 50
    assert await vault.read(numbers) == list(range(50))


async def test_order_is_the_order_of_asking(vault: Vault) -> None:
    order = list(range(30))
    done: list[int] = []

    async def ask(number: int) -> None:
        await vault.transact(lambda _: done.append(number))

    async with trio.open_nursery() as nursery:
        for number in order:
            nursery.start_soon(ask, number)
            await trio.testing.wait_all_tasks_blocked()  # each has been asked before the next
    assert done == order


async def test_a_failing_one_is_undone_alone(vault: Vault) -> None:
    await vault.transact(write_note(3, "taken"))
    failed: list[int] = []

    async def ask(number: int, text: str) -> None:
        def work(db: Connection) -> None:
            write_note(number + 100)(db)
            write_note(number, text)(db)

        try:
            await vault.transact(work)
        except sql.IntegrityError:
            failed.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(10):
            nursery.start_soon(ask, number, "taken" if number % 3 == 0 else f"free {number}")
    assert sorted(failed) == [0, 3, 6, 9]
    whole = [number for number in range(10) if number % 3]
    assert await vault.read(numbers) == [*sorted([*whole, 3]), *(n + 100 for n in whole)]


async def test_a_full_disk_tells_everybody_and_keeps_what_was_there(vault: Vault) -> None:
    await vault.transact(write_note(1))
    vault.write(lambda db: db.execute("PRAGMA max_page_count = 12"))
    heard: list[str] = []

    async def ask(number: int) -> None:
        try:
            await vault.transact(write_note(number, f"{number} " + "x" * 20_000))
        except VaultFull:
            heard.append("full")
        else:
            heard.append("written")

    async with trio.open_nursery() as nursery:
        for number in range(2, 8):
            nursery.start_soon(ask, number)
    assert "full" in heard
    kept = await vault.read(numbers)
    assert len(kept) == 1 + heard.count("written")
    vault.write(lambda db: db.execute("PRAGMA max_page_count = 10000"))
    assert await vault.transact(write_note(99)) == 99


async def test_a_cancel_before_is_a_cancel(vault: Vault) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        await vault.transact(write_note(1))
    assert scope.cancelled_caught
    assert await vault.read(numbers) == []


async def test_a_cancel_later_waits_for_the_answer(tmp_path: Path) -> None:
    """With real threads: the leader at work, one queued behind it, both cancelled meanwhile."""
    vault = new_vault(tmp_path)
    began, may_end = trio.Event(), threading.Event()
    token = trio.lowlevel.current_trio_token()
    answers: list[int] = []

    def slow(db: Connection) -> int:
        token.run_sync_soon(began.set)
        may_end.wait(10)
        return write_note(1)(db)

    async def ask(work: Callable[[Connection], int]) -> None:
        answers.append(await vault.transact(work))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask, slow)
        await began.wait()
        nursery.start_soon(ask, write_note(2))
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        may_end.set()
    assert answers == [1, 2]
    assert await vault.read(numbers) == [1, 2]
    vault.close()


async def test_readers_see_what_is_committed_while_a_write_is_under_way(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    await vault.transact(write_note(1))
    began, may_end = trio.Event(), threading.Event()
    token = trio.lowlevel.current_trio_token()

    def slow(db: Connection) -> None:
        write_note(2)(db)
        token.run_sync_soon(began.set)
        may_end.wait(10)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(vault.transact, slow)
        await began.wait()
        assert await vault.read(numbers) == [1]
        may_end.set()
    assert await vault.read(numbers) == [1, 2]
    vault.close()


async def test_readers_cannot_write(vault: Vault) -> None:
    with pytest.raises(sql.OperationalError, match="readonly"):
        await vault.read(write_note(1))
    assert await vault.read(numbers) == []


async def test_a_cancelled_read_is_interrupted(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    under_way = trio.Event()
    token = trio.lowlevel.current_trio_token()

    def endless(db: Connection) -> None:
        db.set_progress_handler(lambda: token.run_sync_soon(under_way.set, idempotent=True), 1000)
        db.execute(ENDLESS).fetchone()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(vault.read, endless)
        await under_way.wait()
        nursery.cancel_scope.cancel()
    for _ in range(4):  # every reader is well again
        assert await vault.read(numbers) == []
    vault.close()


async def test_whoever_asks_a_closed_vault_hears_so(vault: Vault) -> None:
    vault.close()
    with pytest.raises(ProfileLocked):
        await vault.read(numbers)
    with pytest.raises(ProfileLocked):
        await vault.transact(write_note(1))
    with pytest.raises(ProfileLocked):
        vault.write(write_note(1))


async def test_closing_interrupts_readers_and_lets_a_transaction_end(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    reading, writing, may_end = trio.Event(), trio.Event(), threading.Event()
    token = trio.lowlevel.current_trio_token()
    heard: list[str] = []

    def endless(db: Connection) -> None:
        db.set_progress_handler(lambda: token.run_sync_soon(reading.set, idempotent=True), 1000)
        db.execute(ENDLESS).fetchone()

    async def read() -> None:
        with pytest.raises(ProfileLocked):
            await vault.read(endless)
        heard.append("locked")

    def slow(db: Connection) -> int:
        token.run_sync_soon(writing.set)
        may_end.wait(10)
        return write_note(1)(db)

    async def write() -> None:
        assert await vault.transact(slow) == 1
        heard.append("written")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        nursery.start_soon(write)
        await reading.wait()
        await writing.wait()
        threading.Timer(0.01, may_end.set).start()  # closing waits for the transaction
        vault.close()
    assert sorted(heard) == ["locked", "written"]
    vault = Vault.open(tmp_path, KEY, steps=STEPS[:1])
    assert await vault.read(numbers) == [1]
    vault.close()


async def test_a_virtual_clock_stands_still_for_the_vault(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    vault = new_vault(tmp_path, STEPS, InLoop())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep, 3600)
        for number in range(20):
            await vault.transact(write_note(number))
            await vault.read(numbers)
        assert trio.current_time() == 0
    assert trio.current_time() == 3600
    vault.close()
