"""Three relays: what came to the second in a packet never gets to the third."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from protocol.hpke import seal_to
from protocol.ids import CallId
from protocol.keys import Domain, joined
from protocol.wire import codec, packet
from protocol.wire.frames import PACKET_SIZES, Forward, Outcome, Request
from protocol.wire.packet import VERSION, key_id_of, ticket_of
from tests.relay.test_two_hops import FROM_BOB
from tests.relay.town import ANSWER_KEY, Post, answered, handed_in, open_town, secret_of
from tests.whole.mutant import the_story_fails


def by_hand(asked: Forward, to: Post) -> bytes:
    """A packet that our own code would not make."""
    said, size = codec.dump([asked]), PACKET_SIZES[3]
    counted = len(said).to_bytes(4, "big") + said
    plain = (ANSWER_KEY + counted).ljust(size - 9 - 1136, b"\0")
    info = joined(Domain.PACKET.value, VERSION, to.card.relay)
    return VERSION + key_id_of(to.card.sealing) + seal_to(to.card.sealing, plain, info)


async def no_second_hop() -> None:
    """Bob has a pass at the second relay as well, and sends it a packet to be forwarded."""
    async with open_town() as town:
        first, second, third = [await town.post(f"{name}.example") for name in "abc"]
        alice, bob, there = await third.caller(1), await first.caller(2), await second.caller(3)
        await alice.move_in(FROM_BOB)
        await bob.move_in()
        await there.move_in()
        asked = Forward(
            call=CallId(0),
            pass_secret=bytes(there.secret)[::-1],
            destination=str(third.address),
            ticket=ticket_of(secret_of(2)),
            packet=third.packet(1, FROM_BOB),
        )
        await handed_in(bob, 1, by_hand(asked, second), second)
        outcome = (await answered(bob)).outcome
        await trio.sleep(60)
        assert (outcome, third.calls, third.store.totals().envelopes) == (Outcome.UNREADABLE, [], 0)


async def test_a_packet_in_a_packet_goes_no_second_hop(autojump_clock: MockClock) -> None:
    await no_second_hop()


async def test_mutant_that_forwards_what_came_in_a_packet(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packet, "CARRIED", (Request,))
    with the_story_fails():
        await no_second_hop()
