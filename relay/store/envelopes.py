"""Envelopes in SQLite: appended, read in order, deleted in front."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import EnvelopeId, MailboxId
from relay.rules.records import ID_BYTES, Capability, Mailbox, Waiting
from relay.store.mailboxes import HIGHEST_ROW, SqliteMailboxes
from relay.store.many import Many, flat, in_chunks
from relay.store.tail import InTail, Tail
from relay.store.tally import Tally

# What is in the tail comes behind all that is queued. Both are read by one statement, since between
# two a merge would hide some.
_WAITING = (
    "WITH box AS (SELECT row, max(forgotten, :after) AS after FROM mailbox WHERE id = :id),"
    " page AS (SELECT * FROM (SELECT number, capability, envelope FROM box JOIN queued"
    " ON queued.mailbox = box.row AND number > box.after ORDER BY number LIMIT :most)"
    " UNION ALL SELECT number, capability, tail.row FROM box JOIN tail"
    " ON tail.mailbox = box.row AND number > box.after ORDER BY 1 LIMIT :most)"
    " SELECT page.number, e.id, substr(c.hash, 1, 32), e.body FROM page CROSS JOIN envelope e"
    " ON e.row = page.envelope CROSS JOIN capability c ON c.row = page.capability"
    " ORDER BY page.number"
)

# Ids are gone through in the order in which they lie, from where the last look ended.
_START = (0, b"")
_END_OF_LOOK = (
    "SELECT mailbox, id FROM seen WHERE (mailbox, id) > (?, ?) ORDER BY mailbox, id"
    " LIMIT 1 OFFSET ?"
)
_LOOKED_AT = "(mailbox, id) > (?, ?) AND (mailbox, id) <= (?, ?) AND age_ms < ?"

# Each statement lets go of the interpreter and has to get it back from a busy loop; a statement
# for many rows does so once.
_find = Many(
    "WITH asked (mailbox, id) AS (VALUES {rows}) SELECT s.mailbox, s.id FROM asked a"
    " CROSS JOIN seen s ON s.mailbox = a.mailbox AND s.id = a.id",
    columns=2,
)
_append = Many(
    "INSERT INTO envelope (row, mailbox, number, capability, size, age_ms, id, body) VALUES {rows}",
    columns=8,
)
_delete = Many("WITH gone (row) AS (VALUES {rows}) DELETE FROM envelope WHERE row IN gone", 1)


def read_waiting(
    database: sqlite.Connection, mailbox: MailboxId, after: int, most: int, size: int
) -> list[Waiting]:
    """A page of a mailbox, by anybody's connection: committed envelopes only."""
    page: list[Waiting] = []
    for found in database.execute(_WAITING, {"id": mailbox, "after": after, "most": most}):
        waiting = Waiting(*found)
        size -= len(waiting.body)
        if page and size < 0:
            break
        page.append(waiting)
    return page


# Its row, number, capability, age, id and body.
_New: TypeAlias = tuple[int, int, Capability, int, EnvelopeId, bytes]


