"""What people do all day: texts of every kind, drafts, search, names, locking, losing a session."""

from __future__ import annotations

from functools import partial

import pytest
import trio
from trio.testing import MockClock

from desktop.core.errors import (
    ContactUnknown,
    ConversationUnknown,
    MessageUnknown,
    NameMissing,
    NameTooLong,
    PassphraseMissing,
    ProfileExists,
    ProfileLocked,
    TextMissing,
    TextTooLong,
    VaultDamaged,
    VaultFull,
    VaultInUse,
    WrongPassphrase,
)
from desktop.core.events import ProfileChanged
from desktop.core.models import Cause, ProfileState, RelayState, Settings, Trouble
from desktop.engine.ground import Ground
from desktop.engine.pairing import bundles
from protocol.e2e.contents import MAX_TEXT_BYTES
from protocol.ids import ConversationId, DeviceId, MessageId
from tests.whole.mutant import the_story_fails
from tests.whole.world import PASSPHRASE, World, befriend, member

TEXTS = [
    "x" * MAX_TEXT_BYTES,
    "é" * (MAX_TEXT_BYTES // 2),
    "שלום, מה שלומך?",
    "مرحبا بالعالم\u202e!",
    "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 \U0001f9ff",
    "窯はまだ熱い\n\n\tと言った",
    "<img src=file:///etc/passwd> & \\ \" ' \x00 \x1b[31m",
    " leading and trailing ",
]


async def test_texts_of_every_kind_arrive_as_they_were_written(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        for text in TEXTS:
            await alice.engine.message_send(conversation, text)
        await trio.sleep(20)
        assert await bob.texts(conversation) == ["<notice became_contacts>", *TEXTS]
        for text in ("", "   ", "\n\t", "\u200b\u2060\ufeff"):
            with pytest.raises(TextMissing):
                await alice.engine.message_send(conversation, text)
        await alice.engine.draft_save(conversation, "a long one")
        for text in ("x" * (MAX_TEXT_BYTES + 1), "é" * (MAX_TEXT_BYTES // 2 + 1)):
            with pytest.raises(TextTooLong) as caught:
                await alice.engine.message_send(conversation, text)
            assert caught.value.limit == MAX_TEXT_BYTES
        [line] = await alice.engine.conversation_list()
        assert line.draft == "a long one", "it stays in the composer"
        assert len(await alice.states(conversation)) == len(TEXTS)


async def test_drafts_unread_counts_search_and_pages(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        sent = [
            await alice.engine.message_send(conversation, f"pot {n} of the Kiln") for n in range(9)
        ]
        await trio.sleep(10)
        [line] = await bob.engine.conversation_list()
        assert (line.unread, line.name) == (9, "Alice")
        assert line.last is not None and line.last.text == "pot 8 of the Kiln"
        await bob.engine.conversation_read(conversation, sent[3])
        [line] = await bob.engine.conversation_list()
        assert line.unread == 5
        await trio.sleep(5)
        assert await alice.states(conversation) == ["read"] * 4 + ["delivered"] * 5

        found = await bob.engine.message_search("kil pot", 3)
        assert [one.message.text for one in found] == [f"pot {n} of the Kiln" for n in (8, 7, 6)]
        assert found[0].name == "Alice"
        for odd in ("", '"', "AND OR NOT", "* ( ) : ^ -", "\x00", "pot* NEAR(kiln)", "🙂"):
            await bob.engine.message_search(odd)

        page = await bob.engine.message_list(conversation, 3)
        assert [one.text for one in page] == [f"pot {n} of the Kiln" for n in (6, 7, 8)]
        earlier = await bob.engine.message_list(conversation, 3, before=page[0].message_id)
        assert [one.text for one in earlier] == [f"pot {n} of the Kiln" for n in (3, 4, 5)]
        later = await bob.engine.message_list(conversation, 3, after=earlier[-1].message_id)
        assert later == page

        await bob.engine.draft_save(conversation, "half a thought")
        await bob.engine.profile_lock()
        await bob.engine.profile_unlock(PASSPHRASE)
        assert (await bob.engine.conversation_list())[0].draft == "half a thought"
        await bob.engine.message_send(conversation, "a whole one")
        assert (await bob.engine.conversation_list())[0].draft == ""

        await bob.engine.set_settings(Settings(read_receipts=False, notifications=False))
        assert await bob.engine.settings() == Settings(read_receipts=False, notifications=False)
        await bob.engine.conversation_read(conversation, sent[8])
        await trio.sleep(10)
        assert (await alice.states(conversation)).count("read") == 4
        for wrong in (ConversationId(bytes(16)), conversation):
            with pytest.raises((ConversationUnknown, MessageUnknown)):
                await bob.engine.conversation_read(wrong, MessageId(bytes(16)))
        with pytest.raises(ConversationUnknown):
            await bob.engine.message_send(ConversationId(bytes(16)), "to nobody")
        with pytest.raises(MessageUnknown):
            await bob.engine.message_resend(sent[0])


async def test_renamed_removed_and_met_again(world: World, autojump_clock: MockClock) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        for number in range(3):
            await alice.engine.message_send(conversation, f"a{number}")
            await bob.engine.message_send(conversation, f"b{number}")
        await trio.sleep(10)
        hers, his = await member(alice), await member(bob)
        await alice.engine.contact_rename(his, "  Bob of   the kiln ")
        assert (await alice.engine.contact_show(his)).name == "Bob of the kiln"
        with pytest.raises(NameMissing):
            await alice.engine.contact_rename(his, "  ")
        with pytest.raises(NameTooLong):
            await alice.engine.contact_rename(his, "x" * 65)
        await alice.engine.contact_remove(his)
        for asked in (alice.engine.contact_show(his), alice.engine.contact_remove(his)):
            with pytest.raises(ContactUnknown):
                await asked
        assert await alice.engine.conversation_list() == []
        assert await alice.engine.message_search("a1") == []
        with pytest.raises(ConversationUnknown):
            await alice.engine.message_send(conversation, "gone")
        await bob.engine.message_send(conversation, "anybody?")
        await trio.sleep(300)  # the relay may have lost it: it is asked again, and calmly
        shown = [row for row in await bob.engine.message_list(conversation) if row.mine]
        assert (shown[-1].state.value, shown[-1].cause) == ("queued", None)
        await trio.sleep(60)
        shown = [row for row in await bob.engine.message_list(conversation) if row.mine]
        assert (shown[-1].state.value, shown[-1].cause) == ("failed", Cause.CONTACT_GONE)

        link = await alice.engine.contact_invite()
        assert (await bob.engine.contact_accept(link)).conversation_id == conversation
        await trio.sleep(20)
        await alice.engine.message_send(conversation, "back again")
        await bob.engine.message_send(conversation, "so I see")
        await trio.sleep(60)
        texts = await alice.texts(conversation)
        assert [t for t in texts if not t.startswith("<")] == ["back again", "so I see"]
        assert "back again" in await bob.texts(conversation)
        assert await alice.states(conversation) == ["delivered"]
        assert (await bob.states(conversation))[-1] == "delivered"
        assert hers != his


async def test_a_passphrase_opens_changes_and_tells_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    async with world.desktop("Alice") as alice:
        engine = alice.engine
        before = await engine.profile_show()
        with pytest.raises(WrongPassphrase):
            await engine.profile_change_passphrase("not it", "new")
        with pytest.raises(PassphraseMissing):
            await engine.profile_change_passphrase(PASSPHRASE, "")
        await engine.profile_change_passphrase(PASSPHRASE, "six pots")
        await engine.profile_lock()
        await engine.profile_lock()
        assert await engine.profile_state() is ProfileState.LOCKED
        for locked in (engine.profile_show, engine.contact_list, engine.relay_list, engine.nudge):
            with pytest.raises(ProfileLocked):
                await locked()
        files = {path.name: path.read_bytes() for path in alice.folder.iterdir()}
        for wrong in (PASSPHRASE, "", "six pot"):
            with pytest.raises(WrongPassphrase):
                await engine.profile_unlock(wrong)
        assert {path.name: path.read_bytes() for path in alice.folder.iterdir()} == files
        assert await engine.profile_unlock("six pots") == before
        with pytest.raises(ProfileExists):
            await engine.profile_create("Again", "six pots")
        async with world.desktop("Bob") as bob:
            await bob.engine.profile_lock()
        with pytest.raises(ExceptionGroup) as caught:
            async with world.desktop("Alice"):
                pass
        assert caught.group_contains(VaultInUse) or caught.group_contains(WrongPassphrase)


async def test_locking_while_everything_is_busy(world: World, autojump_clock: MockClock) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        known: list[str] = []

        async def write(who: int) -> None:
            for number in range(30):
                text = f"{who} {number}"
                try:
                    await alice.engine.message_send(conversation, text)
                except ProfileLocked:
                    return
                known.append(text)
                await trio.sleep(0.01)

        async with trio.open_nursery() as nursery:
            for who in range(4):
                nursery.start_soon(write, who)
            nursery.start_soon(alice.engine.outbox_settle, 5000)
            await trio.sleep(0.1)
            await alice.engine.profile_lock()
        assert 4 < len(known) < 120
        await alice.engine.profile_unlock(PASSPHRASE)
        assert await alice.engine.outbox_settle(60_000)
        await trio.sleep(10)
        found = [text for text in await bob.texts(conversation) if not text.startswith("<")]
        assert sorted(found) == sorted(known)


async def test_several_may_wait_for_the_outbox(world: World, autojump_clock: MockClock) -> None:
    relay = await world.relay()
    settled: list[bool] = []
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)

        async def wait() -> None:
            settled.append(await alice.engine.outbox_settle(60_000))

        await relay.off()
        await alice.engine.message_send(conversation, "later")
        assert not await alice.engine.outbox_settle(1000)
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(wait)
            await trio.sleep(5)
            await relay.on()
        assert settled == [True] * 3


async def test_a_profile_that_lost_its_header_is_never_made_anew(
    world: World, autojump_clock: MockClock
) -> None:
    async with world.desktop("Alice") as alice:
        await alice.engine.profile_lock()
        (alice.folder / "vault.header").unlink()
        files = {path.name: path.read_bytes() for path in alice.folder.iterdir()}
        for asked in (
            alice.engine.profile_state,
            partial(alice.engine.profile_unlock, PASSPHRASE),
            partial(alice.engine.profile_create, "Alice", PASSPHRASE),
        ):
            with pytest.raises(VaultDamaged):
                await asked()
        assert {path.name: path.read_bytes() for path in alice.folder.iterdir()} == files


async def test_creating_and_unlocking_that_are_cancelled_are_done_or_not(
    world: World, autojump_clock: MockClock
) -> None:
    async with world.desktop("Alice") as alice:
        for patience in (0.0, 1.0):
            await alice.engine.profile_lock()
            with trio.CancelScope() as scope:
                if patience == 0.0:
                    scope.cancel()
                await alice.engine.profile_unlock(PASSPHRASE)
            state = await alice.engine.profile_state()
            assert state is (ProfileState.LOCKED if scope.cancelled_caught else state.UNLOCKED)
            await alice.engine.profile_unlock(PASSPHRASE)


async def lost_sessions(world: World) -> None:
    """The ratchet is lost at one end: said in the conversation, and nothing else is lost."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        for desktop in (alice, bob):
            await desktop.engine.message_send(conversation, f"from {desktop.name}")
        await trio.sleep(10)
        await bob.ground.vault.transact(lambda db: db.execute("DELETE FROM session").rowcount)
        for number in range(3):
            await alice.engine.message_send(conversation, f"{number}")
        await trio.sleep(60)
        for desktop in (alice, bob):
            assert "<notice fresh_session>" in await desktop.texts(conversation)
        assert set(await alice.states(conversation)) == {"delivered"}
        texts = await bob.texts(conversation)
        assert [one for one in texts if one.isdigit()] == ["0", "1", "2"]
        assert not any("unreadable" in one for one in texts)
        await alice.ground.vault.transact(lambda db: db.execute("DELETE FROM session").rowcount)
        await alice.engine.message_send(conversation, "now I lost mine")
        await bob.engine.message_send(conversation, "did you?")
        await trio.sleep(300)
        for desktop in (alice, bob):
            assert set(await desktop.states(conversation)) == {"delivered"}
            assert not any("unreadable" in one for one in await desktop.texts(conversation))


async def test_a_lost_ratchet_begins_anew_and_says_so(
    world: World, autojump_clock: MockClock
) -> None:
    await lost_sessions(world)


async def test_mutant_that_never_begins_anew(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(ground: Ground, device_id: DeviceId) -> bool:
        return False

    monkeypatch.setattr(bundles, "begin_anew", never)
    with the_story_fails():
        await lost_sessions(world)


@pytest.mark.parametrize("error", [VaultFull, VaultDamaged])
async def test_a_vault_that_fails_takes_nothing_in_and_ends_nothing(
    world: World,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    error: type[VaultFull] | type[VaultDamaged],
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)

        async def fails(work: object) -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(bob.ground.vault._vault, "transact", fails)  # pyright: ignore[reportPrivateUsage]
            await alice.engine.message_send(conversation, "is there room?")
            await trio.sleep(300)
            assert await alice.states(conversation) == ["sent"]
            if error is VaultFull:
                with pytest.raises(VaultFull):
                    await bob.engine.message_send(conversation, "no")
                [status] = await bob.engine.relay_list()
                assert (status.state, status.trouble) == (RelayState.OFFLINE, Trouble.DISK_FULL)
            else:
                assert await bob.engine.profile_state() is ProfileState.LOCKED
                assert ProfileChanged(ProfileState.LOCKED) in bob.heard
        if error is VaultDamaged:
            await bob.engine.profile_unlock(PASSPHRASE)
        await trio.sleep(300)
        assert await alice.states(conversation) == ["delivered"]
        assert "is there room?" in await bob.texts(conversation)
