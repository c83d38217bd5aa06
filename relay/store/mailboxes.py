"""Mailboxes and capabilities in SQLite. A mailbox is loaded with all its capabilities at once."""

from __future__ import annotations

import msgspec
from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import CapabilityHash, MailboxId
from protocol.wire.frames import Policy
from relay.rules.policies import good
from relay.rules.records import DIGEST_BYTES, ID_BYTES, Capability, Mailbox, Pass
from relay.store.passes import SqlitePasses
from relay.store.tail import Tail
from relay.store.tally import Tally

HIGHEST_ROW = 2**63 - 1

_policies = msgspec.msgpack.Decoder(Policy)
_FIND_GOOD = (
    "SELECT hash, mailbox, policy, revoked FROM capability WHERE hash >= ? ORDER BY hash LIMIT 1"
)
# Longer than any digest, so that nothing finds it by one; deliveries cut it off again.
_END = (
    "UPDATE capability SET hash = CAST(hash || row AS BLOB), revoked = 1 WHERE hash = ?"
    " RETURNING hash"
)
# What stands behind the last one.
_NOBODYS = (b"", 0, msgspec.msgpack.encode(Policy()), True)

# What the tail counts is later than what the row does, where it is more.
_CAPABILITIES = (
    "SELECT c.row, hash, drawer, policy, revoked, granted_ms,"
    " coalesce(t.rested_ms, c.rested_ms), coalesce(t.deposited, c.deposited), taken"
    " FROM capability c LEFT JOIN (SELECT capability, max(deposited) AS deposited, rested_ms"
    "  FROM tail WHERE mailbox = ? GROUP BY capability) t"
    " ON t.capability = c.row AND t.deposited > c.deposited WHERE c.mailbox = ?"
)


