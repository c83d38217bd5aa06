"""The stories of presence and signals with one part of the relay broken: each must fail."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest
from trio.testing import MockClock

from protocol.ids import CallId, EnvelopeId
from protocol.wire.frames import Deposit
from relay.asked.fleeting import Fleeting
from relay.fleeting import presence, signals
from relay.fleeting.presence import Presence
from relay.fleeting.signals import Signals
from relay.rules.limits import Allowance
from relay.rules.slots import Slots
from relay.two_hops import fleeting as passing
from relay.two_hops.fleeting import Passing
from tests.relay import test_presence as stories
from tests.relay import test_presence_two_hops as hops
from tests.whole.mutant import the_story_fails

Story: TypeAlias = Callable[[MockClock], Coroutine[Any, Any, None]]


@pytest.mark.parametrize(
    ("module", "name", "value", "story"),
    [
        (presence, "EACH_PIECE", 100_000, stories.test_deposits_come_first_while_presence_floods),
        (presence, "REST", 0.0, stories.test_presence_rests_for_twice_the_time_that_it_took),
        (presence, "MADE_UP_S", 30.0, stories.test_presence_rests_for_twice_the_time_that_it_took),
        (
            signals,
            "IN_A_ROW",
            1_000,
            stories.test_a_capability_is_good_for_a_few_signals_at_a_time,
        ),
    ],
)
async def test_mutant_without_a_budget(
    module: object,
    name: str,
    value: float,
    story: Story,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if name == "IN_A_ROW":

        def generous(times: int, each_ms: int) -> Allowance:
            return Allowance(10 * times, each_ms)

        monkeypatch.setattr(signals, "Allowance", generous)
    else:
        monkeypatch.setattr(module, name, value)
    with the_story_fails():
        await story(autojump_clock)


async def test_mutant_that_keeps_a_signal(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(self: Signals, capability: bytes, body: bytes, guesses: Allowance) -> None:
        kept = Deposit(
            call=CallId(0), capability=capability, envelope_id=EnvelopeId(body[:16]), body=body
        )
        held = self.__dict__
        heard: list[object] = []
        held["_storage"].submit(kept, held["_now"](), heard.append)

    monkeypatch.setattr(Signals, "say", keep)
    with the_story_fails():
        await stories.test_a_signal_reaches_an_open_mailbox_and_is_kept_nowhere(autojump_clock)


async def test_mutant_that_tells_each_change(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = Presence.publish

    def at_once(self: Presence, by: bytes, updates: Any) -> Any:
        for update in updates:
            publish(self, by, (update,))
            changed = list(self.__dict__["_changed"])
            for _ in self._tell(changed):  # pyright: ignore[reportPrivateUsage]
                pass

    monkeypatch.setattr(Presence, "publish", at_once)
    with the_story_fails():
        await stories.test_the_latest_wins_and_nothing_gathers(autojump_clock)


async def test_mutant_that_never_ends_a_slot(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slots, "expire", lambda self, now_ms: iter(()))  # pyright: ignore
    with the_story_fails():
        await stories.test_a_slot_ends_by_itself_and_who_watches_hears_of_it(autojump_clock)


async def test_mutant_that_forgets_no_capability(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Signals, "forget", lambda self, capability: None)  # pyright: ignore
    with the_story_fails():
        await stories.test_the_answer_to_a_signal_never_tells_anything(autojump_clock)


async def test_mutant_that_never_lets_go(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fleeting, "end", lambda self: None)  # pyright: ignore
    with the_story_fails():
        await hops.test_who_goes_is_let_go_of_at_the_other_relay(autojump_clock)


async def test_mutant_that_says_nothing_of_a_lost_line(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Passing.end

    def end(self: Passing) -> None:
        self.__dict__["_watching"].clear()
        whole(self)

    monkeypatch.setattr(Passing, "end", end)
    with the_story_fails():
        await hops.test_who_watches_hears_that_the_line_is_lost_and_watches_anew(autojump_clock)


async def test_mutant_that_gives_whoever_asks(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "SHARES", 1)
    with the_story_fails():
        await stories.test_all_from_one_place_have_a_share_of_the_watches(autojump_clock)
    monkeypatch.setattr(passing, "WATCHING_SHARES", 1)
    with the_story_fails():
        await hops.a_pass_has_its_share()
