"""What an operator gets for a bad input: one sentence that helps, exit 2, and nothing started."""

from __future__ import annotations

import errno
import json
import os
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from protocol.wire.frames import Policy
from relay import certificate
from relay.__main__ import TRY_AGAIN
from relay.commands.serve import why_not
from relay.errors import CannotListen, NotOurAddress, PortForbidden, PortTaken
from relay.rules.clock import DAY_MS
from relay.rules.limits import House
from relay.server import wall_ms
from relay.store import database
from relay.store.reading import read_what_is_left, seems_intact
from relay.store.sqlite import SqliteStore
from relay.strings import sentence
from tests.relay.processes import Operator
from tests.relay.rules_cast import Office, deposit, grant

MANY = 2000
CHECK = "aside-relay check"


def listed(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if not path.name.startswith(("lock", "store.db-"))
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("connections = 10000", "conections = 5", "there is no setting limits.conections"),
        ("connections = 10000", 'connections = "5"', "a whole number from 1"),
        ("connections = 10000", "connections = 0", "a whole number from 1"),
        ("keep_days = 30", "keep_days = -1", "a whole number from 1"),
        ("keep_days = 30", "keep_days = 9007199254740991", "a whole number from 1 to 3650"),
        ("slots = 100000", "slots = 99999999999999", "a whole number from 0 to 10000000"),
        ("watches = 200000", "watches = 10000001", "a whole number from 0 to 10000000"),
        ("min_free = 67108864", "min_free = 9007199254740990", "from 0 to 1099511627776"),
        ('name = "', 'name = "\\n', "one line of text"),
        ('public_url = ""', 'public_url = "wss://a.example:0"', "wss://HOST:PORT"),
        ('public_url = ""', 'public_url = "wss://a.example"', "tls.certificate"),
        ('admission = "open"', 'admission = "some"', '"invite" or "open"'),
        ("[limits]", "[limit]", "[limits]"),
        ("[limits]", "[limits", "TOML"),
        ('listen = "127.0.0.1:7443"', 'listen = "0.0.0.0:7443"', "Without TLS"),
    ],
)
def test_a_wrong_setting_names_its_line_and_what_is_allowed(
    operator: Operator, stopped: Path, old: str, new: str, expected: str
) -> None:
    settings = stopped / "relay.toml"
    text = settings.read_text()
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    settings.write_text(text.replace(old, new))
    before = listed(stopped)
    for command in (("serve",), ("invite",), ("backup", stopped / "b"), ("du",), ("drain",)):
        said = operator.mistake(command[0], stopped, *command[1:])
        assert f"line {line}" in said
        assert expected in said
    assert listed(stopped) == before


def with_certificate(folder: Path, host: str, now_ms: int) -> None:
    public, secret = certificate.make(host, now_ms)
    (folder / "certificate.pem").write_bytes(public)
    (folder / "certificate.key").write_bytes(secret)
    settings = folder / "relay.toml"
    text = settings.read_text().replace('certificate = ""', 'certificate = "certificate.pem"')
    settings.write_text(text.replace('\nkey = ""', '\nkey = "certificate.key"'))


@pytest.mark.parametrize("days", [-21 * 365, 2])
def test_a_certificate_of_another_time(operator: Operator, stopped: Path, days: int) -> None:
    with_certificate(stopped, "127.0.0.1", wall_ms() + days * DAY_MS)
    said = operator.mistake("serve", stopped, code=TRY_AGAIN)
    assert "not valid today" in said
    assert f"rotate {stopped} --certificate" in said
    assert "not valid today" in operator.unwell("check", stopped)


def test_a_certificate_of_another_key(operator: Operator, stopped: Path) -> None:
    with_certificate(stopped, "127.0.0.1", wall_ms())
    _, other = certificate.make("127.0.0.1", wall_ms())
    (stopped / "certificate.key").write_bytes(other)
    for said in (operator.mistake("serve", stopped), operator.unwell("check", stopped)):
        assert "does not belong to the certificate" in said


