"""``aside-relay`` as an operator meets it: real processes, real files, real sockets."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import pytest
import trio

from protocol.keys import Secret, public_key
from protocol.wire import frames
from protocol.wire.address import RelayAddress, parse_address, parse_relay_invitation
from protocol.wire.frames import Done, Reason, Redeemed, Stored
from relay import strings
from relay.__main__ import TRY_AGAIN
from relay.commands import strings as command_strings
from tests.relay import processes
from tests.relay.processes import Relays, mistake, open_caller, run, run_program

BOB_MAY = b"alice gave this to bob".ljust(32)


def test_init_makes_a_folder_and_prints_the_address(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "relay"
    done = run_program("init", folder, "--public-url", "wss://relay.example:7443")
    assert done.stderr.splitlines() == [
        f"Next: aside-relay serve {folder}",
        f"Then, in another terminal: aside-relay invite {folder}",
    ]
    address = parse_address(done.stdout.strip())
    assert (address.host, address.port, address.tls) == ("relay.example", 7443, True)
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "relay.toml",
        "relay.key",
        "relay.sealing",
        "store.db",
        "certificate.pem",
        "certificate.key",
    }
    for secret in ("relay.key", "relay.sealing", "certificate.key", "store.db"):
        assert (folder / secret).stat().st_mode & 0o077 == 0
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert "already holds a relay" in mistake(run("init", folder))
    assert before == {path: path.read_bytes() for path in folder.iterdir()}
    assert 'admission = "invite"' in (folder / "relay.toml").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("dance",),
        ("init",),
        ("init", "DIR", "--listen", "nowhere"),
        ("init", "DIR", "--open", "--invite-only"),
        ("init", "DIR", "--public-url", "gopher://x"),
        ("serve", "DIR"),
        ("invite", "DIR"),
        ("status", "DIR"),
        ("check", "DIR"),
        ("serve", "DIR", "--fast"),
        ("invite", "DIR", "--uses", "many"),
    ],
)
def test_wrong_use_is_one_sentence(arguments: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / "nothing"
    mistake(run(*(str(folder) if each == "DIR" else each for each in arguments)))
    assert not folder.exists()


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "bell\a", "\u202eback"])
def test_a_name_that_cannot_be_read_out_is_refused(tmp_path: Path, name: str) -> None:
    assert "A relay's name" in mistake(run("init", tmp_path / "relay", "--name", name))
    assert not (tmp_path / "relay").exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    for place in (file, file / "relay"):
        assert f"{file} is a file" in mistake(run("init", place))
    assert file.read_text() == "mine"


def test_a_relay_wants_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photo.jpg").write_text("mine")
    assert "photo.jpg" in mistake(run("init", tmp_path))
    monkeypatch.chdir(tmp_path)
    for words in (("init", ""), ("restore", "", "there"), ("move", "there", " ")):
        assert "An empty path" in mistake(run(*words))
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]
    (tmp_path / "disk" / "lost+found").mkdir(parents=True)
    assert run("init", tmp_path / "disk").returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("invite", "DIR", "--uses", "many"), "--uses wants a number from 1 to 100000."),
        (("invite", "DIR", "--uses", "0"), "--uses wants a number from 1 to 100000."),
        (
            ("quota", "DIR", "aaaaaaaa", "--rooms", "x"),
            "x is no whole number, such as 8, 512K, 200M or 2G.",
        ),
        (("dance",), "what can be said: aside-relay --help"),
        (("serve", "DIR", "--fast"), "what can be said: aside-relay --help"),
        (("invite",), "what can be said: aside-relay invite --help"),
    ],
)
def test_a_wrong_word_gets_a_sentence_that_helps(
    words: tuple[str, ...], said: str, folder: Path
) -> None:
    told = mistake(run(*(str(folder) if each == "DIR" else each for each in words)))
    assert said in told
    assert "invalid" not in told or "choice" in told


def test_check_says_a_mistake_in_the_settings_once(folder: Path) -> None:
    with (folder / "relay.toml").open("a") as settings:
        settings.write("\n[relays]\n")
    said = run("check", folder).stdout
    assert said.count("relays") == 1
    assert command_strings.CHECK_NOT_LOOKED in said


def test_init_says_who_will_find_the_relay_and_what_to_do_next(tmp_path: Path) -> None:
    home = tmp_path / "my relay"
    done = run("init", home)
    guessed, *following = done.stderr.splitlines()
    assert parse_address(done.stdout.strip()).host in guessed
    assert "--public-url" in guessed and str(home / "relay.toml") in guessed
    assert following[0] == f"Next: aside-relay serve '{home}'"
    here = run("init", tmp_path / "here", "--listen", "127.0.0.1:7443").stderr
    assert here.startswith("It listens for this machine alone.\n")


def test_a_port_that_the_system_chose_is_told_from_the_first_and_kept(
    tmp_path: Path, relays: Relays
) -> None:
    folder = tmp_path / "relay"
    told = parse_address(run("init", folder, "--listen", "127.0.0.1:0").stdout.strip())
    assert told.port != 0
    assert json.loads(run("status", folder, "--json").stdout)["address"] == str(told)
    for _ in range(2):
        serving = relays.serve(folder)
        assert serving.address == told
        serving.stop()
    assert json.loads(run("status", folder, "--json").stdout)["address"] == str(told)
    with socket.create_server(("127.0.0.1", told.port)):
        other = relays.serve(folder).address
        assert other.port not in (0, told.port), "taken meanwhile: another one is chosen"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break elsewhere")
@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "DIR"),
        ("status", "DIR", "--json"),
        ("check", "DIR", "--json"),
        ("invite", "OTHER"),
        ("init", "NEW", "--listen", "127.0.0.1:7443"),
        ("--help",),
        ("invite", "--help"),
    ],
)
def test_a_reader_who_has_read_enough_is_no_error(
    arguments: tuple[str, ...], folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    run("init", other, "--listen", "127.0.0.1:7443")
    places = {"DIR": folder, "OTHER": other, "NEW": tmp_path / "new"}
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "relay", *(str(places.get(each, each)) for each in arguments)],
            cwd=processes.ROOT,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 141


@pytest.mark.parametrize(
    ("command", "texts"),
    [
        ("init", [strings.HELP_OPEN, strings.HELP_PUBLIC_URL, "where to listen", "relay's name"]),
        ("invite", ["how many people may use the link", "for how long: 30m, 12h or 7d"]),
        ("status", [strings.HELP_JSON]),
        ("check", [strings.HELP_JSON]),
        ("serve", [strings.HELP_DIR]),
    ],
)
def test_help_says_what_every_option_is_for(command: str, texts: list[str]) -> None:
    said = " ".join(run(command, "--help").stdout.split())
    assert [text for text in texts if text not in said] == []


def test_wrong_values_are_one_sentence(folder: Path) -> None:
    for arguments in (["--uses", "0"], ["--expires", "soon"], ["--expires", "999d"]):
        mistake(run("invite", folder, *arguments))
    assert "30m, 12h or 7d" in mistake(run("invite", folder, "--expires", "-1d"))
    settings = folder / "relay.toml"
    text = settings.read_text()
    settings.write_text(text.replace("connections = 10000", 'connections = "a few"'))
    for command in ("serve", "invite", "status"):
        assert "limits.connections" in mistake(run(command, folder))
    settings.write_text(text)
    (folder / "relay.key").write_text("short")
    assert "relay.key" in mistake(run("serve", folder))


async def test_a_whole_conversation_and_an_end_in_order(folder: Path, relays: Relays) -> None:
    serving = relays.serve(folder)
    async with (
        open_caller(serving.address, 1) as alice,
        open_caller(serving.address, 2) as bob,
    ):
        await alice.move_in(BOB_MAY)
        assert isinstance(await bob.deposit(BOB_MAY, 1), Stored)
        assert (await alice.delivery()).sequence == 1
        started = time.monotonic()
        serving.process.send_signal(signal.SIGTERM)
        farewell = await alice.farewell()
        assert farewell is not None
        assert farewell.reason is Reason.TRY_LATER
        assert await bob.farewell() is not None
    assert await trio.to_thread.run_sync(serving.wait) == 0
    assert time.monotonic() - started < 10


def test_an_interrupt_ends_it_as_well(folder: Path, relays: Relays) -> None:
    assert relays.serve(folder).stop(signal.SIGINT) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is for the others")
async def test_hundreds_of_idle_desktops_hold_up_no_end(folder: Path, relays: Relays) -> None:
    serving = relays.serve(folder)
    async with AsyncExitStack() as stack:
        stack.enter_context(room_for_files(1_000))
        for number in range(300):
            # None of them ever reads the farewell, nor closes.
            await stack.enter_async_context(open_caller(serving.address, number % 256))
        started = time.monotonic()
        assert await trio.to_thread.run_sync(serving.stop) == 0
        assert time.monotonic() - started < 10


@contextmanager
def room_for_files(count: int) -> Generator[None]:
    """As many open files as a relay allows itself."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(count, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_what_was_stored_survives_a_kill(folder: Path, relays: Relays) -> None:
    serving = relays.serve(folder)
    async with (
        open_caller(serving.address, 1) as alice,
        open_caller(serving.address, 2) as bob,
    ):
        await alice.move_in(BOB_MAY)
        for number in range(20):
            assert isinstance(await bob.deposit(BOB_MAY, number), Stored)
        serving.stop(signal.SIGKILL)
    again = relays.serve(folder)
    assert again.address.fingerprint == serving.address.fingerprint
    async with (
        open_caller(again.address, 1) as alice,
        open_caller(again.address, 2) as bob,
    ):
        assert isinstance(await bob.deposit(BOB_MAY, 7), Stored), "a retry after the kill"
        assert (await alice.open()).waiting == 20
        bodies = [(await alice.delivery()).body for _ in range(20)]
        assert bodies == [bob.deposit_frame(BOB_MAY, number).body for number in range(20)]
        assert isinstance(await alice.acknowledge(20), Done)
    assert again.stop() == 0


