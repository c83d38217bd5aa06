"""Who I am, as it is read back."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlcipher3.dbapi2 import Connection

from desktop.core.errors import VaultDamaged
from desktop.store import me as mine
from desktop.store.connection import connect
from desktop.store.me import Me
from desktop.store.steps import apply_steps, released_steps
from protocol.e2e import account
from protocol.e2e.devices import enlist, sign_list
from protocol.e2e.identity import new_device, new_member
from tests.store.vault_cast import KEY


@pytest.fixture
def db(tmp_path: Path) -> Generator[Connection]:
    with closing(connect(tmp_path / "vault.db", KEY)) as made:
        apply_steps(made, released_steps())
        yield made


def test_the_version_of_the_device_list_is_the_lists_own(db: Connection) -> None:
    rng = Random(5).randbytes
    alice, laptop, olm = new_member(rng), new_device(rng), account.new_account()
    entry = enlist(laptop, alice.member_id, account.identity_key(olm), 1)
    first = sign_list(alice, [entry], None)
    second = sign_list(alice, [entry], first)
    kept = Me("Alice", alice.member_id, laptop, second, 2)
    mine.create(db, kept, olm, 1)
    assert mine.load(db) == kept

    db.execute("UPDATE me SET device_list = ?", (first.body,))
    with pytest.raises(VaultDamaged):
        mine.load(db)
