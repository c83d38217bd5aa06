"""What a relay holds in memory when everybody has left and its time is over: nothing of them.

Whatever all connections share is walked through, but for what a store keeps, which is looked at as
a file in ``test_observation.py``.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from protocol.ids import CallId
from protocol.wire import frames
from protocol.wire.frames import LetGo, Publish, Reason, Refused, Signal, SlotUpdate, Watch
from protocol.wire.packet import ticket_of
from protocol.wire.slots import name_of, watch_of
from relay.fleeting.passes import Vouching
from relay.fleeting.signals import Signals
from relay.rules.admission import pass_hash
from relay.rules.deposits import capability_hash
from relay.rules.room import Room
from tests.relay.test_presence_two_hops import Way
from tests.relay.town import Post, handed_in, open_town, secret_of
from tests.whole.mutant import the_story_fails

FROM_BOB = b"alice gave this to bob".ljust(32)
FULL = b"alice gave this to carol".ljust(32)
WRITE = b"alice's slot for bob".ljust(32)
NO_CALL = CallId(0)
# An hour is the longest of what is told as held in memory beyond a connection.
OVER_S = 2 * 60 * 60

_SHUT = (type, ModuleType, BuiltinFunctionType)
_OUTSIDE = ("trio", "_pytest", "logging", "relay.store.memory", "tests")


def held(root: object) -> Iterator[bytes]:
    """All bytes and texts that can be reached from there."""
    seen, left = {id(root)}, deque([root])
    while left:
        each = left.popleft()
        if isinstance(each, bytes | bytearray):
            yield bytes(each)
        elif isinstance(each, str):
            yield each.encode("utf-8", "replace")
        elif isinstance(each, FunctionType):
            _add(each.__closure__ or (), seen, left)
            _add(each.__defaults__ or (), seen, left)
        elif not isinstance(each, _SHUT) and not type(each).__module__.startswith(_OUTSIDE):
            _add(gc.get_referents(each), seen, left)


def _add(some: Any, seen: set[int], left: deque[object]) -> None:
    for each in some:
        if id(each) not in seen:
            seen.add(id(each))
            left.append(each)


def remembered(post: Post, secrets: dict[str, bytes]) -> set[str]:
    """Which of these the relay has in its memory."""
    assert post.relay is not None
    everything = b"\n".join(held(post.relay.premises))
    return {name for name, secret in secrets.items() if secret in everything}


async def nothing_is_remembered_of_who_has_left() -> None:
    async with open_town() as town:
        here, there = await town.post("here.example"), await town.post("there.example")
        alice, bob = await there.caller(1), await here.caller(2)
        await alice.move_in(FROM_BOB)
        await alice.ask(
            frames.Grant(
                call=alice.call(),
                mailbox=alice.mailbox,
                capability=capability_hash(FULL),
                drawer=alice.grant_frame(FULL).drawer,
                policy=frames.Policy(pending=0),
            )
        )
        await bob.move_in()
        secrets = {
            "alice's pass": pass_hash(bytes(alice.secret)[::-1]),
            "bob's pass": pass_hash(bytes(bob.secret)[::-1]),
            "alice's mailbox": alice.mailbox,
            "bob's mailbox": bob.mailbox,
            "the slot": name_of(watch_of(WRITE)),
            "the blob": b"b" * 64,
            "bob's capability": capability_hash(FROM_BOB),
            "who was turned away": capability_hash(FULL),
            "the ticket": ticket_of(secret_of(1)),
        }
        watch = Way(bob, there, Watch(call=NO_CALL, slot=watch_of(WRITE)))  # type: ignore[arg-type]
        await watch.ask()
        secret = bytes(alice.secret)[::-1]
        slots = (SlotUpdate(write=WRITE, blob=b"b" * 64, lasts_s=300),)
        await alice.ask(Publish(call=alice.call(), pass_secret=secret, slots=slots))
        signal = Signal(call=NO_CALL, capability=FROM_BOB, body=b"s" * 2048)
        await Way(bob, there, signal).ask()  # type: ignore[arg-type]
        refused = await alice.deposit(FULL, 7)
        assert isinstance(refused, Refused) and refused.reason is Reason.QUOTA
        await handed_in(bob, 1, there.packet(1, FROM_BOB), there)
        # The search finds what is there.
        assert remembered(here, secrets) >= {"bob's pass", "bob's mailbox"}
        assert remembered(there, secrets) >= {
            "alice's pass",
            "alice's mailbox",
            "the slot",
            "the blob",
            "bob's capability",
            "who was turned away",
        }
        await bob.ask(LetGo(call=bob.call(), watch=watch.call))
        await alice.hang_up()
        await bob.hang_up()
        await trio.sleep(OVER_S)
        assert remembered(here, secrets) == set()
        assert remembered(there, secrets) == set()


async def test_nothing_is_remembered_of_who_has_left(autojump_clock: MockClock) -> None:
    await nothing_is_remembered_of_who_has_left()


async def test_mutant_that_keeps_a_diary(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    diary: list[tuple[bytes, str]] = []
    ask = Vouching.ask

    def noting(self: Vouching, pass_secret: bytes, destination: str, then: Any) -> None:
        self.__dict__["_diary"] = diary
        diary.append((pass_hash(pass_secret), destination))
        ask(self, pass_secret, destination, then)

    monkeypatch.setattr(Vouching, "ask", noting)
    with the_story_fails():
        await nothing_is_remembered_of_who_has_left()


def _nothing(*_: object) -> None:
    """What never comes to an end."""


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Signals, "forget_some"), (Room, "look_around")],
)
async def test_mutant_that_never_forgets(
    kind: type, name: str, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetful: Callable[..., None] = _nothing
    monkeypatch.setattr(kind, name, forgetful)
    with the_story_fails():
        await nothing_is_remembered_of_who_has_left()