async def test_tls_with_its_own_certificate(tmp_path: Path, relays: Relays) -> None:
    folder = tmp_path / "relay"
    made = run("init", folder, "--listen", "0.0.0.0:0", "--open")
    assert made.returncode == 0
    serving = relays.serve(folder)
    here = RelayAddress("127.0.0.1", serving.address.port, serving.address.fingerprint)
    assert serving.address.tls
    async with open_caller(here, 1) as alice:
        await alice.move_in(BOB_MAY)
        assert isinstance(await alice.deposit(BOB_MAY, 1, 65_536), Stored)
        assert (await alice.delivery()).sequence == 1
        serving.process.send_signal(signal.SIGTERM)
        assert await alice.farewell() is not None
    assert await trio.to_thread.run_sync(serving.wait) == 0


def test_a_folder_is_served_once(folder: Path, relays: Relays) -> None:
    serving = relays.serve(folder)
    assert "already running" in mistake(run("serve", folder))
    serving.stop(signal.SIGKILL)
    assert relays.serve(folder).stop() == 0


def test_a_port_that_is_taken(folder: Path, tmp_path: Path, relays: Relays) -> None:
    port = relays.serve(folder).address.port
    second = tmp_path / "second"
    run("init", second, "--listen", f"127.0.0.1:{port}")
    said = mistake(run_program("serve", second), TRY_AGAIN)
    assert f"127.0.0.1:{port}" in said
    assert "something else is there" in said


