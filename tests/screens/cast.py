"""Who appears on the screenshots, and what they wrote. Real words in several scripts."""

from __future__ import annotations

from datetime import datetime, timedelta

from desktop.core.models import (
    Cause,
    CommunityInvitation,
    Contact,
    Kind,
    PersonInvitation,
    ProfileState,
    RelayState,
    State,
    Trouble,
)
from desktop.core.practices import Kept, Practices, Told, compare
from protocol.ids import Fingerprint, MemberId
from relay.practices import practices
from relay.rules.limits import House, Limits
from tests.fakes.facade import FakeFacade

PERSON_LINK = "aside://relay.lindenhof.example:8443/abc#c.hana"
RELAY_LINK = "aside://relay.lindenhof.example:8443/abc#join.code"
TODAY = datetime.now().astimezone().replace(hour=19, minute=41, second=0, microsecond=0)


def ms(day: int, hour: int, minute: int) -> int:
    """A time some days ago."""
    then = TODAY.replace(hour=hour, minute=minute) - timedelta(days=day)
    return int(then.timestamp() * 1000)


def fresh(state: ProfileState = ProfileState.UNLOCKED) -> FakeFacade:
    """Clara, who knows nobody yet."""
    clara = FakeFacade(state, name="Clara", now_ms=ms(0, 8, 12))
    clara.invitations[PERSON_LINK] = PersonInvitation(
        "Hana Okafor",
        MemberId(b"h" * 32),
        "relay.lindenhof.example",
        ms(-7, 12, 0),
        brings_relay=True,
        known_as=None,
    )
    clara.invitations[RELAY_LINK] = CommunityInvitation(
        "relay.lindenhof.example", Fingerprint(b"r" * 32), known=False
    )
    return clara


def lively() -> tuple[FakeFacade, Contact]:
    """Clara with a full list; the conversation with Hana is the long one."""
    clara = fresh()
    clara.set_relay("relay.lindenhof.example")
    hana = clara.befriend("Hana Okafor", verified=True)
    for name, text, day, hour, minute, unread in (
        ("Ines Barbosa", "See you at the market", 5, 12, 0, False),
        ("Ruth Abrams", "The keys are with Mr. Lang", 3, 12, 0, False),
        ("Tomás Oliveira", "Will you bring the notes?", 3, 13, 0, False),
        ("陈小雨", "明天下午见，我带上釉料样品。", 0, 18, 25, True),
        ("نور الدين", "هل نلتقي في الورشة يوم السبت؟", 0, 19, 12, True),
    ):
        person = clara.befriend(name)
        if name == "陈小雨":
            clara.arrive(person, "你好！", quiet=True, sent_ms=ms(day, hour, minute - 1))
        message = clara.arrive(person, text, quiet=True, sent_ms=ms(day, hour, minute))
        if not unread:
            clara.read_up_to[person.conversation_id] = message.position
        if name.startswith("Tom"):
            clara.drafts[person.conversation_id] = "Thank you, that question stayed with me"
    lost = clara.befriend("Ayşe Yılmaz-Kowalczyk von der Heide", pending=True)
    clara.wrote(lost, "Hello Ayşe!", State.SENT, sent_ms=ms(6, 10, 0))
    talk(clara, hana)
    return clara, hana


def talk(clara: FakeFacade, hana: Contact) -> None:
    """The conversation of the mock-ups."""

    def theirs(text: str, day: int, hour: int, minute: int) -> None:
        clara.arrive(hana, text, quiet=True, sent_ms=ms(day, hour, minute))

    theirs("The city said yes. The shed is ours from March, if two of us sign.", 1, 20, 11)
    clara.wrote(hana, "That is wonderful news.", State.READ, sent_ms=ms(1, 20, 14))
    clara.wrote(hana, "I will sign. Who is the second?", State.READ, sent_ms=ms(1, 20, 14))
    theirs("Ruth would. She asked me at the gate this morning.", 0, 18, 50)
    theirs("The plan with sockets: https://lindenhof.example/shed/plan", 0, 18, 52)
    clara.arrive(
        hana,
        "",
        kind=Kind.UNREADABLE,
        cause=Cause.NOT_OPENABLE,
        quiet=True,
        sent_ms=ms(0, 18, 53),
    )
    theirs("Can you write the list of what we need to buy, by Friday?", 0, 19, 2)
    read = clara.wrote(
        hana, "Yes. Half of it is on paper already.", State.SENT, sent_ms=ms(0, 19, 5)
    )
    clara.now_ms = ms(0, 19, 6)
    clara.advance(read, State.READ)
    for text, state, minute in (
        ("Do we count the shelves, or does the city pay for those?", State.DELIVERED, 31),
        ("I will ask Marta in her room which clay stands smoke.", State.SENT, 38),
        ("She takes questions until nine", State.QUEUED, 41),
    ):
        clara.wrote(hana, text, state, sent_ms=ms(0, 19, minute))
    last = clara.messages[hana.conversation_id][-1]
    clara.read_up_to[hana.conversation_id] = last.position


def says(name: str, about: str = "", *, days: int = 30, openly: bool = False) -> Told:
    """What a relay says of itself, as the one of this project would."""
    kept = tuple(
        Kept(one.what, one.on_disk, one.sealed, one.longest_s)
        for one in practices(House(limits=Limits(keep_days=days)))
    )
    return Told(name, about, openly, kept)


def heard(now: Told, before: Told | None = None, *, signed: bool = True) -> Practices:
    """The same, as it is shown to a member."""
    return Practices(signed, now, ms(40, 9, 0), ms(1, 9, 0), compare(before or now, now))


LINDENHOF = says(
    "Lindenhof neighbours", "Run by Ruth Abrams in the shed, for the house and the yard."
)
ALDERMOOR = says("Studio Aldermoor", "A pottery supplier. Ask at the counter.", days=7)


def two_relays(clara: FakeFacade) -> None:
    """One of two relays is away."""
    clara.now_ms = ms(0, 8, 12)
    first = clara.set_relay("relay.lindenhof.example")
    clara.practices[first.relay_id] = heard(LINDENHOF)
    second = clara.set_relay(
        "post.aldermoor.example",
        RelayState.OFFLINE,
        Trouble.UNREACHABLE,
        may_invite=False,
        next_try_ms=int(datetime.now().timestamp() * 1000) + 40_000,
    )
    clara.practices[second.relay_id] = heard(ALDERMOOR)


def three_relays(clara: FakeFacade) -> None:
    """The second one changed what it keeps, and the third sends nothing on."""
    clara.now_ms = ms(0, 8, 12)
    first = clara.set_relay("relay.lindenhof.example")
    second = clara.set_relay("post.aldermoor.example", may_invite=False)
    third = clara.set_relay(
        "a-rather-long-name-of-a-relay.in-the-north.example", carries=False, may_invite=False
    )
    clara.practices[first.relay_id] = heard(LINDENHOF)
    later = says("Aldermoor Trading", ALDERMOOR.about, days=90, openly=True)
    clara.practices[second.relay_id] = heard(later, ALDERMOOR)
    clara.practices[third.relay_id] = heard(says("North"), signed=False)
