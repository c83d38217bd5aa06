"""Whatever a stranger writes, in every field that is theirs, as the screens are given it.

The desktops of this story clean nothing on its way out. What comes to the others is looked at:
every text in every model that the engine hands out, whoever wrote it and however it got there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
import trio
from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.doors import Opening
from desktop.core.requests import Purpose
from desktop.core.rooms import Act, Way
from desktop.core.texts import harmless
from desktop.engine.ground import Bell
from desktop.engine.rooms.asides import cards, requesting
from desktop.engine.rooms.desk import asking
from desktop.engine.rooms.door import entering, opening, sitting_down
from desktop.engine.rooms.people import naming
from desktop.engine.rooms.stage import hearing
from desktop.store.rooms import rooms
from desktop.store.rooms import said as sayings
from protocol.e2e.names import may_stay
from protocol.e2e.packing import pack
from protocol.e2e.rooms import bridge, contents, desk_contents, stage
from protocol.e2e.rooms.epochs import EpochKey
from protocol.ids import OrderId, RoomId, SeatId
from protocol.keys import Domain, Rng, Secret, joined, lock
from protocol.wire.frames.room_entries import Lane
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, World

EVIL = "\u202egnp.\x00exe\u200b\x07 <img src=file:///etc/passwd> https://evil.example/\u2066x\x85y"
LINES = f"{EVIL}\n{EVIL}"
NAME = "\u202eMarta\u200b K\u0435ssler\x07"  # the host's, with a Cyrillic letter
OWN = "\u202ewo\x07rd https://evil.ex"
SEEN = {EVIL: "<img src=file:///etc/passwd>", NAME: "Marta", OWN: "https://evil.ex"}
# A text of the stage is kept as it was written: the screens mark what is wrong with it.
AS_WRITTEN = {"Entry.text", "Reply.text"}
ROOM = Opening(
    title=EVIL,
    about=LINES,
    rules=LINES,
    way=Way.LINK,
    seats=50,
    name="Marta Kessler",
    stream="file:///etc/passwd",
)


class Raw:
    """In the place of what makes words harmless."""

    @staticmethod
    def line(text: str, most: int) -> str:
        return text[:most]

    lines = line

    @staticmethod
    def sign(text: str) -> str:
        return text


class RawBridge:
    """A card as its writer likes it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(bridge, name)

    @staticmethod
    def excerpt(text: str) -> str:
        return text[:300]

    @staticmethod
    def make_card(*given: Any) -> bridge.BridgeCard:
        made = bridge.make_card(*given)
        return replace(made, own_word=given[5])


def raw_seal(text: str, most: int, length: int, key: Secret, bound: bytes, rng: Rng) -> bytes:
    said = text.encode()
    plain = len(said).to_bytes(length, "big") + said.ljust(most, b"\0")
    return lock(key, plain, bound, rng)


def raw_name(name: str, key: EpochKey, seat: SeatId, rng: Rng) -> bytes:
    """As the specification lays it out."""
    bound = joined(Domain.ROOM_NAME.value, key.room, seat)
    sealed = raw_seal(name, 128, 1, key.of(Domain.ROOM_NAME), bound, rng)
    return key.epoch.to_bytes(4, "big") + sealed


def raw_reason(reason: str, key: EpochKey, order: OrderId, rng: Rng) -> bytes:
    bound = joined(Domain.ROOM_REASON.value, key.room, order)
    sealed = raw_seal(reason, 480, 2, key.of(Domain.ROOM_REASON), bound, rng)
    return key.epoch.to_bytes(4, "big") + sealed


