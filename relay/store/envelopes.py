"""Envelopes in SQLite: appended, read in order, deleted in front."""

from __future__ import annotations

from collections.abc import Iterable

from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import EnvelopeId, MailboxId
from relay.rules.records import ID_BYTES, Capability, Mailbox, Waiting
from relay.store.mailboxes import HIGHEST_ROW, SqliteMailboxes
from relay.store.many import Many, flat, in_chunks
from relay.store.tally import Tally

_WAITING = (
    "SELECT e.number, e.id, c.hash, e.body FROM envelope e JOIN capability c"
    " ON c.row = e.capability WHERE e.mailbox = (SELECT row FROM mailbox WHERE id = ?)"
    " AND e.number > ? ORDER BY e.number LIMIT ?"
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
_note = Many("INSERT INTO seen (mailbox, id, age_ms) VALUES {rows}", columns=3)
_append = Many(
    "INSERT INTO envelope (mailbox, number, capability, size, age_ms, id, body) VALUES {rows}",
    columns=7,
)


def read_waiting(
    database: sqlite.Connection, mailbox: MailboxId, after: int, most: int, size: int
) -> list[Waiting]:
    """A page of a mailbox, by anybody's connection: committed envelopes only."""
    page: list[Waiting] = []
    for found in database.execute(_WAITING, (mailbox, after, most)):
        waiting = Waiting(*found)
        size -= len(waiting.body)
        if page and size < 0:
            break
        page.append(waiting)
    return page


class SqliteEnvelopes:
    """What waits, and the ids of what ever came. Additions are written together."""

    def __init__(
        self, database: sqlite.Connection, mailboxes: SqliteMailboxes, tally: Tally
    ) -> None:
        self._database = database
        self._mailboxes = mailboxes
        self._tally = tally
        self._looked_at: tuple[int, bytes] = _START
        self._fresh: set[tuple[int, EnvelopeId]] = set()
        self._new: set[tuple[int, EnvelopeId]] = set()
        self._rows: list[tuple[int, int, int, int, int, EnvelopeId, bytes]] = []

    def void(self) -> None:
        """Forget what was not written yet."""
        self._fresh.clear()
        self._new.clear()
        self._rows.clear()

    def expect(self, ids: Iterable[tuple[Mailbox, EnvelopeId]]) -> None:
        pairs = {(mailbox.row, envelope_id) for mailbox, envelope_id in ids} - self._new
        for some in in_chunks(list(pairs)):
            known = self._database.execute(_find(len(some)), flat(some)).fetchall()
            self._fresh.update(some)
            self._fresh.difference_update(known)

    def seen(self, mailbox: Mailbox, envelope_id: EnvelopeId) -> bool:
        key = (mailbox.row, envelope_id)
        if key in self._fresh:
            return False
        if key in self._new:
            return True
        return bool(self._database.execute(_find(1), key).fetchall())

    def add(self, by: Capability, envelope_id: EnvelopeId, body: bytes, age_ms: int) -> bool:
        mailbox, size = by.mailbox, len(body)
        if self.seen(mailbox, envelope_id):
            return False
        key = (mailbox.row, envelope_id)
        self._fresh.discard(key)
        self._new.add(key)
        mailbox.last += 1
        self._rows.append((mailbox.row, mailbox.last, by.row, size, age_ms, envelope_id, body))
        by.deposited += 1
        by.pending += 1
        by.pending_bytes += size
        self._mailboxes.used(by)
        self._tally.count(mailbox.owner, size + ID_BYTES)
        return True

    def write(self) -> None:
        """Write what was added; before the commit, and before anything that must find it."""
        for some in in_chunks(self._rows):
            ids = [(row, envelope_id, age_ms) for row, _, _, _, age_ms, envelope_id, _ in some]
            self._database.execute(_note(len(some)), flat(ids))
            self._database.execute(_append(len(some)), flat(some))
        self.void()

    def forget(self, mailbox: Mailbox, up_to: int) -> None:
        self.write()
        by_row = {each.row: each for each in mailbox.capabilities.values()}
        for row, count, size in self._database.execute(
            "SELECT capability, count(*), sum(size) FROM envelope INDEXED BY envelope_by_mailbox"
            " WHERE mailbox = ? AND number <= ? GROUP BY capability",
            (mailbox.row, up_to),
        ):
            by_row[row].pending -= count
            by_row[row].pending_bytes -= size
            self._tally.count(mailbox.owner, -size)
        self._database.execute(
            "DELETE FROM envelope WHERE mailbox = ? AND number <= ?", (mailbox.row, up_to)
        )
        mailbox.forgotten = max(mailbox.forgotten, up_to)
        self._database.execute(
            "UPDATE mailbox SET forgotten = ? WHERE row = ?", (mailbox.forgotten, mailbox.row)
        )

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
        self.write()
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
