"""Letters: what one seat leaves in another's box at the room's relay, to be collected later.

A box needs nobody to be there: it is kept for the room's life and seven days. Whoever collects
proves the seat's key on the connection at hand, which need not be one of the room's.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from protocol.ids import ARoomId, ASeatId, ASignature
from protocol.wire.frames.declared import ACount, ASequence, Done, Notice, Reply, Request
from protocol.wire.frames.deposits import Stored

LETTER_SIZES = (2048, 4096, 8192)
MAX_LETTER = LETTER_SIZES[-1] + 256
MIN_LETTER = LETTER_SIZES[0] + 64
MAX_LETTERS = 32

ALetter = Annotated[bytes, Meta(min_length=MIN_LETTER, max_length=MAX_LETTER)]


class LeaveLetter(Request[Stored], frozen=True, tag="leave_letter"):
    """A letter for the seat it names. The signature of the seat that wrote it is all the leave it
    needs, from whatever connection. Safe to repeat: one of each id."""

    room: ARoomId
    letter: ALetter


class BoxOpened(Reply, frozen=True, tag="box_opened"):
    """The seat's box is open on this connection; so many letters follow."""

    waiting: ACount


class OpenBox(Request[BoxOpened], frozen=True, tag="open_box", omit_defaults=True):
    """Collect from a seat's box, from the first letter after ``after``; later ones follow as they
    come. ``signature`` is the seat key's over the connection's transcript and the room."""

    room: ARoomId
    seat: ASeatId
    signature: ASignature
    after: ASequence = 0


class BoxedLetter(Struct, frozen=True, kw_only=True):
    """A letter as it was left, and its place in the box."""

    sequence: ASequence
    letter: ALetter


class Letters(Notice, frozen=True, tag="letters"):
    """What lies in the open box, in order, on each connection again until acknowledged."""

    letters: Annotated[tuple[BoxedLetter, ...], Meta(min_length=1, max_length=MAX_LETTERS)]


class AcknowledgeLetters(Request[Done], frozen=True, tag="acknowledge_letters"):
    """Everything up to and with this sequence is on the desktop's disk."""

    up_to: ASequence
