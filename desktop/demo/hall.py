"""What somebody does in rooms, from opening one to going on with one of its people, by hand."""

from __future__ import annotations

import trio

from desktop.core.requests import Proof
from desktop.core.rooms import Act, Presence, Role
from desktop.core.rooms import Person as Seated
from desktop.demo import strings
from desktop.demo.hands import BUTTON, FIELD, PLACES, Hands
from desktop.demo.person import Person
from desktop.demo.sight import Row, Sight, Thing
from desktop.demo.stage import Stage
from desktop.ui import strings as shown
from desktop.ui.invitations import strings as link_words
from desktop.ui.messages.strings import TO_NEWEST
from desktop.ui.requests import strings as request_words
from desktop.ui.rooms import board_words, door_words, list_words, people_words
from desktop.ui.rooms import strings as room_words
from protocol.ids import SeatId

FOLLOWS_S = 4.0  # until whoever does not see it looks for what is new below
_TO_DOOR = (link_words.TO_THE_DOOR, door_words.ENTER)


class Hall:
    """On one stage, for everybody who comes to a room."""

    def __init__(self, stage: Stage, hands: Hands) -> None:
        self._stage = stage
        self._hands = hands

    # coming in

    async def open_room(
        self, person: Person, title: str, about: str, rules: str, seats: int = 250
    ) -> str:
        """Its link. The host goes in."""
        hands, stage = self._hands, self._stage
        await stage.click(person, await person.thing(shown.ROOMS, *PLACES))
        await hands.press_button(person, list_words.OPEN)
        for name, words in (
            (door_words.TITLE, title),
            (door_words.ABOUT, about),
            (door_words.RULES, rules),
        ):
            await hands.fill(person, await person.thing(name, FIELD), words)
        field = await person.thing(door_words.SEATS, FIELD)
        await hands.clear(person, field)
        await hands.fill(person, field, str(seats))
        await hands.press_button(person, door_words.OPEN)
        link = await person.wait_for(strings.A_THING.format(name=door_words.THE_LINK), _link)
        await person.reads(door_words.KEY_LEAD)
        return link

    async def go_in(self, person: Person) -> None:
        """From the dialog that shows the link of one's own room."""
        await self._hands.press_button(person, door_words.GO)
        await person.thing(strings.HOST_WRITES, FIELD)

    async def come_to(self, person: Person, link: str) -> None:
        """By a link, as far as the door."""
        hands, stage = self._hands, self._stage
        await stage.click(person, await person.thing(shown.ROOMS, *PLACES))
        await hands.press_button(person, list_words.HAVE_LINK)
        await hands.fill(person, await person.thing(link_words.PASTE, FIELD), link)
        await stage.press(person, "Return")
        # A relay that knows this member is asked at once; any other after a word of warning.
        first = await person.wait_for(
            strings.A_THING.format(name=door_words.ENTER),
            lambda sight: next((one for one in sight.things if one.name in _TO_DOOR), None),
        )
        if first.name == link_words.TO_THE_DOOR:
            await hands.press_button(person, first.name)
        await person.thing(door_words.ENTER, BUTTON)

    async def enter(self, person: Person, name: str) -> None:
        """Under this name, which is none that contacts know."""
        field = await self._hands.begins(person, door_words.NAME, FIELD)
        await self._hands.clear(person, field)
        await self._hands.fill(person, field, name)
        await self._hands.press_button(person, door_words.ENTER)
        await person.thing(strings.WRITES_AS.format(name=name), FIELD)

    # the stage

    async def box(self, person: Person, name: str = "") -> Thing:
        """Where an entry is written; ``name``: of whoever does not help."""
        asks = strings.WRITES_AS.format(name=name) if name else strings.HOST_WRITES
        return await person.thing(asks, FIELD)

    async def say(self, person: Person, words: str, *, name: str = "") -> None:
        await self._hands.fill(person, await self.box(person, name), words)
        await self._stage.press(person, "Return")
        await self.sees(person, words)

    async def sees(self, person: Person, words: str) -> Row:
        """A row of the stage that says this, painted. Whoever stood still to act follows again."""
        for _ in range(int(person.patience_s / FOLLOWS_S)):
            pill = next((one for one in (await person.look()).things if _is_pill(one)), None)
            if pill is not None:
                await self._stage.click(person, pill)
            with trio.move_on_after(FOLLOWS_S):
                return await person.entry(words, self._stage.shows)
        return await person.entry(words, self._stage.shows)

    async def with_entry(self, person: Person, words: str, act: str) -> None:
        """Do something with the entry that says this, from its menu."""
        row = await self.sees(person, words)
        await self._stage.click(person, row.thing)
        await self._stage.press(person, "Left")  # the keyboard is on it: it stands still from here
        await self._stage.press(person, "Return")
        await self._hands.pick(person, act)

    async def take_aside(self, person: Person, words: str) -> None:
        await self.with_entry(person, words, room_words.TAKE_ASIDE)
        await person.reads(room_words.ASKED_ASIDE)

    async def remove(self, person: Person, words: str, reason: str) -> None:
        """Whoever said this."""
        await self.with_entry(person, words, room_words.REMOVE)
        await self._hands.fill(person, await person.thing(board_words.REASON, FIELD), reason)
        await self._stage.press(person, "Return")

    # the panel

    async def turn_to(self, person: Person, tab: str) -> None:
        """Its name goes on with how many there are."""
        found = await person.wait_for(
            strings.A_THING.format(name=tab),
            lambda sight: next((one for one in sight.things if _is_tab(one, tab)), None),
        )
        await self._stage.click(person, found)

    async def make_moderator(self, person: Person, name: str) -> None:
        await self.turn_to(person, board_words.PEOPLE)
        finder = await person.thing(people_words.FIND, FIELD)
        await self._hands.fill(person, finder, name)
        seat = Seated(SeatId(bytes(32)), name, Role.MEMBER, Presence.HERE)
        await self._stage.click(
            person, await self._hands.begins(person, people_words.menu_of(seat))
        )
        await self._hands.pick(person, people_words.offer(Act.MAKE_MODERATOR, seat))
        # What a moderator usually may, for as long as the room goes on.
        await self._hands.press_button(person, people_words.ACTS[Act.MAKE_MODERATOR])

    async def ask(self, person: Person, words: str) -> None:
        await self.turn_to(person, board_words.QUESTIONS)
        await self._hands.fill(person, await person.thing(board_words.ASK_HERE, FIELD), words)
        await self._stage.press(person, "Return")
        await person.reads(words)

    async def answer_live(self, person: Person) -> None:
        """The first question of the queue."""
        await self.turn_to(person, board_words.QUEUE)
        await self._hands.press_button(person, board_words.ANSWER)
        await self._hands.pick(person, board_words.ANSWER_LIVE)
        await person.reads(board_words.ANSWERING)

    async def answered(self, person: Person) -> None:
        """What was being answered is."""
        await self._hands.press_button(person, board_words.DONE)

    # aside

    async def requests(self, person: Person, words: str) -> None:
        """See who asks."""
        await self._stage.click(
            person, await self._hands.begins(person, request_words.REQUESTS, *PLACES)
        )
        await person.reads(words)

    async def accept(self, person: Person, room: str) -> None:
        """One key; and the conversation shows where it began."""
        await person.thing(request_words.ACCEPT, BUTTON)
        await self._stage.press(person, "A")
        await self.sees_card(person, room)

    async def sees_card(self, person: Person, room: str) -> None:
        await person.reads(request_words.BEGAN)
        await self._hands.begins(person, f"From {room}")
        await person.reads(request_words.PROOFS[Proof.SIGNED][0])


def _is_tab(thing: Thing, tab: str) -> bool:
    return thing.role in PLACES and thing.reachable and thing.name.split(",")[0] == tab


def _is_pill(thing: Thing) -> bool:
    """It leads to the end of what is read."""
    return thing.role in PLACES and thing.reachable and TO_NEWEST in thing.name


def _link(sight: Sight) -> str | None:
    links = (one.text for one in sight.things if one.name == door_words.THE_LINK)
    return next(filter(None, links), None)
