"""One process at a time, steps from every version, damage said plainly, nothing in the clear."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from sqlcipher3 import dbapi2 as sql
from sqlcipher3.dbapi2 import Connection

from desktop.core.errors import (
    AsideError,
    ProfileExists,
    ProfileMissing,
    VaultDamaged,
    VaultInUse,
    VaultNewer,
)
from desktop.store import contacts, copies, header, history, relays, settings
from desktop.store import vault as vault_module
from desktop.store.beginnings import BEGUN_FILE, VAULT_FILE
from desktop.store.connection import PAGE_BYTES
from desktop.store.lock import LOCK_FILE
from desktop.store.steps import read_steps, released_steps
from desktop.store.vault import SUSPECT_FILE, Vault
from protocol.ids import ConversationId, Fingerprint, MemberId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from tests.store.vault_cast import (
    KEY,
    PASSPHRASE,
    STEPS,
    fingerprints,
    flip,
    new_vault,
    numbers,
    write_note,
)

T = TypeVar("T")

ONE = STEPS[:1]


@contextmanager
def refused(error: type[AsideError]) -> Generator[None]:
    """By this error and no other; a story that is not refused has failed."""
    heard = False
    try:
        yield
    except error:
        heard = True
    assert heard


def filled(folder: Path, notes: int = 2000) -> Path:
    """A closed vault of some hundred pages."""
    vault = new_vault(folder, ONE)
    many = [write_note(number, f"{number} " + "lorem ipsum " * 20) for number in range(notes)]
    vault.write(lambda db: [write(db) for write in many])
    vault.close()
    return folder


def test_what_was_made_opens_again(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.write(write_note(1))
    vault.close()
    vault = Vault.open(tmp_path, header.unlock(tmp_path, PASSPHRASE).db_key, steps=ONE)
    assert vault.write(numbers) == [1]
    vault.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "vault.db",
        "vault.header",
        "vault.lock",
    ]


def test_no_other_process_can_open_it_at_the_same_time(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    with pytest.raises(VaultInUse):
        Vault.open(tmp_path, KEY, steps=ONE)
    with pytest.raises(VaultInUse):
        Vault.create(tmp_path, KEY, steps=ONE)
    vault.close()
    Vault.open(tmp_path, KEY, steps=ONE).close()


def test_a_profile_is_not_made_over_another(tmp_path: Path) -> None:
    new_vault(tmp_path).close()
    with pytest.raises(ProfileExists):
        Vault.create(tmp_path, KEY, steps=ONE)
    Vault.open(tmp_path, KEY, steps=ONE).close()


def test_what_a_start_that_never_ended_left_is_made_anew(tmp_path: Path) -> None:
    Vault.create(tmp_path, Secret(b"k" * 32), steps=ONE).close()
    assert not header.exists(tmp_path)
    vault = new_vault(tmp_path)
    assert vault.write(numbers) == []
    vault.close()


def test_an_empty_file_is_nobodys_and_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / VAULT_FILE).touch()
    assert not header.exists(tmp_path)
    new_vault(tmp_path).close()
    Vault.open(tmp_path, KEY, steps=ONE).close()


def test_a_vault_that_lost_its_header_is_damaged_and_not_touched(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.write(write_note(1))
    vault.close()
    (tmp_path / header.HEADER_FILE).unlink()
    before = fingerprints(tmp_path)
    with pytest.raises(VaultDamaged):
        header.exists(tmp_path)
    with pytest.raises(VaultDamaged):
        header.unlock(tmp_path, PASSPHRASE)
    with pytest.raises(VaultDamaged):
        Vault.create(tmp_path, Secret(b"k" * 32), steps=ONE)
    with pytest.raises(VaultDamaged):
        new_vault(tmp_path)
    assert fingerprints(tmp_path) == before


def test_a_start_killed_just_before_its_end_does_not_cost_the_profile_later(tmp_path: Path) -> None:
    new_vault(tmp_path).close()
    (tmp_path / BEGUN_FILE).touch()
    vault = Vault.open(tmp_path, header.unlock(tmp_path, PASSPHRASE).db_key, steps=ONE)
    header.settle(tmp_path)
    vault.close()
    (tmp_path / header.HEADER_FILE).unlink()
    with pytest.raises(VaultDamaged):
        Vault.create(tmp_path, KEY, steps=ONE)


def test_no_folder_no_profile(tmp_path: Path) -> None:
    with pytest.raises(ProfileMissing):
        Vault.open(tmp_path / "nowhere", KEY, steps=ONE)
    assert not (tmp_path / "nowhere").exists()


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.write(write_note(1))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    vault.close()


def test_settings_that_the_promises_rest_on(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    asked = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "temp_store": 2,
        "secure_delete": 1,
        "cipher_status": "1",
    }
    found = vault.write(
        lambda db: {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked}
    )
    assert found == asked
    vault.close()


# Steps


@pytest.mark.parametrize("seen", [1, 2, 3])
def test_steps_from_every_earlier_version(tmp_path: Path, seen: int) -> None:
    vault = new_vault(tmp_path, STEPS[:seen])
    vault.write(write_note(1, "hello"))
    vault.close()
    vault = Vault.open(tmp_path, KEY, steps=STEPS)
    assert vault.write(
        lambda db: db.execute("SELECT number, text, colour FROM note").fetchall()
    ) == [(1, "hello", "blue")]
    vault.close()
    assert not list(tmp_path.glob("*before*"))


@pytest.mark.parametrize("seen", range(1, len(released_steps()) + 1))
def test_released_steps_from_every_earlier_version(tmp_path: Path, seen: int) -> None:
    def shape(folder: Path) -> list[tuple[str, str]]:
        vault = Vault.open(folder, KEY)
        found = vault.write(
            lambda db: db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
        )
        vault.close()
        return found

    new_vault(tmp_path / "earlier", released_steps()[:seen]).close()
    new_vault(tmp_path / "now", released_steps()).close()
    assert shape(tmp_path / "earlier") == shape(tmp_path / "now")


def test_where_contacts_were_found_before_they_may_be_found_after(tmp_path: Path) -> None:
    """Step 2 asks how near a contact's relay is; nobody who was reached is lost by it."""
    vault = new_vault(tmp_path, released_steps()[:1])
    home = "ws://127.0.0.1:7443#name"

    def befriend(db: Connection) -> None:
        db.execute(
            "INSERT INTO contact (member_id, name, conversation_id, device_list,"
            " device_list_signature, list_version, pending, added_ms)"
            " VALUES (x'01', 'Bob', x'02', x'', x'', 1, 0, 0)"
        )
        db.execute(
            "INSERT INTO contact_device (device_id, member_id, olm_key, sealing_public,"
            " sealing_made_ms) VALUES (x'03', x'01', x'', x'', 0)"
        )
        db.execute("INSERT INTO contact_mailbox VALUES (x'03', 0, ?, x'', x'')", (home,))

    vault.write(befriend)
    vault.close()
    vault = Vault.open(tmp_path, KEY)
    assert vault.write(lambda db: contacts.was_pasted(db, home))
    vault.write(lambda db: contacts.remove(db, MemberId(b"\x01")))
    assert not vault.write(lambda db: contacts.was_pasted(db, home))
    vault.close()


