"""How a window ends, whatever the engine is doing: well, and with the vault closed."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import trio

from desktop.demo.person import Person
from desktop.demo.virtual import Virtual
from desktop.store.beginnings import VAULT_FILE
from desktop.ui.invitations import strings as invitations_words
from desktop.ui.start import strings as start_words
from protocol.ids import Fingerprint
from protocol.keys import Secret
from protocol.wire.address import RelayAddress, RelayInvitation
from tests.windows.cast import field, screen, somebody


async def create(person: Person, virtual: Virtual) -> None:
    """First start, up to the moment the passphrase is handed over."""
    await field(person, start_words.NAME_LABEL)
    await virtual.write(person, person.name)
    await virtual.press(person, "Return")
    await field(person, start_words.PASSPHRASE_LABEL)
    for _ in range(2):
        await virtual.write(person, person.passphrase)
        await virtual.press(person, "Return")


def is_closed(person: Person) -> bool:
    """SQLite takes its write-ahead log away when the last connection was closed in order."""
    vault = person.folder / VAULT_FILE
    return vault.exists() and not vault.with_name(f"{VAULT_FILE}-wal").exists()


async def test_sigterm_ends_an_open_window_well(tmp_path: Path) -> None:
    alice = somebody(tmp_path, "cheap", "Alice")
    async with screen() as virtual, alice.at_the_desk(virtual.environment):
        await create(alice, virtual)
        await alice.reads(invitations_words.hello("Alice"))
        assert not is_closed(alice)
        assert alice.process is not None
        alice.process.send_signal(signal.SIGTERM)
        await alice.wait_closed()
    assert is_closed(alice)


async def test_closed_while_the_key_is_derived_it_ends_well(tmp_path: Path) -> None:
    alice = somebody(tmp_path, "slow", "Alice")
    async with screen() as virtual, alice.at_the_desk(virtual.environment):
        await create(alice, virtual)
        await alice.reads(start_words.SETTING_UP)
        await virtual.close(alice)
        assert alice.process is not None
        assert alice.process.returncode == 0
    assert not (alice.folder / f"{VAULT_FILE}-wal").exists()


async def test_locked_and_closed_while_a_relay_keeps_silent_it_ends_well(tmp_path: Path) -> None:
    alice = somebody(tmp_path, "cheap", "Alice")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        address = RelayAddress("127.0.0.1", port, Fingerprint(bytes(32)))
        link = str(RelayInvitation(address, Secret(bytes(16))))
        async with screen() as virtual, alice.at_the_desk(virtual.environment):

            async def asks_the_relay() -> None:
                await field(alice, invitations_words.PASTE)
                await virtual.write(alice, link)
                await virtual.press(alice, "Return")
                await alice.reads(invitations_words.relay_invites("127.0.0.1"))
                await virtual.press(alice, "Return")
                await alice.reads(invitations_words.ACCEPTING)

            await create(alice, virtual)
            await asks_the_relay()
            await virtual.press(alice, "Ctrl+L")
            await field(alice, start_words.PASSPHRASE_LABEL)
            await virtual.write(alice, alice.passphrase)
            await virtual.press(alice, "Return")
            await asks_the_relay()
            await virtual.close(alice)
    assert is_closed(alice)


async def test_a_second_start_brings_the_first_window_forward(tmp_path: Path) -> None:
    alice = somebody(tmp_path, "cheap", "Alice")
    bob = somebody(tmp_path, "cheap", "Bob")
    async with screen() as virtual, alice.at_the_desk(virtual.environment):
        await field(alice, start_words.NAME_LABEL)
        async with bob.at_the_desk(virtual.environment):
            await virtual.click(bob, await field(bob, start_words.NAME_LABEL))
            assert not (await alice.look()).active
            second = [sys.executable, "-m", "tests.windows.program", "cheap"]
            # It ends by itself: nobody ends its input, as they would for a window of its own.
            reading, writing = os.pipe()
            try:
                with trio.fail_after(20):
                    done = await trio.run_process(
                        [*second, "--profile", str(alice.folder)],
                        env=virtual.environment,
                        stdin=reading,
                        check=False,
                    )
            finally:
                os.close(reading)
                os.close(writing)
            assert done.returncode == 0
            await alice.wait_for("her window in front", lambda sight: sight.active or None)
