"""A contact names relays that take a call and say nothing: nobody else waits because of it."""

from __future__ import annotations

from typing import ClassVar, cast

import msgspec
import pytest
import trio
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.engine.receiving import receipts
from desktop.engine.relays import errands
from desktop.engine.relays.unanswered import Unanswered
from desktop.engine.relays.ways import Ways
from desktop.store import contacts, header, outbox, sealing_keys
from desktop.store.contacts import ContactDevice
from protocol.e2e import account
from protocol.e2e.contents import Greeting, MailboxRoute, Route
from protocol.e2e.devices import enlist, read_list, sign_list
from protocol.e2e.identity import Member, new_device
from protocol.e2e.sealing import sign_sealing_key
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from protocol.wire.frames import FindCard
from relay.rules.clock import Now
from relay.rules.office import AnyRequest
from relay.server import Relay
from relay.store.storage import Answered, Inline
from tests.whole.malice import Mallory
from tests.whole.mutant import the_story_fails
from tests.whole.test_malice import trio_of_people
from tests.whole.world import PASSPHRASE, Desktop, Place, World


class Tarpit:
    """Takes every call and says nothing, ever."""

    async def serve_stream(self, stream: trio.abc.Stream) -> None:
        await trio.sleep_forever()


class Counting(Inline):
    """Counts the cards that it is asked to find."""

    cards: ClassVar[int] = 0

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        Counting.cards += isinstance(asked, FindCard)
        super().submit(asked, now, answered)


def tarpit(world: World, host: str) -> Place:
    place = Place(world, host, seed=Secret(world.random.randbytes(32)))
    place.relay = cast(Relay, Tarpit())
    world.places[host] = place
    return place


async def many_devices(harm: Mallory, home: Place, elsewhere: list[Place]) -> Greeting:
    """A greeting with a dozen devices more, all of which collect elsewhere."""
    ground, rng = harm.desktop.ground, harm.desktop.wire.world.random.randbytes
    me, key = ground.me, await ground.vault.read(sealing_keys.current)
    seed = header.identity_seed(harm.desktop.folder, PASSPHRASE)
    more = [new_device(rng) for _ in range(12)]
    entries = [
        *read_list(me.device_list, me.member_id).devices,
        *(
            enlist(one, me.member_id, account.identity_key(account.new_account()), ground.now())
            for one in more
        ),
    ]

    def boxes(places: list[Place]) -> tuple[MailboxRoute, ...]:
        return tuple(
            MailboxRoute(relay=str(one.address), capability=rng(32), drawer_key=rng(32))
            for one in places
        )

    routes = [
        Route(
            device=me.device.device_id,
            mailboxes=boxes([home]),
            sealing_key=sign_sealing_key(me.device, key),
        )
    ]
    routes += [
        Route(
            device=one.device_id,
            mailboxes=boxes(elsewhere),
            sealing_key=sign_sealing_key(one, key),
        )
        for one in more
    ]
    return Greeting(
        header=await harm.header(),
        name="Mallory",
        device_list=sign_list(Member(me.member_id, seed), entries, me.device_list),
        routes=tuple(routes),
    )


async def forget_session(desktop: Desktop, other: Desktop) -> None:
    device = other.ground.me.device.device_id

    def forget(db: Connection) -> None:
        db.execute("DELETE FROM session WHERE device_id = ?", (device,))

    await desktop.ground.vault.transact(forget)


async def soon(world: World) -> None:
    relay = await world.relay(storage=Counting)
    silent = [tarpit(world, f"tar{number}.example") for number in range(3)]
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, good = await trio_of_people(world, relay, alice, mallory, carol)
        await harm.say(await many_devices(harm, relay, silent))
        await trio.sleep(5)
        await forget_session(alice, carol)
        await alice.engine.message_send(good, "urgent")
        await trio.sleep(10)
        assert "urgent" in await carol.texts(good)
        opened, asked = alice.wire.opened, Counting.cards
        await trio.sleep(3600)
        calls = alice.wire.opened - opened + Counting.cards - asked
        assert calls < 100, "each silent relay is called once in a while, not for every device"
        assert bad


async def test_a_fresh_session_waits_for_nobody_elses_relay(
    world: World, autojump_clock: MockClock
) -> None:
    await soon(world)


async def test_mutant_with_one_errand_at_a_time(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "MOST", 1)
    with the_story_fails():
        await soon(world)


async def test_mutant_that_calls_a_silent_relay_for_every_device(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(self: Unanswered, address: RelayAddress) -> bool:
        return False

    def not_at_all(self: Ways, via: object, to: object, **_: float) -> None:
        return

    monkeypatch.setattr(Unanswered, "rests", never)
    monkeypatch.setattr(Ways, "rest", not_at_all)
    with the_story_fails():
        await soon(world)


async def greetings_do_not_multiply(world: World) -> None:
    relay = await world.relay()
    silent = [tarpit(world, "tar.example")]
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
        world.desktop("Carol", at=relay) as carol,
    ):
        harm, bad, _ = await trio_of_people(world, relay, alice, mallory, carol)
        first = await many_devices(harm, relay, silent)
        for _ in range(5):
            await harm.say(msgspec.structs.replace(first, header=await harm.header()))
            await trio.sleep(5)
        await trio.sleep(60)
        assert await alice.count("outbox") <= 13, "one greeting for each device, and no receipts"
        assert bad


async def test_a_contacts_greetings_do_not_multiply(
    world: World, autojump_clock: MockClock
) -> None:
    await greetings_do_not_multiply(world)


async def test_mutant_that_answers_every_greeting(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def anew(*_: object) -> bool:
        return False

    def always(*_: object) -> bool:
        return True

    monkeypatch.setattr(outbox, "replace_greeting", anew)
    monkeypatch.setattr(contacts, "may_answer", always)
    with the_story_fails():
        await greetings_do_not_multiply(world)


async def test_mutant_that_begins_sessions_for_receipts(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everybody(db: Connection, devices: list[ContactDevice]) -> list[ContactDevice]:
        return devices

    monkeypatch.setattr(receipts, "_reached", everybody)
    with the_story_fails():
        await greetings_do_not_multiply(world)
