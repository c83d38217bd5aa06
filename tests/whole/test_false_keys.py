"""A link whose relay shows another key: it gets a sentence of its own, and no mailbox."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace
from trio.testing import MockClock

from desktop.core.errors import RelayKeyWrong
from protocol.ids import Fingerprint
from protocol.wire import codec, handshake
from protocol.wire.frames import Side, Statement, Welcome
from protocol.wire.handshake import Agreed, agree, fingerprint
from tests.whole.mutant import the_story_fails
from tests.whole.world import World


async def another_key(world: World) -> None:
    """Whoever answers at the address of a link is not the relay that the link names."""
    relay = await world.relay()
    async with world.desktop("Bob") as bob:
        named = replace(relay.address, fingerprint=Fingerprint(bytes(32)))
        refused = False
        try:
            await bob.engine.relay_add(str(named))
        except RelayKeyWrong:
            refused = True
        assert refused, "it shows another key than the link says"
        assert await bob.engine.relay_list() == []
        assert not relay.store.mailboxes.all


async def test_a_link_whose_relay_shows_another_key_is_refused(
    world: World, autojump_clock: MockClock
) -> None:
    await another_key(world)


async def test_mutant_that_takes_whoever_answers_for_the_relay(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def whoever(said: bytes, heard: bytes, pinned: Fingerprint, certificate: bytes) -> Agreed:
        [welcome] = codec.load(heard, Side.RELAY, codec.MAX_BEFORE_HANDSHAKE)
        assert isinstance(welcome, Welcome)
        signed = msgspec.msgpack.decode(welcome.statement, type=Statement)
        return agree(said, heard, fingerprint(signed.relay), certificate)

    monkeypatch.setattr(handshake, "agree", whoever)
    with the_story_fails():
        await another_key(world)
