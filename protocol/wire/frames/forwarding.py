"""Two hops: a desktop hands its own relay a packet for another relay, and fetches the answer.

Outside of a packet stands the destination only. The own relay sees who hands it in, not what for;
the destination sees what it is for, not who handed it in. See :mod:`protocol.wire.packet`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from protocol.ids import SEALING_PUBLIC_BYTES, AHash, ARelayKey, ASignature, ATime
from protocol.wire.frames.blobs import CHUNK_BYTES
from protocol.wire.frames.declared import ASecret, Done, Notice, Reply, Request
from protocol.wire.frames.deposits import ENVELOPE_SIZES

MAX_TICKETS = 64
CHUNK_QUESTION = 2560
PACKET_SIZES = (
    1536,
    CHUNK_QUESTION,
    *(1536 + size for size in ENVELOPE_SIZES),
    1536 + CHUNK_BYTES,
)
ANSWER_SIZES = (512, 9216, 512 + CHUNK_BYTES)
_ANSWER_ROOM = {PACKET_SIZES[0]: ANSWER_SIZES[1], CHUNK_QUESTION: ANSWER_SIZES[2]}

ADestination = Annotated[str, Meta(max_length=300)]
APacket = Annotated[bytes, Meta(min_length=PACKET_SIZES[0], max_length=PACKET_SIZES[-1])]
AnAnswer = Annotated[bytes, Meta(max_length=ANSWER_SIZES[-1])]
ASealingPublic = Annotated[
    bytes, Meta(min_length=SEALING_PUBLIC_BYTES, max_length=SEALING_PUBLIC_BYTES)
]
Tickets = Annotated[tuple[ASecret, ...], Meta(min_length=1, max_length=MAX_TICKETS)]


def answer_room(packet_bytes: int) -> int:
    """How long the answer to a packet of this length is, whatever is asked in it.

    So who carries a packet knows beforehand what its answer will take up.
    """
    return _ANSWER_ROOM.get(packet_bytes, ANSWER_SIZES[0])


class CardBody(Struct, frozen=True, kw_only=True):
    """What a relay says of itself: its key, and the key that packets for it are sealed to."""

    relay: ARelayKey
    sealing: Annotated[
        bytes, Meta(min_length=SEALING_PUBLIC_BYTES, max_length=SEALING_PUBLIC_BYTES)
    ]
    made_ms: ATime


class Card(Reply, frozen=True, tag="card"):
    """An encoded CardBody and the relay's signature over exactly these bytes."""

    body: Annotated[bytes, Meta(max_length=1536)]
    signature: ASignature


class ShowCard(Request[Card], frozen=True, tag="show_card"):
    """Ask a relay for its own card."""


class FindCard(Request[Card], frozen=True, tag="find_card"):
    """Ask the own relay for another one's card. Whoever asks checks key and signature."""

    pass_secret: ASecret
    destination: ADestination


class Accepted(Reply, frozen=True, tag="accepted"):
    """The packet is on disk here: fsync has returned."""


class Forward(Request[Accepted], frozen=True, tag="forward"):
    """Carry this packet to its destination. Safe to repeat: one of each ticket.

    ``ticket`` is the hash of a secret the desktop chose; who shows the secret gets the answer.
    """

    pass_secret: ASecret
    destination: ADestination
    ticket: AHash
    packet: APacket


class Outcome(StrEnum):
    """What became of a packet."""

    ANSWERED = "answered"  # the sealed answer is what the destination says
    REFUSED = "refused"  # the destination took it from nobody, or not from this relay
    UNREADABLE = "unreadable"  # the destination could not open it; its card may be a newer one
    EXPIRED = "expired"  # the destination was not reached in time
    OTHER = "other"  # an outcome of a newer relay

    @classmethod
    def _missing_(cls, value: object) -> Outcome:
        return cls.OTHER


class Answered(Notice, frozen=True, tag="answered"):
    """What became of a packet that was handed in on this connection."""

    ticket: AHash
    outcome: Outcome
    answer: AnAnswer = b""


class Answer(Struct, frozen=True, kw_only=True):
    """What became of one packet."""

    ticket: AHash
    outcome: Outcome
    answer: AnAnswer = b""


class Answers(Reply, frozen=True, tag="answers"):
    """The answers that are here, at most as many as one message takes; others may still come.

    ``unknown`` are tickets of which nothing is known here: hand the packet in again.
    """

    found: Annotated[tuple[Answer, ...], Meta(max_length=MAX_TICKETS)] = ()
    unknown: Annotated[tuple[AHash, ...], Meta(max_length=MAX_TICKETS)] = ()


class FetchAnswers(Request[Answers], frozen=True, tag="fetch_answers"):
    """Ask what became of packets, by their tickets' secrets."""

    secrets: Tickets


class ForgetAnswers(Request[Done], frozen=True, tag="forget_answers"):
    """These answers are on the desktop's disk."""

    secrets: Tickets


# Between two relays. Whoever connects says Hello like a desktop, then who it is.


class Introduce(Request[Done], frozen=True, tag="introduce"):
    """A relay's name, signed over the connection's transcript."""

    relay: ARelayKey
    signature: ASignature


class Carried(Reply, frozen=True, tag="carried"):
    """The packet was opened and answered; only its sender can read how."""

    answer: AnAnswer


class Carry(Request[Carried], frozen=True, tag="carry", omit_defaults=True):
    """A packet for this relay, from a relay that introduced itself. It goes no further.

    Refused: ``not_allowed`` for all of that relay's packets, ``unknown`` where it does not open.
    ``fleeting``: it was passed on and counts against nobody's ``forwards``, so nothing is kept
    or handed out for it.
    """

    packet: APacket
    fleeting: bool = False
