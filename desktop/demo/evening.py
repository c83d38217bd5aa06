"""An evening in a room: a host and a member before their windows, a moderator and a crowd without.

Law: as in the story before it, every step waits for what the windows show; and in the end everybody
of the crowd has the same entries in one order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from desktop.core.rooms import Act, Order
from desktop.demo import strings
from desktop.demo.crowd.leading import Led
from desktop.demo.crowd.told import (
    Aside,
    Came,
    Count,
    Counted,
    Enter,
    Pace,
    Reach,
    Say,
    Settle,
    Talk,
    Tally,
    Vote,
)
from desktop.demo.hall import Hall
from desktop.demo.hands import Hands
from desktop.demo.person import NotSeen, Person
from desktop.demo.sight import Sight
from desktop.demo.stage import Stage
from desktop.ui.rooms import board_words, stage_words

LIVELY: Final = Pace(entries=1.0, reactions=0.5)
QUIET: Final = Pace()
MODERATOR, ASKER, SELLER = range(3)  # of the crowd
REACHED = 2  # have a mailbox, at the host's relay
SETTLE_S: Final = 20.0

Pictured = Callable[[Person, str], Awaitable[None]]


class Evening:
    """In one room."""

    def __init__(
        self,
        stage: Stage,
        hands: Hands,
        host: Person,
        member: Person,
        say: Callable[[str], None],
        picture: Pictured,
    ) -> None:
        self._stage = stage
        self._hands = hands
        self._hall = Hall(stage, hands)
        self._host = host
        self._member = member
        self._tell = say
        self._picture = picture

    async def tell(self, crowd: Led, relay: str) -> None:
        """With people that have been gathered; ``relay``: where some of them can be reached.

        Raises NotSeen.
        """
        names = await self._come_together(crowd)
        await self._talk(crowd)
        await self._give_a_part(crowd, names[MODERATOR])
        await self._ask(crowd, len(names))
        await self._keep_order(crowd, names[SELLER])
        await self._go_aside(crowd, names, relay)
        await self._compare(crowd, len(names))

    async def _come_together(self, crowd: Led) -> list[str]:
        host, member, hall = self._host, self._member, self._hall
        link = await hall.open_room(
            host, strings.ROOM_TITLE, strings.ROOM_ABOUT, strings.ROOM_RULES
        )
        await self._picture(host, "12-room-link")
        await hall.go_in(host)
        self._tell(strings.ROOM_OPEN.format(name=host.name))
        names = list((await crowd.tell(Enter(link))).names)
        self._tell(strings.ALL_IN.format(count=len(names)))
        await hall.come_to(member, link)
        await self._picture(member, "12-room-door")
        await hall.enter(member, strings.PSEUDONYM)
        self._tell(strings.ENTERED.format(name=member.name, pseudonym=strings.PSEUDONYM))
        return names

    async def _talk(self, crowd: Led) -> None:
        host, member, hall = self._host, self._member, self._hall
        await crowd.tell(Talk(LIVELY))
        await hall.say(host, strings.WELCOME)
        await hall.sees(member, strings.WELCOME)
        self._said(host, member, strings.WELCOME)
        await hall.say(member, strings.FIRST_ENTRY, name=strings.PSEUDONYM)
        await hall.sees(host, strings.FIRST_ENTRY)
        self._said(member, host, strings.FIRST_ENTRY)
        await self._picture(host, "13-stage")

    def _said(self, writer: Person, reader: Person, words: str) -> None:
        short = strings.short(words)
        self._tell(strings.SAID.format(other=reader.name, name=writer.name, words=short))

    async def _give_a_part(self, crowd: Led, whom: str) -> None:
        await crowd.tell(Talk(QUIET))
        await self._hall.make_moderator(self._host, whom)
        await self._hall.sees(self._member, done(Act.MAKE_MODERATOR, whom))
        await self._picture(self._host, "14-people")
        self._tell(strings.MODERATES.format(name=self._host.name, whom=whom))

    async def _ask(self, crowd: Led, people: int) -> None:
        host, member, hall = self._host, self._member, self._hall
        await hall.ask(member, strings.QUESTION)
        voters = max(1, people // 3)
        voted = (await crowd.tell(Vote(strings.QUESTION, voters))).count
        if voted < voters:
            raise NotSeen(strings.NOT_ALL_VOTED.format(count=voted))
        self._tell(strings.ASKED.format(name=member.name, count=voted))
        await hall.turn_to(host, board_words.QUEUE)
        await host.wait_for(strings.VOTES.format(count=voted), lambda sight: _votes(sight, voted))
        await self._picture(host, "15-queue")
        await hall.answer_live(host)
        self._tell(strings.QUEUED.format(name=host.name, count=voted))
        await self._picture(member, "15-board")
        await hall.answered(host)
        await member.reads("Answered")
        self._tell(strings.ANSWERED_LIVE.format(name=member.name))

    async def _keep_order(self, crowd: Led, seller: str) -> None:
        await crowd.tell(Say(SELLER, strings.RUDE))
        await self._hall.remove(self._host, strings.RUDE, strings.REASON)
        await self._picture(self._host, "16-removed")
        await self._hall.sees(self._member, done(Act.REMOVE, seller))
        self._tell(strings.REMOVED.format(name=self._host.name, whom=seller))

    async def _go_aside(self, crowd: Led, names: list[str], relay: str) -> None:
        host, member, hall = self._host, self._member, self._hall
        await crowd.tell(Reach([MODERATOR, ASKER], relay))
        await crowd.tell(Say(ASKER, strings.WONDERS))
        await crowd.tell(Aside(MODERATOR, strings.FIRST_ENTRY, strings.FIRST_WORDS))
        await hall.take_aside(host, strings.WONDERS)
        await hall.requests(member, strings.FIRST_WORDS)
        await self._picture(member, "17-request")
        told = {"name": member.name, "whom": names[MODERATOR]}
        self._tell(strings.TOOK_ASIDE.format(**told))
        await hall.accept(member, strings.ROOM_TITLE)
        await self._picture(member, "18-aside")
        self._tell(strings.TOGETHER.format(name=member.name))
        await self._stage.click(host, await self._hands.item(host, names[ASKER]))
        await hall.sees_card(host, strings.ROOM_TITLE)
        await self._picture(host, "18-aside")
        self._tell(strings.HOST_TOGETHER.format(name=host.name, whom=names[ASKER]))

    async def _compare(self, crowd: Led, people: int) -> None:
        await crowd.tell(Talk(QUIET))
        await crowd.ask(Settle(SETTLE_S), Came)
        tallies = (await crowd.ask(Count(), Counted)).tallies
        wrong = differences([one for one in tallies if one.removed is None])
        if wrong:
            raise NotSeen(strings.NOT_ONE_ORDER.format(count=len(wrong), what=wrong[0]))
        entries = max(one.seen + one.numbered for one in tallies)
        self._tell(strings.ONE_ORDER.format(count=people, entries=entries))


def differences(tallies: list[Tally]) -> list[str]:
    """Whoever has not all that the most have, once and in their order."""
    if not tallies:
        return []
    (order, _), *_ = Counter(one.order for one in tallies).most_common(1)
    return [
        f"{one.doubled} / {one.missing} / {one.moved}"
        for one in tallies
        if one.order != order or one.doubled or one.missing or one.moved or one.unreadable
    ]


def done(act: Act, whom: str) -> str:
    """How the stage tells of it, whoever did it."""
    return stage_words.order(Order(act, whom, "")).partition(" by ")[0]


def _votes(sight: Sight, count: int) -> bool | None:
    return any(thing.name == f"{count:,}" for thing in sight.things) or None
