"""What every frame is made of (law 9): who says it, which reply it earns, why it may be refused.

A frame is a class that names its fields with their bounds, the reply it earns and who may say
it. Codec, dispatch, property tests and frozen vectors follow from the class. Unknown keys are
ignored; a field added later has a default.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_args

from msgspec import Meta, Struct

from protocol.ids import ACall

ASecret = Annotated[bytes, Meta(min_length=32, max_length=32)]
ASequence = Annotated[int, Meta(ge=0, lt=2**53)]
ACount = Annotated[int, Meta(ge=0, lt=2**31)]
ASize = Annotated[int, Meta(ge=0, lt=2**53)]


class Side(Enum):
    """Who speaks on a connection."""

    DESKTOP = "desktop"
    RELAY = "relay"


class Frame(Struct, frozen=True, kw_only=True, tag_field="t"):
    """One thing said between a desktop and a relay."""

    said_by: ClassVar[Side] = Side.RELAY

    def __repr__(self) -> str:
        # Frames carry capabilities and envelopes; their names are all that may reach a log.
        return f"<{type(self).__name__}>"


class Reply(Frame, frozen=True):
    """What the relay answers to the request of the same call."""

    call: ACall


R = TypeVar("R", bound=Reply)


class Request(Frame, Generic[R], frozen=True):
    """What a desktop asks; ``R`` is the reply it earns. Any request may earn Refused instead."""

    said_by: ClassVar[Side] = Side.DESKTOP
    call: ACall

    @classmethod
    def reply(cls) -> type[Reply]:
        """The class named in brackets behind ``Request``."""
        base: Any = cls.__orig_bases__[0]  # type: ignore[attr-defined]
        answer: type[Reply] = get_args(base)[0]
        return answer


class Notice(Frame, frozen=True):
    """What the relay says unasked."""


class Reason(StrEnum):
    """Why something was refused. For programs; people read sentences made from it."""

    UNKNOWN = "unknown"  # unknown, expired and revoked are told alike
    QUOTA = "quota"  # a bound is reached; there may be room later
    TRY_LATER = "try_later"  # the relay cannot store at the moment
    NOT_ALLOWED = "not_allowed"  # the pass does not cover it
    BAD_SIGNATURE = "bad_signature"
    WRONG_STATE = "wrong_state"  # for instance a mailbox that is not open here
    SPENT = "spent"  # an invite code that was used as often as it may be
    EXPIRED = "expired"  # an invite code past its time
    UNSUPPORTED = "unsupported"  # a request this relay does not know
    # Of rooms: each has a reaction of its own.
    EPOCH = "epoch"  # sealed under a key that is over: seal it again under the new one
    MUTED = "muted"  # by an order; the seat was told how long
    SLOW = "slow"  # the policy wants a longer pause between two entries
    FULL = "full"  # no seat is free
    WAITING = "waiting"  # the seat was not admitted yet
    REMOVED = "removed"  # the seat was removed, or its place of the network cools down
    ENDED = "ended"  # the room is over
    OTHER = "other"  # a reason of a newer relay

    @classmethod
    def _missing_(cls, value: object) -> Reason:
        return cls.OTHER


class Refused(Reply, frozen=True, tag="refused"):
    """It did not happen. ``name`` repeats the tag of a request that is not known here."""

    reason: Reason
    name: Annotated[str, Meta(max_length=64)] = ""


class Done(Reply, frozen=True, tag="done"):
    """It happened, and it is on disk."""


class Pong(Reply, frozen=True, tag="pong"):
    """Still here."""


class Ping(Request[Pong], frozen=True, tag="ping"):
    """Is anybody there? A silent line is closed after 60 seconds."""


def concrete(base: type[Frame]) -> list[type[Frame]]:
    """Every declared frame below ``base``, by its tag, in a stable order."""
    found: dict[str, type[Frame]] = {}

    def walk(cls: type[Frame]) -> None:
        for below in cls.__subclasses__():
            tag = below.__struct_config__.tag
            if isinstance(tag, str) and tag != below.__name__:
                found[tag] = below
            walk(below)

    walk(base)
    return [found[tag] for tag in sorted(found)]