@pytest.mark.parametrize("name", ["certificate.pem", "certificate.key"])
def test_a_certificate_that_is_none(operator: Operator, stopped: Path, name: str) -> None:
    with_certificate(stopped, "127.0.0.1", wall_ms())
    (stopped / name).write_text("junk")
    assert "missing or damaged" in operator.mistake("serve", stopped)
    (stopped / name).unlink()
    assert "missing or damaged" in operator.mistake("serve", stopped)


def test_a_folder_of_a_newer_version(operator: Operator, stopped: Path) -> None:
    store = database.open_writer(stopped / "store.db")
    store.execute(f"PRAGMA user_version = {len(database.steps()) + 1}")
    store.close()
    before = listed(stopped)
    for command in (("serve",), ("invite",), ("du",), ("backup", stopped.parent / "b")):
        assert "newer version" in operator.mistake(command[0], stopped, *command[1:])
    assert listed(stopped) == before


def filled(folder: Path) -> None:
    store = SqliteStore(folder / "store.db")
    office = Office(store, House(open=True))
    office.admit()
    office.create()
    office.ask(grant(policy=Policy(pending=2 * MANY, pending_bytes=1 << 30)))
    store.begin()
    for number in range(MANY):
        office.office.answer(deposit(number), office.now)
    store.commit()
    store.close()


