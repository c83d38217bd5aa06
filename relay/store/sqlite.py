"""The store's contract over one SQLite connection.

Records are kept as objects between transactions and dropped all together when a transaction
fails or when there are too many of them; what is on disk is the truth.
"""

from __future__ import annotations

from pathlib import Path

from relay.rules.clock import Now
from relay.rules.records import Totals
from relay.store.blobs import SqliteBlobs
from relay.store.database import PAGE_BYTES, open_writer
from relay.store.drawers import SqliteDrawers
from relay.store.envelopes import SqliteEnvelopes
from relay.store.log import lengthen
from relay.store.mailboxes import SqliteMailboxes
from relay.store.packets import SqlitePackets
from relay.store.passes import SqlitePasses
from relay.store.rooms import SqliteRooms
from relay.store.tail import Tail
from relay.store.tally import Tally
from relay.store.totals import read_totals

MOST_KNOWN = 50_000


class SqliteStore:
    """Opens the file and holds it until ``close``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.database = open_writer(path)
        self._stale = False
        self._tally = Tally(self.database)
        self.passes = SqlitePasses(self.database)
        self._tail = Tail(self.database)
        self.mailboxes = SqliteMailboxes(self.database, self.passes, self._tally, self._tail)
        self.envelopes = SqliteEnvelopes(self.database, self.mailboxes, self._tally, self._tail)
        self.drawers = SqliteDrawers(self.database, self.mailboxes, self._tally)
        self.packets = SqlitePackets(self.database, self.passes, self._tally)
        self.blobs = SqliteBlobs(self.database, self.passes)
        self.rooms = SqliteRooms(self.database)

    @property
    def held_bytes(self) -> int:
        return self._tally.held_bytes

    @property
    def blob_bytes(self) -> int:
        return self.blobs.held_bytes

    def totals(self) -> Totals:
        self.envelopes.write()
        self.packets.write()
        return read_totals(self.database)

    def last_moment(self) -> Now | None:
        found = self.database.execute("SELECT wall_ms, age_ms FROM moment").fetchone()
        return None if found is None else Now(*found)

    def save_moment(self, now: Now) -> None:
        self.database.execute(
            "INSERT OR REPLACE INTO moment (row, wall_ms, age_ms) VALUES (1, ?, ?)",
            (now.wall_ms, now.age_ms),
        )

    def begin(self) -> None:
        self.database.execute("BEGIN IMMEDIATE")
        if self._stale:
            self._tail.reload()
            self._tally.recount()
            self.blobs.recount()
            self._stale = False

    def commit(self) -> None:
        self.envelopes.write()
        if self._tail.is_long:
            self._tail.merge()
        self.packets.write()
        self.passes.write()
        self.database.execute("COMMIT")
        if self.mailboxes.known() > MOST_KNOWN:
            self._void()

    def rollback(self) -> None:
        self._void()
        self._stale = True
        if self.database.in_transaction:
            self.database.execute("ROLLBACK")

    def spare_bytes(self) -> int:
        """Room inside the file that was given back and is taken first."""
        pages: int = self.database.execute("PRAGMA freelist_count").fetchone()[0]
        return pages * PAGE_BYTES

    def lengthen_log(self) -> None:
        """Give the log its room, so that it need not grow. Raises OSError."""
        lengthen(self._path)

    def finish_checkpoint(self) -> None:
        """Copy the last few pages of the log, so that the next transaction starts it anew."""
        self.database.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def merge(self) -> None:
        """Put what was appended where it has its place; in a transaction."""
        self.envelopes.merge()

    @property
    def has_tail(self) -> bool:
        """Whether anything is not in its place yet."""
        return bool(self._tail.ids)

    def close(self) -> None:
        """Give the file back, with nothing left in its log."""
        self.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.database.close()

    def _void(self) -> None:
        self.envelopes.void()
        self.packets.void()
        self.mailboxes.void()
        self.passes.void()
