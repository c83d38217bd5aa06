"""Every rule is tested over both stores: in memory and on disk."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from relay.rules.limits import House, Limits, Terms
from relay.rules.store import Store
from relay.store import database
from relay.store.memory import MemoryStore
from relay.store.sqlite import SqliteStore
from tests.relay.processes import Operator, Relays, run
from tests.relay.rules_cast import KEPT, Office


@pytest.fixture
def house() -> House:
    return House(open=True, terms=Terms(mailboxes=2, stored_bytes=1 << 20, invites=2))


@pytest.fixture
def small_house() -> House:
    """Bounds that a test reaches by hand."""
    return House(
        open=True,
        terms=Terms(mailboxes=2, stored_bytes=5 * KEPT, invites=2),
        limits=Limits(passes=2, capabilities=3, bundles=4, stored_bytes=8 * KEPT),
    )


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    path = tmp_path / "store.db"
    database.create(path)
    made = SqliteStore(path)
    yield made
    made.close()


@pytest.fixture
def office(store: Store, house: House) -> Office:
    """Open to everybody; alice has a mailbox that bob may write to."""
    return _with_alice(Office(store, house))


@pytest.fixture
def small_office(store: Store, small_house: House) -> Office:
    return _with_alice(Office(store, small_house))


def _with_alice(made: Office) -> Office:
    from tests.relay.rules_cast import grant

    made.admit()
    made.create()
    made.ask(grant())
    return made


@pytest.fixture
def relays() -> Generator[Relays]:
    made = Relays()
    yield made
    made.end()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "relay"
    done = run("init", made, "--listen", "127.0.0.1:0", "--open", "--name", "Test")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def operator(capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(capsys)


@pytest.fixture
def stopped(operator: Operator, tmp_path: Path) -> Path:
    operator("init", tmp_path / "relay", "--listen", "127.0.0.1:7443", "--open")
    return tmp_path / "relay"
