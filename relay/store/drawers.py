"""Bundles in SQLite."""

from __future__ import annotations

from hashlib import blake2b

from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import DrawerId
from relay.rules.records import DIGEST_BYTES, Mailbox
from relay.store.mailboxes import HIGHEST_ROW, SqliteMailboxes
from relay.store.tally import Tally

_LOOKED_AT = "row > ? AND row <= ? AND body IS NULL AND age_ms < ?"


class SqliteDrawers:
    """One-time bundles by their digest, and one last resort for each drawer."""

    def __init__(
        self, database: sqlite.Connection, mailboxes: SqliteMailboxes, tally: Tally
    ) -> None:
        self._database = database
        self._mailboxes = mailboxes
        self._tally = tally
        self._looked_at = 0

    def count(self, mailbox: Mailbox, drawer: DrawerId | None = None) -> int:
        found: int = self._database.execute(
            "SELECT count(*) FROM bundle WHERE mailbox = :mailbox AND body IS NOT NULL"
            " AND (:drawer IS NULL OR drawer = :drawer)",
            {"mailbox": mailbox.row, "drawer": drawer},
        ).fetchone()[0]
        return found

    def add(self, mailbox: Mailbox, drawer: DrawerId, body: bytes, age_ms: int) -> None:
        added = self._database.execute(
            "INSERT OR IGNORE INTO bundle (mailbox, drawer, digest, age_ms, size, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (mailbox.row, drawer, _digest(body), age_ms, len(body), body),
        )
        if added.rowcount:
            self._tally.count(mailbox.owner, len(body) + DIGEST_BYTES)

    def set_last_resort(self, mailbox: Mailbox, drawer: DrawerId, body: bytes, age_ms: int) -> None:
        old = self.last_resort(mailbox, drawer)
        before = 0 if old is None else len(old) + DIGEST_BYTES
        self._database.execute(
            "INSERT OR REPLACE INTO last_resort (mailbox, drawer, body) VALUES (?, ?, ?)",
            (mailbox.row, drawer, body),
        )
        self._tally.count(mailbox.owner, len(body) + DIGEST_BYTES - before)

    def take(self, mailbox: Mailbox, drawer: DrawerId) -> bytes | None:
        found = self._database.execute(
            "SELECT row, body FROM bundle WHERE mailbox = ? AND drawer = ? AND body IS NOT NULL"
            " ORDER BY row LIMIT 1",
            (mailbox.row, drawer),
        ).fetchone()
        if found is None:
            return None
        row: int = found[0]
        body: bytes = found[1]
        self._database.execute("UPDATE bundle SET body = NULL WHERE row = ?", (row,))
        self._tally.count(mailbox.owner, -len(body))
        return body

    def last_resort(self, mailbox: Mailbox, drawer: DrawerId) -> bytes | None:
        found = self._database.execute(
            "SELECT body FROM last_resort WHERE mailbox = ? AND drawer = ?", (mailbox.row, drawer)
        ).fetchone()
        return None if found is None else found[0]

    def empty(self, mailbox: Mailbox, drawer: DrawerId) -> None:
        gone: int = self._database.execute(
            "SELECT (SELECT coalesce(sum(size), 0) FROM bundle WHERE mailbox = :mailbox"
            "  AND drawer = :drawer AND body IS NOT NULL)"
            f" + (SELECT coalesce(sum(length(body) + {DIGEST_BYTES}), 0) FROM last_resort"
            "  WHERE mailbox = :mailbox AND drawer = :drawer)",
            {"mailbox": mailbox.row, "drawer": drawer},
        ).fetchone()[0]
        where = (mailbox.row, drawer)
        self._database.execute(
            "UPDATE bundle SET body = NULL WHERE mailbox = ? AND drawer = ?", where
        )
        self._database.execute("DELETE FROM last_resort WHERE mailbox = ? AND drawer = ?", where)
        self._tally.count(mailbox.owner, -gone)

    def forget_taken(self, before_age_ms: int, most: int) -> bool:
        end = self._database.execute(
            "SELECT row FROM bundle WHERE row > ? ORDER BY row LIMIT 1 OFFSET ?",
            (self._looked_at, most - 1),
        ).fetchone()
        up_to = HIGHEST_ROW if end is None else end[0]
        looked_at = (self._looked_at, up_to, before_age_ms)
        found = self._database.execute(
            f"SELECT mailbox, count(*) FROM bundle WHERE {_LOOKED_AT} GROUP BY mailbox", looked_at
        ).fetchall()
        # Uncounted before they are gone: an owner who is not known yet is counted from the disk.
        for row, count in found:
            self._tally.count(self._mailboxes.by_row(row).owner, -DIGEST_BYTES * count)
        if found:
            self._database.execute(f"DELETE FROM bundle WHERE {_LOOKED_AT}", looked_at)
        self._looked_at = 0 if end is None else end[0]
        return end is not None


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