async def test_an_invitation_is_made_while_it_serves(tmp_path: Path, relays: Relays) -> None:
    folder = tmp_path / "relay"
    told = run("init", folder, "--listen", "127.0.0.1:0").stdout.strip()
    early = parse_relay_invitation(run("invite", folder).stdout.strip())
    assert str(early.address) == told, "before the first start it is where init said"
    serving = relays.serve(folder)
    assert early.address == serving.address
    (folder / "port").unlink()
    assert "start it first" in mistake(run("invite", folder))
    (folder / "port").write_text(str(serving.address.port))
    done = run("invite", folder, "--uses", "1", "--expires", "12h")
    invitation = parse_relay_invitation(done.stdout.strip())
    assert invitation.address == serving.address
    async with open_caller(serving.address, 1) as alice:
        await alice.ping()

        def redeem(code: bytes, secret: bytes) -> frames.Redeem:
            return frames.Redeem(call=alice.call(), code=code, pass_secret=secret)

        refused = await alice.ask(redeem(b"", bytes(32)))
        assert isinstance(refused, frames.Refused)
        assert isinstance(await alice.ask(redeem(invitation.code, bytes(32))), Redeemed)
        spent = await alice.ask(redeem(invitation.code, b"1" * 32))
        assert isinstance(spent, frames.Refused)
    assert serving.stop() == 0
    store = b"".join(path.read_bytes() for path in folder.iterdir())
    assert bytes(invitation.code) not in store


