"""Passes and codes in SQLite."""

from __future__ import annotations

from collections.abc import Iterator

from sqlcipher3 import dbapi2 as sqlite

from relay.rules.records import DIGEST_BYTES, TICKET_BYTES, Code, Forwarding, Holding, Pass
from relay.store.tally import BLOB_ROOM, MAILBOXES, REMEMBERED_IDS

# A pass with what its mailboxes hold, counted from the indexes.
_FIND = (
    "SELECT row, hash, mailboxes, stored_bytes, invites, lapses_ms, rooms,"
    " (SELECT count(*) FROM mailbox WHERE pass = p.row),"
    " (SELECT coalesce(sum(q.size), 0) FROM mailbox m JOIN queued q"
    "   ON q.mailbox = m.row WHERE m.pass = p.row)"
    " + (SELECT coalesce(sum(t.size), 0) FROM mailbox m JOIN tail t"
    "   ON t.mailbox = m.row AND t.number > m.forgotten WHERE m.pass = p.row),"
    f" (SELECT coalesce(sum({REMEMBERED_IDS}), 0) FROM {MAILBOXES} WHERE m.pass = p.row),"
    " (SELECT coalesce(sum(b.size), 0) FROM mailbox m JOIN bundle b"
    "   ON b.mailbox = m.row AND b.body IS NOT NULL WHERE m.pass = p.row),"
    f" (SELECT count(*) * {DIGEST_BYTES} FROM mailbox m JOIN bundle b"
    "   ON b.mailbox = m.row WHERE m.pass = p.row),"
    f" (SELECT coalesce(sum(length(l.body) + {DIGEST_BYTES}), 0) FROM mailbox m"
    "   JOIN last_resort l ON l.mailbox = m.row WHERE m.pass = p.row),"
    " forwards, forward_bytes,"
    f" (SELECT coalesce(sum(size + {TICKET_BYTES}), 0) FROM packet WHERE pass = p.row)"
    f" + (SELECT coalesce(sum(size + {TICKET_BYTES}), 0) FROM answer WHERE pass = p.row),"
    " forward_day, forwarded, reached,"
    f" blob_bytes, (SELECT {BLOB_ROOM} FROM blob WHERE pass = p.row) FROM pass p"
)
# Longer than a hash and after every other that begins alike.
_AFTER_ALL = b"\xff" * 33
_BY_HASH = " WHERE hash = ?"
_BY_ROW = " WHERE row = ?"


class SqlitePasses:
    """One object for each pass in use, until ``void``."""

    def __init__(self, database: sqlite.Connection) -> None:
        self._database = database
        self._known: dict[bytes, Pass] = {}
        self._by_row: dict[int, Pass] = {}
        self._moved: dict[int, Pass] = {}

    def void(self) -> None:
        """Forget the objects, not the rows."""
        self._known.clear()
        self._by_row.clear()
        self._moved.clear()

    def write(self) -> None:
        """Write down what moved; before the commit."""
        if self._moved:
            self._database.executemany(
                "UPDATE pass SET forward_day = ?, forwarded = ?, reached = ? WHERE row = ?",
                [
                    (each.day, each.forwarded, each.reached, row)
                    for row, each in ((row, held.forwarding) for row, held in self._moved.items())
                ],
            )
            self._moved.clear()

    def count(self) -> int:
        found: int = self._database.execute("SELECT count(*) FROM pass").fetchone()[0]
        return found

    def find(self, pass_hash: bytes) -> Pass | None:
        known = self._known.get(pass_hash)
        if known is not None:
            return known
        return self._load(_BY_HASH, pass_hash)

    def by_row(self, row: int) -> Pass:
        """The pass a mailbox was made on."""
        found = self._by_row.get(row) or self._load(_BY_ROW, row)
        assert found is not None, "a pass with a mailbox never lapses"
        return found

    def named(self, begins: bytes) -> list[Pass]:
        found = self._database.execute(
            "SELECT hash FROM pass WHERE hash >= ? AND hash < ? LIMIT 2",
            (begins, begins + _AFTER_ALL),
        ).fetchall()
        return [held for (hashed,) in found if (held := self.find(hashed)) is not None]

    def all(self) -> Iterator[Pass]:
        """Every one, for the operator's eye."""
        for (hashed,) in self._database.execute("SELECT hash FROM pass ORDER BY row").fetchall():
            if (held := self.find(hashed)) is not None:
                yield held

    def add(self, new: Pass) -> None:
        cursor = self._database.execute(
            "INSERT INTO pass (hash, mailboxes, stored_bytes, invites, lapses_ms, forwards,"
            " forward_bytes, rooms, blob_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new.hash,
                new.mailboxes,
                new.stored_bytes,
                new.invites,
                new.lapses_ms,
                new.forwarding.forwards,
                new.forwarding.most_bytes,
                new.rooms,
                new.holding.most_bytes,
            ),
        )
        new.row = cursor.lastrowid or 0
        self._known[new.hash] = self._by_row[new.row] = new

    def save(self, held: Pass) -> None:
        self._database.execute(
            "UPDATE pass SET mailboxes = ?, stored_bytes = ?, invites = ?, lapses_ms = ?,"
            " forwards = ?, rooms = ?, blob_bytes = ? WHERE row = ?",
            (
                held.mailboxes,
                held.stored_bytes,
                held.invites,
                held.lapses_ms,
                held.forwarding.forwards,
                held.rooms,
                held.holding.most_bytes,
                held.row,
            ),
        )

    def forwarded(self, held: Pass) -> None:
        self._moved[held.row] = held

    def lapse(self, age_ms: int, most: int) -> int:
        due = self._database.execute(
            "SELECT row, hash FROM pass WHERE lapses_ms <= ? ORDER BY lapses_ms LIMIT ?",
            (age_ms, most),
        ).fetchall()
        for row, hashed in due:
            self._database.execute("DELETE FROM pass WHERE row = ?", (row,))
            self._known.pop(hashed, None)
            self._by_row.pop(row, None)
        return len(due)

    def find_code(self, code_hash: bytes) -> Code | None:
        found = self._database.execute(
            "SELECT hash, uses, expires_ms, invites FROM code WHERE hash = ?", (code_hash,)
        ).fetchone()
        return None if found is None else Code(*found)

    def save_code(self, code: Code) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO code (hash, uses, expires_ms, invites) VALUES (?, ?, ?, ?)",
            (code.hash, code.uses, code.expires_ms, code.invites),
        )

    def end_codes(self) -> int:
        return self._database.execute("UPDATE code SET uses = 0 WHERE uses > 0").rowcount

    def _load(self, where: str, value: bytes | int) -> Pass | None:
        found = self._database.execute(_FIND + where, (value,)).fetchone()
        if found is None:
            return None
        row, hashed, mailboxes, stored_bytes, invites, lapses_ms, rooms, used, *sizes = found[:13]
        forwarding, holding = Forwarding(*found[13:19]), Holding(*found[19:])
        terms = (mailboxes, stored_bytes, invites, lapses_ms, rooms)
        held = Pass(hashed, *terms, used, sum(sizes), row, forwarding, holding)
        self._known[held.hash] = self._by_row[row] = held
        return held
