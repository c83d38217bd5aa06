"""What was appended last, until it is merged into where it has its place.

Every mailbox has leaves of its own in the tables that are sorted by mailbox, so that writing there
with each commit would cost more than the envelopes do. Here one narrow row says all of them about
an envelope, behind the one before; many are merged at once. The rows are the truth, also after a
kill; what is kept of them in memory is for asking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import EnvelopeId
from relay.store.many import Many, flat, in_chunks

# Whoever collects goes through it once for each page; a larger one is merged more cheaply.
MOST = 1_024

_append = Many(
    "INSERT INTO tail"
    " (row, mailbox, number, capability, size, age_ms, id, deposited, rested_ms) VALUES {rows}",
    columns=9,
)
_MERGE = (
    "INSERT INTO seen SELECT mailbox, id, age_ms FROM tail ORDER BY mailbox, id",
    "INSERT INTO queued SELECT mailbox, number, capability, size, envelope FROM ("
    " SELECT tail.mailbox, number, capability, size, tail.row AS envelope FROM tail"
    " JOIN mailbox ON mailbox.row = tail.mailbox WHERE number > forgotten)"
    " ORDER BY mailbox, number",
    # What a capability's own row counts was written there at that count, or later.
    "UPDATE capability SET deposited = moved.deposited, rested_ms = moved.rested_ms FROM"
    " (SELECT capability, max(deposited) AS deposited, rested_ms FROM tail GROUP BY capability)"
    " moved WHERE capability.row = moved.capability AND capability.deposited < moved.deposited",
    "DELETE FROM tail",
)


class InTail(NamedTuple):
    """One row; those of the same capability may say its counts of later."""

    row: int
    mailbox: int
    number: int
    capability: int
    size: int
    age_ms: int
    envelope_id: EnvelopeId
    deposited: int
    rested_ms: int


class Left(NamedTuple):
    """Of an envelope that waits: what counting and deleting it need."""

    number: int
    row: int
    capability: int
    size: int


class Tail:
    """The rows and what is known of them. ``take_row`` gives each envelope its own."""

    def __init__(self, database: sqlite.Connection) -> None:
        self._database = database
        self.ids: set[tuple[int, EnvelopeId]] = set()
        self._waiting: defaultdict[int, list[Left]] = defaultdict(list)
        self._last_row = 0
        self.reload()

    def reload(self) -> None:
        """Ask the disk, which is the truth."""
        self.ids = set(self._database.execute("SELECT mailbox, id FROM tail"))
        self._waiting.clear()
        for mailbox, *left in self._database.execute(
            "SELECT tail.mailbox, number, tail.row, capability, size FROM tail"
            " JOIN mailbox ON mailbox.row = tail.mailbox WHERE number > forgotten"
            " ORDER BY tail.row"
        ):
            self._waiting[mailbox].append(Left(*left))
        # A row's number is not given again while anything tells of it.
        self._last_row = self._database.execute(
            "SELECT max(coalesce((SELECT max(row) FROM envelope), 0),"
            " coalesce((SELECT max(row) FROM tail), 0))"
        ).fetchone()[0]

    def take_row(self) -> int:
        """The number of the next envelope's row."""
        self._last_row += 1
        return self._last_row

    def append(self, rows: Sequence[InTail]) -> None:
        """Write these; their ids are noted already."""
        for some in in_chunks(rows):
            self._database.execute(_append(len(some)), flat(some))
        for row, mailbox, number, capability, size, *_ in rows:
            self._waiting[mailbox].append(Left(number, row, capability, size))

    def collect(self, mailbox: int, up_to: int) -> list[Left]:
        """Those of its envelopes up to this number that wait; they do no longer."""
        waiting = self._waiting.pop(mailbox, [])
        gone = [each for each in waiting if each.number <= up_to]
        if len(gone) < len(waiting):
            self._waiting[mailbox] = waiting[len(gone) :]
        return gone

    def drop(self, mailbox: int) -> None:
        """Forget a mailbox, whose number may be given to another."""
        self._database.execute("DELETE FROM tail WHERE mailbox = ?", (mailbox,))
        self.ids = {each for each in self.ids if each[0] != mailbox}
        self._waiting.pop(mailbox, None)

    @property
    def is_long(self) -> bool:
        """Whether it is time to merge it."""
        return len(self.ids) > MOST

    def merge(self) -> None:
        """Put everything where it has its place."""
        if self.ids:
            for sql in _MERGE:
                self._database.execute(sql)
            self.ids.clear()
            self._waiting.clear()
