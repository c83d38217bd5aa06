"""Bundles in SQLite."""

from __future__ import annotations

from hashlib import blake2b

from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import DrawerId
from relay.rules.records import Mailbox
from relay.store.tally import Tally


class SqliteDrawers:
    """One-time bundles by their digest, and one last resort for each drawer."""

    def __init__(self, database: sqlite.Connection, tally: Tally) -> None:
        self._database = database
        self._tally = tally

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
            self._tally.count(mailbox.owner, len(body))

    def set_last_resort(self, mailbox: Mailbox, drawer: DrawerId, body: bytes, age_ms: int) -> None:
        old = self.last_resort(mailbox, drawer) or b""
        self._database.execute(
            "INSERT OR REPLACE INTO last_resort (mailbox, drawer, body) VALUES (?, ?, ?)",
            (mailbox.row, drawer, body),
        )
        self._tally.count(mailbox.owner, len(body) - len(old))

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
            " + (SELECT coalesce(sum(length(body)), 0) FROM last_resort"
            "  WHERE mailbox = :mailbox AND drawer = :drawer)",
            {"mailbox": mailbox.row, "drawer": drawer},
        ).fetchone()[0]
        where = (mailbox.row, drawer)
        self._database.execute(
            "UPDATE bundle SET body = NULL WHERE mailbox = ? AND drawer = ?", where
        )
        self._database.execute("DELETE FROM last_resort WHERE mailbox = ? AND drawer = ?", where)
        self._tally.count(mailbox.owner, -gone)


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
