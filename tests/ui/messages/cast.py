"""Conversations to look at: alice reads on her desktop, bob and carol write to her."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count

from msgspec.structs import replace

from desktop.core.models import Cause, Kind, Message, State
from protocol.ids import ConversationId, MemberId, MessageId

ALICE, BOB, CAROL = (MemberId(name * 32) for name in (b"a", b"b", b"c"))
NAMES = {ALICE: "Alice", BOB: "Hana Okafor", CAROL: "Carol"}
CONVERSATION = ConversationId(b"o" * 16)
NOON = datetime(2026, 11, 20, 12, 0).astimezone()


def now() -> datetime:
    """A moment that does not pass: the afternoon of the day most messages are from."""
    return NOON + timedelta(hours=8)


def at(hours: int, minutes: int, *, days_ago: int = 0) -> int:
    """A time of the day, in milliseconds."""
    day = NOON.replace(hour=0) - timedelta(days=days_ago)
    return int((day + timedelta(hours=hours, minutes=minutes)).timestamp() * 1000)


def message_id(number: int) -> MessageId:
    return MessageId(number.to_bytes(16, "big"))


class Scribe:
    """Writes messages one after the other."""

    def __init__(self, first: int = 1000) -> None:
        self._positions = count(first)

    def says(
        self,
        who: MemberId,
        text: str = "Hello",
        sent_ms: int | None = None,
        *,
        state: State | None = None,
        kind: Kind = Kind.TEXT,
        cause: Cause | None = None,
        read_ms: int | None = None,
        late: bool = False,
        some: int = 1,
    ) -> Message:
        position = next(self._positions)
        mine = who == ALICE
        return Message(
            conversation_id=CONVERSATION,
            message_id=message_id(position),
            position=position,
            kind=kind,
            sender_id=who,
            mine=mine,
            text=text,
            sent_ms=at(12, 0) + position if sent_ms is None else sent_ms,
            state=state or (State.DELIVERED if mine else State.RECEIVED),
            cause=cause,
            count=some,
            late=late,
            read_ms=read_ms,
        )

    def lines(self, how_many: int, *, text: str = "{}") -> list[Message]:
        """Many of both, of different lengths."""
        made: list[Message] = []
        for number in range(how_many):
            words = f"{number} " + "word " * (number * 7 % 40)
            made.append(self.says(BOB if number % 5 < 3 else ALICE, text.format(words.strip())))
        return made


def before(messages: Iterable[Message], how_many: int) -> list[Message]:
    """Rows that stand before these."""
    first = next(iter(messages)).position
    return Scribe(first - how_many).lines(how_many)


def read(message: Message) -> Message:
    return replace(message, state=State.READ, read_ms=message.sent_ms + 60_000)


def spring_plans() -> list[Message]:
    """The conversation of the design's picture."""
    says = Scribe().says
    return [
        says(
            BOB,
            "The city said yes. The shed is ours from March, if two of us sign.",
            at(20, 11, days_ago=1),
        ),
        says(
            ALICE,
            "That is wonderful news.",
            at(20, 14, days_ago=1),
            state=State.READ,
            read_ms=at(20, 15, days_ago=1),
        ),
        says(
            ALICE,
            "I will sign. Who is the second?",
            at(20, 14, days_ago=1),
            state=State.READ,
            read_ms=at(20, 15, days_ago=1),
        ),
        says(BOB, "Ruth would. She asked me at the gate this morning.", at(18, 50)),
        says(BOB, "The plan with sockets: https://lindenhof.example/shed/plan", at(18, 52)),
        says(BOB, "", at(18, 53), kind=Kind.UNREADABLE, cause=Cause.NOT_OPENABLE),
        says(BOB, "Can you write the list of what we need to buy, by Friday?", at(19, 2)),
        says(
            ALICE,
            "Yes. Half of it is on paper already.",
            at(19, 5),
            state=State.READ,
            read_ms=at(19, 6),
        ),
        says(ALICE, "Do we count the shelves, or does the city pay for those?", at(19, 31)),
        says(
            ALICE,
            "I will ask Marta in her room which clay stands smoke.",
            at(19, 38),
            state=State.SENT,
        ),
        says(ALICE, "She takes questions until nine", at(19, 41), state=State.QUEUED),
    ]


def everything() -> list[Message]:
    """One of each kind of row, in several scripts."""
    says = Scribe().says
    return [
        says(BOB, kind=Kind.NOTICE, cause=Cause.BECAME_CONTACTS, sent_ms=at(9, 0, days_ago=40)),
        says(
            BOB,
            "صباح الخير! هل نلتقي في الورشة يوم السبت؟ "
            "سأحضر الطين والأدوات معي، فلا تحملي شيئاً ثقيلاً.",
            at(9, 1, days_ago=40),
        ),
        says(ALICE, "نعم، الساعة العاشرة", at(9, 3, days_ago=40)),
        says(BOB, "明天下午见，我带上釉料样品。", at(10, 0, days_ago=3)),
        says(ALICE, "👍🏽 👩‍👩‍👧‍👦 see you there 🎉", at(10, 1, days_ago=3)),
        says(
            ALICE,
            "Your question about ash deserves more than a line on stage. "
            "Shall we look at your firing notes together? I have half an hour on most evenings.",
            at(10, 2, days_ago=3),
        ),
        says(
            BOB,
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2,
            at(18, 0),
        ),
        says(BOB, "", at(18, 2), kind=Kind.MISSING, some=3),
        says(
            BOB,
            "Two lines,\nand a <b>third</b> with <img src=file:///etc/passwd> (see https://example.org/a_(b)?q=1&r=2).",
            at(18, 4),
        ),
        says(BOB, "This one took the long way.", at(17, 20), late=True),
        says(ALICE, "Is anybody there?", at(18, 30), state=State.FAILED, cause=Cause.CONTACT_GONE),
        says(BOB, kind=Kind.NOTICE, cause=Cause.FRESH_SESSION, sent_ms=at(19, 0)),
        says(BOB, "Yes! 今 and שלום", at(19, 1)),
        says(BOB, "That explains most of it.", at(19, 2)),
    ]
