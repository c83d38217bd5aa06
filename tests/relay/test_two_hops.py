"""Two and three relays: packets go from one to the other, whatever happens on the way."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from protocol.ids import CallId
from protocol.keys import Secret, public_key
from protocol.wire.card import make_card, read_card
from protocol.wire.frames import (
    Card,
    FindCard,
    Outcome,
    Reason,
    Refused,
    Stored,
    TakeBundle,
)
from protocol.wire.handshake import fingerprint
from protocol.wire.packet import seal_packet, ticket_of
from relay.rules.clock import DAY_MS, Now
from relay.rules.federation import Federation, Openness
from relay.rules.limits import House, Terms
from relay.rules.office import AnyRequest
from relay.store.storage import Answered, Inline
from relay.two_hops import pauses
from relay.two_hops.sealing import Sealing, new_sealing_key
from tests.relay.caller import Caller
from tests.relay.town import (
    ANSWER_KEY,
    Post,
    Town,
    answered,
    fetch,
    hand_in,
    handed_in,
    kept,
    open_town,
    said_in,
    secret_of,
)

FROM_BOB = b"alice gave this to bob".ljust(32)
STORED = Stored(call=CallId(0))
DAY_S = DAY_MS / 1000
LIARS_SEED = Secret(b"l" * 32)
LIAR = fingerprint(public_key(LIARS_SEED))
CERTIFICATE = b"c" * 32


async def alice_and_bob(town: Town) -> tuple[Post, Post, Caller, Caller]:
    """Bob's own relay, alice's relay, alice with a mailbox there, bob with one here."""
    here, there = await town.post("own.example"), await town.post("other.example")
    alice, bob = await there.caller(1), await here.caller(2)
    await alice.move_in(FROM_BOB)
    await bob.move_in()
    return here, there, alice, bob


async def test_a_packet_goes_two_hops_and_its_answer_comes_back(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, alice, bob = await alice_and_bob(town)
        packet = there.packet(7, FROM_BOB)
        await handed_in(bob, 1, packet, there)
        answer = await answered(bob)
        assert answer.ticket == ticket_of(secret_of(1))
        assert said_in(answer, packet) == STORED
        assert (await alice.delivery()).envelope_id == (7).to_bytes(16, "big")
        assert here.waiting == 0
        assert said_in(await kept(bob, 1), packet) == STORED


async def test_many_go_over_one_connection_in_their_order(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, alice, bob = await alice_and_bob(town)
        for number in range(200):
            await handed_in(bob, number, there.packet(number, FROM_BOB), there)
        found: list[int] = []
        while len(found) < 200:
            delivered = await alice.delivery()
            found.append(int.from_bytes(delivered.envelope_id, "big"))
            await alice.acknowledge(delivered.sequence)
        assert found == list(range(200))
        assert len(there.calls) == 1


async def test_a_bundle_is_taken_over_two_hops(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        asked = TakeBundle(call=CallId(0), capability=FROM_BOB)
        packet = seal_packet(asked, there.card, ANSWER_KEY)
        await handed_in(bob, 1, packet, there)
        said = said_in(await answered(bob), packet)
        assert said == Refused(call=CallId(0), reason=Reason.QUOTA)  # nothing was stocked


async def test_a_destination_dead_for_a_day_gets_it_within_six_minutes(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await there.off()
        for number in range(100):
            await handed_in(bob, number, there.packet(number, FROM_BOB), there)
        await trio.sleep(DAY_S)
        assert here.waiting == 100
        # The first pauses, and then the longest: two and a half minutes in the mean.
        assert 100 < len(there.calls) < 800
        await there.on()
        await trio.sleep(6 * 60)
        assert here.waiting == 0
        assert len(there.store.envelopes.ids) == 100


async def test_a_call_from_the_other_side_ends_a_pause(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, alice, bob = await alice_and_bob(town)
        await there.off()
        await handed_in(bob, 1, there.packet(7, FROM_BOB), there)
        await trio.sleep(4 * 3600)  # by this seed a long pause has just begun then
        await there.on()
        await trio.sleep(1)
        alice = await there.caller(1)
        assert here.waiting == 1, "in a pause"
        calls = len(there.calls)
        await handed_in(alice, 1, here.packet(8, FROM_BOB), here)
        await trio.sleep(pauses.UNBROKEN_S + 1)
        assert here.waiting == 0
        assert len(there.calls) == calls + 1


async def test_calls_from_the_other_side_cost_a_probe_each_ten_seconds_at_most(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await there.off()
        await handed_in(bob, 1, there.packet(7, FROM_BOB), there)
        await trio.sleep(3600)
        assert here.relay is not None
        calls = len(there.calls)
        for _ in range(600):
            here.relay.premises.forwarder.wake(there.address.fingerprint)
            here.relay.premises.forwarder.wake(here.address.fingerprint)
            await trio.sleep(0.1)
        assert 2 <= len(there.calls) - calls <= 7


async def test_what_waits_survives_a_restart_of_the_own_relay(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await there.off()
        packet = there.packet(7, FROM_BOB)
        await handed_in(bob, 1, packet, there)
        await here.off()
        await there.on()
        await here.on()
        await trio.sleep(60)
        again = await here.caller(2)
        assert said_in(await kept(again, 1), packet) == STORED


async def test_an_answer_is_there_for_who_was_away(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        packet = there.packet(7, FROM_BOB)
        await handed_in(bob, 1, packet, there)
        await bob.hang_up()
        await trio.sleep(6.9 * DAY_S)
        again = await here.caller(2)
        assert said_in(await kept(again, 1), packet) == STORED
        await trio.sleep(0.2 * DAY_S)
        later = await here.caller(2)
        assert (await fetch(later, 1)).unknown == (ticket_of(secret_of(1)),)


class Slow(Inline):
    """A store whose answers come after a while."""

    delay_s = 1.0
    nursery: trio.Nursery

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        async def later() -> None:
            await trio.sleep(self.delay_s)
            super(Slow, self).submit(asked, now, answered)

        self.nursery.start_soon(later)


async def test_a_connection_killed_in_the_middle_repeats_and_doubles_nothing(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, alice, bob = await alice_and_bob(town)
        slow = Slow(there.store)
        slow.nursery = town.nursery
        await there.off()
        there.storage = lambda _: slow
        await there.on()
        for number in range(5):
            await handed_in(bob, number, there.packet(number, FROM_BOB), there)
        await trio.sleep(0.5)
        await there.cut()  # carried, and about to be stored; the answers go nowhere
        await trio.sleep(60)
        assert here.waiting == 0
        assert there.store.mailboxes.all[alice.mailbox].last == 5
        assert len(there.calls) >= 2
        found = await fetch(await here.caller(2), *range(5))
        assert [each.outcome for each in found.found] == [Outcome.ANSWERED] * 5


async def test_a_packet_handed_in_again_is_carried_once(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, alice, bob = await alice_and_bob(town)
        packet = there.packet(7, FROM_BOB)
        for _ in range(3):
            await handed_in(bob, 1, packet, there)
        await answered(bob)
        await handed_in(bob, 1, packet, there)
        await alice.delivery()
        await trio.sleep(10)
        await alice.ping()
        assert alice.heard == []
        assert here.waiting == 0


async def test_nothing_waits_longer_than_seven_days(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await there.off()
        await handed_in(bob, 1, there.packet(1, FROM_BOB), there)
        await trio.sleep(6 * DAY_S)
        again = await here.caller(2)
        await handed_in(again, 2, there.packet(2, FROM_BOB), there)
        await trio.sleep(DAY_S + 15 * 60)
        now = await here.caller(2)
        found = await fetch(now, 1, 2)
        assert [each.outcome for each in found.found] == [Outcome.EXPIRED]
        assert here.waiting == 1
        await there.on()
        await trio.sleep(15 * 60)
        assert len(there.store.envelopes.ids) == 1


async def test_a_relay_with_another_key_or_certificate_gets_nothing(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        packet = there.packet(7, FROM_BOB)
        await there.off()
        town.posts[there.host] = liar = Post(town, there.host, LIARS_SEED)
        await liar.on()
        await handed_in(bob, 1, packet, there)
        await trio.sleep(3600)
        assert here.waiting == 1
        assert liar.store.envelopes.ids == {}
        await liar.off()
        town.posts[there.host] = there
        there.certificate, there.shown = CERTIFICATE, b"another".ljust(32)
        await there.on()
        await trio.sleep(3600)
        assert here.waiting == 1
        there.shown = there.certificate
        await trio.sleep(15 * 60)
        assert here.waiting == 0


async def test_a_relay_that_shuts_this_one_out_refuses_its_packets(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await there.off()
        there.house = House(open=True, federation=Federation(Openness.ALLOW))
        await there.on()
        for number in range(3):
            await handed_in(bob, number, there.packet(number, FROM_BOB), there)
        outcomes = [(await answered(bob)).outcome for _ in range(3)]
        assert outcomes == [Outcome.REFUSED] * 3
        assert here.waiting == 0
        for number in range(3, 50):
            await handed_in(bob, number, there.packet(number, FROM_BOB), there)
            await trio.sleep(2)
        await trio.sleep(120)
        assert here.waiting == 0
        assert len(there.calls) < 6


async def test_packets_for_a_relay_that_was_shut_out_meanwhile_are_refused(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await there.off()
        await handed_in(bob, 1, there.packet(1, FROM_BOB), there)
        await here.off()
        blocked = frozenset({there.address.fingerprint})
        here.house = House(open=True, federation=Federation(Openness.BLOCK, blocked))
        await there.on()
        await here.on()
        calls = len(there.calls)
        await trio.sleep(60)
        again = await here.caller(2)
        assert [each.outcome for each in (await fetch(again, 1)).found] == [Outcome.REFUSED]
        assert len(there.calls) == calls
        refused = await hand_in(again, 2, there.packet(2, FROM_BOB), there)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.NOT_ALLOWED


async def test_a_packet_to_oneself_is_not_for_forwarding(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, _, _, bob = await alice_and_bob(town)
        refused = await hand_in(bob, 1, here.packet(1, FROM_BOB), here)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.NOT_ALLOWED
        assert here.calls == []


async def test_what_the_destination_cannot_open_is_said_to_be_unreadable(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        packet = there.packet(7, FROM_BOB)
        there.sealing = Sealing(there.seed, [new_sealing_key(5)])
        await there.off()
        await there.on()
        await handed_in(bob, 1, packet, there)
        assert (await answered(bob)).outcome is Outcome.UNREADABLE
        await handed_in(bob, 2, there.packet(7, FROM_BOB), there)
        assert (await answered(bob)).outcome is Outcome.ANSWERED
        assert here.waiting == 0


async def test_a_flood_of_unreadable_packets_ends_no_line(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, alice, bob = await alice_and_bob(town)
        packet = there.packet(1, FROM_BOB)
        junk = packet[:-1] + bytes([packet[-1] ^ 1])
        for number in range(300):
            await handed_in(bob, number, junk, there)
        await handed_in(bob, 300, there.packet(7, FROM_BOB), there)
        outcomes = [(await answered(bob)).outcome for _ in range(301)]
        assert outcomes == [Outcome.UNREADABLE] * 300 + [Outcome.ANSWERED]
        await alice.delivery()
        assert len(there.calls) == 1


class Full(Inline):
    """A disk that takes no envelope at the moment."""

    full = True

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if self.full:
            answered(Refused(call=asked.call, reason=Reason.TRY_LATER))
        else:
            super().submit(asked, now, answered)


async def test_a_full_destination_is_tried_again_and_its_sender_asked_nothing(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        disk = Full(there.store)
        await there.off()
        there.storage = lambda _: disk
        await there.on()
        await handed_in(bob, 1, there.packet(7, FROM_BOB), there)
        await trio.sleep(3600)
        assert here.waiting == 1
        assert 5 < len(there.calls) < 60
        disk.full = False
        await trio.sleep(15 * 60)
        assert here.waiting == 0
        assert len(there.store.envelopes.ids) == 1


async def test_answers_that_the_own_disk_does_not_take_are_asked_for_again(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await there.off()
        packet = there.packet(7, FROM_BOB)
        await handed_in(bob, 1, packet, there)
        disk = Full(here.store)
        await here.off()
        here.storage = lambda _: disk
        await here.on()
        await there.on()
        await trio.sleep(600)
        assert here.waiting == 1
        assert len(there.store.envelopes.ids) == 1
        disk.full = False
        await trio.sleep(15 * 60)
        assert here.waiting == 0
        again = await here.caller(2)
        assert said_in(await kept(again, 1), packet) == STORED
        assert len(there.store.envelopes.ids) == 1


async def test_a_full_own_relay_says_so(autojump_clock: MockClock) -> None:
    house = House(open=True, terms=Terms(forwards=1))
    async with open_town() as town:
        here, there = await town.post("own.example", house), await town.post("other.example")
        bob = await here.caller(2)
        await bob.move_in()
        await handed_in(bob, 1, there.packet(1, FROM_BOB), there)
        refused = await hand_in(bob, 2, there.packet(2, FROM_BOB), there)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.QUOTA


async def test_one_dead_destination_delays_no_other(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        third = await town.post("third.example")
        carol = await third.caller(3)
        await carol.move_in(FROM_BOB)
        await there.off()
        for number in range(20):
            await handed_in(bob, number, there.packet(number, FROM_BOB), there)
        await handed_in(bob, 100, third.packet(100, FROM_BOB), third)
        assert (await answered(bob)).ticket == ticket_of(secret_of(100))
        await carol.delivery()
        assert here.waiting == 20


async def test_an_idle_connection_is_closed_and_made_again(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        for number in range(3):
            await handed_in(bob, number, there.packet(number, FROM_BOB), there)
            await answered(bob)
            await bob.ping()
            await trio.sleep(50)
            await bob.ping()
        assert len(there.calls) == 1
        for _ in range(4):
            await trio.sleep(50)
            await bob.ping()
        await handed_in(bob, 9, there.packet(9, FROM_BOB), there)
        await answered(bob)
        assert len(there.calls) == 2


async def find(by: Caller, to: Post) -> Card | Refused:
    return await by.ask(
        FindCard(call=by.call(), pass_secret=bytes(by.secret)[::-1], destination=str(to.address))
    )


async def test_a_card_is_found_and_kept_for_an_hour(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        found = await find(bob, there)
        assert isinstance(found, Card)
        card = read_card(found.body, found.signature, there.address.fingerprint)
        assert card == there.card
        there.sealing = Sealing(there.seed, [new_sealing_key(5)])
        await there.off()
        await there.on()
        again = await find(bob, there)
        assert isinstance(again, Card)
        assert again.body == found.body
        for _ in range(80):
            await trio.sleep(50)
            await bob.ping()
        newer = await find(bob, there)
        assert isinstance(newer, Card)
        assert newer.body == there.sealing.card_body


async def test_the_card_of_a_relay_that_is_not_there_is_for_later(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        await there.off()
        before = trio.current_time()
        assert await find(bob, there) == Refused(call=CallId(4), reason=Reason.TRY_LATER)
        assert trio.current_time() - before <= 10.1


async def test_a_card_that_is_slow_to_come_is_there_when_asked_for_again(
    autojump_clock: MockClock,
) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        town.slow_s = 35.0  # as by several ways through a proxy
        first = await find(bob, there)
        assert isinstance(first, Refused)
        assert first.reason is Reason.TRY_LATER
        await trio.sleep(30)
        before = trio.current_time()
        assert isinstance(await find(bob, there), Card)
        assert trio.current_time() - before < 1
        assert len(there.calls) == 1


async def test_a_card_that_lies_is_not_handed_on(autojump_clock: MockClock) -> None:
    async with open_town() as town:
        _, there, _, bob = await alice_and_bob(town)
        other = Secret(b"o" * 32)
        sealing = there.sealing
        sealing.card_body, sealing.card_signature = make_card(other, bytes(1216), 1)
        refused = await find(bob, there)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.TRY_LATER