def test_what_waited_before_there_were_two_hops_waits_after(tmp_path: Path) -> None:
    """Step 3: a copy that waits is offered, one that is stored is not, and no relay was left."""
    vault = new_vault(tmp_path, released_steps()[:2])
    there = "wss://relay.example:7443#name"

    def fill(db: Connection) -> None:
        db.execute(
            "INSERT INTO relay (relay_id, address, ordinal, pass_secret, invite_code, mailbox_id,"
            " mailbox_seed, drawer_id, drawer_key, added_ms) VALUES (x'01', ?, 0, x'', x'', x'',"
            " x'', x'', x'', 1)",
            (str(RelayAddress("relay.example", 7443, Fingerprint(bytes(32)))),),
        )
        db.execute(
            "INSERT INTO outbox (entry, conversation_id, member_id, device_id, purpose, content,"
            " made_ms) VALUES (1, x'01', x'02', x'03', 'message', x'', 1)"
        )
        for number, stored in enumerate((None, 7)):
            db.execute(
                "INSERT INTO copy (envelope_id, entry, relay, capability, body, due_ms, stored_ms)"
                " VALUES (?, 1, ?, x'05', x'06', 0, ?)",
                (bytes([number]), there, stored),
            )

    vault.write(fill)
    vault.close()
    vault = Vault.open(tmp_path, KEY)
    [waits] = vault.write(lambda db: copies.waiting(db, there, 1, 10))
    assert (waits.envelope_id, waits.body, waits.avoid) == (b"\x00", b"\x06", None)
    assert vault.write(copies.relays) == [there]
    [mine] = vault.write(relays.every)
    assert not mine.left
    vault.close()


