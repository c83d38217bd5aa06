"""Another relay comes with packets: who may, what they may hold, and what is said of them."""

from __future__ import annotations

import pytest
import trio

from protocol.ids import CallId, EnvelopeId, RelayKey
from protocol.keys import Secret, public_key
from protocol.wire.card import introduction, read_card
from protocol.wire.frames import (
    Card,
    CardBody,
    Carried,
    Carry,
    Deposit,
    Done,
    Introduce,
    Reason,
    Refused,
    Reply,
    ShowCard,
    Stored,
    TakeBundle,
)
from protocol.wire.handshake import fingerprint
from protocol.wire.packet import hash_of, open_answer, seal_packet
from relay.rules.federation import Federation, Openness
from relay.rules.limits import House, Limits
from relay.two_hops.opener import EACH_ROUND
from tests.relay.caller import RELAY_SEED, Caller, World, open_world

OTHER = Secret(b"another relay's seed".ljust(32))
FROM_BOB = b"alice gave this to bob".ljust(32)
ANSWER_KEY = Secret(b"a" * 32)


async def card_of(caller: Caller) -> CardBody:
    shown = await caller.ask(ShowCard(call=caller.call()))
    assert isinstance(shown, Card)
    return read_card(shown.body, shown.signature, fingerprint(public_key(RELAY_SEED)))


async def introduce(caller: Caller, seed: Secret = OTHER) -> Reply:
    asked = Introduce(
        call=caller.call(),
        relay=RelayKey(public_key(seed)),
        signature=introduction(seed, caller.agreed.transcript),
    )
    return await caller.ask(asked)


async def carry(caller: Caller, packet: bytes) -> Reply:
    return await caller.ask(Carry(call=caller.call(), packet=packet))


def a_deposit(number: int, capability: bytes = FROM_BOB) -> Deposit:
    return Deposit(
        call=CallId(0),
        capability=capability,
        envelope_id=EnvelopeId(number.to_bytes(16, "big")),
        body=number.to_bytes(4, "big") * 512,
    )


async def a_relay(world: World, seed: int = 50) -> tuple[Caller, CardBody]:
    """Another relay, introduced, and the card it was shown."""
    caller = await world.caller(seed)
    assert await introduce(caller) == Done(call=CallId(1))
    return caller, await card_of(caller)


def inside(reply: Reply, packet: bytes) -> Reply:
    assert isinstance(reply, Carried)
    return open_answer(reply.answer, ANSWER_KEY, hash_of(packet))


async def test_a_packet_is_opened_and_answered_for_its_sender_only(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_world() as world:
        alice = await world.caller(1)
        await alice.move_in(FROM_BOB)
        other, card = await a_relay(world)
        packet = seal_packet(a_deposit(7), card, ANSWER_KEY)
        assert inside(await carry(other, packet), packet) == Stored(call=CallId(0))
        delivered = await alice.delivery()
        assert delivered.envelope_id == a_deposit(7).envelope_id
        assert delivered.body == a_deposit(7).body


async def test_a_packet_carried_again_is_one_envelope(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_world() as world:
        alice = await world.caller(1)
        await alice.move_in(FROM_BOB)
        other, card = await a_relay(world)
        packet = seal_packet(a_deposit(7), card, ANSWER_KEY)
        first, again = await carry(other, packet), await carry(other, packet)
        assert inside(first, packet) == inside(again, packet) == Stored(call=CallId(0))
        assert first != again  # nobody tells from the answers that they say the same
        await alice.delivery()
        await alice.ping()
        assert alice.heard == []


async def test_what_a_packet_asks_wrongly_only_its_sender_reads(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_world(House(open=True, limits=Limits(failed_attempts=3))) as world:
        other, card = await a_relay(world)
        for asked in (
            a_deposit(7, b"nobody gave this".ljust(32)),
            TakeBundle(call=CallId(0), capability=FROM_BOB),
        ) * 4:
            packet = seal_packet(asked, card, ANSWER_KEY)
            expected = Refused(call=CallId(0), reason=Reason.UNKNOWN)
            assert inside(await carry(other, packet), packet) == expected


async def test_what_does_not_open_is_unknown_and_not_its_carriers_fault(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_world(House(open=True, limits=Limits(failed_attempts=3))) as world:
        other, card = await a_relay(world)
        packet = seal_packet(a_deposit(7), card, ANSWER_KEY)
        for damaged in (
            packet[:-1] + bytes([packet[-1] ^ 1]),
            bytes([packet[0] ^ 1]) + packet[1:],
            b"\x01" + bytes(1535),
        ) * 4:
            reply = await carry(other, damaged)
            assert isinstance(reply, Refused)
            assert reply.reason is Reason.UNKNOWN
        await other.ping()


async def test_nothing_is_carried_without_an_introduction(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_world() as world:
        caller = await world.caller(1)
        packet = seal_packet(a_deposit(7), await card_of(caller), ANSWER_KEY)
        reply = await carry(caller, packet)
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.WRONG_STATE


async def test_an_introduction_is_for_one_connection_and_by_the_relays_own_key(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_world() as world:
        one, two = await world.caller(1), await world.caller(2)
        replayed = Introduce(
            call=two.call(),
            relay=RelayKey(public_key(OTHER)),
            signature=introduction(OTHER, one.agreed.transcript),
        )
        refused = await two.ask(replayed)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.BAD_SIGNATURE
        assert isinstance(await introduce(one), Done)
        reply = await introduce(one)
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.WRONG_STATE


@pytest.mark.parametrize(
    "federation",
    [
        Federation(Openness.ALLOW),
        Federation(Openness.BLOCK, frozenset({fingerprint(public_key(OTHER))})),
    ],
)
async def test_a_relay_that_is_shut_out_is_told_so(
    federation: Federation, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_world(House(open=True, federation=federation)) as world:
        caller = await world.caller(1)
        reply = await introduce(caller)
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.NOT_ALLOWED
        packet = seal_packet(a_deposit(7), await card_of(caller), ANSWER_KEY)
        reply = await carry(caller, packet)
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.WRONG_STATE


async def test_a_relay_does_not_meet_itself(autojump_clock: trio.testing.MockClock) -> None:
    async with open_world() as world:
        reply = await introduce(await world.caller(1), RELAY_SEED)
        assert isinstance(reply, Refused)
        assert reply.reason is Reason.NOT_ALLOWED


async def test_a_later_connection_of_a_relay_takes_over(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_world() as world:
        one, _ = await a_relay(world, 50)
        two, _ = await a_relay(world, 51)
        farewell = await one.farewell()
        assert farewell is not None
        assert farewell.reason is Reason.WRONG_STATE
        await two.ping()


async def test_a_flood_of_what_does_not_open_delays_its_carrier_only(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_world() as world:
        alice = await world.caller(1)
        await alice.move_in(FROM_BOB)
        flooder, card = await a_relay(world, 50)
        carol = await world.caller(51)
        assert isinstance(await introduce(carol, Secret(b"c" * 32)), Done)
        packet = seal_packet(a_deposit(7), card, ANSWER_KEY)
        junk = packet[:-1] + bytes([packet[-1] ^ 1])
        flood = [Carry(call=flooder.call(), packet=junk) for _ in range(200)]
        await flooder.say(*flood)
        assert inside(await carry(carol, packet), packet) == Stored(call=CallId(0))
        answered = 0
        with trio.move_on_after(0):
            while await flooder.next() is not None:
                answered += 1
        assert answered <= 6 * EACH_ROUND
