"""What happens in a demo: two people at two relays meet by a link and write to each other; one is
away for a bit.

Law: every step waits for what the windows show. A story told to its end has seen every message.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from desktop.demo import strings
from desktop.demo.crowd.leading import Gathering, Led
from desktop.demo.evening import Evening
from desktop.demo.hands import BUTTON, FIELD, NAV, PLACES, SWITCH, Hands
from desktop.demo.person import Person
from desktop.demo.sight import Shade, Sight, Thing
from desktop.demo.stage import Stage
from desktop.demo.transcript import Transcript
from desktop.ui import strings as shown
from desktop.ui.conversation import strings as conversation_words
from desktop.ui.invitations import strings as invitations_words
from desktop.ui.settings import strings as settings_words
from desktop.ui.start import strings as start_words
from protocol.wire.address import parse_relay_invitation

LARGE = (1280, 800)
SMALL = (900, 600)
DELIVERED = ("delivered", "read at")


class Story:
    """Alice, Bob and the stage they stand on."""

    def __init__(
        self, stage: Stage, alice: Person, bob: Person, out: Path, transcript: Transcript
    ) -> None:
        self.stage = stage
        self.hands = Hands(stage)
        self.alice = alice
        self.bob = bob
        self._out = out
        self._tell = transcript.say
        self._desks: AsyncExitStack | None = None
        self._seen = 0

    async def tell(
        self, desks: AsyncExitStack, north: str, south: str, crowd: Gathering | None = None
    ) -> None:
        """All of it, by the links that let one person in at each relay; both windows stay open.

        Raises NotSeen.
        """
        alice, bob = self.alice, self.bob
        for person in (alice, bob):
            await self._sit_down(desks, person)
        await self.create(alice)
        await self.add_relay(alice, north)
        link = await self._invite(alice)
        await self.create(bob)
        await self.add_relay(bob, south)
        await self._accept(bob, link)
        await self._meet(alice)
        people = (alice, bob)
        for who, words in strings.TALK:
            await self._write(people[who], people[1 - who], words)
        await self._ticks(alice)
        await self._picture(alice, "05-conversation-light")
        await self._picture(bob, "05-conversation-light")
        await self._be_away(desks)
        if crowd is not None:
            await self._spend_an_evening(await crowd.all_there(), north)
        if self.stage.alone:
            await self._show_around(alice)
            await self._lock(alice)
        self._tell(strings.DONE.format(count=self._seen))

    async def picture_of_failure(self) -> None:
        for person in (self.alice, self.bob):
            if person.here:
                await self._picture(person, "failed")

    # beginning

    async def _sit_down(self, desks: AsyncExitStack, person: Person) -> None:
        await desks.enter_async_context(person.at_the_desk(self.stage.environment))
        await person.look()
        await self.stage.arrange(person, 0 if person is self.alice else 1, *LARGE)

    async def create(self, person: Person) -> None:
        name = await person.thing(start_words.NAME_LABEL, FIELD)
        await self.hands.fill(person, name, person.name)
        await self._picture(person, "01-first-start-name")
        await self.stage.press(person, "Return")
        first = await person.thing(start_words.PASSPHRASE_LABEL, FIELD)
        await self.hands.fill(person, first, person.passphrase, secret=True)
        again = await person.thing(shown.ONCE_MORE, FIELD)
        await self.hands.fill(person, again, person.passphrase, secret=True)
        await self._picture(person, "01-first-start-passphrase")
        await self.stage.click(person, await person.thing(start_words.SET_PASSPHRASE, BUTTON))
        await person.reads(invitations_words.hello(person.name))
        await self._picture(person, "02-hello")
        self._tell(strings.CREATED.format(name=person.name))

    async def add_relay(self, person: Person, invitation: str) -> None:
        await self.hands.fill(
            person, await person.thing(invitations_words.PASTE, FIELD), invitation
        )
        await self.stage.press(person, "Return")
        add = await person.thing(shown.ADD_RELAY, BUTTON)
        await self._picture(person, "03-relay-invitation")
        await self.stage.click(person, add)
        await person.reads("Connected")
        relay = parse_relay_invitation(invitation).address
        place = f"{relay.host}:{relay.port}"
        self._tell(strings.RELAY_ADDED.format(name=person.name, place=place))

    async def _invite(self, person: Person) -> str:
        def offers(sight: Sight) -> Thing | None:
            return next(
                (
                    thing
                    for thing in sight.things
                    if thing.name.startswith(f"{shown.INVITE}.")
                    and thing.role == BUTTON
                    and thing.enabled
                ),
                None,
            )

        offer = await person.wait_for(strings.A_THING.format(name=shown.INVITE), offers)
        await self.stage.click(person, offer)
        wanted = strings.A_THING.format(name=invitations_words.INVITE_LINK)
        without_relay = await person.wait_for(wanted, _link)
        await self.stage.click(person, await person.thing(invitations_words.INVITE_JOIN, SWITCH))

        def another(sight: Sight) -> str | None:
            link = _link(sight)
            return link if link != without_relay else None

        link = await person.wait_for(wanted, another)
        await self._picture(person, "04-invite")
        await self.stage.copy(person, await person.thing(invitations_words.COPY_LINK, BUTTON), link)
        if self.stage.alone:
            await person.thing(invitations_words.LINK_COPIED, BUTTON)
        await self.stage.click(person, await person.thing(shown.CLOSE, BUTTON))
        await person.thing(invitations_words.PASTE, FIELD)
        self._tell(strings.LINK_MADE.format(name=person.name))
        return link

    async def _accept(self, person: Person, link: str) -> None:
        field = await person.thing(invitations_words.PASTE, FIELD)
        await self.hands.focus(person, field)
        await self.stage.paste(person)
        await person.thing(invitations_words.PASTE, FIELD, text=link)
        await self.stage.press(person, "Return")
        greeting = await person.thing(invitations_words.GREETING_LABEL, FIELD)
        await self.hands.fill(person, greeting, strings.GREETING)
        await self._picture(person, "04-invitation")
        await self.stage.click(person, await person.thing(invitations_words.ACCEPT, BUTTON))
        await person.row(strings.GREETING, True, self.stage.shows)
        self._tell(strings.LINK_USED.format(name=person.name))

    async def _meet(self, person: Person) -> None:
        await self.stage.click(person, await self.hands.item(person, self.bob.name))
        await person.row(strings.GREETING, False, self.stage.shows)
        self._seen += 1
        self._tell(strings.CONTACTS.format(name=person.name))

    # writing

    async def _write(self, writer: Person, reader: Person, words: str) -> None:
        await self._say(writer, reader, words)
        await self._read(writer, reader, words)

    async def _say(self, writer: Person, reader: Person, words: str) -> None:
        box = await writer.thing(f"{conversation_words.MESSAGE_TO} {reader.name}", FIELD)
        await self.hands.fill(writer, box, words)
        await self.stage.press(writer, "Return")
        await writer.row(words, True, self.stage.shows)

    async def _read(self, writer: Person, reader: Person, words: str) -> None:
        await reader.row(words, False, self.stage.shows)
        self._seen += 1
        told = strings.SEEN.format(other=reader.name, name=writer.name, words=strings.short(words))
        self._tell(told)
        await self.stage.breathe()

    async def _ticks(self, person: Person) -> None:
        def all_there(sight: Sight) -> bool | None:
            mine = [row for row in sight.rows if row.spoken.startswith(strings.MINE)]
            return (bool(mine) and all(_delivered(row.spoken) for row in mine)) or None

        await person.wait_for(strings.TICKS, all_there)
        self._tell(strings.ANSWERED.format(name=person.name))

    async def _be_away(self, desks: AsyncExitStack) -> None:
        alice, bob = self.alice, self.bob
        await self.stage.close(bob)
        self._tell(strings.AWAY.format(name=bob.name))
        for words in strings.WHILE_AWAY:
            await self._say(alice, bob, words)
            self._tell(strings.WRITTEN_AWAY.format(name=alice.name, words=strings.short(words)))
        await self._picture(alice, "06-written-while-away")
        await self._sit_down(desks, bob)
        field = await bob.thing(start_words.PASSPHRASE_LABEL, FIELD)
        await self._picture(bob, "07-unlock")
        await self.hands.fill(bob, field, bob.passphrase, secret=True)
        await self.stage.press(bob, "Return")
        self._tell(strings.BACK.format(name=bob.name))
        item = await self.hands.item(bob, alice.name)
        await self._picture(bob, "08-back")
        await self.stage.click(bob, item)
        for words in strings.WHILE_AWAY:
            await self._read(alice, bob, words)
        await self._picture(bob, "08-read-on-return")
        await self._write(bob, alice, strings.LAST)

    async def _spend_an_evening(self, crowd: Led, relay: str) -> None:
        evening = Evening(self.stage, self.hands, self.alice, self.bob, self._tell, self._both)
        await evening.tell(crowd, relay)
        # Its name goes on with how many are unread.
        to_all = await self.hands.begins(self.alice, shown.CONVERSATIONS, *PLACES)
        await self.stage.click(self.alice, to_all)
        await self.stage.click(self.alice, await self.hands.item(self.alice, self.bob.name))

    async def go_dark(self, person: Person) -> None:
        """By the settings; the window shows its first page again."""
        await self.stage.press(person, "Ctrl+,")
        await self.stage.click(person, await person.thing(shown.SET_APPEARANCE, NAV))
        await self.stage.click(person, await person.thing(settings_words.THEME_DARK))
        await self.stage.press(person, "Esc")

    # what else there is to see

    async def _show_around(self, person: Person) -> None:
        await self.stage.press(person, "Ctrl+/")
        close = await person.thing(shown.CLOSE, BUTTON)
        await self._picture(person, "09-keys-light")
        await self.stage.click(person, close)
        await self.stage.arrange(person, 0, *SMALL)
        await self._picture(person, "05-conversation-light-small")
        await self.stage.arrange(person, 0, *LARGE)
        await self.stage.press(person, "Ctrl+,")
        await person.thing(shown.SET_APPEARANCE, NAV)
        await self._picture(person, "10-settings-light")
        await self.stage.click(person, await person.thing(shown.SET_APPEARANCE, NAV))
        dark = await person.thing(settings_words.THEME_DARK)
        await self.stage.click(person, dark)
        await self._picture(person, "10-settings-appearance-dark")
        await self.stage.click(person, await person.thing(shown.SET_RELAYS, NAV))
        await self._picture(person, "10-settings-relays-dark")
        await self.stage.press(person, "Esc")
        await person.row(strings.LAST, False, self.stage.shows)
        await self._picture(person, "05-conversation-dark")
        await self.stage.arrange(person, 0, *SMALL)
        await person.row(strings.LAST, False, self.stage.shows)
        await self._picture(person, "05-conversation-dark-small")
        await self.stage.arrange(person, 0, *LARGE)
        self._tell(strings.LOOKED_AT)

    async def _lock(self, person: Person) -> None:
        await self.stage.press(person, "Ctrl+L")
        await person.thing(start_words.PASSPHRASE_LABEL, FIELD)
        await person.wait_for(strings.NO_MESSAGES, lambda sight: not sight.rows or None)
        await self._picture(person, "11-locked-dark")
        self._tell(strings.LOCKED.format(name=person.name))

    async def _both(self, person: Person, name: str) -> None:
        """By day and by night, as where the system's own look changes."""
        for dark, look in ((False, "light"), (True, "dark")):
            await person.ask(Shade(dark))
            await person.look()  # by then it has begun to paint
            await self._picture(person, f"{name}-{look}")
        await person.ask(Shade(None))

    async def _picture(self, person: Person, name: str) -> None:
        file = self._out / f"{name}-{person.name.lower()}.png"
        await self.stage.picture(person, file)


def _link(sight: Sight) -> str | None:
    return next(
        (t.text for t in sight.things if t.name == invitations_words.INVITE_LINK and t.text), None
    )


def _delivered(spoken: str) -> bool:
    return any(spoken.rpartition("; ")[2].startswith(word) for word in DELIVERED)