def test_a_step_that_fails_leaves_the_vault_as_it_was(tmp_path: Path) -> None:
    vault = new_vault(tmp_path, ONE)
    vault.write(write_note(1))
    vault.close()
    bad = (*ONE, "ALTER TABLE note ADD COLUMN size INTEGER; INSERT INTO nowhere VALUES (1);")
    with pytest.raises(sql.OperationalError):
        Vault.open(tmp_path, KEY, steps=bad)
    kept = tmp_path / "vault.db.before-2"
    assert kept.exists()
    vault = Vault.open(tmp_path, KEY, steps=ONE)
    assert vault.write(lambda db: db.execute("SELECT * FROM note").fetchall()) == [(1, "note 1")]
    vault.close()


def story_of_a_newer_vault(tmp_path: Path) -> None:
    new_vault(tmp_path, STEPS).close()
    before = fingerprints(tmp_path, VAULT_FILE)
    with refused(VaultNewer):
        Vault.open(tmp_path, KEY, steps=STEPS[:2]).close()
    assert fingerprints(tmp_path, VAULT_FILE) == before


def test_a_newer_vault_is_not_touched(tmp_path: Path) -> None:
    story_of_a_newer_vault(tmp_path)


def test_mutant_that_opens_whatever_a_newer_version_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def anything_goes(connection: Connection, steps: Sequence[str]) -> None:
        return None

    monkeypatch.setattr(vault_module, "check_not_newer", anything_goes)
    with pytest.raises(AssertionError):
        story_of_a_newer_vault(tmp_path)


def test_a_newer_vault_is_not_touched_after_a_crash_either(tmp_path: Path) -> None:
    folder = crashed(tmp_path, STEPS)
    before = fingerprints(folder, VAULT_FILE, VAULT_FILE + "-wal")
    with pytest.raises(VaultNewer):
        Vault.open(folder, KEY, steps=STEPS[:2])
    assert fingerprints(folder, VAULT_FILE, VAULT_FILE + "-wal") == before
    vault = Vault.open(folder, KEY, steps=STEPS)
    assert vault.write(numbers) == [1]
    vault.close()


def crashed(tmp_path: Path, steps: tuple[str, ...]) -> Path:
    """The files of a vault whose process died: one note stands only in the journal."""
    vault = new_vault(tmp_path / "alive", steps)
    vault.write(write_note(1))
    folder = tmp_path / "dead"
    shutil.copytree(tmp_path / "alive", folder)
    (folder / f"{VAULT_FILE}-shm").unlink()
    vault.close()
    return folder


def test_steps_must_be_numbered_without_a_gap(tmp_path: Path) -> None:
    (tmp_path / "0001.sql").write_text("one", "utf-8")
    (tmp_path / "0002.sql").write_text("two", "utf-8")
    (tmp_path / "notes.txt").write_text("no step", "utf-8")
    assert read_steps(tmp_path) == ("one", "two")
    (tmp_path / "0004.sql").write_text("four", "utf-8")
    with pytest.raises(ValueError, match="gap"):
        read_steps(tmp_path)


