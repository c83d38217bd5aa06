"""The stories of two hops with one part of the relay broken: each must fail."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest
from trio.testing import MockClock

from protocol.ids import EnvelopeId, Fingerprint
from protocol.wire.frames import Accepted, Forward, Outcome
from protocol.wire.handshake import Agreed, agree
from relay.rules.clock import Now
from relay.rules.forwarding import ForwardRules
from relay.rules.records import Mailbox
from relay.store.memory import MemoryEnvelopes
from relay.store.memory_packets import MemoryPackets
from relay.two_hops import pauses, peer_line, route
from relay.two_hops.forwarder import Forwarder
from tests.relay import test_two_hops as stories
from tests.whole.mutant import the_story_fails

Story: TypeAlias = Callable[[MockClock], Coroutine[Any, Any, None]]


async def test_mutant_that_accepts_before_it_keeps(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def accept(self: ForwardRules, asked: Forward, now: Now) -> Accepted:
        return Accepted(call=asked.call)

    monkeypatch.setattr(ForwardRules, "forward", accept)
    with the_story_fails():
        await stories.test_what_waits_survives_a_restart_of_the_own_relay(autojump_clock)


async def test_mutant_that_forgets_the_packet_without_its_answer(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = MemoryPackets.settle

    def forget(
        self: MemoryPackets, ticket: bytes, outcome: Outcome, answer: bytes, age_ms: int
    ) -> bool:
        settled = settle(self, ticket, outcome, answer, age_ms)
        self.forget_answer(ticket)
        return settled

    monkeypatch.setattr(MemoryPackets, "settle", forget)
    with the_story_fails():
        await stories.test_an_answer_is_there_for_who_was_away(autojump_clock)


async def test_mutant_that_keeps_one_envelope_twice(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(self: MemoryEnvelopes, mailbox: Mailbox, envelope_id: EnvelopeId) -> bool:
        return False

    monkeypatch.setattr(MemoryEnvelopes, "seen", never)
    with the_story_fails():
        await stories.test_a_connection_killed_in_the_middle_repeats_and_doubles_nothing(
            autojump_clock
        )


async def test_mutant_that_takes_whoever_answers_for_the_destination(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believe(said: bytes, heard: bytes, pinned: Fingerprint, certificate: bytes) -> Agreed:
        return agree(said, heard, stories.LIAR, certificate)

    monkeypatch.setattr(peer_line, "agree", believe)
    with the_story_fails():
        await stories.test_a_relay_with_another_key_or_certificate_gets_nothing(autojump_clock)


async def test_mutant_that_looks_at_no_certificate(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believe(said: bytes, heard: bytes, pinned: Fingerprint, certificate: bytes) -> Agreed:
        return agree(said, heard, pinned, stories.CERTIFICATE if certificate else b"")

    monkeypatch.setattr(peer_line, "agree", believe)
    with the_story_fails():
        await stories.test_a_relay_with_another_key_or_certificate_gets_nothing(autojump_clock)


async def test_mutant_that_waits_for_the_end_of_every_pause(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep_on(self: Forwarder, relay: Fingerprint) -> None:
        """It will find out by itself."""

    monkeypatch.setattr(Forwarder, "wake", sleep_on)
    with the_story_fails():
        await stories.test_a_call_from_the_other_side_ends_a_pause(autojump_clock)


@pytest.mark.parametrize(
    ("name", "value", "story"),
    [
        (
            "LONGEST_PAUSE_S",
            60.0,
            stories.test_a_destination_dead_for_a_day_gets_it_within_six_minutes,
        ),
        (
            "LONGEST_PAUSE_S",
            8 * 3600.0,
            stories.test_a_destination_dead_for_a_day_gets_it_within_six_minutes,
        ),
        (
            "UNBROKEN_S",
            0.0,
            stories.test_calls_from_the_other_side_cost_a_probe_each_ten_seconds_at_most,
        ),
        ("PACKET_DAYS", 70, stories.test_nothing_waits_longer_than_seven_days),
        ("TURNED_AWAY_S", 0.0, stories.test_a_relay_that_shuts_this_one_out_refuses_its_packets),
        ("IDLE_S", 1.0, stories.test_an_idle_connection_is_closed_and_made_again),
    ],
)
async def test_mutant_without_patience_or_with_too_much(
    name: str,
    value: float,
    story: Story,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pauses if hasattr(pauses, name) else route, name, value)
    with the_story_fails():
        await story(autojump_clock)
