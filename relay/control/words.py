"""What is said over the control socket: JSON, one object a line, one answer for each.

    {"ask":"quota","aside_control":1,"handle":"mfrggzdf","mailboxes":3}
    {"answer":"pass","handle":"mfrggzdf","mailboxes":3,"used_mailboxes":1,…}

A line has at most 4 KiB. Whatever is not one of these is answered ``wrong`` with ``unreadable`` and
ends the connection; a version that is not spoken is ``version``, and nothing was done.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from relay.rules.custody import handle_of
from relay.rules.limits import HIGHEST_BYTES, HIGHEST_COUNT
from relay.rules.records import Pass

VERSION: Final = 1
MOST_BYTES: Final = 4 * 1024

Count = Annotated[int, msgspec.Meta(ge=0, le=HIGHEST_COUNT)]
Size = Annotated[int, msgspec.Meta(ge=0, le=HIGHEST_BYTES)]
Handle = Annotated[str, msgspec.Meta(min_length=8, max_length=48, pattern="^[a-z2-7]+$")]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="ask"):
    """Something asked; ``aside_control`` is the version of these words."""

    aside_control: int = VERSION


class Quota(Order, frozen=True, kw_only=True, tag="quota"):
    """New bounds for a pass; what is left out stays."""

    handle: Handle
    mailboxes: Count | None = None
    stored_bytes: Size | None = None
    invites: Count | None = None
    forwards: Count | None = None
    rooms: Count | None = None
    blob_bytes: Size | None = None


class ForgetCode(Order, frozen=True, kw_only=True, tag="forget_code"):
    """Nobody else comes by the code of this hash."""

    code_hash: Hash


class ForgetCodes(Order, frozen=True, kw_only=True, tag="forget_codes"):
    """Nobody else comes by any code there is now."""


class Drain(Order, frozen=True, kw_only=True, tag="drain"):
    """From now on let nobody new in; or do so again."""

    on: bool


class Ask(Order, frozen=True, kw_only=True, tag="pulse"):
    """How is it at this moment?"""


class PassIs(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer", tag="pass"):
    """A pass after the change."""

    handle: str
    longer: str
    mailboxes: int
    used_mailboxes: int
    stored_bytes: int
    used_bytes: int
    invites: int
    forwards: int
    rooms: int = 0
    blob_bytes: int = 0
    used_blob_bytes: int = 0


class Done(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer", tag="done"):
    """It is so, and on disk; of how many things, where it is told."""

    count: int = 0


class Pulse(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer", tag="pulse"):
    """The relay at this moment."""

    connections: int
    serving_s: int
    draining: bool
    takes: bool = True
    rooms_at_hand: int = 0
    seated: int = 0


class Wrong(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer", tag="wrong"):
    """Nothing was done."""

    kind: Literal["unreadable", "version", "unknown", "ambiguous", "unavailable"]


InTheStore: TypeAlias = Quota | ForgetCode | ForgetCodes
AnyOrder: TypeAlias = InTheStore | Drain | Ask
Answer: TypeAlias = PassIs | Done | Pulse | Wrong

_orders: msgspec.json.Decoder[AnyOrder] = msgspec.json.Decoder(AnyOrder)
_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def line_of(said: AnyOrder | Answer) -> bytes:
    """As it goes over the socket."""
    return msgspec.json.encode(said) + b"\n"


def read_order(line: bytes) -> AnyOrder | Wrong:
    """What was asked, or why it is not done."""
    try:
        found = _orders.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return Wrong(kind="unreadable")
    return found if found.aside_control == VERSION else Wrong(kind="version")


def read_answer(line: bytes) -> Answer:
    """Raises ValueError."""
    try:
        return _answers.decode(line)
    except (msgspec.MsgspecError, RecursionError) as exc:
        raise ValueError("no answer") from exc


def shown(held: Pass) -> PassIs:
    """A pass as its operator sees it."""
    return PassIs(
        handle=handle_of(held.hash),
        longer=handle_of(held.hash, pieces=2),
        mailboxes=held.mailboxes,
        used_mailboxes=held.used_mailboxes,
        stored_bytes=held.stored_bytes,
        used_bytes=held.used_bytes,
        invites=held.invites,
        forwards=held.forwarding.forwards,
        rooms=held.rooms,
        blob_bytes=held.holding.most_bytes,
        used_blob_bytes=held.holding.used_bytes,
    )
