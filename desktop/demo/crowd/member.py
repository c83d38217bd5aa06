"""One member of a crowd: an engine, a seat, and somebody who reads along."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

import trio

from desktop.core.errors import AsideError
from desktop.core.events import Event
from desktop.core.facade import Facade
from desktop.core.requests import Purpose
from desktop.core.room_facade import RequestsChanged, Rooms, StageMoved
from desktop.core.rooms import EntryKind, Line
from desktop.demo.crowd import strings
from desktop.demo.crowd.seeing import Audit, Live, waiting
from desktop.demo.crowd.talking import Deed, something
from desktop.demo.crowd.told import Tally
from protocol.ids import EntryId, RoomId

PAGE = 200
RECENT = 20  # entries that are answered or reacted to


class Desk(Facade, Rooms, Protocol):
    """All that an engine offers."""


class Member:
    """Reads at most every ``pause_s`` seconds; 0: whenever something is told."""

    def __init__(
        self,
        desk: Desk,
        who: int,
        name: str,
        chance: random.Random,
        pause_s: float,
        now: Callable[[], int],
    ) -> None:
        self.who = who
        self.name = name
        self.desk = desk
        self.said = 0
        self.refused = 0  # deeds, not entries
        self.asides = 0
        self.accepts = False
        self.live = Live()
        self._chance = chance
        self._now = now
        self._pause_s = pause_s
        self._room: RoomId | None = None
        self._recent: list[EntryId] = []
        self._moved = trio.Event()
        self._asked = trio.Event()
        desk.listen(self._hear)

    @property
    def room(self) -> RoomId:
        assert self._room is not None, "in a room"
        return self._room

    # coming and reading

    async def enter(self, link: str) -> None:
        """Sit down, and see what was there before."""
        self._room = await self.desk.room_enter(link, self.name)
        self.live.begin((await self.desk.stage(self.room)).entries)

    async def read_along(self) -> None:
        """For as long as the crowd is there."""
        while True:
            await self._moved.wait()
            self._moved = trio.Event()
            if self._room is not None:
                await self._read()
            await trio.sleep(self._pause_s)

    async def _read(self) -> None:
        while True:
            came = await self.desk.stage(self.room, limit=PAGE, after=self.live.place)
            self.live.came(came.entries, self._now(), timed=not self._pause_s)
            texts = [one.entry_id for one in came.entries if one.kind is EntryKind.TEXT]
            self._recent = (self._recent + texts)[-RECENT:]
            if not came.newer:
                return

    async def welcome(self) -> None:
        """Accept whoever asks, and say a word there, once this member can be asked."""
        while True:
            await self._asked.wait()
            self._asked = trio.Event()
            if not self.accepts:
                continue
            for request in await self.desk.requests():
                if request.accepted_ms is None:
                    conversation = await self.desk.request_accept(request.request_id)
                    self.asides += 1
                    if conversation is not None:
                        await self.desk.message_send(conversation, strings.ACCEPTED)

    def look_at_requests(self) -> None:
        self._asked.set()

    def _hear(self, event: Event) -> None:
        match event:
            case StageMoved():
                self._moved.set()
            case RequestsChanged():
                self._asked.set()
            case _:
                pass

    # doing

    async def do(self, deed: Deed) -> None:
        """As far as this room lets them: whoever is muted, or out, does nothing."""
        try:
            await self._do(deed, something(deed, self._chance))
        except AsideError:
            self.refused += 1

    async def _do(self, deed: Deed, words: str) -> None:
        match deed:
            case Deed.SAY:
                await self.say(words)
            case Deed.REPLY:
                to = self._chance.choice(self._recent) if self._recent else None
                await self.say(words, to)
            case Deed.REACT:
                if self._recent:
                    await self.desk.room_react(self.room, self._chance.choice(self._recent), words)
            case Deed.ASK:
                await self.ask(words, nameless=self._chance.random() < 0.2)
            case Deed.VOTE:
                await self._vote_for_some()

    async def say(self, text: str, to: EntryId | None = None) -> None:
        await self.desk.room_say(self.room, text, to)
        self.said += 1

    async def ask(self, text: str, *, nameless: bool) -> None:
        await self.desk.room_ask(self.room, text, nameless)

    async def vote(self, text: str) -> bool:
        """For the question that asks this; whether it was there."""
        for question in await self.desk.questions(self.room):
            if question.text == text:
                await self.desk.room_vote(self.room, question.question_id)
                return True
        return False

    async def _vote_for_some(self) -> None:
        asked = await self.desk.questions(self.room)
        new = [one for one in asked if not one.mine and not one.voted]
        if new:
            one = self._chance.choice(new)
            await self.desk.room_vote(self.room, one.question_id)

    async def aside(self, text: str, words: str) -> bool:
        """Take whoever said this aside; whether it was there."""
        last = (await self.desk.stage(self.room, limit=PAGE)).entries
        found = [one for one in last if one.text == text and one.asidable]
        if found:
            await self.desk.room_aside(self.room, found[-1].entry_id, words, Purpose.FEEDBACK)
        return bool(found)

    # what came of it

    async def is_up(self) -> bool:
        return (await self.desk.room_show(self.room)).line is Line.UP

    async def is_settled(self) -> bool:
        """Nothing of theirs is on its way."""
        stage = await self.desk.stage(self.room, limit=1)
        return waiting(stage.waiting)[0] == 0

    async def count(self, after: int) -> Tally:
        """Read everything again."""
        audit = Audit(after)
        while True:
            page = await self.desk.stage(self.room, limit=PAGE, after=audit.place)
            audit.take(page.entries)
            if not page.newer:
                break
            await trio.lowlevel.checkpoint()
        room = await self.desk.room_show(self.room)
        on_its_way, refused = waiting(page.waiting)
        return Tally(
            who=self.who,
            name=self.name,
            said=self.said,
            numbered=audit.mine,
            refused=refused,
            waiting=on_its_way,
            seen=audit.others,
            doubled=audit.doubled,
            missing=audit.missing,
            unreadable=audit.unreadable,
            moved=audit.moved(self.live),
            order=audit.order,
            last=audit.place,
            inside=room.line is Line.UP and room.removed is None,
            removed=room.removed,
            warned=None if room.warning is None else room.warning.value,
            complete=room.complete,
            asides=self.asides,
        )
