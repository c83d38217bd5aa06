"""Packets for other relays, and their answers, in SQLite. Additions are written together."""

from __future__ import annotations

from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.frames import CHUNK_BYTES, Answer, Outcome
from relay.rules.clock import HOUR_MS
from relay.rules.records import TICKET_BYTES, Destination, Pass, WaitingPacket, room_for
from relay.store.many import Many, flat, in_chunks
from relay.store.passes import SqlitePasses
from relay.store.tally import Tally

HIGHEST_ROW = 2**63 - 1

_WAITING = (
    "SELECT row, ticket, age_ms, body FROM packet"
    " WHERE destination = (SELECT row FROM destination WHERE address = ?)"
    f" AND row > ? AND (? IS NULL OR (size > {CHUNK_BYTES}) = ?) ORDER BY row LIMIT ?"
)
_DESTINATIONS = (
    "SELECT address FROM destination d WHERE EXISTS"
    " (SELECT 1 FROM packet WHERE destination = d.row) ORDER BY address"
)
_KNOWN = (
    "SELECT EXISTS (SELECT 1 FROM packet WHERE ticket = :ticket)"
    " OR EXISTS (SELECT 1 FROM answer WHERE ticket = :ticket)"
)
_append = Many(
    "INSERT INTO packet (ticket, destination, pass, age_ms, size, body) VALUES {rows}", columns=6
)
_answer = Many(
    "INSERT INTO answer (ticket, pass, age_ms, outcome, size, body) VALUES {rows}", columns=6
)


def read_packets(
    database: sqlite.Connection,
    address: str,
    after: int,
    most: int,
    size: int,
    *,
    bulky: bool | None = None,
) -> list[WaitingPacket]:
    """A page of a queue, by anybody's connection: committed packets only."""
    page: list[WaitingPacket] = []
    for found in database.execute(_WAITING, (address, after, bulky, bulky, most)):
        waiting = WaitingPacket(*found)
        size -= len(waiting.body)
        if page and size < 0:
            break
        page.append(waiting)
    return page


def read_destinations(database: sqlite.Connection) -> list[str]:
    """The addresses that packets wait for, by anybody's connection."""
    return [found[0] for found in database.execute(_DESTINATIONS)]


