"""Stories with a virtual clock, many in a row and each with a seed of its own, judged like a storm.

Everybody in a story is real but for the streams and the clock, so an hour apart costs seconds.
"""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import trio
from trio._core import _run  # pyright: ignore[reportPrivateUsage]
from trio.testing import MockClock

from desktop.core.events import Event, MessageReceived, MessageStateChanged
from desktop.core.models import Kind, Message, State
from protocol.ids import ConversationId
from tests.faults.verdict import judge
from tests.whole.world import Desktop, World

# Every frame it moves is a line of its log: most of the time of a story.
logging.getLogger("trio-websocket").setLevel(logging.WARNING)

# What a person waits for without being worse off for a fault that is over.
MINUTE = 60.0


@dataclass(frozen=True)
class Tally:
    """What became of all messages of a story, and the longest waits of each kind, in seconds."""

    messages: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    strange: int = (
        0  # rows that nobody wrote, holes, messages without a receipt or told to have failed
    )
    worst: dict[str, float] = field(default_factory=dict[str, float])

    def __add__(self, other: Tally) -> Tally:
        kinds = self.worst.keys() | other.worst.keys()
        return Tally(
            self.messages + other.messages,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.disordered + other.disordered,
            self.strange + other.strange,
            {each: max(self.worst.get(each, 0), other.worst.get(each, 0)) for each in kinds},
        )

    @property
    def well(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.strange)


Story: TypeAlias = Callable[[World, int], Awaitable[Tally]]


class Talk:
    """What one writes to another, when it was written, and when it came."""

    def __init__(self, writer: Desktop, reader: Desktop, conversation: ConversationId) -> None:
        self.writer = writer
        self.reader = reader
        self._conversation = conversation
        self._said_at: dict[str, float] = {}
        self.came_at: dict[str, float] = {}
        self._failed = 0  # told to have failed, whatever became of them
        reader.engine.listen(self._hear)
        writer.engine.listen(self._hear_back)

    async def say(self, *texts: str) -> None:
        """On the writer's disk when this returns."""
        for text in texts:
            self._said_at[text] = trio.current_time()
            await self.writer.engine.message_send(self._conversation, text)

    async def settle(self, within: float, glance: float = 1.0) -> None:
        """Until all of it is delivered, and the writer knows so, or the time is over."""
        with trio.move_on_after(within):
            while await self._without_receipt():
                await trio.sleep(glance)

    def waits(self, since: float = 0.0) -> float:
        """The longest from when a message was written, or from then on, until it came."""
        waited = [came - max(self._said_at[text], since) for text, came in self.came_at.items()]
        return max([0.0, *waited])

    async def tally(self, **worst: float) -> Tally:
        """Look at both histories."""
        rows = await self._rows(self.reader)
        came = [row for row in rows if not row.mine and row.kind is not Kind.NOTICE]
        on_time = judge(self.texts, map(_row, (row for row in came if not row.late)))
        both = judge(self.texts, map(_row, came))
        missing = await self._without_receipt()
        strange = both.unasked + missing + self._failed
        return Tally(
            both.composed, both.lost, both.doubled, on_time.disordered, strange, dict(worst)
        )

    @property
    def texts(self) -> list[str]:
        """All that was written, in its order."""
        return list(self._said_at)

    async def _without_receipt(self) -> int:
        rows = await self._rows(self.writer)
        mine = [row for row in rows if row.mine and row.text in self._said_at]
        return sum(row.state.value not in ("delivered", "read") for row in mine)

    async def _rows(self, desktop: Desktop) -> list[Message]:
        return list(await desktop.engine.message_list(self._conversation, limit=1000))

    def _hear(self, event: Event) -> None:
        if isinstance(event, MessageReceived) and event.message.text in self._said_at:
            self.came_at.setdefault(event.message.text, trio.current_time())

    def _hear_back(self, event: Event) -> None:
        if isinstance(event, MessageStateChanged) and event.conversation_id == self._conversation:
            self._failed += event.state is State.FAILED


def _row(message: Message) -> dict[str, object]:
    return {"text": message.text, "kind": message.kind.value, "late": message.late}


def play(story: Story, length: int, seed: int, folder: Path) -> Tally:
    """One story in a world of its own. Raises what it raises."""
    folder.mkdir()
    clock = MockClock(autojump_threshold=0)
    with _in_one_order(seed):
        tally = trio.run(_in_a_world, story, length, seed, folder, clock=clock)
    shutil.rmtree(folder)
    return tally


@contextmanager
def _in_one_order(seed: int) -> Generator[None]:
    """Trio wakes tasks in an order of its own chance, so that nobody relies on one; here it follows
    from the seed, so that what was found can be found again. Its switch is hypothesis' own."""
    before = _run._ALLOW_DETERMINISTIC_SCHEDULING  # pyright: ignore[reportPrivateUsage]
    _run._ALLOW_DETERMINISTIC_SCHEDULING = True  # type: ignore[misc]
    _run._r.seed(seed)  # pyright: ignore[reportPrivateUsage]
    try:
        yield
    finally:
        _run._ALLOW_DETERMINISTIC_SCHEDULING = before  # type: ignore[misc]


async def _in_a_world(story: Story, length: int, seed: int, folder: Path) -> Tally:
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, MockClock)
    async with trio.open_nursery() as nursery:
        tally = await story(World(nursery, folder, clock, random.Random(seed)), length)
        nursery.cancel_scope.cancel()
    return tally


def play_all(
    story: Story, length: int, count: int, seed: int, folder: Path, say: Callable[[str], None]
) -> Tally:
    """So many, one after the other."""
    tally = Tally()
    for number in range(count):
        tally += play(story, length, 1000 * seed + number, folder / f"{number}")
        if number % 5 == 4:
            say(f"{number + 1} of {count}: {tally}")
    return tally