def damaged(path: Path, at: int, size: int = 60_000) -> bytes:
    data = bytearray(path.read_bytes())
    data[at : at + size] = bytes(range(1, 251)) * (size // 250)
    path.write_bytes(data)
    return bytes(data)


def test_a_damaged_store_is_not_served_and_what_is_left_is_told(
    operator: Operator, stopped: Path
) -> None:
    filled(stopped)
    store = stopped / "store.db"
    before = damaged(store, store.stat().st_size // 2)
    said = operator.mistake("serve", stopped)
    assert "damaged" in said
    assert f"aside-relay check {stopped}" in said
    assert store.read_bytes() == before
    assert "the rest is damaged" in operator.unwell("check", stopped)
    found = json.loads(operator.unwell("check", stopped, "--json"))
    assert found["ok"] is False
    left = {each["table"]: each for each in found["readable"]}
    assert not left["envelope"]["whole"]
    # What was hit are some 30 envelopes in the middle: those before and behind are read.
    assert MANY - 100 < left["envelope"]["read"] < MANY
    assert left["seen"] == {"table": "seen", "read": MANY, "whole": True}
    assert left["pass"] == {"table": "pass", "read": 1, "whole": True}


WRITING = (
    ("drain",),
    ("invite",),
    ("quota", "a" * 8, "--rooms", "1"),
    ("block", "--invitations"),
    ("rotate", "--sealing"),
    ("doctor", "--believe-clock"),
)


def test_damage_inside_a_store_is_told_as_such_by_every_command(
    operator: Operator, stopped: Path
) -> None:
    """Its first page is whole, so that it opens."""
    filled(stopped)
    store = stopped / "store.db"
    damaged(store, 40_960, store.stat().st_size // 250 * 250 - 40_960)
    before = listed(stopped)
    reading = (("status",), ("status", "--json"), ("du",), ("passes",))
    for command, *more in (*reading, *WRITING, ("serve",)):
        said = operator.mistake(command, stopped, *more)
        assert (
            f"is damaged and was not touched; see what can be read with: {CHECK} {stopped}" in said
        )
    for command in ("backup", "move"):
        assert "store" in operator.mistake(command, stopped, stopped.parent / "copy")
        assert not (stopped.parent / "copy").exists()
    assert listed(stopped) == before


@pytest.mark.parametrize("broken", ["store.db", "relay.key", "relay.sealing"])
def test_the_doctor_sees_that_a_relay_cannot_start(
    operator: Operator, stopped: Path, broken: str
) -> None:
    (stopped / broken).write_bytes(b"junk" * 10_000)
    said = operator.unwell("doctor", stopped)
    wrong = [line for line in said.splitlines() if f"{CHECK} {stopped}" in line]
    assert len(wrong) == 1
    assert wrong[0].startswith("WRONG")
    assert json.loads(operator.unwell("doctor", stopped, "--json"))["ok"] is False
    # What was not held against anything is not said to be well.
    assert ("later than all" in said) is (broken != "store.db")
    assert ("for this user only" in said) is (broken == "store.db")


@pytest.mark.parametrize("name", ["relay.key", "relay.sealing", "certificate.key", "store.db"])
def test_what_this_user_may_not_read_is_not_called_damaged(
    operator: Operator, stopped: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever restored a backup because of it would put the past in the place of a sound relay."""
    with_certificate(stopped, "127.0.0.1", wall_ms())
    shut = stopped / name
    if os.geteuid() != 0:
        shut.chmod(0)
    else:
        # Root reads everything: the system's answer is put in.
        forbid(shut, monkeypatch)
    said = operator.unwell("check", stopped)
    assert f"This user may not read {shut}" in said
    assert "backup" not in said
    assert "missing" not in said


def forbid(shut: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, access, load = Path.read_text, os.access, ssl.SSLContext.load_cert_chain

    def read_text(path: Path, *rest: Any, **more: Any) -> str:
        if path == shut:
            raise PermissionError
        return read(path, *rest, **more)

    def may(path: Path, mode: int) -> bool:
        return path != shut and access(path, mode)

    def load_cert_chain(context: ssl.SSLContext, *paths: Any) -> None:
        if shut in paths:
            raise PermissionError
        load(context, *paths)

    monkeypatch.setattr(Path, "read_text", read_text)
    monkeypatch.setattr(os, "access", may)
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", load_cert_chain)


def test_a_store_of_which_nothing_is_left(operator: Operator, stopped: Path) -> None:
    (stopped / "store.db").write_bytes(b"junk" * 10_000)
    assert "check" in operator.mistake("serve", stopped)
    assert "Nothing of the store can be read" in operator.unwell("check", stopped)
    (stopped / "store.db").unlink()
    assert "missing" in operator.mistake("serve", stopped)
    assert "missing" in operator.unwell("check", stopped)


def test_of_a_store_that_was_cut_off_what_is_left_is_told(
    operator: Operator, stopped: Path
) -> None:
    filled(stopped)
    store = stopped / "store.db"
    os.truncate(store, store.stat().st_size // 2)
    before = store.read_bytes()
    assert "check" in operator.mistake("serve", stopped)
    found = json.loads(operator.unwell("check", stopped, "--json"))
    left = {each["table"]: each for each in found["readable"]}
    assert left["pass"] == {"table": "pass", "read": 1, "whole": True}
    assert 0 < left["envelope"]["read"] < MANY
    assert not left["envelope"]["whole"]
    assert store.read_bytes() == before


def test_a_large_store_is_not_waited_for(stopped: Path) -> None:
    filled(stopped)
    beside = database.open_reader(stopped / "store.db")
    looks = [0]

    def enough() -> bool:
        looks[0] += 1
        return looks[0] > 1

    assert seems_intact(beside, enough)
    assert looks[0] == 2, "it went on to the end"
    assert seems_intact(beside, lambda: False)
    # The handler is gone with the look.
    assert all(each.whole for each in read_what_is_left(beside))
    beside.close()


def test_settings_that_are_not_text_or_not_there(operator: Operator, stopped: Path) -> None:
    settings = stopped / "relay.toml"
    settings.write_bytes(b"\xff\xfe")
    assert "not text in UTF-8" in operator.mistake("serve", stopped)
    settings.unlink()
    for said in (operator.mistake("serve", stopped), operator.unwell("check", stopped)):
        assert "no relay.toml" in said
        assert "init" in said and "make one with" not in said, "init would refuse"
    settings.mkdir()
    assert "no relay.toml" in operator.mistake("serve", stopped)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.EADDRINUSE, "no"), PortTaken),
        (OSError(errno.EADDRNOTAVAIL, "no"), NotOurAddress),
        (socket.gaierror(-2, "no"), NotOurAddress),
        (OSError(errno.EACCES, "no"), PortForbidden),
        (OSError(errno.EIO, "no"), CannotListen),
    ],
)
def test_why_an_address_cannot_be_had(error: OSError, kind: type[CannotListen]) -> None:
    assert why_not(error) is kind
    assert kind.passing is (kind is not PortForbidden), "systemd starts it again, or does not"
    said = sentence(kind("a.example:7443", "relay.listen"))
    assert "a.example:7443" in said
