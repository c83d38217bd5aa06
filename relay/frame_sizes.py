"""How large a frame is at most once it is encoded, so that messages are filled and never over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.wire.frames import (
    Answered,
    Answers,
    BlobShown,
    BundleTaken,
    Card,
    Carried,
    Carry,
    Chunk,
    Delivery,
    Frame,
    Practices,
    Signalled,
    Told,
)
from protocol.wire.frames.letters import Letters
from protocol.wire.frames.room_entries import Fetched, HeadShown
from protocol.wire.frames.room_orders import MAX_ANNOUNCEMENT, EpochBegins, WrapShown
from protocol.wire.frames.rooms import (
    MAX_CARD,
    MAX_HEAD,
    MAX_SEALED_NAME,
    CardsShown,
    Entered,
    RoomSet,
    RoomShown,
    SeatsShown,
    SeatTold,
)

FRAME_BYTES = 192


def size_of(frame: Frame) -> int:
    """An upper bound of the frame's bytes."""
    extra = _EXTRA.get(type(frame))
    return FRAME_BYTES if extra is None else FRAME_BYTES + extra(frame)


def _body(frame: Delivery | BundleTaken | Card | Practices | Chunk | Signalled) -> int:
    return len(frame.body)


def _answer(frame: Carried | Answered | Told) -> int:
    return len(frame.answer)


def _answers(frame: Answers) -> int:
    each = sum(FRAME_BYTES + len(found.answer) for found in frame.found)
    return each + FRAME_BYTES * len(frame.unknown)


# By type, since nearly all that goes out is short and would be asked about each of these.
_EXTRA: dict[type[Frame], Callable[[Any], int]] = {
    **dict.fromkeys((Delivery, BundleTaken, Card, Practices, Chunk, Signalled), _body),
    **dict.fromkeys((Carried, Answered, Told), _answer),
    Answers: _answers,
    BlobShown: lambda frame: len(frame.there),
    Carry: lambda frame: len(frame.packet),
    Fetched: lambda frame: sum(map(len, frame.items)) + 8 * len(frame.items),
    Letters: lambda frame: sum(64 + len(each.letter) for each in frame.letters),
    SeatsShown: lambda frame: (MAX_SEALED_NAME + FRAME_BYTES) * len(frame.seats),
    CardsShown: lambda frame: (MAX_CARD + FRAME_BYTES) * len(frame.cards),
    **dict.fromkeys((Entered, RoomShown, RoomSet), lambda frame: len(frame.policy.body) + MAX_HEAD),
    **dict.fromkeys((EpochBegins, WrapShown, HeadShown, SeatTold), lambda _: 2 * MAX_ANNOUNCEMENT),
}