class SqliteEnvelopes:
    """What waits, and the ids of what ever came. Additions are written together."""

    def __init__(
        self, database: sqlite.Connection, mailboxes: SqliteMailboxes, tally: Tally, tail: Tail
    ) -> None:
        self._database = database
        self._mailboxes = mailboxes
        self._tally = tally
        self._tail = tail
        self._looked_at: tuple[int, bytes] = _START
        self._fresh: set[tuple[int, EnvelopeId]] = set()
        self._new: list[_New] = []

    def void(self) -> None:
        """Forget what was not written yet."""
        self._fresh.clear()
        self._new.clear()

    def expect(self, ids: Iterable[tuple[Mailbox, EnvelopeId]]) -> None:
        pairs = {(mailbox.row, envelope_id) for mailbox, envelope_id in ids} - self._tail.ids
        for some in in_chunks(list(pairs)):
            known = self._database.execute(_find(len(some)), flat(some)).fetchall()
            self._fresh.update(some)
            self._fresh.difference_update(known)

    def seen(self, mailbox: Mailbox, envelope_id: EnvelopeId) -> bool:
        key = (mailbox.row, envelope_id)
        if key in self._fresh:
            return False
        if key in self._tail.ids:
            return True
        return bool(self._database.execute(_find(1), key).fetchall())

    def add(self, by: Capability, envelope_id: EnvelopeId, body: bytes, age_ms: int) -> bool:
        mailbox, size = by.mailbox, len(body)
        if self.seen(mailbox, envelope_id):
            return False
        key = (mailbox.row, envelope_id)
        self._fresh.discard(key)
        self._tail.ids.add(key)
        mailbox.last += 1
        self._new.append((self._tail.take_row(), mailbox.last, by, age_ms, envelope_id, body))
        by.deposited += 1
        by.pending += 1
        by.pending_bytes += size
        self._tally.count(mailbox.owner, size + ID_BYTES)
        return True

    def write(self) -> None:
        """Write what was added; before the commit, and before anything that must find it."""
        if self._new:
            rows = [
                InTail(
                    row, by.mailbox.row, number, by.row, len(body), age_ms, envelope_id,
                    by.deposited, by.rested_ms,
                )
                for row, number, by, age_ms, envelope_id, body in self._new
            ]  # fmt: skip
            envelopes = [(*row[:7], new[5]) for row, new in zip(rows, self._new, strict=True)]
            for some in in_chunks(envelopes):
                self._database.execute(_append(len(some)), flat(some))
            self._tail.append(rows)
        self.void()

    def merge(self) -> None:
        """Put what was appended where it has its place."""
        self.write()
        self._tail.merge()

    def forget(self, mailbox: Mailbox, up_to: int) -> None:
        self.write()
        by_row = {each.row: each for each in mailbox.capabilities.values()}
        for row, count, size in self._forget_queued(mailbox.row, up_to):
            by_row[row].pending -= count
            by_row[row].pending_bytes -= size
            self._tally.count(mailbox.owner, -size)
        gone = self._tail.collect(mailbox.row, up_to)
        for some in in_chunks(gone):
            self._database.execute(_delete(len(some)), [each.row for each in some])
        for each in gone:
            by_row[each.capability].pending -= 1
            by_row[each.capability].pending_bytes -= each.size
            self._tally.count(mailbox.owner, -each.size)
        mailbox.forgotten = max(mailbox.forgotten, up_to)
        self._database.execute(
            "UPDATE mailbox SET forgotten = ? WHERE row = ?", (mailbox.forgotten, mailbox.row)
        )

    def _forget_queued(self, mailbox: int, up_to: int) -> list[tuple[int, int, int]]:
        """By capability, how many they were and their bytes."""
        those = "queued WHERE mailbox = ? AND number <= ?"
        found: list[tuple[int, int, int]] = self._database.execute(
            f"SELECT capability, count(*), sum(size) FROM {those} GROUP BY capability",
            (mailbox, up_to),
        ).fetchall()
        if found:
            self._database.execute(
                f"DELETE FROM envelope WHERE row IN (SELECT envelope FROM {those})",
                (mailbox, up_to),
            )
            self._database.execute(f"DELETE FROM {those}", (mailbox, up_to))
        return found

    def expire(self, before_age_ms: int, most: int) -> int:
        self.write()
        # Rows are appended as time goes by, so the oldest stand in front.
        oldest = self._database.execute(
            "SELECT mailbox, number, age_ms FROM envelope ORDER BY row LIMIT ?", (most,)
        )
        up_to: dict[int, int] = {}
        count = 0
        for row, number, age_ms in oldest:
            if age_ms >= before_age_ms:
                break
            up_to[row] = number
            count += 1
        for row, number in up_to.items():
            self.forget(self._mailboxes.by_row(row), number)
        return count

    def forget_ids(self, before_age_ms: int, most: int) -> bool:
        self.merge()
        end = self._database.execute(_END_OF_LOOK, (*self._looked_at, most - 1)).fetchone()
        looked_at = (*self._looked_at, *(end or (HIGHEST_ROW, b"")), before_age_ms)
        found = self._database.execute(
            f"SELECT mailbox, count(*) FROM seen WHERE {_LOOKED_AT} GROUP BY mailbox",
            looked_at,
        ).fetchall()
        if found:
            self._database.execute(f"DELETE FROM seen WHERE {_LOOKED_AT}", looked_at)
        for row, count in found:
            self._mailboxes.forgot_ids(row, count)
        self._looked_at = end or _START
        return end is not None

    def waiting(self, mailbox: MailboxId, after: int, most: int, size: int) -> list[Waiting]:
        return read_waiting(self._database, mailbox, after, most, size)
