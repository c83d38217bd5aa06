"""Blobs in memory; see :mod:`relay.store.memory`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from relay.rules.records import Blob, Place


class MemoryBlobs:
    """By their rows; a few at a time is all that tests have."""

    def __init__(self) -> None:
        self._rows = count(1)
        self.all: dict[int, Blob] = {}
        self.chunks: dict[int, dict[int, bytes]] = {}
        self._gone: list[int] = []
        self.held_bytes = 0

    def find(self, blob_hash: bytes, age_ms: int) -> Blob | None:
        return next((b for b in self._going(age_ms) if b.hash == blob_hash), None)

    def find_by_writer(self, writer_hash: bytes, age_ms: int) -> Blob | None:
        return next((b for b in self._going(age_ms) if b.writer == writer_hash), None)

    def add(self, blob: Blob) -> bool:
        if any(b.hash == blob.hash or b.writer == blob.writer for b in self.all.values()):
            return False
        blob.row = next(self._rows)
        self.all[blob.row] = blob
        self.chunks[blob.row] = {}
        self._hold(blob, blob.room)
        return True

    def there(self, blob: Blob) -> set[int]:
        return set(self.chunks[blob.row])

    def place(self, blob_hash: bytes, number: int, age_ms: int, *, writer: bool) -> Place | None:
        find = self.find_by_writer if writer else self.find
        held = find(blob_hash, age_ms)
        if held is None:
            return None
        shut = not held.owner.holding.most_bytes
        return Place(held.row, held.chunks, self.chunks[held.row].get(number), shut)

    def keep(self, blob: int, number: int, digest: bytes) -> bool:
        if blob not in self.all:
            return False
        self.chunks[blob][number] = digest
        return True

    def lose(self, blob: int, number: int) -> None:
        self.chunks.get(blob, {}).pop(number, None)

    def forget(self, blob: Blob) -> None:
        del self.all[blob.row]
        del self.chunks[blob.row]
        self._gone.append(blob.row)
        self._hold(blob, -blob.room)

    def expire(self, age_ms: int, most: int) -> int:
        due = sorted(
            (blob for blob in self.all.values() if blob.ends_ms <= age_ms),
            key=lambda blob: (blob.ends_ms, blob.row),
        )[:most]
        for blob in due:
            self.forget(blob)
        return len(due)

    def gone(self, most: int) -> list[int]:
        return sorted(self._gone)[:most]

    def known(self) -> set[int]:
        return {*self.all, *self._gone}

    def forget_gone(self, blobs: Iterable[int]) -> None:
        for blob in blobs:
            if blob in self._gone:
                self._gone.remove(blob)

    def _going(self, age_ms: int) -> list[Blob]:
        return [blob for blob in self.all.values() if blob.ends_ms > age_ms]

    def _hold(self, blob: Blob, size: int) -> None:
        blob.owner.holding.used_bytes += size
        self.held_bytes += size
