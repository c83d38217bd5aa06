"""What anybody with a capability may do."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from protocol.ids import ACapabilityHash, AnEnvelopeId
from protocol.wire.frames.declared import ASecret, Notice, Reply, Request

MAX_ENVELOPE = 64 * 1024
MAX_BUNDLE = 8 * 1024
MAX_BUNDLES = 50
ENVELOPE_SIZES = (2048, 4096, 8192, 16384, 32768, 65536)

ABundle = Annotated[bytes, Meta(min_length=1, max_length=MAX_BUNDLE)]
AnEnvelope = Annotated[bytes, Meta(min_length=ENVELOPE_SIZES[0], max_length=MAX_ENVELOPE)]


class Stored(Reply, frozen=True, tag="stored"):
    """The envelope is on disk: fsync has returned."""


class Deposit(Request[Stored], frozen=True, tag="deposit"):
    """Leave an envelope. Safe to repeat: the relay keeps one of each id."""

    capability: ASecret
    envelope_id: AnEnvelopeId
    body: AnEnvelope


class Continue(Notice, frozen=True, tag="continue"):
    """There is room again in a queue that refused a deposit of this connection for its quota.

    Only whoever showed the capability is told, and it is said once for each time of being refused.
    """

    capability: ACapabilityHash


class BundleTaken(Reply, frozen=True, tag="bundle_taken"):
    """One bundle, under a key the relay does not have."""

    body: ABundle
    last_resort: bool


class TakeBundle(Request[BundleTaken], frozen=True, tag="take_bundle"):
    """Ask for one bundle, to start a session with."""

    capability: ASecret