class SqlitePackets:
    """One object for each destination in use, until ``void``."""

    def __init__(self, database: sqlite.Connection, passes: SqlitePasses, tally: Tally) -> None:
        self._database = database
        self._passes = passes
        self._tally = tally
        self._looked_at = 0
        self._known: dict[str, Destination] = {}
        self._by_row: dict[int, Destination] = {}
        self._new: set[bytes] = set()
        self._rows: list[tuple[bytes, int, int, int, int, bytes]] = []
        self._answers: list[tuple[bytes, int, int, str, int, bytes]] = []

    def void(self) -> None:
        """Forget the objects, and what was not written yet."""
        self._known.clear()
        self._by_row.clear()
        self._forget_unwritten()

    def write(self) -> None:
        """Write what was added; before the commit, and before anything that must find it."""
        for some in in_chunks(self._rows):
            self._database.execute(_append(len(some)), flat(some))
        for answers in in_chunks(self._answers):
            self._database.execute(_answer(len(answers)), flat(answers))
        self._forget_unwritten()

    def destination(self, address: str) -> Destination | None:
        known = self._known.get(address)
        if known is not None:
            return known
        return self._load("address = ?", address)

    def add_destination(self, address: str, age_ms: int) -> Destination:
        cursor = self._database.execute(
            "INSERT INTO destination (address, used_ms) VALUES (?, ?)", (address, age_ms)
        )
        return self._keep(Destination(address, age_ms, row=cursor.lastrowid or 0))

    def forget_destinations(self, before_age_ms: int, most: int) -> bool:
        """Voids what was found before, where it forgets something."""
        self.write()
        after = self._looked_at
        end = self._database.execute(
            "SELECT row FROM destination WHERE row > ? ORDER BY row LIMIT 1 OFFSET ?",
            (after, most - 1),
        ).fetchone()
        forgot = self._database.execute(
            "DELETE FROM destination WHERE row > ? AND row <= ? AND used_ms < ? AND NOT EXISTS"
            " (SELECT 1 FROM packet WHERE packet.destination = destination.row)",
            (after, HIGHEST_ROW if end is None else end[0], before_age_ms),
        )
        if forgot.rowcount:
            self.void()
        self._looked_at = 0 if end is None else end[0]
        return end is not None

    def known(self, ticket: bytes) -> bool:
        if ticket in self._new:
            return True
        found = self._database.execute(_KNOWN, {"ticket": ticket}).fetchone()
        return bool(found[0])

    def add(self, by: Pass, to: Destination, ticket: bytes, body: bytes, age_ms: int) -> None:
        size = room_for(len(body))
        self._rows.append((ticket, to.row, by.row, age_ms, size, body))
        self._new.add(ticket)
        to.waiting += 1
        if age_ms - to.used_ms >= HOUR_MS:
            to.used_ms = age_ms
            self._database.execute(
                "UPDATE destination SET used_ms = ? WHERE row = ?", (age_ms, to.row)
            )
        self._hold(by, size + TICKET_BYTES)

    def settle(self, ticket: bytes, outcome: Outcome, answer: bytes, age_ms: int) -> bool:
        if ticket in self._new:
            self.write()
        found = self._database.execute(
            "DELETE FROM packet WHERE ticket = ? RETURNING pass, destination, size", (ticket,)
        ).fetchall()
        if not found:
            return False
        owner, row, size = found[0]
        by, to = self._passes.by_row(owner), self._by_row.get(row)
        self._answers.append((ticket, owner, age_ms, outcome.value, len(answer), answer))
        self._new.add(ticket)
        # One that is loaded later is counted from the disk, without this packet.
        if to is not None:
            to.waiting -= 1
        self._hold(by, len(answer) - size)
        return True

    def answer(self, ticket: bytes) -> Answer | None:
        self.write()
        found = self._database.execute(
            "SELECT outcome, body FROM answer WHERE ticket = ?", (ticket,)
        ).fetchone()
        if found is None:
            return None
        return Answer(ticket=ticket, outcome=Outcome(found[0]), answer=found[1])

    def forget_answer(self, ticket: bytes) -> None:
        self.write()
        self._forget("ticket = ?", ticket)

    def expire_answers(self, before_age_ms: int, most: int) -> int:
        self.write()
        # Rows are appended as time goes by, so the oldest stand in front.
        oldest = self._database.execute(
            "SELECT row, age_ms FROM answer ORDER BY row LIMIT ?", (most,)
        ).fetchall()
        due = [row for row, age_ms in oldest if age_ms < before_age_ms]
        for row in due:
            self._forget("row = ?", row)
        return len(due)

    def waiting(
        self, address: str, after: int, most: int, size: int, *, bulky: bool | None = None
    ) -> list[WaitingPacket]:
        return read_packets(self._database, address, after, most, size, bulky=bulky)

    def destinations(self) -> list[str]:
        return read_destinations(self._database)

    def _forget(self, where: str, value: bytes | int) -> None:
        for owner, size in self._database.execute(
            f"DELETE FROM answer WHERE {where} RETURNING pass, size", (value,)
        ).fetchall():
            self._hold(self._passes.by_row(owner), -size - TICKET_BYTES)

    def _load(self, where: str, value: str) -> Destination | None:
        self.write()
        found = self._database.execute(
            "SELECT address, used_ms, (SELECT count(*) FROM packet WHERE destination = d.row), row"
            f" FROM destination d WHERE {where}",
            (value,),
        ).fetchone()
        return None if found is None else self._keep(Destination(*found))

    def _keep(self, one: Destination) -> Destination:
        self._known[one.address] = self._by_row[one.row] = one
        return one

    def _forget_unwritten(self) -> None:
        self._new.clear()
        self._rows.clear()
        self._answers.clear()

    def _hold(self, by: Pass, size: int) -> None:
        by.forwarding.used_bytes += size
        self._tally.held_bytes += size
