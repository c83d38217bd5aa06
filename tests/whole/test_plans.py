"""No statement of a day's work reads through a table that grows with what people write."""

from __future__ import annotations

import re
from functools import partial

import trio
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.engine.upkeep import round_of_upkeep
from desktop.store import sessions
from protocol.ids import DeviceId
from tests.whole.world import Desktop, World, befriend, member

# These hold a handful of rows, or are read whole because all of it is wanted.
SMALL = {
    *("relay", "sealing_key", "setting", "me", "contact", "capability", "invitation", "receipt"),
    *("own_slot", "their_slot"),
    *("room", "room_request", "room_letter"),  # that are in the list, wait for me, are to leave
}
# The list shows every conversation, ordered by a column it has an index on.
WHOLE = {"c", "p"}
SCAN = re.compile(r"^SCAN (\S+)(.*)$")


def listen(desktop: Desktop, heard: set[str]) -> None:
    """Note every statement that this desktop's vault is asked."""
    vault = desktop.ground.vault._vault  # pyright: ignore[reportPrivateUsage]
    writing = vault._writer._connection  # pyright: ignore[reportPrivateUsage]
    for connection in (writing, *vault._readers._free):  # pyright: ignore[reportPrivateUsage]
        connection.set_trace_callback(heard.add)


def scans(db: Connection, statements: set[str]) -> list[str]:
    found: list[str] = []
    for statement in sorted(statements):
        if not statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            continue
        for *_, detail in db.execute("EXPLAIN QUERY PLAN " + statement).fetchall():
            match = SCAN.match(detail)
            if match is None or match[1] in SMALL | WHOLE or "VIRTUAL TABLE" in detail:
                continue
            if "CONSTANT ROW" in detail or match[1].startswith("main.message_words"):
                continue
            found.append(f"{detail}: {statement[:200]}")
    return found


async def test_no_statement_scans_what_grows(world: World, autojump_clock: MockClock) -> None:
    relay, heard = await world.relay(), set[str]()
    async with world.desktop("Alice", at=relay) as alice:
        listen(alice, heard)
        async with world.desktop("Bob", at=relay) as bob:
            listen(bob, heard)
            conversation = await befriend(world, alice, bob)
            sent = await alice.engine.message_send(conversation, "first")
            await trio.sleep(5)
            await bob.engine.conversation_read(conversation, sent)
            await bob.engine.message_send(conversation, "second")
            await bob.engine.draft_save(conversation, "third")
            await bob.engine.conversation_list()
            await bob.engine.message_search("first")
            await bob.engine.message_list(conversation)
            await bob.engine.message_list(conversation, before=sent)
            await bob.engine.message_list(conversation, after=sent)
            await trio.sleep(5)
        for number in range(70):
            await alice.engine.message_send(conversation, f"{number}")
        await trio.sleep(20)
        del relay.waiting_for(bob)[3:60]
        async with world.desktop("Bob") as bob:
            listen(bob, heard)
            hers = DeviceId(alice.ground.me.device.device_id)
            await bob.ground.vault.transact(lambda db: sessions.end(db, hers))
            await trio.sleep(120)
            assert set(await alice.states(conversation)) <= {"delivered", "read"}
            for desktop in (alice, bob):
                await desktop.ground.do(
                    partial(round_of_upkeep, ground=desktop.ground, agreed=True)
                )
                await desktop.engine.outbox_settle(10)
            await bob.engine.contact_remove(await member(alice))
            await alice.engine.message_send(conversation, "anybody?")
            await trio.sleep(600)
        found = await alice.ground.vault.read(lambda db: scans(db, heard))
    assert len(heard) > 100
    assert not found, "\n".join(found)
