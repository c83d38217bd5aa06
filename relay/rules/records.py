"""What a relay remembers, as the rules see it: hashes, counts, nobody's name.

The store makes these and keeps one object for each thing, so that counts are read and moved in
memory while the disk stays the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.ids import CapabilityHash, DrawerId, EnvelopeId, MailboxId
from protocol.wire.frames import Policy

# What is remembered beyond its thing counts like bytes that wait, as much as it takes on disk:
# otherwise storing and deleting in a loop would fill it. One for each envelope's id, one for each
# bundle's digest.
ID_BYTES = 64
DIGEST_BYTES = 128


@dataclass(slots=True, eq=False)
class Pass:
    """What somebody was let in with. ``invites`` is how many people it may still let in.

    One that nobody's code vouches for has an age at which it lapses, until a mailbox is made on it.
    """

    hash: bytes
    mailboxes: int
    stored_bytes: int
    invites: int
    lapses_ms: int | None = None
    used_mailboxes: int = 0
    used_bytes: int = 0
    row: int = 0


@dataclass(slots=True)
class Code:
    """An invite code by its hash; ``invites`` goes to the passes it makes. One without uses left
    stays, so that who comes too late is told so."""

    hash: bytes
    uses: int
    expires_ms: int
    invites: int


@dataclass(slots=True, eq=False)
class Mailbox:
    """A queue. It holds exactly the numbers from ``forgotten`` + 1 to ``last``."""

    id: MailboxId
    owner: Pass
    forgotten: int = 0
    last: int = 0
    capabilities: dict[CapabilityHash, Capability] = field(
        default_factory=dict["CapabilityHash", "Capability"]
    )
    row: int = 0
    ids_forgotten: int = 0

    @property
    def remembered_ids(self) -> int:
        """How many ids of what ever came are known."""
        return self.last - self.ids_forgotten


@dataclass(slots=True, eq=False)
class Capability:
    """A right to deposit, by its hash, with what was used of its policy."""

    hash: CapabilityHash
    mailbox: Mailbox
    drawer: DrawerId
    policy: Policy
    revoked: bool = False
    deposited: int = 0
    taken: int = 0
    pending: int = 0
    pending_bytes: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """An envelope in its mailbox."""

    number: int
    envelope_id: EnvelopeId
    capability: CapabilityHash
    body: bytes


@dataclass(frozen=True, slots=True)
class Totals:
    """How full the relay is."""

    passes: int
    codes: int
    mailboxes: int
    capabilities: int
    envelopes: int
    envelope_bytes: int
    bundles: int
