"""Killed before and after every commit, on both sides: nothing is lost, nothing comes twice."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import trio
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.engine.calls.conversations import ConversationCalls
from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.relays import mailbox
from desktop.engine.sending import post
from desktop.store import inbox, outbox
from desktop.store.header import HEADER_FILE, OLD_FILE
from desktop.store.relays import MyRelay
from protocol.ids import ConversationId, MessageId
from protocol.wire.frames import Acknowledge
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, Killed, Mortal, Place, World, befriend

COMMITS = 10  # more than starting, and then sending or taking in one message, takes


@asynccontextmanager
async def doomed(
    world: World, name: str, threads: Mortal
) -> AsyncGenerator[trio.MemoryReceiveChannel[Desktop]]:
    """Somebody's desktop, until it is killed."""

    async def live() -> None:
        try:
            async with world.desktop(name, threads=threads) as desktop:
                born.send_nowait(desktop)
                await trio.sleep_forever()
        except* Killed:
            pass
        except* LineLost:
            assert threads.dead, "two tasks died at once, and the line between them"
        finally:
            born.close()

    born, seen = trio.open_memory_channel[Desktop](1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(live)
        yield seen
        nursery.cancel_scope.cancel()


async def made_friends(world: World) -> tuple[Place, ConversationId]:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        return relay, await befriend(world, alice, bob)


async def send_and_die(world: World, conversation: ConversationId, threads: Mortal) -> bool:
    """Alice writes one message and is killed; whether she ever knew that it was on disk."""
    async with doomed(world, "Alice", threads) as born:
        try:
            alice = await born.receive()
        except trio.EndOfChannel:
            return False
        try:
            await alice.engine.message_send(conversation, f"killed at {threads.at}")
        except Killed:
            return False
        await trio.sleep(20)
        return True


async def sender_killed_everywhere(world: World) -> None:
    relay, conversation = await made_friends(world)
    expected: list[str] = []
    for after in (False, True):
        for at in range(1, COMMITS + 1):
            known = await send_and_die(world, conversation, Mortal(at, after=after))
            async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
                written = [
                    one for one in await alice.texts(conversation) if not one.startswith("<")
                ]
                assert written[: len(expected)] == expected, "what was shown stays"
                assert len(written) - len(expected) in (0, 1)
                assert not known or len(written) == len(expected) + 1, "known and lost"
                expected = written
                await trio.sleep(30)
                assert set(await alice.states(conversation)) <= {"delivered"}
                came = [one for one in await bob.texts(conversation) if not one.startswith("<")]
                assert came == expected
                assert await bob.count("quarantine") == 0
                kept = relay.store.mailboxes.find(bob.mailbox_at(relay))
                assert kept is not None
                assert kept.last == await unrepeated(bob), "something was put twice"


async def unrepeated(desktop: Desktop) -> int:
    """How many envelopes were opened, each of them once."""
    return await desktop.count("opened")


async def test_a_sender_may_be_killed_at_any_commit(
    world: World, autojump_clock: MockClock
) -> None:
    await sender_killed_everywhere(world)


async def test_mutant_that_encrypts_anew_on_a_retry(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hasty(ground: Ground) -> None:
        """Begins by encrypting anew what a crash may have left between relay and record."""

        def anew(db: Connection) -> None:
            waiting = "SELECT DISTINCT entry FROM copy WHERE stored_ms IS NULL"
            for (entry,) in db.execute(waiting).fetchall():
                outbox.reseal(db, entry, b"", ground.now())

        await ground.vault.transact(anew)
        await real(ground)

    real = post.keep_posting
    monkeypatch.setattr(post, "keep_posting", hasty)
    with the_story_fails():
        await sender_killed_everywhere(world)


async def receiver_killed_everywhere(world: World) -> None:
    _, conversation = await made_friends(world)
    async with world.desktop("Alice") as alice:
        expected: list[str] = []
        for after in (False, True):
            for at in range(1, COMMITS + 1):
                for n in range(3):
                    text = f"{n} before {at} {after}"
                    await alice.engine.message_send(conversation, text)
                    expected.append(text)
                async with doomed(world, "Bob", Mortal(at, after=after)) as born:
                    async for bob in born:
                        shown = [t for t in await bob.texts(conversation) if not t.startswith("<")]
                        assert shown == expected[: len(shown)]
                        with trio.move_on_after(20):
                            await trio.sleep_forever()
                        break
                async with world.desktop("Bob") as bob:
                    await trio.sleep(20)
                    came = [t for t in await bob.texts(conversation) if not t.startswith("<")]
                    assert came == expected
                    assert "<unreadable" not in " ".join(await bob.texts(conversation))
                    assert await bob.count("quarantine") == 0
                await trio.sleep(5)
        assert await alice.states(conversation) == ["delivered"] * len(expected)


async def test_a_receiver_may_be_killed_at_any_commit(
    world: World, autojump_clock: MockClock
) -> None:
    await receiver_killed_everywhere(world)


async def test_mutant_that_acknowledges_before_it_commits(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rash(ground: Ground, relay: MyRelay, line: Line) -> None:
        async for delivery in line.deliveries:
            up_to = Acknowledge(call=line.call(), mailbox=relay.mailbox, up_to=delivery.sequence)
            await line.ask(up_to)
            batch = [delivery]
            await ground.do(partial(take_in, ground=ground, relay_id=relay.relay_id, batch=batch))

    take_in = mailbox._take_in  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(mailbox, "collect", rash)
    with the_story_fails():
        await receiver_killed_everywhere(world)


async def test_mutant_that_forgets_what_it_opened(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgot(db: Connection, hash_: bytes) -> None:
        return None

    monkeypatch.setattr(inbox, "opened", forgot)
    with the_story_fails():
        await an_acknowledgement_is_lost(world)


async def an_acknowledgement_is_lost(world: World) -> None:
    """Bob has it on disk; the relay never hears so, and delivers it again from its beginning."""
    relay, conversation = await made_friends(world)
    async with world.desktop("Alice") as alice:
        await alice.engine.message_send(conversation, "once")
        await trio.sleep(5)
        async with world.desktop("Bob") as bob:
            saved = list(relay.waiting_for(bob))
            assert saved
            await trio.sleep(5)
            mailbox_ = bob.mailbox_at(relay)
        relay.store.envelopes.queues[mailbox_] = saved
        async with world.desktop("Bob") as bob:
            await bob.ground.vault.transact(
                lambda db: db.execute("UPDATE relay SET cursor = 0").rowcount
            )
        async with world.desktop("Bob") as bob:
            await trio.sleep(10)
            told = [t for t in await bob.texts(conversation) if "became_contacts" not in t]
            assert told == ["once"], "nor is the session taken for broken"
        assert await alice.states(conversation) == ["delivered"]


async def test_an_acknowledgement_that_is_lost_shows_nothing_twice(
    world: World, autojump_clock: MockClock
) -> None:
    await an_acknowledgement_is_lost(world)


async def killed_while_composing(world: World) -> None:
    _, conversation = await made_friends(world)
    for at in range(1, COMMITS):
        async with world.desktop("Alice") as alice:
            before = len(await alice.states(conversation))
            await alice.engine.draft_save(conversation, f"draft {at}")
        known = True
        async with doomed(world, "Alice", Mortal(at, after=False)) as born:
            async for alice in born:
                try:
                    await alice.engine.message_send(conversation, f"text {at}")
                except Killed:
                    known = False
                break
        async with world.desktop("Alice") as alice:
            written = len(await alice.states(conversation)) - before
            draft = (await alice.engine.conversation_list())[0].draft
            assert (written, draft) == ((1, "") if known else (0, f"draft {at}"))


async def test_a_draft_outlives_a_kill_before_its_message_was_on_disk(
    world: World, autojump_clock: MockClock
) -> None:
    await killed_while_composing(world)


async def test_mutant_that_forgets_the_draft_before_it_composes(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def eager(calls: ConversationCalls, conversation: ConversationId, text: str) -> MessageId:
        for _ in range(4):  # so wide that a kill hits it whatever else is committed meanwhile
            await calls.draft_save(conversation, "")
        return await real(calls, conversation, text)

    real = ConversationCalls.message_send
    monkeypatch.setattr(ConversationCalls, "message_send", eager)
    with the_story_fails():
        await killed_while_composing(world)


async def test_what_a_killed_change_of_passphrase_left_goes_with_the_next_unlocking(
    world: World, autojump_clock: MockClock
) -> None:
    async with world.desktop("Alice") as alice:
        whole = (alice.folder / HEADER_FILE).read_bytes()
    (alice.folder / OLD_FILE).write_bytes(whole)
    async with world.desktop("Alice"):
        assert not (alice.folder / OLD_FILE).exists()
    (alice.folder / HEADER_FILE).rename(alice.folder / OLD_FILE)
    async with world.desktop("Alice"):
        assert (alice.folder / HEADER_FILE).read_bytes() == whole