# Damage


def test_a_wrong_key_does_not_open_and_does_not_touch(tmp_path: Path) -> None:
    new_vault(tmp_path).close()
    before = fingerprints(tmp_path)
    with pytest.raises(VaultDamaged):
        Vault.open(tmp_path, Secret(b"k" * 32), steps=ONE)
    assert fingerprints(tmp_path) == before
    with pytest.raises(ValueError, match="32 bytes"):
        Vault.open(tmp_path, Secret(b"short"), steps=ONE)


@pytest.mark.parametrize("offset", [0, 15, 16, 17, 100, 2048, 4095])
def test_a_wrong_bit_in_salt_or_first_page(tmp_path: Path, offset: int) -> None:
    new_vault(tmp_path).close()
    flip(tmp_path / VAULT_FILE, offset)
    before = fingerprints(tmp_path)
    with pytest.raises(VaultDamaged):
        Vault.open(tmp_path, KEY, steps=ONE)
    assert fingerprints(tmp_path) == before


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + bytes(4080), b"junk" * 3000])
def test_something_else_in_its_place(tmp_path: Path, content: bytes) -> None:
    new_vault(tmp_path).close()
    (tmp_path / VAULT_FILE).write_bytes(content)
    with pytest.raises(VaultDamaged):
        Vault.open(tmp_path, KEY, steps=ONE)
    assert (tmp_path / VAULT_FILE).read_bytes() == content


@pytest.mark.parametrize("kept", [1000, 4096, 6000, 8192])
def test_a_file_cut_short_is_not_touched_and_gets_nothing_beside_it(
    tmp_path: Path, kept: int
) -> None:
    path = filled(tmp_path) / VAULT_FILE
    path.write_bytes(path.read_bytes()[:kept])
    (tmp_path / SUSPECT_FILE).touch()
    before = fingerprints(tmp_path)
    with pytest.raises(VaultDamaged):
        Vault.open(tmp_path, KEY, steps=ONE)
    assert fingerprints(tmp_path) == before


def test_a_folder_in_place_of_the_lock_is_damage(tmp_path: Path) -> None:
    new_vault(tmp_path).close()
    (tmp_path / LOCK_FILE).unlink()
    (tmp_path / LOCK_FILE).mkdir()
    with pytest.raises(VaultDamaged):
        Vault.open(tmp_path, KEY, steps=ONE)


def test_no_file_beside_a_header_is_damage(tmp_path: Path) -> None:
    new_vault(tmp_path).close()
    (tmp_path / VAULT_FILE).unlink()
    with pytest.raises(VaultDamaged):
        Vault.open(tmp_path, KEY, steps=ONE)
    assert not (tmp_path / VAULT_FILE).exists()


def read_everything(db: Connection) -> None:
    """Every page of the table and of its index."""
    db.execute("SELECT sum(length(text)) FROM note").fetchall()
    db.execute("SELECT text FROM note ORDER BY text").fetchall()


async def story_of_a_wrong_bit(tmp_path: Path, part: float) -> None:
    """Met by a reader: nothing is written from then on, and the next start looks everywhere."""
    folder = filled(tmp_path)
    path = folder / VAULT_FILE
    whole = path.read_bytes()
    flip(path, int(len(whole) * part))
    vault = Vault.open(folder, KEY, steps=ONE)
    try:
        with refused(VaultDamaged):
            await vault.read(read_everything)
        with refused(VaultDamaged):
            await vault.transact(write_note(9999))
    finally:
        vault.close()
    before = fingerprints(folder)
    assert SUSPECT_FILE in before
    with refused(VaultDamaged):
        Vault.open(folder, KEY, steps=ONE).close()
    assert before.items() <= fingerprints(folder).items()
    path.write_bytes(whole)
    vault = Vault.open(folder, KEY, steps=ONE)
    assert await vault.transact(write_note(9999)) == 9999
    vault.close()
    assert not (folder / SUSPECT_FILE).exists()


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
async def test_a_wrong_bit_in_the_middle(tmp_path: Path, part: float) -> None:
    await story_of_a_wrong_bit(tmp_path, part)