def test_status_and_check_running_and_stopped(folder: Path, relays: Relays) -> None:
    for running in (False, True):
        if running:
            relays.serve(folder)
        status = json.loads(run("status", folder, "--json").stdout)
        assert status["running"] is running
        assert status["envelopes"] == 0
        assert status["settings"]["limits"]["connections"] == 10_000
        assert "envelopes" in run("status", folder).stdout
        check = run("check", folder, "--json")
        assert check.returncode == 0
        assert json.loads(check.stdout)["ok"] is True
        assert run("check", folder).stdout.count("ok") == 5


def test_check_finds_what_is_wrong(folder: Path) -> None:
    (folder / "relay.key").chmod(0o644)
    with (folder / "store.db").open("r+b") as store:
        store.seek(9000)
        store.write(os.urandom(60_000))
    done = run("check", folder)
    assert done.returncode == 1
    assert "chmod 600" in done.stdout
    assert "damaged" in done.stdout
    assert done.stderr == ""


async def test_logs_name_nobody(folder: Path, relays: Relays) -> None:
    """Everything that goes over the line, and where it came from, is looked for in the log."""
    serving = relays.serve(folder)
    async with (
        open_caller(serving.address, 1) as alice,
        open_caller(serving.address, 2) as bob,
    ):
        await alice.move_in(BOB_MAY)
        await bob.deposit(BOB_MAY, 0x5EED)
        await bob.deposit(b"guess".ljust(32), 1)
        async with open_caller(serving.address, 3) as carol:
            await carol.line.say(b"\xc1 a canary in the junk")
            assert await carol.next() is None
        async with await trio.open_tcp_stream("127.0.0.1", serving.address.port) as stray:
            await stray.send_all(b"GET /canary HTTP/1.1\r\nHost: canary\r\n\r\n")
            await stray.receive_some()
        envelope = (await alice.delivery()).envelope_id
    assert serving.stop() == 0
    seed = Secret(bytes.fromhex((folder / "relay.key").read_text()))
    log = serving.log.read_text()
    assert "serving" in log
    assert "stopped" in log
    secrets = [alice.mailbox, alice.secret, BOB_MAY, envelope, seed, public_key(seed)]
    secrets.append(serving.address.fingerprint)
    words = ["canary", "127.0.0.1", str(serving.address.port), "Traceback"]
    for secret in secrets:
        words += [secret.hex(), b64encode(secret).decode(), urlsafe_b64encode(secret).decode()[:20]]
    assert [word for word in words if word in log] == []
    assert not re.search(r"\d+\.\d+\.\d+\.\d+", log)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--listen", "foo"), ("--listen", "127.0.0.1"), ("--public-url", "http://x")],
)
def test_a_wrong_option_of_init_is_told_by_its_own_name(
    tmp_path: Path, option: str, value: str
) -> None:
    said = mistake(run("init", tmp_path / "new", option, value))
    assert option in said
    assert "relay.toml" not in said
    assert not (tmp_path / "new").exists()


def test_check_where_there_is_no_relay(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        assert f"no relay in {place}" in mistake(run("check", place))
