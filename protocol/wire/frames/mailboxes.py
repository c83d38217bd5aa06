"""What a mailbox's owner says, and what is delivered to it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from protocol.ids import (
    ACapabilityHash,
    ADrawerId,
    AMailboxId,
    AnEnvelopeId,
    ASignature,
    ATime,
)
from protocol.wire.frames.declared import (
    ACount,
    ASecret,
    ASequence,
    ASize,
    Done,
    Notice,
    Reply,
    Request,
)
from protocol.wire.frames.deposits import MAX_BUNDLES, ABundle, AnEnvelope


class CreateMailbox(Request[Done], frozen=True, tag="create_mailbox"):
    """A new mailbox on this pass, signed over the connection's transcript. Safe to repeat."""

    mailbox: AMailboxId
    pass_secret: ASecret
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


class Policy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a capability is good for. The relay enforces it without knowing whose it is.

    What has its default is left out, so that a field added later changes no bytes.
    """

    pending: ACount = 1000  # envelopes waiting at one time
    pending_bytes: ASize = 16 * 1024 * 1024
    deposits: ACount | None = None  # in all; None: no bound
    bundles: ACount = 20  # bundles it may take, in all
    expires_ms: ATime | None = None
    burst: ACount | None = None  # deposits in a row; None: as fast as they come
    each_ms: Annotated[int, Meta(ge=1, lt=2**31)] = 1000  # and then one more in each so many
    first_day: ACount | None = None  # deposits in the first 24 hours; None: no bound


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
