"""The store's contract without a disk: for rules' tests, and for relays on a virtual clock.

Rules decide before they write and nothing here can fail, so there is never anything to roll back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from protocol.ids import CapabilityHash, DrawerId, EnvelopeId, MailboxId
from relay.rules.clock import Now
from relay.rules.policies import good
from relay.rules.records import (
    DIGEST_BYTES,
    ID_BYTES,
    Capability,
    Mailbox,
    Pass,
    Totals,
    Waiting,
    room_for,
)
from relay.store.memory_blobs import MemoryBlobs
from relay.store.memory_packets import MemoryPackets
from relay.store.memory_passes import MemoryPasses
from relay.store.memory_rooms import MemoryRooms


class MemoryEnvelopes:
    """A queue for each mailbox, and the ids with the age at which they came."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.queues: dict[MailboxId, list[tuple[Waiting, Capability, int]]] = {}
        self.ids: dict[tuple[MailboxId, EnvelopeId], int] = {}

    def expect(self, ids: Iterable[tuple[Mailbox, EnvelopeId]]) -> None:
        pass

    def seen(self, mailbox: Mailbox, envelope_id: EnvelopeId) -> bool:
        return (mailbox.id, envelope_id) in self.ids

    def add(self, by: Capability, envelope_id: EnvelopeId, body: bytes, age_ms: int) -> bool:
        mailbox = by.mailbox
        if self.seen(mailbox, envelope_id):
            return False
        self.ids[mailbox.id, envelope_id] = age_ms
        mailbox.last += 1
        waiting = Waiting(mailbox.last, envelope_id, by.hash, body)
        self.queues.setdefault(mailbox.id, []).append((waiting, by, age_ms))
        by.deposited += 1
        self._store.hold(by, 1, len(body))
        self._store.count_bytes(mailbox, ID_BYTES)
        return True

    def forget(self, mailbox: Mailbox, up_to: int) -> None:
        kept: list[tuple[Waiting, Capability, int]] = []
        for item in self.queues.get(mailbox.id, []):
            waiting, by, _ = item
            if waiting.number > up_to:
                kept.append(item)
            else:
                self._store.hold(by, -1, -len(waiting.body))
        self.queues[mailbox.id] = kept
        mailbox.forgotten = max(mailbox.forgotten, up_to)

    def expire(self, before_age_ms: int, most: int) -> int:
        found = [
            (age_ms, by.mailbox, waiting.number)
            for queue in self.queues.values()
            for waiting, by, age_ms in queue
            if age_ms < before_age_ms
        ]
        found.sort(key=lambda item: (item[0], item[2]))
        for _, mailbox, number in found[:most]:
            self.forget(mailbox, number)
        return len(found[:most])

    def forget_ids(self, before_age_ms: int, most: int) -> bool:
        for key in [key for key, age in self.ids.items() if age < before_age_ms]:
            del self.ids[key]
            mailbox = self._store.mailboxes.all[key[0]]
            mailbox.ids_forgotten += 1
            self._store.count_bytes(mailbox, -ID_BYTES)
        return False

    def waiting(self, mailbox: MailboxId, after: int, most: int, size: int) -> list[Waiting]:
        page: list[Waiting] = []
        for waiting, _, _ in self.queues.get(mailbox, []):
            size -= len(waiting.body)
            if waiting.number <= after:
                size += len(waiting.body)
            elif len(page) == most or (page and size < 0):
                break
            else:
                page.append(waiting)
        return page