@pytest.fixture
def no_manners(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes cleans nothing; whoever reads is as always."""
    for module in (opening, asking):
        monkeypatch.setattr(module, "words", Raw)
    for module in (opening, entering):
        monkeypatch.setattr(module, "clean", str)
    for module in (naming, sitting_down):
        monkeypatch.setattr(module, "seal_name", raw_name)
    monkeypatch.setattr(opening, "web", str)
    monkeypatch.setattr(stage, "seal_reason", raw_reason)
    monkeypatch.setattr(requesting, "lines", Raw.line)
    monkeypatch.setattr(cards, "bridge", RawBridge())


@dataclass
class Shown:
    """Every text that a desktop hands out, by model and field."""

    texts: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def take(self, found: object) -> None:
        """A model, or several."""
        if isinstance(found, Struct):
            for name, value in asdict(found).items():
                if isinstance(value, str):
                    where = f"{type(found).__name__}.{name}"
                    self.texts.setdefault(where, set()).add(value)
                else:
                    self.take(value)
        elif isinstance(found, list | tuple):
            for each in cast("Sequence[object]", found):
                self.take(each)

    def wrong(self) -> set[str]:
        """Where something is that turns text around, cannot be seen, or breaks a line."""
        return {
            where
            for where, texts in self.texts.items()
            for text in texts
            if not (_as_written(text) if where in AS_WRITTEN else _plain(where, text))
        }

    def where(self, words: str) -> set[str]:
        """Where these words of a stranger came to."""
        return {at for at, texts in self.texts.items() for text in texts if words in text}


LINED = {"about", "rules", "words", "text", "answer", "Question.reason"}


def _plain(where: str, text: str) -> bool:
    lines = text.split("\n") if {where, where.partition(".")[2]} & LINED else [text]
    return all(may_stay(one) for line in lines for one in line)


def _as_written(text: str) -> bool:
    """What the screens make of it has no tricks left."""
    return not any(one in harmless(text) for one in "\u202e\u2066\x00\x07")


async def say(
    desktop: Desktop, room: RoomId, *said: contents.StageContent | desk_contents.DeskContent
) -> None:
    """Into the vault as it is, and on its way from there."""

    def add(db: Connection) -> None:
        kept = rooms.find(db, room)
        assert kept is not None
        for one in said:
            lane = Lane.STAGE if isinstance(one, contents.StageContent) else Lane.DESK
            sayings.add(db, kept, lane, pack(one), desktop.ground.now())

    await desktop.ground.vault.transact(add)
    desktop.ground.bells[Bell.ROOMS].ring()


async def an_evening(world: World) -> Shown:
    """Alice's room is as bad as bob, and carol looks on; alice reads what comes to the desk."""
    relay = await world.relay()
    shown = Shown()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        opened = await alice.engine.room_open(ROOM)
        room = opened.room_id
        shown.take(await carol.engine.room_look(opened.link))
        await carol.engine.room_enter(opened.link, "slow-otter")
        await bob.engine.room_enter(opened.link, NAME)
        mine = await carol.engine.room_say(room, "Good evening")
        first = await bob.engine.room_say(room, EVIL)
        await trio.sleep(3)
        await bob.engine.room_say(room, LINES, reply_to=first)
        answered = await bob.engine.room_ask(room, EVIL, nameless=False)
        declined = await bob.engine.room_ask(room, EVIL, nameless=True)
        await bob.engine.room_report(room, mine, EVIL)
        await bob.engine.room_hand(room, True)
        await say(
            bob,
            room,
            desk_contents.Held(name=NAME, sent_ms=1, text=LINES),
            desk_contents.React(name=NAME, sign="<img src=x>", sent_ms=1, entry=mine),
            desk_contents.Rename(name=NAME, before=NAME, sent_ms=1),
        )
        await bob.engine.room_aside(room, first, LINES, Purpose.OWN, OWN)
        await trio.sleep(10)
        shown.take(await alice.engine.desk(room))
        await alice.engine.question_answer(room, answered, LINES)
        await alice.engine.question_decline(room, declined, EVIL)
        bobs = (await bob.engine.room_show(room)).me
        await alice.engine.room_act(room, bobs, Act.TIME_OUT, seconds=60, reason=EVIL)
        await alice.engine.room_pin(room, first)
        counted = contents.Reactions(entry=mine, sign="<img src=x>", count=9)
        await say(
            alice,
            room,
            contents.ModeChanged(name=NAME, sent_ms=1, text=EVIL),
            contents.Counted(name=NAME, sent_ms=1, reactions=(counted,)),
        )
        await trio.sleep(10)
        (request,) = await alice.engine.requests()
        shown.take(request)
        where = await alice.engine.request_accept(request.request_id)
        assert where is not None
        shown.take(await alice.engine.bridge_card(where))
        for one in (alice, carol):
            shown.take(await one.engine.rooms())
            shown.take(await one.engine.room_show(room))
            shown.take(await one.engine.stage(room))
            shown.take(await one.engine.questions(room))
            shown.take(await one.engine.people(room))
            shown.take(await one.engine.conversation_list())
    return shown


TITLES = {"Doorplate.title", "RoomRow.title", "Room.title", "Request.room", "BridgeCard.room"}
TEXTS = {
    *("Doorplate.about", "Doorplate.rules", "Room.about", "Room.rules", "Entry.text", "Reply.text"),
    *("Order.reason", "Question.text", "Question.reason", "Question.answer"),
    *("DeskItem.words", "Quoted.text", "Request.words"),
}
NAMES = {
    *("Entry.name", "Reply.name", "Order.whom", "Person.name", "Question.name"),
    *("Question.seat_name", "DeskItem.name", "Quoted.name", "Request.name"),
}


def judge(shown: Shown) -> None:
    """All of it came, and is plain text; no tag was taken out, and no address made a link."""
    assert shown.wrong() == set()
    assert shown.where(SEEN[EVIL]) >= TITLES | TEXTS
    assert shown.where(SEEN[NAME]) >= NAMES
    assert "BridgeCard.word" in shown.where(SEEN[OWN])
    assert shown.texts["Room.stream"] == {""}, "no file is offered to be opened"
    assert "Reaction.sign" not in shown.texts, "words are no sign"


@pytest.mark.usefixtures("no_manners")
async def test_every_field_that_a_stranger_writes_is_shown_as_plain_text(
    world: World, autojump_clock: MockClock
) -> None:
    judge(await an_evening(world))


@pytest.mark.usefixtures("no_manners")
async def test_mutant_a_reader_that_takes_names_as_they_come_is_caught(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "clean", str)
    with the_story_fails():
        judge(await an_evening(world))
