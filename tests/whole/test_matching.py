"""What relays that work together can tell of one message: not that it is one."""

from __future__ import annotations

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.engine.sending import seal as sealing
from protocol.e2e.envelope import Inside, seal
from protocol.ids import DeviceId
from tests.whole.mutant import the_story_fails
from tests.whole.world import Place, World, befriend


async def copies_at_two_relays(world: World) -> None:
    """Bob is away, so what Alice writes goes to his second mailbox too after a while."""
    world.timings = replace(world.timings, ping=45.0, upkeep=120.0, elsewhere_after=300.0)
    one, two = await world.relay("one.example"), await world.relay("two.example")
    async with world.desktop("Alice", at=one) as alice:
        async with world.desktop("Bob", at=one) as bob:
            conversation = await befriend(world, alice, bob)
            await bob.engine.relay_add(str(two.address))
            await trio.sleep(10)
            await bob.learn_mailboxes()
        await alice.engine.message_send(conversation, "one message")
        await trio.sleep(700)

        def seen_by(relay: Place) -> tuple[bytes, bytes, bytes]:
            [(waiting, capability, _)] = relay.waiting_for(bob)
            return waiting.body, waiting.envelope_id, capability.hash

        (body, id_, by), (other_body, other_id, other_by) = seen_by(one), seen_by(two)
        assert len(body) == len(other_body), "a size of many messages"
        assert id_ != other_id
        assert by != other_by
        same = sum(a == b for a, b in zip(body, other_body, strict=True))
        assert same < len(body) // 64
        async with world.desktop("Bob") as bob:
            await trio.sleep(60)
            assert (await bob.texts(conversation)).count("one message") == 1


async def test_copies_of_one_message_at_two_relays_have_nothing_in_common(
    world: World, autojump_clock: MockClock
) -> None:
    await copies_at_two_relays(world)


async def test_mutant_that_seals_once_for_all_mailboxes(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[bytes, bytes] = {}

    def once(inside: Inside, recipient: DeviceId, public: bytes) -> bytes:
        return made.setdefault(inside.olm.body, seal(inside, recipient, public))

    monkeypatch.setattr(sealing, "seal", once)
    with the_story_fails():
        await copies_at_two_relays(world)
