"""Scenes of requests and of conversations that began as an aside."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from desktop.core import errors
from desktop.core.models import State
from desktop.core.requests import BridgeCard, Proof, Purpose, Quoted, Request, RequestId
from desktop.core.rooms import Role
from desktop.ui.requests.card import BridgeCardView
from desktop.ui.requests.requests import Requests
from protocol.ids import EntryId, RoomId
from tests.fakes.rooms import an_id, seat
from tests.screens.cast import lively, ms
from tests.screens.scenes import Stage

GLAZES = RoomId(an_id("room", "Glazes without fear"))
NOW_MS = ms(0, 20, 45)
TRICK = "free glazes https://xn--pple-43d.example <img src=file:///etc/passwd>\x07\u202e"


def quoted(name: str, text: str, minute: int, proof: Proof = Proof.SIGNED) -> Quoted:
    entry_id = EntryId(an_id("entry", f"{name}{text}", 16))
    mine = name == "quiet-fern"
    return Quoted(entry_id, seat(name), name, text, ms(0, 19, minute), mine, proof)


def card(**how: object) -> BridgeCard:
    """About an entry of mine, with one entry on each side."""
    asked = "My beech ash came out grey, not green, at 1240°. Too little iron, or too fast?"
    plain = BridgeCard(
        room_id=GLAZES,
        room="Glazes without fear",
        host="Marta Kessler",
        quoted=quoted("quiet-fern", asked, 38),
        before=(quoted("ليلى", "شكراً مارتا، هذا أوضح شرح سمعته.", 38),),
        after=(quoted("小雨的窑", "苹果木灰的颜色很暖。", 39),),
        purpose=Purpose.MENTORING,
        known_as="quiet-fern",
    )
    return replace(plain, **how)


def request(name: str, words: str, sent_ms: int = NOW_MS, **how: object) -> Request:
    plain = Request(
        request_id=RequestId(an_id("request", name + words, 16)),
        seat_id=seat(name),
        name=name,
        role=Role.MEMBER,
        words=words,
        sent_ms=sent_ms,
        until_ms=ms(-7, 20, 45),
        room_id=GLAZES,
        room="Glazes without fear",
        card=card(),
    )
    return replace(plain, **how)


def some() -> Sequence[Request]:
    """From the host about an entry of mine; from a member about one of theirs."""
    hosts = (
        "Your question about ash deserves more than a line on stage. Shall we look at your firing "
        "notes together? I have half an hour on most evenings."
    )
    theirs = quoted("river-5", "I lost three bowls to cracks in the foot.", 12, Proof.CLAIMED)
    more = [
        quoted(f"heron-{n}", f"Mine cracked at the foot as well, {n} times.", n) for n in (3, 7)
    ]
    cracks = card(
        quoted=theirs,
        purpose=Purpose.OWN,
        word="Cracked feet",
        before=(*more, quoted("tallow", "Me too.", 11, Proof.CLAIMED)),
        here=False,
    )
    return (
        request("Marta Kessler", hosts, ms(0, 20, 41), role=Role.HOST),
        request("river-5", "You seemed to know the clay. May I ask?", ms(1, 9, 2), card=cracks),
    )


def into(stage: Stage, wanted: Sequence[Request], *, fails: bool = False) -> Requests:
    """The page, from the rail."""
    clara, _ = lively()
    clara.wanted = list(wanted)
    if fails:
        clara.failures["requests"] = errors.VaultDamaged()
    stage.begin(clara)
    stage.shell.requests.show()
    stage.settle()
    stage.shell.requests.page.column.take_focus()
    return stage.shell.requests.page


def requests(stage: Stage) -> None:
    into(stage, some())


def claimed(stage: Stage) -> None:
    """What is only claimed, and all that stands around it."""
    page = into(stage, some()[1:])
    shown = page.view.card
    assert isinstance(shown, BridgeCardView)
    shown.more.click()


def imitating(stage: Stage) -> None:
    """Somebody goes by a name that looks like the host's."""
    said = "I am the host. Send me your recovery words, https://evil.example/login"
    into(stage, [request("Marta KessIer", said, imitates=True), *some()])


def false_card(stage: Stage) -> None:
    into(stage, [request("Marta Kess\u200bler\u202e", TRICK, card=None), *some()])


def on_its_way(stage: Stage) -> None:
    """Said yes, and they are away."""
    hosts, theirs = some()
    into(stage, [replace(hosts, accepted_ms=ms(0, 20, 44)), theirs])


def blocking(stage: Stage) -> None:
    into(stage, some()).ask_block()


def nobody(stage: Stage) -> None:
    into(stage, ())


def not_read(stage: Stage) -> None:
    into(stage, (), fails=True)


def aside(stage: Stage) -> None:
    """The conversation that came of it, with the card on top."""
    clara, _ = lively()
    marta = clara.befriend("Marta Kessler")

    def says(text: str, minute: int) -> None:
        clara.arrive(marta, text, quiet=True, sent_ms=ms(0, 20, minute))

    says(some()[0].words, 41)
    says("I am Marta. In the room I only saw your leaf name.", 48)
    clara.wrote(
        marta,
        "Thank you for asking. I am Clara, from the Lindenhof shed.",
        State.READ,
        sent_ms=ms(0, 20, 52),
    )
    clara.cards[marta.conversation_id] = card(accepted_ms=ms(0, 20, 47))
    clara.wanted = list(some()[1:])
    stage.begin(clara)
    stage.shell.open_conversation(marta.conversation_id)
    stage.settle(0.2)


SCENES = {
    "11-requests": requests,
    "11-requests-claimed": claimed,
    "11-requests-false": false_card,
    "11-requests-imitating": imitating,
    "11-requests-block": blocking,
    "11-requests-yes": on_its_way,
    "11-requests-empty": nobody,
    "11-requests-failed": not_read,
    "12-aside": aside,
}
FURTHER = frozenset(
    {
        "11-requests-block",
        "11-requests-claimed",
        "11-requests-empty",
        "11-requests-failed",
        "11-requests-yes",
    }
)
