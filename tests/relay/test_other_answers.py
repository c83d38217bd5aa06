"""A relay that answers with something of another kind than was asked for gets nothing."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from protocol.ids import CallId
from protocol.wire.frames import Done, Introduce, Pong, Reply
from relay.asked.by_relays import Carrying
from relay.asked.calls import Calls
from relay.two_hops.peer_line import PeerLine
from tests.relay.test_two_hops import FROM_BOB, alice_and_bob
from tests.relay.town import handed_in, open_town
from tests.whole.mutant import the_story_fails


async def nothing_for_another_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes packets all the same; an introduction is done, or it is none."""
    introduce, say = Carrying.introduce, Calls.say

    def wrongly(self: Calls, reply: Reply) -> None:
        say(self, Pong(call=reply.call) if isinstance(reply, Done) else reply)

    def introduced(self: Carrying, asked: Introduce) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Calls, "say", wrongly)
            introduce(self, asked)

    monkeypatch.setattr(Carrying, "introduce", introduced)
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        await handed_in(bob, 1, there.packet(1, FROM_BOB), there)
        await trio.sleep(50)
        assert there.calls
        assert (here.waiting, there.store.totals().envelopes) == (1, 0)


async def test_an_answer_of_another_kind_ends_the_line(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await nothing_for_another_answer(monkeypatch)


async def test_mutant_that_takes_any_answer(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settle(self: PeerLine, reply: Reply) -> None:
        owed: dict[CallId, tuple[object, object, object]] = self.__dict__["_owed"]
        answered = owed.pop(reply.call)[2]
        assert callable(answered)
        answered(reply)

    monkeypatch.setattr(PeerLine, "_settle", settle)
    with the_story_fails():
        await nothing_for_another_answer(monkeypatch)
