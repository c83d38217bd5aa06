"""The header: what opens with which passphrase, and what is told apart from a wrong one."""

from __future__ import annotations

import stat
from pathlib import Path
from random import Random

import msgspec
import pytest

from desktop.core.errors import (
    PassphraseMissing,
    ProfileExists,
    ProfileMissing,
    VaultDamaged,
    VaultNewer,
    WrongPassphrase,
)
from desktop.store import header
from desktop.store.header import HEADER_FILE, OLD_FILE, REAL_COST, Cost
from protocol.keys import Domain, digest
from tests.store.vault_cast import CHEAP, KEY, PASSPHRASE, SEED, fingerprints, flip

rng = Random(1).randbytes


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    folder = tmp_path / "alice"
    header.create(folder, PASSPHRASE, CHEAP, rng, identity_seed=SEED, db_key=KEY)
    return folder


def test_the_passphrase_opens_both_keys(profile: Path) -> None:
    assert header.unlock(profile, PASSPHRASE).db_key == KEY
    assert header.identity_seed(profile, PASSPHRASE) == SEED


def test_a_passphrase_is_the_same_however_it_was_typed(tmp_path: Path) -> None:
    header.create(tmp_path, "pässwörd ﬁne", CHEAP, rng, identity_seed=SEED, db_key=KEY)
    assert header.unlock(tmp_path, "pa\u0308sswo\u0308rd fine").db_key == KEY


def test_a_wrong_passphrase_changes_nothing(profile: Path) -> None:
    before = fingerprints(profile)
    for wrong in ("", PASSPHRASE.upper(), PASSPHRASE + " ", "\ud800"):
        with pytest.raises(WrongPassphrase):
            header.unlock(profile, wrong)
        with pytest.raises(WrongPassphrase):
            header.identity_seed(profile, wrong)
        with pytest.raises(WrongPassphrase):
            header.change_passphrase(profile, wrong, "new", rng)
    assert fingerprints(profile) == before


