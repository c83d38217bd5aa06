"""Unknown, expired and revoked: one answer, and one way to it.

How long it takes is measured by ``tests/bench/alike.py``. Here stands what follows from no
machine: the same statements, in the same order, also for a relay that has just been started.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import pytest

from protocol.ids import CapabilityHash
from protocol.wire import frames
from protocol.wire.frames import Policy, Reason, Refused, Request
from relay.rules.limits import House
from relay.rules.office import AnyRequest
from relay.rules.policies import good
from relay.rules.records import Capability
from relay.store import database
from relay.store.mailboxes import SqliteMailboxes
from relay.store.sqlite import SqliteStore
from tests.relay.rules_cast import ALICE, BOB, DRAWER, START, Office, call, deposit, grant, hashed

UNKNOWN = b"nobody was given this".ljust(32)
EXPIRED = b"alice gave this once".ljust(32)
REVOKED = b"alice took this back".ljust(32)
GOOD = b"alice gave this to bob".ljust(32)
THREE = (UNKNOWN, EXPIRED, REVOKED)


class Listened:
    """A store, and every statement that it has run."""

    def __init__(self, path: Path) -> None:
        self.store = SqliteStore(path)
        self.office = Office(self.store, House(open=True))
        self._said: list[str] = []
        self.store.database.set_trace_callback(self._said.append)

    def statements(self, asked: AnyRequest) -> list[str]:
        """What was run for this one, its values left out."""
        self._said.clear()
        reply = self.office.ask(cast("Request[Any]", asked))
        if isinstance(asked, frames.Grant):
            assert reply == frames.Done(call=asked.call)
        elif getattr(asked, "capability", GOOD) != GOOD:
            assert reply == Refused(call=asked.call, reason=Reason.UNKNOWN)
        return [re.split(" WHERE | VALUES ", said)[0] for said in self._said]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store in which one of each was left."""
    path = tmp_path / "store.db"
    database.create(path)
    store = SqliteStore(path)
    office = Office(store, House(open=True))
    office.admit()
    office.create()
    for capability in (GOOD, REVOKED):
        office.ask(grant(capability))
    office.ask(grant(EXPIRED, policy=Policy(expires_ms=START.wall_ms)))
    office.ask(frames.Revoke(call=call(), mailbox=ALICE, capability=hashed(REVOKED)))
    store.close()
    return path


@pytest.fixture
def listened(path: Path) -> Generator[Listened]:
    made = Listened(path)
    yield made
    made.store.close()


def take(capability: bytes) -> frames.TakeBundle:
    return frames.TakeBundle(call=call(), capability=capability)


def probes(kind: str) -> list[AnyRequest]:
    if kind == "deposit":
        return [deposit(number, capability=each) for number, each in enumerate(THREE)]
    return [take(each) for each in THREE]


@pytest.mark.parametrize("kind", ["deposit", "take_bundle"])
@pytest.mark.parametrize("warm", [False, True], ids=["just started", "at work"])
def test_the_disk_is_asked_the_same(listened: Listened, kind: str, warm: bool) -> None:
    if warm:
        # The mailbox is in memory, with its capabilities, the bad ones among them.
        listened.office.ask(deposit(9, capability=GOOD))
        listened.office.ask(grant(REVOKED))
        listened.office.ask(frames.Revoke(call=call(), mailbox=ALICE, capability=hashed(REVOKED)))
    asked = [listened.statements(each) for each in probes(kind)]
    assert asked[0] == asked[1] == asked[2]
    assert len(asked[0]) == 3, "one look, between begin and commit"
    again = [listened.statements(each) for each in probes(kind)]
    assert again == asked, "nor does asking twice change anything"


@pytest.mark.parametrize("warm", [False, True], ids=["just started", "at work"])
def test_who_grants_one_to_another_mailbox_learns_nothing_either(
    listened: Listened, warm: bool
) -> None:
    if warm:
        listened.office.ask(deposit(9, capability=GOOD))
    listened.office.create(BOB)
    asked = [listened.statements(grant(each, mailbox=BOB)) for each in THREE]
    assert asked[0] == asked[1] == asked[2]
    assert listened.office.refused(grant(GOOD, mailbox=BOB)) is Reason.NOT_ALLOWED


@pytest.mark.parametrize("warm", [False, True], ids=["just started", "at work"])
def test_one_that_another_mailbox_took_up_does_not_come_back_to_the_first(
    listened: Listened, warm: bool
) -> None:
    if warm:
        listened.office.ask(deposit(9, capability=GOOD))
    listened.office.create(BOB)
    listened.office.ask(grant(REVOKED, mailbox=BOB))
    assert listened.office.refused(grant(REVOKED)) is Reason.NOT_ALLOWED
    listened.office.ask(frames.Revoke(call=call(), mailbox=ALICE, capability=hashed(REVOKED)))
    assert listened.office.stored(deposit(1, capability=REVOKED)), "it is bob's still"
    assert len(listened.office.numbers(BOB)) == 1


def test_a_good_one_is_asked_for_once(listened: Listened) -> None:
    first = listened.statements(take(GOOD))
    assert len(listened.statements(take(GOOD))) < len(first)


def test_in_a_batch_as_well(listened: Listened) -> None:
    said: list[str] = []
    listened.store.database.set_trace_callback(said.append)
    counts: list[int] = []
    for capability in THREE:
        said.clear()
        listened.store.begin()
        listened.office.office.answer_all(
            [(deposit(number, capability=capability), START) for number in range(10)]
        )
        listened.store.commit()
        counts.append(len(said))
    assert counts == [12, 12, 12]


def test_mutant_that_remembers_who_was_revoked(
    listened: Listened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking it from memory, as the good ones are, is what must not be."""

    def from_memory(
        self: SqliteMailboxes, capability: CapabilityHash, wall_ms: int
    ) -> Capability | None:
        row = listened.store.database.execute(
            "SELECT mailbox FROM capability WHERE hash = ?", (capability,)
        ).fetchone()
        found = self.by_row(row[0]).capabilities.get(capability) if row else None
        return found if found and good(found.policy, found.revoked, wall_ms) else None

    monkeypatch.setattr(SqliteMailboxes, "find_good", from_memory)
    asked = [listened.statements(each) for each in probes("deposit")]
    assert not asked[0] == asked[1] == asked[2]


def test_both_stores_find_the_good_ones_only(office: Office) -> None:
    office.ask(grant(EXPIRED, policy=Policy(expires_ms=START.wall_ms)))
    office.ask(grant(REVOKED))
    office.ask(frames.Revoke(call=call(), mailbox=ALICE, capability=hashed(REVOKED)))
    find = office.store.mailboxes.find_good
    assert [find(hashed(each), START.wall_ms) for each in THREE] == [None, None, None]
    found = find(hashed(EXPIRED), START.wall_ms - 1)
    assert found is not None
    assert found.drawer == DRAWER
