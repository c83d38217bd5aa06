"""How many bytes the store holds, counted along and recounted from the disk at start."""

from __future__ import annotations

from sqlcipher3 import dbapi2 as sqlite

from relay.rules.records import Pass


class Tally:
    """The sum of all envelopes and bundles."""

    def __init__(self, database: sqlite.Connection) -> None:
        self._database = database
        self.held_bytes = 0
        self.recount()

    def count(self, owner: Pass, size: int) -> None:
        """Count bytes in or out."""
        owner.used_bytes += size
        self.held_bytes += size

    def recount(self) -> None:
        """Ask the disk, which is the truth."""
        self.held_bytes = self._database.execute(
            "SELECT (SELECT coalesce(sum(size), 0) FROM envelope INDEXED BY envelope_by_mailbox)"
            " + (SELECT coalesce(sum(size), 0) FROM bundle WHERE body IS NOT NULL)"
            " + (SELECT coalesce(sum(length(body)), 0) FROM last_resort)"
        ).fetchone()[0]