async def test_mutant_that_goes_on_after_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shrugs(vault: Vault) -> None:
        return None

    monkeypatch.setattr(Vault, "_suspect", shrugs)
    with pytest.raises(AssertionError):
        await story_of_a_wrong_bit(tmp_path, 0.5)


async def test_mutant_that_takes_damage_for_any_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.store.connection._DAMAGED", ())
    with pytest.raises(sql.Error):
        await story_of_a_wrong_bit(tmp_path, 0.5)


def test_damage_met_while_writing_stops_the_writing(tmp_path: Path) -> None:
    folder = filled(tmp_path)
    path = folder / VAULT_FILE
    data = bytearray(path.read_bytes())
    for page in range(3, len(data) // 4096):
        data[page * 4096 + 7] ^= 1
    path.write_bytes(data)
    vault = Vault.open(folder, KEY, steps=ONE)
    for _ in range(2):
        with pytest.raises(VaultDamaged):
            vault.write(lambda db: db.execute("UPDATE note SET text = text || '!'"))
    vault.close()
    assert (folder / SUSPECT_FILE).exists()


def test_a_torn_end_is_noticed_when_looked_at(tmp_path: Path) -> None:
    folder = filled(tmp_path)
    whole = (folder / VAULT_FILE).read_bytes()
    (folder / VAULT_FILE).write_bytes(whole[: len(whole) // 2])
    (folder / SUSPECT_FILE).touch()
    with pytest.raises(VaultDamaged):
        Vault.open(folder, KEY, steps=ONE)


@pytest.mark.parametrize("cut", [1, 100, 4095])
def test_a_torn_end_is_refused_at_once(tmp_path: Path, cut: int) -> None:
    path = filled(tmp_path) / VAULT_FILE
    path.write_bytes(path.read_bytes()[:-cut])
    before = fingerprints(tmp_path)
    with pytest.raises(VaultDamaged):
        Vault.open(tmp_path, KEY, steps=ONE)
    assert fingerprints(tmp_path) == before


def killed_with_its_journal(folder: Path) -> Path:
    """As a process leaves it that dies with a note in the journal alone."""
    filled(folder, 20)
    vault = Vault.open(folder, KEY, steps=ONE)
    many = [write_note(number, f"{number} " + "dolor sit " * 30) for number in range(100, 200)]
    vault.write(lambda db: [write(db) for write in many])
    left = folder.with_name("left")
    left.mkdir()
    for name in (VAULT_FILE, f"{VAULT_FILE}-wal", header.HEADER_FILE):
        shutil.copy(folder / name, left / name)
    vault.close()
    return left


def test_a_torn_end_that_the_journal_holds_whole_is_mended(tmp_path: Path) -> None:
    left = killed_with_its_journal(tmp_path / "alice")
    with (left / VAULT_FILE).open("ab") as out:
        out.write(b"half of a page that was being folded in" * 40)
    vault = Vault.open(left, KEY, steps=ONE)
    assert vault.write(numbers) == [*range(20), *range(100, 200)]
    vault.close()
    assert (left / VAULT_FILE).stat().st_size % PAGE_BYTES == 0


def test_the_pages_are_as_long_as_we_say(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    assert vault.write(lambda db: db.execute("PRAGMA page_size").fetchone()) == (str(PAGE_BYTES),)
    vault.close()


@pytest.mark.parametrize("sound", [True, False])
async def test_a_folder_in_place_of_the_suspicion_is_a_suspicion(
    tmp_path: Path, sound: bool
) -> None:
    path = filled(tmp_path) / VAULT_FILE
    (tmp_path / SUSPECT_FILE).mkdir()
    if sound:
        Vault.open(tmp_path, KEY, steps=ONE).close()
    else:
        flip(path, path.stat().st_size // 2)
        with refused(VaultDamaged):
            Vault.open(tmp_path, KEY, steps=ONE).close()
    assert (tmp_path / SUSPECT_FILE).is_dir()


async def read_what_nobody_wrote(folder: Path, spoil: str, read: Callable[[Connection], T]) -> None:
    """A row that says what no version ever wrote: damage, and nothing is written any more."""
    vault = new_vault(folder, released_steps())
    vault.write(lambda db: [db.execute(each) for each in spoil.split(";")])
    with refused(VaultDamaged):
        await vault.read(read)
    with refused(VaultDamaged):
        await vault.transact(lambda db: db.execute("SELECT 1").fetchone())
    vault.close()
    assert (folder / SUSPECT_FILE).exists()


_A_MESSAGE = (
    "INSERT INTO conversation (conversation_id, member_id, touched_ms) VALUES (x'01', x'02', 1);"
    "INSERT INTO message (conversation_id, position, message_id, kind, sender_id, device_id, mine,"
    " counter, previous, text, sent_ms, came_ms, state, count, late, unread) VALUES"
    " (x'01', 1, x'03', {kind}, x'02', x'04', 0, 1, x'', {text}, 1, 1, {state}, 1, 0, 0)"
)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "''", "text": "'hello'", "state": "'sent'"},
        {"kind": "'text'", "text": "'hello'", "state": "'\x7f'"},
        {"kind": "'text'", "text": "CAST(x'ff' AS TEXT)", "state": "'sent'"},
    ],
    ids=["kind", "state", "text"],
)
async def test_a_message_that_cannot_be_read_is_damage(
    tmp_path: Path, values: dict[str, str]
) -> None:
    await read_what_nobody_wrote(
        tmp_path,
        _A_MESSAGE.format(**values),
        lambda db: history.before(db, ConversationId(b"\1"), None, 10),
    )


async def test_choices_that_cannot_be_read_are_damage(tmp_path: Path) -> None:
    spoil = "INSERT INTO setting (name, value) VALUES ('choices', '{')"
    await read_what_nobody_wrote(tmp_path, spoil, settings.load)


# Copies and the clear


async def test_a_copy_of_an_open_vault_opens(tmp_path: Path) -> None:
    vault = new_vault(tmp_path / "alice")
    await vault.transact(write_note(1))
    await vault.copy_to(tmp_path / "good copy.db")
    await vault.transact(write_note(2))
    await vault.copy_to(tmp_path / "good copy.db")
    await vault.transact(write_note(3))
    vault.close()
    assert not list(tmp_path.glob("*.tmp*"))
    shutil.move(tmp_path / "good copy.db", tmp_path / "alice" / VAULT_FILE)
    vault = Vault.open(tmp_path / "alice", KEY, steps=ONE)
    assert await vault.read(numbers) == [1, 2]
    vault.close()


async def test_nothing_is_on_the_disk_in_the_clear(tmp_path: Path) -> None:
    canary = "kanarienvogel in der mine"
    vault = new_vault(tmp_path, STEPS)
    await vault.transact(write_note(1, canary))
    await vault.transact(lambda db: db.execute("INSERT INTO words VALUES (?)", (canary,)))
    await vault.copy_to(tmp_path / "copy.db")

    def forms(text: str) -> list[bytes]:
        return [text.encode(), text.encode("utf-16-le"), text.encode().hex().encode()]

    traces = [form for word in (canary, *canary.split()[:1], "CREATE") for form in forms(word)]
    traces += [bytes(KEY), KEY.hex().encode(), b"SQLite format"]
    while_open = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    vault.close()
    after = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert len(while_open) > 8192
    assert [trace for trace in traces if trace in while_open or trace in after] == []
