"""Blobs: opened on a pass, written and deleted by one secret, read by another; ended by time.

A blob's whole room is counted when it is opened. What is said here is about rows: a chunk counts
from the commit that names it, which comes after its bytes are on disk, and a file goes after the
commit that forgot its blob. So half a chunk is never counted, whatever ends the relay when.
"""

from __future__ import annotations

from protocol.keys import Domain, digest
from protocol.wire.frames import (
    CHUNK_BYTES,
    BlobShown,
    DeleteBlob,
    Done,
    OpenBlob,
    PutChunk,
    Reason,
    Refused,
    ShowBlob,
    Stored,
    chunk_set,
)
from relay.rules.admission import pass_hash
from relay.rules.clock import DAY_MS, Now
from relay.rules.limits import House
from relay.rules.records import Blob, FilesGone, KeepChunk, LoseChunk, Place, room_of
from relay.rules.store import Store

SHORTEST_S = 60


def blob_hash(name: bytes) -> bytes:
    """What the relay keeps of a blob's name."""
    return digest(Domain.BLOB, name)


def writer_hash(writer: bytes) -> bytes:
    """What the relay keeps of a blob's other secret."""
    return digest(Domain.BLOB_WRITER, writer)


def why_not_put(asked: PutChunk, place: Place | None) -> Reason | None:
    """Why this chunk has no place there, before anything is written."""
    if place is None:
        return Reason.UNKNOWN
    if asked.number >= place.chunks or len(asked.body) != CHUNK_BYTES:
        return Reason.NOT_ALLOWED
    if place.shut:
        return Reason.QUOTA
    return None


class BlobRules:
    """OpenBlob, ShowBlob, DeleteBlob; and what the relay itself says of files."""

    def __init__(self, store: Store, house: House) -> None:
        self._store = store
        self._house = house

    def open(self, asked: OpenBlob, now: Now) -> BlobShown | Refused:
        """Set its room aside. Safe to repeat: one that is there is shown."""
        owner = self._store.passes.find(pass_hash(asked.pass_secret))
        if owner is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        # A stranger who only takes passes keeps nothing here.
        if owner.lapses_ms is not None:
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        blobs = self._store.blobs
        held = blobs.find(asked.blob, now.age_ms)
        if held is not None:
            same = held.writer == asked.writer and held.chunks == asked.chunks
            if same and held.owner is owner:
                return self._shown(asked, held, now)
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        room = room_of(asked.chunks)
        if (
            owner.holding.used_bytes + room > owner.holding.most_bytes
            or self._store.blob_bytes + room > self._house.limits.blob_bytes
        ):
            return Refused(call=asked.call, reason=Reason.QUOTA)
        stay_ms = max(asked.stay_s, SHORTEST_S) * 1000
        ends_ms = now.age_ms + min(stay_ms, self._house.limits.blob_days * DAY_MS)
        new = Blob(asked.blob, asked.writer, owner, asked.chunks, ends_ms)
        if not blobs.add(new):
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        return self._shown(asked, new, now)

    def show(self, asked: ShowBlob, now: Now) -> BlobShown | Refused:
        """Which chunks are there."""
        held = self._store.blobs.find(blob_hash(asked.name), now.age_ms)
        if held is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        return self._shown(asked, held, now)

    def delete(self, asked: DeleteBlob, now: Now) -> Done:
        """Forget it. Safe to repeat, so one that is unknown is done as well."""
        held = self._store.blobs.find_by_writer(writer_hash(asked.writer), now.age_ms)
        if held is not None:
            self._store.blobs.forget(held)
        return Done(call=asked.call)

    def keep(self, asked: KeepChunk, now: Now) -> Stored | Refused:
        """From now on this chunk counts, unless its blob went while it was written."""
        if not self._store.blobs.keep(asked.blob, asked.number, asked.digest):
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        return Stored(call=asked.call)

    def lose(self, asked: LoseChunk, now: Now) -> Done:
        """It can be put again."""
        self._store.blobs.lose(asked.blob, asked.number)
        return Done(call=asked.call)

    def files_gone(self, asked: FilesGone, now: Now) -> Done:
        """Deleted for good."""
        self._store.blobs.forget_gone(asked.blobs)
        return Done(call=asked.call)

    def _shown(self, asked: OpenBlob | ShowBlob, held: Blob, now: Now) -> BlobShown:
        return BlobShown(
            call=asked.call,
            chunks=held.chunks,
            there=chunk_set(self._store.blobs.there(held)),
            stay_s=max(held.ends_ms - now.age_ms, 0) // 1000,
        )
