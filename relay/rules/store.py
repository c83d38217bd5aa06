"""What the rules need from a disk. The memory store and SQLite keep the same contract.

Everything is said inside one transaction: between ``begin`` and ``commit`` nothing is promised to
anybody; after ``rollback`` every record obtained before is void.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from protocol.ids import CapabilityHash, DrawerId, EnvelopeId, MailboxId
from protocol.wire.frames import Answer, Outcome
from relay.rules.clock import Now
from relay.rules.records import (
    Blob,
    Capability,
    Code,
    Destination,
    Mailbox,
    Pass,
    Place,
    Totals,
    Waiting,
    WaitingPacket,
)
from relay.rules.rooms.contract import Rooms


class Passes(Protocol):
    """Who may have mailboxes, and who may come."""

    def count(self) -> int:
        """How many passes there are."""
        ...

    def find(self, pass_hash: bytes) -> Pass | None: ...

    def named(self, begins: bytes) -> list[Pass]:
        """Whose hash begins so; of several two are enough."""
        ...

    def add(self, new: Pass) -> None: ...

    def save(self, held: Pass) -> None:
        """Write down its bounds, what is left of its invites, and whether it lapses."""
        ...

    def forwarded(self, held: Pass) -> None:
        """What it sent to other relays today has moved; written down by the commit."""
        ...

    def lapse(self, age_ms: int, most: int) -> int:
        """Forget at most so many whose age has come; how many they were."""
        ...

    def find_code(self, code_hash: bytes) -> Code | None: ...

    def save_code(self, code: Code) -> None:
        """Write a code down; one without uses is forgotten."""
        ...

    def end_codes(self) -> int:
        """Take all uses from every code; how many still had some."""
        ...


class Mailboxes(Protocol):
    """Queues and the rights to them."""

    def find(self, mailbox: MailboxId) -> Mailbox | None: ...

    def add(self, mailbox: MailboxId, owner: Pass) -> Mailbox: ...

    def drop(self, mailbox: Mailbox) -> None:
        """Forget an empty one with all that belongs to it: ids, capabilities, bundles."""
        ...

    def find_good(self, capability: CapabilityHash, wall_ms: int) -> Capability | None:
        """One that is neither revoked nor expired. For one that is, the disk is asked what it is
        asked for an unknown one, so that the time it takes tells nobody."""
        ...

    def save_capability(self, capability: Capability) -> None: ...

    def end_capability(self, capability: CapabilityHash) -> None:
        """One that is good no more, for ever: its hash names what came by it, and is free."""
        ...

    def forget_revoked(self, most: int) -> bool:
        """Look at so many capabilities and forget the revoked that hold nothing; more left?"""
        ...


class Envelopes(Protocol):
    """What waits, and the ids of what ever came."""

    def expect(self, ids: Iterable[tuple[Mailbox, EnvelopeId]]) -> None:
        """These will be asked for next; looking them up together is cheaper. Changes nothing."""
        ...

    def seen(self, mailbox: Mailbox, envelope_id: EnvelopeId) -> bool: ...

    def add(self, by: Capability, envelope_id: EnvelopeId, body: bytes, age_ms: int) -> bool:
        """Keep it as the mailbox's next number; False where its id is known already.

        What else was counted on the capability is written with it.
        """
        ...

    def forget(self, mailbox: Mailbox, up_to: int) -> None:
        """Delete up to and with this number. The ids stay."""
        ...

    def expire(self, before_age_ms: int, most: int) -> int:
        """Forget at most so many that were stored before; how many they were."""
        ...

    def forget_ids(self, before_age_ms: int, most: int) -> bool:
        """Look at so many ids and forget those of what came before; more left?"""
        ...

    def waiting(self, mailbox: MailboxId, after: int, most: int, size: int) -> list[Waiting]:
        """The next ones in order: at most so many, and bytes, but one at least."""
        ...


class Drawers(Protocol):
    """Bundles nobody here can read."""

    def count(self, mailbox: Mailbox, drawer: DrawerId | None = None) -> int:
        """One-time bundles in this drawer, or in all of the mailbox's."""
        ...

    def add(self, mailbox: Mailbox, drawer: DrawerId, body: bytes, age_ms: int) -> None:
        """Put one in, unless it is or was in there already."""
        ...

    def set_last_resort(
        self, mailbox: Mailbox, drawer: DrawerId, body: bytes, age_ms: int
    ) -> None: ...

    def take(self, mailbox: Mailbox, drawer: DrawerId) -> bytes | None:
        """The oldest one-time bundle, which is then gone."""
        ...

    def last_resort(self, mailbox: Mailbox, drawer: DrawerId) -> bytes | None: ...

    def empty(self, mailbox: Mailbox, drawer: DrawerId) -> None: ...

    def forget_taken(self, before_age_ms: int, most: int) -> bool:
        """Look at so many bundles and forget that there were those taken of before; more left?"""
        ...


