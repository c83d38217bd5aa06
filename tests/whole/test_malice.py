"""Contacts and strangers who mean harm: shown as what it is, and nobody else is touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest
import trio
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.errors import NameMissing
from desktop.core.models import Cause, Kind, Message
from desktop.engine.pairing import learn
from desktop.store import capabilities, contacts, header, own, sealing_keys
from protocol.e2e import account
from protocol.e2e.contents import (
    Gap,
    Greeting,
    MailboxRoute,
    Profile,
    Receipt,
    RepairAsk,
    Route,
    conversation_of,
)
from protocol.e2e.devices import (
    DeviceList,
    SignedDeviceList,
    Succession,
    enlist,
    read_list,
    sign_list,
)
from protocol.e2e.identity import Member, new_device
from protocol.e2e.link import parse_contact_link
from protocol.e2e.olm_message import NORMAL, PRE_KEY, OlmBytes
from protocol.e2e.sealing import sign_sealing_key
from protocol.ids import ConversationId, DeviceId, MessageId
from tests.whole.malice import Mallory
from tests.whole.mutant import the_story_fails
from tests.whole.world import PASSPHRASE, Desktop, Place, World, befriend, member


async def trio_of_people(
    world: World, relay: Place, alice: Desktop, mallory: Desktop, carol: Desktop
) -> tuple[Mallory, ConversationId, ConversationId]:
    """Alice knows Mallory and Carol."""
    del world, relay
    bad = await befriend(alice.wire.world, alice, mallory)
    good = await befriend(alice.wire.world, alice, carol)
    return Mallory(mallory, await member(alice)), bad, good


async def still_well(alice: Desktop, carol: Desktop, good: ConversationId) -> None:
    """Whatever happened, Alice and Carol write to each other as before."""
    before = len(await alice.texts(good))
    await carol.engine.message_send(good, f"still here {before}")
    await alice.engine.message_send(good, f"so am I {before}")
    await trio.sleep(10)
    assert len(await alice.texts(good)) == before + 2
    assert set(await alice.states(good)) == set(await carol.states(good)) == {"delivered"}
    assert all(row.kind in (Kind.TEXT, Kind.NOTICE) for row in await rows(alice, good))


async def rows(desktop: Desktop, conversation: ConversationId) -> Sequence[Message]:
    return await desktop.engine.message_list(conversation, limit=1000)


async def test_junk_from_a_contact_is_shown_with_its_cause_and_touches_nobody_else(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        rng = world.random.randbytes

        async def shown_as(cause: Cause) -> None:
            await trio.sleep(5)
            last = (await rows(alice, bad))[-1]
            assert (last.kind, last.cause, last.text) == (Kind.UNREADABLE, cause, "")

        await harm.leave(rng(2048))
        await shown_as(Cause.NOT_OPENABLE)
        await harm.leave(b"\x02" + rng(4095))
        await harm.leave(b"\x01" + rng(65535))
        await trio.sleep(5)
        assert (await rows(alice, bad))[-1].count == 3, "junk shares one row"
        await harm.say(rng(300))
        await shown_as(Cause.NOT_UNDERSTOOD)
        await harm.say(b"\x81" * 20_000)
        await harm.say(msgspec.msgpack.encode({"t": "text", "text": "no header"}))
        await trio.sleep(5)
        assert (await rows(alice, bad))[-1].count == 3
        header = msgspec.to_builtins(await harm.header(), builtin_types=(bytes,))
        await harm.say(msgspec.msgpack.encode({"t": "hologram", "header": header}))
        await shown_as(Cause.NEWER_VERSION)
        await harm.say(await harm.text("out of the chain", counter=0))
        await shown_as(Cause.NOT_UNDERSTOOD)
        await harm.say(await harm.text("beyond belief", counter=2**31, previous=bytes(32)))
        await shown_as(Cause.FORKED)
        await harm.say(await harm.text("no such past", counter=1, previous=bytes(32)))
        await harm.say(await harm.text("another conversation", conversation=good))
        await shown_as(Cause.NOT_UNDERSTOOD)
        await still_well(alice, carol, good)
        assert "out of the chain" not in "".join(await alice.texts(bad))
        assert await alice.count("quarantine") == 0


async def test_a_message_that_claims_the_place_or_the_name_of_another(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        mine = await alice.engine.message_send(bad, "mine")
        theirs = await mallory.engine.message_send(bad, "theirs")
        other = await alice.engine.message_send(good, "to Carol")
        await trio.sleep(5)
        found = await mallory.ground.vault.read(lambda db: own.find(db, theirs))
        assert found is not None
        await harm.say(await harm.text("another first", counter=1, previous=b""))
        for claimed in (mine, theirs, other):
            previous = world.random.randbytes(32)
            text = await harm.text("twice", counter=9, previous=previous, message_id=claimed)
            await harm.say(text)
            await harm.say(msgspec.structs.replace(text, text="or thrice"))
        await trio.sleep(10)
        shown = await rows(alice, bad)
        assert [row.text for row in shown if row.message_id == mine] == ["mine"]
        assert [row.text for row in shown if row.message_id == theirs] == ["theirs"]
        assert await alice.states(bad) == ["delivered"]
        assert await alice.engine.message_list(good, before=other) is not None
        await still_well(alice, carol, good)


async def test_a_replay_under_a_new_envelope_id_is_taken_in_silence(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        olm = await harm.say(await harm.text("once", counter=1, previous=b""))
        await trio.sleep(5)
        before, heard = await alice.texts(bad), await mallory.count("opened")
        for _ in range(5):
            await harm.post(olm)
            await trio.sleep(5)
        assert await alice.texts(bad) == before
        assert await mallory.count("opened") == heard, "nor does each bring a receipt"
        await trio.sleep(3600)
        await harm.post(olm)
        await trio.sleep(5)
        assert await mallory.count("opened") == heard + 1, "the first one may have been lost"
        await still_well(alice, carol, good)


async def test_receipts_for_what_was_written_to_others_change_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
    ):
        async with world.desktop("Carol", at=relay) as carol:
            harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        message = await alice.engine.message_send(good, "to Carol alone")
        await trio.sleep(5)
        unknown = tuple(MessageId(world.random.randbytes(16)) for _ in range(400))
        receipt = Receipt(header=await harm.header(), delivered=unknown, read=(message,))
        await harm.say(receipt)
        await trio.sleep(5)
        assert await alice.states(good) == ["sent"]
        assert await alice.count("outbox") == 1, "it is still on its way"
        async with world.desktop("Carol") as carol:
            await trio.sleep(10)
            assert await alice.states(good) == ["delivered"]
        assert bad


async def test_questions_without_end_are_answered_within_a_bound(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        for number in range(60):
            await alice.engine.message_send(bad, f"{number}")
        secret = await alice.engine.message_send(good, "to Carol alone")
        await trio.sleep(30)
        device = DeviceId(alice.ground.me.device.device_id)
        stored = relay.store.mailboxes.find(mallory.mailbox_at(relay))
        assert stored is not None
        before = stored.last
        gaps = tuple(Gap(device=device, first=1, last=2**32 - 1) for _ in range(64))
        hashes = tuple(world.random.randbytes(32) for _ in range(64))
        for _ in range(10):
            await harm.say(RepairAsk(header=await harm.header(), gaps=gaps, olm_hashes=hashes))
            await trio.sleep(20)
        assert stored.last - before < 600, "500 in an hour, and the answers"
        assert len(await mallory.texts(bad)) == 61, "what was said again is not shown again"
        await still_well(alice, carol, good)
        assert secret


async def test_junk_that_names_another_member_is_nobodys_and_costs_the_capability(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        carols = DeviceId(carol.ground.me.device.device_id)
        before = await alice.texts(bad), await alice.texts(good)
        for number in range(3):
            olm = OlmBytes((NORMAL, PRE_KEY)[number % 2], world.random.randbytes(100))
            await harm.post(olm, sender=carols)
        await trio.sleep(20)
        assert (await alice.texts(bad), await alice.texts(good)) == before
        assert await alice.count("quarantine") == 3
        assert await alice.count("wish") == 0, "and Carol is asked for nothing"
        await mallory.engine.message_send(bad, "let me in")
        await trio.sleep(3600)
        assert await mallory.states(bad) == ["failed"]
        await still_well(alice, carol, good)


async def test_a_stranger_with_a_leaked_link_can_say_nothing_in_anybodys_name(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        leaked = parse_contact_link(await alice.engine.contact_invite())
        await alice.engine.contact_remove(await member(mallory))
        await trio.sleep(5)
        before = await alice.texts(good)
        carols = DeviceId(carol.ground.me.device.device_id)
        for kind in (NORMAL, PRE_KEY):
            junk = OlmBytes(kind, world.random.randbytes(100))
            await harm.post(junk, sender=carols, capability=leaked.capability())
        await harm.say(await harm.text("it is me"), capability=leaked.capability())
        await harm.leave(world.random.randbytes(2048), capability=leaked.capability())
        await trio.sleep(10)
        assert await alice.texts(good) == before
        assert len(await alice.engine.contact_list()) == 1
        assert await alice.count("wish") == 0
        assert await alice.count("quarantine") >= 3
        await still_well(alice, carol, good)
        assert bad


async def greeting_in_the_name_of_another(world: World) -> None:
    """Mallory keeps what Carol greeted her with, and comes to Alice with it by an open link."""
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        await befriend(world, mallory, carol)
        her, hers = await member(alice), carol.ground.me

        def kept(db: Connection) -> tuple[SignedDeviceList, tuple[MailboxRoute, ...]]:
            found = contacts.find(db, hers.member_id)
            assert found is not None
            [device] = contacts.devices(db, hers.member_id)
            boxes = contacts.mailboxes(db, device.device_id)
            return found.device_list, tuple(
                MailboxRoute(relay=one.relay, capability=one.capability, drawer_key=one.drawer_key)
                for one in boxes
            )

        device_list, boxes = await mallory.ground.vault.read(kept)
        key = sign_sealing_key(hers.device, await carol.ground.vault.read(sealing_keys.current))
        route = Route(device=hers.device.device_id, mailboxes=boxes, sealing_key=key)
        link = parse_contact_link(await alice.engine.contact_invite())
        harm = Mallory(mallory, her)

        for device in (mallory.ground.me.device.device_id, hers.device.device_id):
            await harm.begin(link)
            head = await harm.header(
                author=hers.member_id,
                author_device=device,
                conversation=conversation_of(hers.member_id, her),
            )
            greeting = Greeting(header=head, name="Carol", device_list=device_list, routes=(route,))
            await harm.say(greeting, sender=device)
            await trio.sleep(10)
            assert await alice.engine.contact_list() == [], "Carol is not who came"
        assert await alice.engine.conversation_list() == []
        quarantine = await alice.ground.vault.read(
            lambda db: db.execute("SELECT cause FROM quarantine").fetchall()
        )
        assert quarantine == [("not_understood",)] * 2, "both were opened, and not believed"
        assert await alice.count("session") == await alice.count("outbox") == 0
        await carol.engine.contact_accept(str(link))
        await trio.sleep(10)
        [known] = await alice.engine.contact_list()
        assert (known.contact_id, known.name) == (hers.member_id, "Carol")


async def test_nobody_comes_by_a_link_in_the_name_of_another(
    world: World, autojump_clock: MockClock
) -> None:
    await greeting_in_the_name_of_another(world)


def anybody(listed: DeviceList, sender: DeviceId, their_olm: bytes) -> bool:
    return True


def by_device_alone(listed: DeviceList, sender: DeviceId, their_olm: bytes) -> bool:
    return any(one.device == sender for one in listed.devices)


@pytest.mark.parametrize("believes", [anybody, by_device_alone])
async def test_mutant_that_believes_a_list_that_somebody_else_brings(
    world: World,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    believes: Callable[[DeviceList, DeviceId, bytes], bool],
) -> None:
    monkeypatch.setattr(learn, "names", believes)
    with the_story_fails():
        await greeting_in_the_name_of_another(world)


async def test_a_greeting_that_leads_nowhere_changes_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        me = mallory.ground.me
        carols_list = carol.ground.me.device_list
        key = sign_sealing_key(me.device, await mallory.ground.vault.read(sealing_keys.current))
        nowhere = Route(device=me.device.device_id, mailboxes=(), sealing_key=key)
        stranger = Route(device=carol.ground.me.device.device_id, mailboxes=(), sealing_key=key)

        async def greeting(**changed: object) -> Greeting:
            made = Greeting(
                header=await harm.header(), name="M", device_list=me.device_list, routes=()
            )
            return msgspec.structs.replace(made, **changed)

        await harm.say(await greeting(routes=(nowhere,)))
        await harm.say(await greeting(routes=(stranger,)))
        await harm.say(await greeting(device_list=carols_list))
        await trio.sleep(5)
        last = (await rows(alice, bad))[-1]
        assert (last.kind, last.cause, last.count) == (Kind.UNREADABLE, Cause.NOT_UNDERSTOOD, 3)
        await alice.engine.message_send(bad, "still reaches you")
        await trio.sleep(5)
        assert await alice.states(bad) == ["delivered"]
        await still_well(alice, carol, good)


async def test_a_name_reaches_no_further_than_itself(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
    ):
        await befriend(world, alice, mallory)
        harm = Mallory(mallory, await member(alice))
        who = await member(mallory)
        await harm.say(Profile(header=await harm.header(), name="\u202eyrollaM\n\x07"))
        await trio.sleep(5)
        assert (await alice.engine.contact_show(who)).name == "yrollaM"
        await harm.say(Profile(header=await harm.header(), name="\u2066\u2069"))
        await trio.sleep(5)
        assert (await alice.engine.contact_show(who)).name == "yrollaM"
        with pytest.raises(NameMissing):
            await alice.engine.contact_rename(who, "\u200b")


async def forked_device_lists(world: World) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        mine = mallory.ground.me
        known = await alice.ground.vault.read(lambda db: contacts.find(db, mine.member_id))
        assert known is not None
        identity = Member(mine.member_id, header.identity_seed(mallory.folder, PASSPHRASE))
        other = new_device(world.random.randbytes)
        olm = account.identity_key(account.new_account())
        entries = [
            *read_list(mine.device_list, mine.member_id).devices,
            enlist(other, mine.member_id, olm, world.now()),
        ]
        fork = sign_list(identity, entries, None)
        before, sent = await alice.texts(bad), await alice.count("outbox")
        for _ in range(3):
            head = await harm.header()
            routes: tuple[Route, ...] = ()
            await harm.say(Greeting(header=head, name="Eve", device_list=fork, routes=routes))
        await trio.sleep(10)
        assert await alice.texts(bad) == [*before, "<notice devices_forked>"]
        assert (await rows(alice, bad))[-1].count == 3
        now = await alice.ground.vault.read(lambda db: contacts.find(db, mine.member_id))
        assert now == known, "neither the list nor the name counts"
        assert await alice.count("outbox") == sent, "and nothing is answered"
        await alice.engine.message_send(bad, "to the device that was there first")
        await trio.sleep(10)
        assert await alice.states(bad) == ["delivered"]
        await still_well(alice, carol, good)


async def test_two_device_lists_of_one_version_are_warned_of_and_not_believed(
    world: World, autojump_clock: MockClock
) -> None:
    await forked_device_lists(world)


async def test_mutant_that_takes_the_second_list_for_an_older_one(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def older(*_: object) -> Succession:
        return Succession.OLDER

    monkeypatch.setattr(learn, "succeeds", older)
    with the_story_fails():
        await forked_device_lists(world)


async def removed_contact_says_nothing_more(world: World) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        box = relay.store.mailboxes.find(alice.mailbox_at(relay))
        assert box is not None
        await alice.engine.contact_remove(await member(mallory))
        await trio.sleep(5)
        before = box.last
        for _ in range(3):
            await harm.say(await harm.text("hear me", counter=5, previous=bytes(32)))
        await trio.sleep(3600)
        assert box.last == before, "nothing can be left there any more"
        assert [one.name for one in await alice.engine.contact_list()] == ["Carol"]
        await still_well(alice, carol, good)
        assert bad


async def test_a_removed_contacts_capability_deposits_nothing_more(
    world: World, autojump_clock: MockClock
) -> None:
    await removed_contact_says_nothing_more(world)


async def test_mutant_that_removes_without_revoking(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kindly(db: object, member_id: object) -> None:
        return None

    monkeypatch.setattr(capabilities, "take_back_from", kindly)
    with the_story_fails():
        await removed_contact_says_nothing_more(world)