def test_without_a_profile_nothing_opens(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert not header.exists(folder)
        with pytest.raises(ProfileMissing):
            header.unlock(folder, PASSPHRASE)


def test_an_empty_passphrase_is_refused(profile: Path, tmp_path: Path) -> None:
    with pytest.raises(PassphraseMissing):
        header.create(tmp_path / "bob", "", CHEAP, rng, identity_seed=SEED, db_key=KEY)
    assert not header.exists(tmp_path / "bob")
    with pytest.raises(PassphraseMissing):
        header.change_passphrase(profile, PASSPHRASE, "", rng)
    assert header.unlock(profile, PASSPHRASE).db_key == KEY


def test_a_second_profile_does_not_replace_the_first(profile: Path) -> None:
    with pytest.raises(ProfileExists):
        header.create(profile, "other", CHEAP, rng, identity_seed=KEY, db_key=SEED)
    assert header.unlock(profile, PASSPHRASE).db_key == KEY


def test_a_changed_passphrase_opens_the_same_keys_at_the_same_cost(profile: Path) -> None:
    header.change_passphrase(profile, PASSPHRASE, "another one", rng)
    assert header.unlock(profile, "another one").db_key == KEY
    assert header.identity_seed(profile, "another one") == SEED
    with pytest.raises(WrongPassphrase):
        header.unlock(profile, PASSPHRASE)
    assert [path.name for path in profile.iterdir()] == [HEADER_FILE]
    assert cost_on_disk(profile) == CHEAP


def test_only_the_owner_may_read_it(profile: Path) -> None:
    assert stat.S_IMODE((profile / HEADER_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(profile.stat().st_mode) == 0o700


def test_any_wrong_bit_is_damage_and_not_a_wrong_passphrase(profile: Path) -> None:
    path = profile / HEADER_FILE
    whole = path.read_bytes()
    for offset in range(len(whole)):
        flip(path, offset)
        before = fingerprints(profile)
        with pytest.raises(VaultDamaged):
            header.unlock(profile, PASSPHRASE)
        assert fingerprints(profile) == before
        path.write_bytes(whole)
    for length in (0, 1, 13, 14, 45, 46, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(VaultDamaged):
            header.unlock(profile, PASSPHRASE)
    path.write_bytes(whole + b"x")
    with pytest.raises(VaultDamaged):
        header.unlock(profile, PASSPHRASE)


def test_a_newer_header_is_said_to_be_newer(profile: Path) -> None:
    head = b"aside vault\n" + (2).to_bytes(2, "big")
    body = b"whatever the future brings"
    newer = head + digest(Domain.VAULT_HEADER, head, body) + body
    (profile / HEADER_FILE).write_bytes(newer)
    with pytest.raises(VaultNewer):
        header.unlock(profile, PASSPHRASE)
    with pytest.raises(VaultNewer):
        header.change_passphrase(profile, PASSPHRASE, "new", rng)
    assert (profile / HEADER_FILE).read_bytes() == newer


@pytest.mark.parametrize(
    "cost", [Cost(1, 2**30 + 1), Cost(65, 8192), Cost(0, 8192), Cost(1, 8191)], ids=str
)
def test_a_cost_that_nobody_would_choose_is_damage(profile: Path, cost: Cost) -> None:
    rewrite_cost(profile, cost)
    with pytest.raises(VaultDamaged):
        header.unlock(profile, PASSPHRASE)


def test_a_lowered_cost_opens_nothing(profile: Path) -> None:
    """Nobody makes guesses cheaper by editing the file."""
    rewrite_cost(profile, Cost(2, 8192))
    with pytest.raises(WrongPassphrase):
        header.unlock(profile, PASSPHRASE)


def test_the_old_header_helps_where_the_new_one_is_damaged(profile: Path) -> None:
    (profile / HEADER_FILE).rename(profile / OLD_FILE)
    (profile / HEADER_FILE).write_bytes(b"torn")
    with pytest.raises(WrongPassphrase):
        header.unlock(profile, "wrong")
    assert (profile / OLD_FILE).exists()
    before = fingerprints(profile)
    assert header.unlock(profile, PASSPHRASE).db_key == KEY
    assert fingerprints(profile) == before, "another process may be in the middle of a change"
    header.settle(profile)
    assert header.unlock(profile, PASSPHRASE).db_key == KEY
    assert [path.name for path in profile.iterdir()] == [HEADER_FILE]


def test_the_old_header_goes_once_the_new_one_has_opened(profile: Path) -> None:
    old = (profile / HEADER_FILE).read_bytes()
    header.change_passphrase(profile, PASSPHRASE, "another one", rng)
    (profile / OLD_FILE).write_bytes(old)
    with pytest.raises(WrongPassphrase):
        header.unlock(profile, PASSPHRASE)
    before = fingerprints(profile)
    assert header.unlock(profile, "another one").db_key == KEY
    assert fingerprints(profile) == before, "another process may be in the middle of a change"
    header.settle(profile)
    assert not (profile / OLD_FILE).exists()


def test_a_folder_in_place_of_the_header_is_damage(profile: Path) -> None:
    (profile / HEADER_FILE).unlink()
    (profile / HEADER_FILE).mkdir()
    for ask in (header.unlock, header.identity_seed):
        with pytest.raises(VaultDamaged):
            ask(profile, PASSPHRASE)
    with pytest.raises(VaultDamaged):
        header.settle(profile)


def test_the_real_cost_opens_what_it_made(tmp_path: Path) -> None:
    assert Cost(ops=3, memory=256 * 1024 * 1024) == REAL_COST
    header.create(tmp_path, PASSPHRASE, REAL_COST, rng, identity_seed=SEED, db_key=KEY)
    assert cost_on_disk(tmp_path) == REAL_COST
    assert header.unlock(tmp_path, PASSPHRASE).db_key == KEY


def test_secrets_do_not_show_themselves(profile: Path) -> None:
    assert repr(header.unlock(profile, PASSPHRASE)) == "Keys(db_key=<secret>)"


def body_on_disk(folder: Path) -> dict[str, object]:
    return msgspec.msgpack.decode((folder / HEADER_FILE).read_bytes()[46:], type=dict[str, object])


def cost_on_disk(folder: Path) -> Cost:
    return msgspec.convert(body_on_disk(folder), Cost)


def rewrite_cost(folder: Path, cost: Cost) -> None:
    """What somebody with the file and the source code could do."""
    head = (folder / HEADER_FILE).read_bytes()[:14]
    body = msgspec.msgpack.encode(body_on_disk(folder) | {"ops": cost.ops, "memory": cost.memory})
    (folder / HEADER_FILE).write_bytes(head + digest(Domain.VAULT_HEADER, head, body) + body)
