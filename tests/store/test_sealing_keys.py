"""An old sealing key goes when its time is over and no mailbox may hold mail under it any more."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlcipher3.dbapi2 import Connection

from desktop.store import relays, sealing_keys
from desktop.store.connection import connect
from desktop.store.relays import MyRelay
from desktop.store.steps import apply_steps, released_steps
from protocol.e2e.sealing import SealingKey, new_sealing_key
from protocol.ids import DrawerId, Fingerprint, MailboxId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from tests.store.vault_cast import KEY

FIRST, SECOND = Fingerprint(bytes([1]) * 32), Fingerprint(bytes([2]) * 32)
DAY_MS = 24 * 3600 * 1000
REPLACED_MS = 100 * DAY_MS
OVER_MS = REPLACED_MS + 60 * DAY_MS + 1  # what was replaced before this may go, less sixty days


@pytest.fixture
def db(tmp_path: Path) -> Generator[Connection]:
    with closing(connect(tmp_path / "vault.db", KEY)) as made:
        apply_steps(made, released_steps())
        rng = Random(3).randbytes
        for ordinal, relay_id in enumerate((FIRST, SECOND)):
            relays.add(
                made,
                MyRelay(
                    address=RelayAddress(f"{ordinal}.example", 7443, relay_id),
                    ordinal=ordinal,
                    pass_secret=Secret(rng(32)),
                    invite_code=Secret(b""),
                    mailbox=MailboxId(rng(32)),
                    mailbox_seed=Secret(rng(32)),
                    drawer=DrawerId(rng(32)),
                    drawer_key=Secret(rng(32)),
                    cursor=0,
                    ready=True,
                    may_invite=False,
                    last_resort_ms=None,
                    added_ms=1,
                ),
            )
        yield made


def two_keys(db: Connection) -> tuple[SealingKey, SealingKey]:
    """One that was replaced, and the one that replaced it."""
    old, new = new_sealing_key(1), new_sealing_key(REPLACED_MS)
    sealing_keys.add(db, old, 1)
    sealing_keys.add(db, new, REPLACED_MS)
    return old, new


def forget(db: Connection, now_ms: int) -> list[SealingKey]:
    sealing_keys.forget(db, now_ms - 60 * DAY_MS)
    return sealing_keys.every(db)


def a_mailbox_away_keeps_its_key(db: Connection) -> None:
    old, new = two_keys(db)
    relays.set_drained(db, FIRST, REPLACED_MS + 1)
    assert forget(db, OVER_MS) == [new, old], "the second was never drained"
    relays.set_drained(db, SECOND, REPLACED_MS - 1)
    assert forget(db, OVER_MS) == [new, old], "nor since the key was replaced"
    relays.set_drained(db, SECOND, REPLACED_MS)
    assert forget(db, OVER_MS) == [new]


def its_time_is_kept(db: Connection) -> None:
    old, new = two_keys(db)
    for relay_id in (FIRST, SECOND):
        relays.set_drained(db, relay_id, OVER_MS)
    assert forget(db, OVER_MS - 1) == [new, old]
    assert forget(db, OVER_MS) == [new]
    assert forget(db, OVER_MS * 2) == [new], "the current one never goes"


def test_an_old_key_stays_until_every_mailbox_was_drained_since(db: Connection) -> None:
    a_mailbox_away_keeps_its_key(db)


def test_an_old_key_stays_its_time_also_where_all_was_drained(db: Connection) -> None:
    its_time_is_kept(db)


def by_time_alone(db: Connection, replaced_before_ms: int) -> None:
    db.execute("DELETE FROM sealing_key WHERE replaced_ms < ?", (replaced_before_ms,))


def where_one_was_drained(db: Connection, replaced_before_ms: int) -> None:
    db.execute(
        "DELETE FROM sealing_key WHERE replaced_ms < ? AND EXISTS"
        " (SELECT 1 FROM relay WHERE drained_ms >= sealing_key.replaced_ms)",
        (replaced_before_ms,),
    )


@pytest.mark.parametrize("forgets", [by_time_alone, where_one_was_drained])
def test_mutant_that_does_not_wait_for_every_mailbox(
    db: Connection, monkeypatch: pytest.MonkeyPatch, forgets: Callable[[Connection, int], None]
) -> None:
    monkeypatch.setattr(sealing_keys, "forget", forgets)
    with pytest.raises(AssertionError):
        a_mailbox_away_keeps_its_key(db)


def test_mutant_that_looks_at_mailboxes_alone(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(db: Connection, replaced_before_ms: int) -> None:
        db.execute("DELETE FROM sealing_key WHERE replaced_ms IS NOT NULL")

    monkeypatch.setattr(sealing_keys, "forget", at_once)
    with pytest.raises(AssertionError):
        its_time_is_kept(db)