class Packets(Protocol):
    """What waits for other relays, and what they answered."""

    def destination(self, address: str) -> Destination | None:
        """One that is remembered."""
        ...

    def add_destination(self, address: str, age_ms: int) -> Destination: ...

    def forget_destinations(self, before_age_ms: int, most: int) -> bool:
        """Look at so many; forget those without packets that nobody used since; more left?"""
        ...

    def known(self, ticket: bytes) -> bool:
        """Whether its packet waits or its answer does."""
        ...

    def add(self, by: Pass, to: Destination, ticket: bytes, body: bytes, age_ms: int) -> None:
        """Put one that is not known at the end of its queue."""
        ...

    def settle(self, ticket: bytes, outcome: Outcome, answer: bytes, age_ms: int) -> bool:
        """Keep the answer in the packet's place; False where no such packet waits."""
        ...

    def answer(self, ticket: bytes) -> Answer | None: ...

    def forget_answer(self, ticket: bytes) -> None: ...

    def expire_answers(self, before_age_ms: int, most: int) -> int:
        """Forget at most so many that came before; how many they were."""
        ...

    def waiting(
        self, address: str, after: int, most: int, size: int, *, bulky: bool | None = None
    ) -> list[WaitingPacket]:
        """The next ones in order: at most so many, and bytes, but one at least.

        Those that are ``bulky``, those that are not, or all.
        """
        ...

    def destinations(self) -> list[str]:
        """The addresses that packets wait for."""
        ...


class Blobs(Protocol):
    """Which blobs there are and which of their chunks; the chunks themselves lie in files."""

    def find(self, blob_hash: bytes, age_ms: int) -> Blob | None:
        """One whose end has not come."""
        ...

    def find_by_writer(self, writer_hash: bytes, age_ms: int) -> Blob | None:
        """The same by its other secret."""
        ...

    def add(self, blob: Blob) -> bool:
        """Keep a new one; False where either hash is another's, also while that one is ending."""
        ...

    def there(self, blob: Blob) -> set[int]:
        """The chunks that are there."""
        ...

    def place(self, blob_hash: bytes, number: int, age_ms: int, *, writer: bool) -> Place | None:
        """Of one chunk, by the hash of the name or of the writer."""
        ...

    def keep(self, blob: int, number: int, digest: bytes) -> bool:
        """A chunk is in its file; False where the blob is not there any more."""
        ...

    def lose(self, blob: int, number: int) -> None:
        """It is not."""
        ...

    def forget(self, blob: Blob) -> None:
        """Remember of it only that its file has to go."""
        ...

    def expire(self, age_ms: int, most: int) -> int:
        """Forget at most so many whose end has come; how many they were."""
        ...

    def gone(self, most: int) -> list[int]:
        """Those whose files have to go."""
        ...

    def known(self) -> set[int]:
        """All that have, or had, a right to a file."""
        ...

    def forget_gone(self, blobs: Iterable[int]) -> None: ...


class Store(Protocol):
    """All of it, and the transaction around it."""

    @property
    def passes(self) -> Passes: ...

    @property
    def mailboxes(self) -> Mailboxes: ...

    @property
    def envelopes(self) -> Envelopes: ...

    @property
    def drawers(self) -> Drawers: ...

    @property
    def packets(self) -> Packets: ...

    @property
    def blobs(self) -> Blobs: ...

    @property
    def rooms(self) -> Rooms: ...

    @property
    def held_bytes(self) -> int:
        """Bytes of all that is kept for somebody, and of what is remembered of it."""
        ...

    @property
    def blob_bytes(self) -> int:
        """Bytes that are set aside for blobs."""
        ...

    def totals(self) -> Totals: ...

    def last_moment(self) -> Now | None:
        """What ``save_moment`` wrote last."""

    def save_moment(self, now: Now) -> None: ...

    def begin(self) -> None: ...

    def commit(self) -> None:
        """When this returns, everything since ``begin`` survives a power cut."""
        ...

    def rollback(self) -> None: ...