class MemoryMailboxes:
    """Mailboxes and capabilities by their names."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.all: dict[MailboxId, Mailbox] = {}
        self.capabilities: dict[CapabilityHash, Capability] = {}
        self._ended = 0

    def find(self, mailbox: MailboxId) -> Mailbox | None:
        return self.all.get(mailbox)

    def add(self, mailbox: MailboxId, owner: Pass) -> Mailbox:
        made = self.all[mailbox] = Mailbox(mailbox, owner)
        owner.used_mailboxes += 1
        return made

    def drop(self, mailbox: Mailbox) -> None:
        store = self._store
        store.count_bytes(mailbox, -ID_BYTES * mailbox.remembered_ids)
        store.drawers.drop(mailbox)
        store.envelopes.ids = {k: v for k, v in store.envelopes.ids.items() if k[0] != mailbox.id}
        for capability in mailbox.capabilities:
            del self.capabilities[capability]
        del self.all[mailbox.id]
        mailbox.owner.used_mailboxes -= 1

    def find_good(self, capability: CapabilityHash, wall_ms: int) -> Capability | None:
        held = self.capabilities.get(capability)
        return held if held is not None and good(held.policy, held.revoked, wall_ms) else None

    def save_capability(self, capability: Capability) -> None:
        self.capabilities[capability.hash] = capability
        capability.mailbox.capabilities[capability.hash] = capability

    def end_capability(self, capability: CapabilityHash) -> None:
        held = self.capabilities.pop(capability, None)
        if held is None:
            return
        del held.mailbox.capabilities[capability]
        self._ended += 1
        held.hash, held.revoked = CapabilityHash(capability + b"%d" % self._ended), True
        self.save_capability(held)

    def forget_revoked(self, most: int) -> bool:
        for held in [c for c in self.capabilities.values() if c.revoked and not c.pending]:
            del held.mailbox.capabilities[held.hash]
            del self.capabilities[held.hash]
        return False


@dataclass(slots=True)
class _Bundle:
    """One that is there, or the memory of one that was."""

    age_ms: int
    there: bool = True


class MemoryDrawers:
    """For each drawer its bundles in order, by their bodies; a taken one stays."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.drawers: dict[tuple[MailboxId, DrawerId], dict[bytes, _Bundle]] = {}
        self.last: dict[tuple[MailboxId, DrawerId], bytes] = {}

    def count(self, mailbox: Mailbox, drawer: DrawerId | None = None) -> int:
        return sum(
            sum(bundle.there for bundle in there.values())
            for (name, which), there in self.drawers.items()
            if name == mailbox.id and drawer in (None, which)
        )

    def add(self, mailbox: Mailbox, drawer: DrawerId, body: bytes, age_ms: int) -> None:
        there = self.drawers.setdefault((mailbox.id, drawer), {})
        if body not in there:
            there[body] = _Bundle(age_ms)
            self._store.count_bytes(mailbox, len(body) + DIGEST_BYTES)

    def set_last_resort(self, mailbox: Mailbox, drawer: DrawerId, body: bytes, age_ms: int) -> None:
        old = self.last.get((mailbox.id, drawer))
        self.last[mailbox.id, drawer] = body
        before = 0 if old is None else len(old) + DIGEST_BYTES
        self._store.count_bytes(mailbox, len(body) + DIGEST_BYTES - before)

    def take(self, mailbox: Mailbox, drawer: DrawerId) -> bytes | None:
        there = self.drawers.get((mailbox.id, drawer), {})
        for body, bundle in there.items():
            if bundle.there:
                bundle.there = False
                self._store.count_bytes(mailbox, -len(body))
                return body
        return None

    def last_resort(self, mailbox: Mailbox, drawer: DrawerId) -> bytes | None:
        return self.last.get((mailbox.id, drawer))

    def empty(self, mailbox: Mailbox, drawer: DrawerId) -> None:
        there = self.drawers.get((mailbox.id, drawer), {})
        for body, bundle in there.items():
            if bundle.there:
                bundle.there = False
                self._store.count_bytes(mailbox, -len(body))
        last = self.last.pop((mailbox.id, drawer), None)
        if last is not None:
            self._store.count_bytes(mailbox, -len(last) - DIGEST_BYTES)

    def forget_taken(self, before_age_ms: int, most: int) -> bool:
        for (name, _), there in self.drawers.items():
            mailbox = self._store.mailboxes.all[name]
            for body, bundle in list(there.items()):
                if not bundle.there and bundle.age_ms < before_age_ms:
                    del there[body]
                    self._store.count_bytes(mailbox, -DIGEST_BYTES)
        return False

    def drop(self, mailbox: Mailbox) -> None:
        """Forget all drawers of a mailbox."""
        for key in {key for key in (*self.drawers, *self.last) if key[0] == mailbox.id}:
            self.empty(mailbox, key[1])
            remembered = self.drawers.pop(key, {})
            self._store.count_bytes(mailbox, -DIGEST_BYTES * len(remembered))


class MemoryStore:
    """All of it, with the counts that cross them."""

    def __init__(self) -> None:
        self.held_bytes = 0
        self.passes = MemoryPasses()
        self.mailboxes = MemoryMailboxes(self)
        self.envelopes = MemoryEnvelopes(self)
        self.drawers = MemoryDrawers(self)
        self.packets = MemoryPackets(self.hold_bytes)
        self.blobs = MemoryBlobs()
        self.rooms = MemoryRooms()
        self._moment: Now | None = None

    @property
    def blob_bytes(self) -> int:
        return self.blobs.held_bytes

    def hold(self, by: Capability, count: int, size: int) -> None:
        """Count an envelope in or out."""
        by.pending += count
        by.pending_bytes += size
        self.count_bytes(by.mailbox, size)

    def count_bytes(self, mailbox: Mailbox, size: int) -> None:
        """Count bytes in or out."""
        mailbox.owner.used_bytes += size
        self.hold_bytes(size)

    def hold_bytes(self, size: int) -> None:
        """Count bytes of nobody's mailbox."""
        self.held_bytes += size

    def totals(self) -> Totals:
        waiting = [w for queue in self.envelopes.queues.values() for w, _, _ in queue]
        return Totals(
            passes=len(self.passes.all),
            codes=sum(code.uses > 0 for code in self.passes.codes.values()),
            mailboxes=len(self.mailboxes.all),
            capabilities=sum(not c.revoked for c in self.mailboxes.capabilities.values()),
            envelopes=len(waiting),
            envelope_bytes=sum(len(each.body) for each in waiting),
            bundles=sum(
                bundle.there for there in self.drawers.drawers.values() for bundle in there.values()
            ),
            packets=len(self.packets.all),
            packet_bytes=sum(
                room_for(len(each.waiting.body)) for each in self.packets.all.values()
            ),
            answers=len(self.packets.answers),
            blobs=len(self.blobs.all),
            blob_bytes=self.blobs.held_bytes,
            **self.rooms.totals(),
        )

    def last_moment(self) -> Now | None:
        return self._moment

    def save_moment(self, now: Now) -> None:
        self._moment = now

    def begin(self) -> None:
        pass

    def commit(self) -> None:
        pass

    def rollback(self) -> None:
        pass
