"""Alice, Bob and the relay between them, each in a process of its own, as contacts.

Becoming contacts takes seconds, so it is done once: a ``Pair`` is a folder with all three at rest,
and every story goes on in a copy of it.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trio

from tests.faults import desktops, relays
from tests.faults.desktops import PASSPHRASE, DesktopProcess
from tests.faults.program import Command
from tests.faults.relays import RelayProcess, free_port, make_relay, serving

# Long enough that neither turns up somewhere by chance, in any alphabet.
NAMES = {"alice": "Alice of Kestrelharbour", "bob": "Bob the Lamplighter"}


@dataclass(frozen=True)
class Pair:
    """A relay's folder and two profiles that know each other, at rest."""

    folder: Path
    port: int
    conversations: dict[str, str]


@dataclass
class House:
    """Everything that runs."""

    nursery: trio.Nursery
    relay: RelayProcess
    alice: DesktopProcess
    bob: DesktopProcess
    conversations: dict[str, str]

    def conversation(self, desktop: DesktopProcess) -> str:
        """The other one, as ``desktop`` names the conversation."""
        return self.conversations[desktop.name]

    def other(self, desktop: DesktopProcess) -> DesktopProcess:
        """The one it writes to."""
        return self.bob if desktop is self.alice else self.alice

    async def restart(self, desktop: DesktopProcess, *death: str) -> None:
        """Run it again, unlocked."""
        await desktop.kill()
        await desktop.start(self.nursery, *death)
        await desktop.unlock()

    async def say(self, desktop: DesktopProcess, text: str) -> str:
        """Compose; the message's id."""
        where = self.conversation(desktop)
        said = await desktop.ask("message.send", conversation_id=where, text=text)
        return str(said["message_id"])

    async def texts(self, desktop: DesktopProcess) -> list[str]:
        """What stands in its conversation, others' and own, read out."""
        rows = await desktop.history(self.conversation(desktop))
        return [row["text"] if row["kind"] == "text" else f"<{row['kind']}>" for row in rows]

    async def wait_state(self, desktop: DesktopProcess, state: str) -> None:
        """Until all its own messages are in this state. Callers bound it."""
        while True:
            rows = await desktop.history(self.conversation(desktop))
            if all(row["state"] == state for row in rows if row["mine"]):
                return
            await trio.sleep(0.03)


async def make_pair(
    folder: Path, command: Command = desktops.CHEAP, relay_command: Command = relays.RELEASED
) -> Pair:
    """Two people meet; then everything is ended in order."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    await make_relay(folder / "relay", folder / "relay.log", port)
    pair = Pair(folder, port, {})
    async with _running(pair, folder, relay_command, command, command) as house:
        for desktop in (house.alice, house.bob):
            name = NAMES[desktop.name]
            await desktop.ask("profile.create", name=name, passphrase=PASSPHRASE)
            await desktop.ask("relay.add", address=house.relay.address)
        with trio.fail_after(30):
            await _befriend(house)
        for desktop in (house.alice, house.bob):
            assert await desktop.end() == 0
        assert await house.relay.terminate() == 0
    return pair


@asynccontextmanager
async def a_house(
    pair: Pair,
    folder: Path,
    *,
    relay: Command = relays.RELEASED,
    alice: Command = desktops.CHEAP,
    bob: Command = desktops.CHEAP,
    relay_port: int | None = None,
) -> AsyncGenerator[House]:
    """A copy of the pair, awake. With ``relay_port`` the relay listens there, so that something
    can stand where the desktops look for it."""
    shutil.copytree(pair.folder, folder, dirs_exist_ok=True)
    if relay_port is not None:
        settings = folder / "relay" / "relay.toml"
        elsewhere = settings.read_text("utf-8").replace(f":{pair.port}", f":{relay_port}")
        settings.write_text(elsewhere, "utf-8")
    async with _running(pair, folder, relay, alice, bob) as house:
        async with trio.open_nursery() as unlocking:
            unlocking.start_soon(house.alice.unlock)
            unlocking.start_soon(house.bob.unlock)
        yield house


@asynccontextmanager
async def _running(
    pair: Pair, folder: Path, relay_command: Command, alice_command: Command, bob_command: Command
) -> AsyncGenerator[House]:
    """All three processes; gone afterwards whatever happened."""
    relay = RelayProcess(folder / "relay", folder / "relay.log", relay_command)
    alice = DesktopProcess("alice", folder, alice_command)
    bob = DesktopProcess("bob", folder, bob_command)
    async with trio.open_nursery() as nursery:
        house = House(nursery, relay, alice, bob, pair.conversations)
        try:
            await alice.start(nursery)
            await bob.start(nursery)
            async with serving(relay):
                yield house
        finally:
            with trio.CancelScope(shield=True):
                await alice.kill()
                await bob.kill()
        nursery.cancel_scope.cancel()


async def _befriend(house: House) -> None:
    link = (await house.alice.ask("contact.invite"))["link"]
    accepted = await house.bob.ask("contact.accept", link=link)
    house.conversations["bob"] = accepted["conversation_id"]
    added = await house.alice.wait_event("contact.added")
    house.conversations["alice"] = added["conversation_id"]
    while (await house.bob.ask("contact.list"))["contacts"][0]["pending"]:
        await trio.sleep(0.05)
    # Nothing is left to be sent: both have the other's receipts.
    for desktop in (house.alice, house.bob):
        await desktop.ask("outbox.settle", timeout_ms=10_000)
