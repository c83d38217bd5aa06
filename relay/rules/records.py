"""What a relay remembers, as the rules see it: hashes, counts, nobody's name.

The store makes these and keeps one object for each thing, so that counts are read and moved in
memory while the disk stays the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec import Struct

from protocol.ids import CallId, CapabilityHash, DrawerId, EnvelopeId, MailboxId
from protocol.wire.frames import CHUNK_BYTES, Outcome, Policy, Reply, answer_room

# What is remembered beyond its thing counts like bytes that wait, as much as it takes on disk:
# otherwise storing and deleting in a loop would fill it. One for each envelope's id, one for each
# bundle's digest.
ID_BYTES = 64
DIGEST_BYTES = 128
# What a blob takes up beside its chunks.
BLOB_BYTES = 512
# What a packet's or an answer's row takes up beside its body.
TICKET_BYTES = 128


def room_of(chunks: int) -> int:
    """What a blob of so many chunks is counted as, whether they are there yet or not."""
    return chunks * CHUNK_BYTES + BLOB_BYTES


def room_for(packet_bytes: int) -> int:
    """What a packet is counted as while it waits: its answer may take up more than it does."""
    return max(packet_bytes, answer_room(packet_bytes))


def is_bulky(packet_bytes: int) -> bool:
    """Whether it brings or asks for a chunk, and so goes behind all that are letters."""
    return room_for(packet_bytes) > CHUNK_BYTES


@dataclass(slots=True)
class Forwarding:
    """A pass's packets for other relays: what is allowed, what is held, and what came today.

    ``day`` is a day of the relay's age; ``reached`` counts the destinations that were new in it.
    """

    forwards: int = 0
    most_bytes: int = 0
    used_bytes: int = 0
    day: int = 0
    forwarded: int = 0
    reached: int = 0


@dataclass(slots=True)
class Holding:
    """A pass's blobs: how many bytes it may set aside, and how many it has."""

    most_bytes: int = 0
    used_bytes: int = 0


# What rings at the door: a mailbox that got something, a capability that was turned away and has
# room again. Both are digests or keys of 32 bytes, and no two are alike.
Bell: TypeAlias = MailboxId | CapabilityHash


@dataclass(slots=True, eq=False)
class Pass:
    """What somebody was let in with. ``invites`` is how many people it may still let in.

    One that nobody's code vouches for has an age at which it lapses, until a mailbox is made on it.
    ``forwarding`` is what it may send to other relays, ``holding`` what it may keep in blobs.
    """

    hash: bytes
    mailboxes: int
    stored_bytes: int
    invites: int
    lapses_ms: int | None = None
    rooms: int = 0
    used_mailboxes: int = 0
    used_bytes: int = 0
    row: int = 0
    forwarding: Forwarding = field(default_factory=Forwarding)
    holding: Holding = field(default_factory=Holding)


@dataclass(slots=True, eq=False)
class Blob:
    """Room for an attachment's chunks, by the hashes of its two secrets. ``ends_ms`` is an age.

    ``row`` names its file and is never given again.
    """

    hash: bytes
    writer: bytes
    owner: Pass
    chunks: int
    ends_ms: int
    row: int = 0

    @property
    def room(self) -> int:
        """Bytes it is counted as."""
        return room_of(self.chunks)


class Place(Struct, frozen=True):
    """Where one chunk belongs, and the digest of what was put there, if anything was; ``shut``
    where its pass is good for no blobs any more."""

    blob: int
    chunks: int
    digest: bytes | None
    shut: bool = False


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
    """A right to deposit, by its hash, with what was used of its policy.

    Both times are ages of the relay: when it was granted first, and when its burst is whole again.
    """

    hash: CapabilityHash
    mailbox: Mailbox
    drawer: DrawerId
    policy: Policy
    revoked: bool = False
    granted_ms: int = 0
    rested_ms: int = 0
    deposited: int = 0
    taken: int = 0
    pending: int = 0
    pending_bytes: int = 0
    row: int = 0


class Waiting(Struct, frozen=True):
    """An envelope in its mailbox."""

    number: int
    envelope_id: EnvelopeId
    capability: CapabilityHash
    body: bytes


@dataclass(slots=True, eq=False)
class Destination:
    """Another relay, by its address, with the number of packets that wait for it."""

    address: str
    used_ms: int
    waiting: int = 0
    row: int = 0


class WaitingPacket(Struct, frozen=True):
    """A packet in its destination's queue; ``number`` orders it."""

    number: int
    ticket: bytes
    age_ms: int
    body: bytes


class Settle(Struct, frozen=True):
    """What became of a packet. The forwarder asks for it like a desktop asks; nobody else can."""

    call: CallId
    ticket: bytes
    outcome: Outcome
    answer: bytes = b""


class KeepChunk(Struct, frozen=True):
    """A chunk is in its file, and on disk. Whoever wrote it there asks for it to count."""

    call: CallId
    blob: int
    number: int
    digest: bytes


class LoseChunk(Struct, frozen=True):
    """A chunk's file does not hold any more what was put there."""

    call: CallId
    blob: int
    number: int


class FilesGone(Struct, frozen=True):
    """The files of these blobs are deleted; nothing of them is left to remember."""

    call: CallId
    blobs: tuple[int, ...]


class Vouch(Struct, frozen=True):
    """Whether this pass is good for what is not stored, here or at a destination."""

    call: CallId
    pass_secret: bytes
    destination: str


class Whose(Struct, frozen=True):
    """Which mailbox a capability is for."""

    call: CallId
    capability: CapabilityHash


class Belongs(Reply, frozen=True, tag="Belongs"):
    """The mailbox of a good capability. It is said within the relay only."""

    mailbox: MailboxId | None


class Totals(Struct, frozen=True):
    """How full the relay is."""

    passes: int
    codes: int
    mailboxes: int
    capabilities: int
    envelopes: int
    envelope_bytes: int
    bundles: int
    packets: int
    packet_bytes: int
    answers: int
    blobs: int
    blob_bytes: int
    rooms: int
    ended_rooms: int
    room_seats: int
    room_items: int
    room_bytes: int
    room_letters: int