class SqliteMailboxes:
    """One object for each mailbox and capability in use, until ``void``."""

    def __init__(
        self, database: sqlite.Connection, passes: SqlitePasses, tally: Tally, tail: Tail
    ) -> None:
        self._database = database
        self._passes = passes
        self._tally = tally
        self._tail = tail
        self._known: dict[MailboxId, Mailbox] = {}
        self._capabilities: dict[CapabilityHash, Capability] = {}
        self._looked_at = 0

    def void(self) -> None:
        """Forget the objects, not the rows."""
        self._known.clear()
        self._capabilities.clear()

    def known(self) -> int:
        """How many capabilities are kept as objects."""
        return len(self._capabilities)

    def find(self, mailbox: MailboxId) -> Mailbox | None:
        known = self._known.get(mailbox)
        if known is not None:
            return known
        found = self._database.execute("SELECT row FROM mailbox WHERE id = ?", (mailbox,))
        row = found.fetchone()
        return None if row is None else self._load(row[0])

    def by_row(self, row: int) -> Mailbox:
        """The mailbox an envelope is in."""
        found = self._database.execute("SELECT id FROM mailbox WHERE row = ?", (row,)).fetchone()
        return self._known.get(found[0]) or self._load(row)

    def add(self, mailbox: MailboxId, owner: Pass) -> Mailbox:
        cursor = self._database.execute(
            "INSERT INTO mailbox (id, pass) VALUES (?, ?)", (mailbox, owner.row)
        )
        made = self._known[mailbox] = Mailbox(mailbox, owner, row=cursor.lastrowid or 0)
        owner.used_mailboxes += 1
        return made

    def drop(self, mailbox: Mailbox) -> None:
        held: int = self._database.execute(
            "SELECT (SELECT coalesce(sum(size), 0) FROM bundle"
            "  WHERE mailbox = :row AND body IS NOT NULL)"
            f" + (SELECT count(*) * {DIGEST_BYTES} FROM bundle WHERE mailbox = :row)"
            f" + (SELECT coalesce(sum(length(body) + {DIGEST_BYTES}), 0) FROM last_resort"
            "  WHERE mailbox = :row)",
            {"row": mailbox.row},
        ).fetchone()[0]
        held += ID_BYTES * mailbox.remembered_ids
        self._tail.drop(mailbox.row)
        for table in ("seen", "bundle", "last_resort", "capability"):
            self._database.execute(
                f"DELETE FROM {table} WHERE mailbox = ?",
                (mailbox.row,),
            )
        self._database.execute("DELETE FROM mailbox WHERE row = ?", (mailbox.row,))
        for capability in mailbox.capabilities.values():
            del self._capabilities[capability.hash]
        del self._known[mailbox.id]
        mailbox.owner.used_mailboxes -= 1
        self._tally.count(mailbox.owner, -held)

    def find_good(self, capability: CapabilityHash, wall_ms: int) -> Capability | None:
        known = self._capabilities.get(capability)
        if known is not None and good(known.policy, known.revoked, wall_ms):
            return known
        # What follows is the same for one that is known to be bad, for a bad one that is not known,
        # and for none: there the next one in the index is read, and its policy, in its place.
        # None of them has a mailbox loaded, which would show by the time.
        found = self._database.execute(_FIND_GOOD, (capability,)).fetchone()
        hashed, row, policy, revoked = found or _NOBODYS
        is_good = good(_policies.decode(policy), bool(revoked), wall_ms)
        if not is_good or hashed != capability:
            return None
        self._load(row)
        return self._capabilities[capability]

    def save_capability(self, capability: Capability) -> None:
        policy = msgspec.msgpack.encode(capability.policy)
        cursor = self._database.execute(
            "INSERT INTO capability"
            " (hash, mailbox, drawer, policy, revoked, deposited, taken, granted_ms, rested_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET"
            " drawer = excluded.drawer, policy = excluded.policy, revoked = excluded.revoked,"
            " deposited = excluded.deposited, taken = excluded.taken,"
            " rested_ms = excluded.rested_ms RETURNING row",
            (
                capability.hash,
                capability.mailbox.row,
                capability.drawer,
                policy,
                capability.revoked,
                capability.deposited,
                capability.taken,
                capability.granted_ms,
                capability.rested_ms,
            ),
        )
        capability.row = cursor.fetchall()[0][0]
        self._capabilities[capability.hash] = capability
        capability.mailbox.capabilities[capability.hash] = capability

    def end_capability(self, capability: CapabilityHash) -> None:
        ended = self._database.execute(_END, (capability,)).fetchall()
        held = self._capabilities.pop(capability, None)
        if held is not None:
            del held.mailbox.capabilities[capability]
            held.hash, held.revoked = ended[0][0], True
            self._capabilities[held.hash] = held.mailbox.capabilities[held.hash] = held

    def forget_revoked(self, most: int) -> bool:
        """Voids what was found before, where it forgets something."""
        # Nothing may be left in there by a capability that goes.
        self._tail.merge()
        after = self._looked_at
        end = self._database.execute(
            "SELECT row FROM capability WHERE row > ? ORDER BY row LIMIT 1 OFFSET ?",
            (after, most - 1),
        ).fetchone()
        forgot = self._database.execute(
            "DELETE FROM capability WHERE row > ? AND row <= ? AND revoked AND NOT EXISTS"
            " (SELECT 1 FROM queued WHERE queued.mailbox = capability.mailbox"
            " AND queued.capability = capability.row)",
            (after, HIGHEST_ROW if end is None else end[0]),
        )
        if forgot.rowcount:
            self.void()
        self._looked_at = 0 if end is None else end[0]
        return end is not None

    def forgot_ids(self, row: int, count: int) -> None:
        """So many of its ids were forgotten."""
        mailbox = self.by_row(row)
        mailbox.ids_forgotten += count
        self._database.execute(
            "UPDATE mailbox SET ids_forgotten = ? WHERE row = ?", (mailbox.ids_forgotten, row)
        )
        self._tally.count(mailbox.owner, -ID_BYTES * count)

    def _load(self, row: int) -> Mailbox:
        name, owner, forgotten, ids_forgotten, last = self._database.execute(
            "SELECT id, pass, forgotten, ids_forgotten, max(forgotten, coalesce("
            " (SELECT max(number) FROM waiting WHERE mailbox = ?), 0))"
            " FROM mailbox m WHERE row = ?",
            (row, row),
        ).fetchone()
        mailbox = Mailbox(
            name,
            self._passes.by_row(owner),
            forgotten,
            last,
            row=row,
            ids_forgotten=ids_forgotten,
        )
        pending: dict[int, tuple[int, int]] = {
            number: (count, size)
            for number, count, size in self._database.execute(
                "SELECT capability, count(*), sum(size) FROM waiting WHERE mailbox = ?"
                " GROUP BY capability",
                (row,),
            )
        }
        for number, hashed, drawer, policy, revoked, *counts in self._database.execute(
            _CAPABILITIES,
            (row, row),
        ):
            held = self._capabilities[hashed] = mailbox.capabilities[hashed] = Capability(
                hashed,
                mailbox,
                drawer,
                _policies.decode(policy),
                bool(revoked),
                *counts,
            )
            held.pending, held.pending_bytes = pending.get(number, (0, 0))
            held.row = number
        self._known[mailbox.id] = mailbox
        return mailbox
