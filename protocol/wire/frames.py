"""Every frame that crosses the wire, declared once (law 9).

A frame is a class that names its fields with their bounds, the reply it earns and who may say
it. Codec, dispatch, property tests and frozen vectors follow from the class. Unknown keys are
ignored; a field added later has a default.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_args

from msgspec import Meta, Struct

from protocol.ids import (
    ACall,
    ACapabilityHash,
    ADrawerId,
    AKey,
    AMailboxId,
    AnEnvelopeId,
    ANonce,
    ASignature,
    ATime,
)

MAX_ENVELOPE = 64 * 1024
MAX_BUNDLE = 8 * 1024
MAX_BUNDLES = 50
ENVELOPE_SIZES = (2048, 4096, 8192, 16384, 32768, 65536)

ACapability = Annotated[bytes, Meta(min_length=32, max_length=32)]
APassSecret = Annotated[bytes, Meta(min_length=32, max_length=32)]
ACode = Annotated[bytes, Meta(max_length=32)]
ABundle = Annotated[bytes, Meta(min_length=1, max_length=MAX_BUNDLE)]
AnEnvelope = Annotated[bytes, Meta(min_length=ENVELOPE_SIZES[0], max_length=MAX_ENVELOPE)]
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


# Admission


class Redeemed(Reply, frozen=True, tag="redeemed"):
    """The pass is good for this much."""

    mailboxes: ACount
    stored_bytes: ASize
    may_invite: bool


class Redeem(Request[Redeemed], frozen=True, tag="redeem"):
    """Turn an invite code into a pass. The desktop chose the secret; the relay keeps its hash.

    Safe to repeat: the same code with the same secret is one use. An open relay takes an
    empty code.
    """

    code: ACode
    pass_secret: APassSecret


class Invite(Request[Done], frozen=True, tag="invite"):
    """Let somebody in who will show a code of this hash; where the pass allows it."""

    pass_secret: APassSecret
    code_hash: AKey
    uses: Annotated[int, Meta(ge=1, le=100)]
    expires_ms: ATime


# Mailboxes


class CreateMailbox(Request[Done], frozen=True, tag="create_mailbox"):
    """A new mailbox on this pass, signed over the connection's transcript. Safe to repeat."""

    mailbox: AMailboxId
    pass_secret: APassSecret
    signature: ASignature


class Opened(Reply, frozen=True, tag="opened"):
    """The mailbox is open on this connection; deliveries follow in order.

    ``after`` is the cursor asked for, or 0 where this relay has no memory of so high a number:
    its store was restored, and it counts anew.
    """

    waiting: ACount
    after: ASequence = 0


class OpenMailbox(Request[Opened], frozen=True, tag="open_mailbox"):
    """Collect from this mailbox, from the first envelope after ``after``.

    The signature covers the connection's transcript. A later opening of the same mailbox
    takes over from an earlier connection.
    """

    mailbox: AMailboxId
    signature: ASignature
    after: ASequence = 0


class DeleteMailbox(Request[Done], frozen=True, tag="delete_mailbox"):
    """Forget an open mailbox with all it holds."""

    mailbox: AMailboxId


class Acknowledge(Request[Done], frozen=True, tag="acknowledge"):
    """Everything up to and with this sequence is on the desktop's disk; the relay forgets it."""

    mailbox: AMailboxId
    up_to: ASequence


class Policy(Struct, frozen=True, kw_only=True):
    """What a capability is good for. The relay enforces it without knowing whose it is."""

    pending: ACount = 1000  # envelopes waiting at one time
    pending_bytes: ASize = 16 * 1024 * 1024
    deposits: ACount | None = None  # in all; None: no bound
    bundles: ACount = 20  # bundles it may take, in all
    expires_ms: ATime | None = None


class Grant(Request[Done], frozen=True, tag="grant"):
    """Let whoever shows this capability deposit here and take bundles from this drawer.

    Granting the same hash again replaces its policy and keeps its counts.
    """

    mailbox: AMailboxId
    capability: ACapabilityHash
    drawer: ADrawerId
    policy: Policy


class Revoke(Request[Done], frozen=True, tag="revoke"):
    """Take a capability back, at once. What it deposited before stays."""

    mailbox: AMailboxId
    capability: ACapabilityHash


class Stocked(Reply, frozen=True, tag="stocked"):
    """How many one-time bundles the drawer holds now."""

    bundles: ACount


class Stock(Request[Stocked], frozen=True, tag="stock"):
    """Put bundles into a drawer. None of them is readable here."""

    mailbox: AMailboxId
    drawer: ADrawerId
    bundles: Annotated[tuple[ABundle, ...], Meta(max_length=MAX_BUNDLES)] = ()
    last_resort: ABundle | None = None


class EmptyDrawer(Request[Done], frozen=True, tag="empty_drawer"):
    """Throw away a drawer's bundles, the last-resort one too."""

    mailbox: AMailboxId
    drawer: ADrawerId


class Delivery(Notice, frozen=True, tag="delivery"):
    """An envelope of an open mailbox, in order, again on each connection until acknowledged."""

    mailbox: AMailboxId
    sequence: ASequence
    envelope_id: AnEnvelopeId
    capability: ACapabilityHash
    body: AnEnvelope


# What anybody with a capability may do


class Stored(Reply, frozen=True, tag="stored"):
    """The envelope is on disk: fsync has returned."""


class Deposit(Request[Stored], frozen=True, tag="deposit"):
    """Leave an envelope. Safe to repeat: the relay keeps one of each id."""

    capability: ACapability
    envelope_id: AnEnvelopeId
    body: AnEnvelope


class BundleTaken(Reply, frozen=True, tag="bundle_taken"):
    """One bundle, under a key the relay does not have."""

    body: ABundle
    last_resort: bool


class TakeBundle(Request[BundleTaken], frozen=True, tag="take_bundle"):
    """Ask for one bundle, to start a session with."""

    capability: ACapability


# The first and the last words


class Hello(Frame, frozen=True, tag="hello"):
    """A desktop's first frame."""

    said_by: ClassVar[Side] = Side.DESKTOP
    versions: Annotated[tuple[int, ...], Meta(min_length=1, max_length=16)]
    nonce: ANonce


class Welcome(Frame, frozen=True, tag="welcome"):
    """A relay's first frame: ``statement`` is an encoded Statement, signed as it was sent."""

    statement: Annotated[bytes, Meta(max_length=1024)]
    signature: ASignature


class Statement(Struct, frozen=True, kw_only=True):
    """What a relay signs in the handshake, beside the bytes of the Hello it answers."""

    version: Annotated[int, Meta(ge=1)]
    relay: AKey
    nonce: ANonce
    certificate: Annotated[bytes, Meta(max_length=32)]  # SHA-256 of the served one; empty on ws
    clock_ms: ATime


class Farewell(Notice, frozen=True, tag="farewell"):
    """The relay ends this connection; come back after ``retry_ms``."""

    reason: Reason
    retry_ms: ACount


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


FRAMES: dict[str, type[Frame]] = {str(c.__struct_config__.tag): c for c in concrete(Frame)}
