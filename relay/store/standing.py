"""How far a store has come, so that of two copies of one relay the later can be told."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from sqlcipher3 import dbapi2 as sqlite

from relay.errors import CannotWrite
from relay.store import database

# Everything a relay promises to keep moves one of these: what comes is given the next number,
# what goes moves a mark, and each minute at work is written down.
_STANDING = (
    "SELECT coalesce((SELECT wall_ms FROM moment), 0), coalesce((SELECT age_ms FROM moment), 0),"
    " (SELECT coalesce(sum(m.forgotten), 0) FROM mailbox m)"
    " + (SELECT count(*) FROM envelope INDEXED BY envelope_by_mailbox),"
    " (SELECT coalesce(max(row), 0) FROM pass), (SELECT coalesce(max(row), 0) FROM mailbox),"
    " (SELECT coalesce(max(row), 0) FROM capability), (SELECT coalesce(max(row), 0) FROM bundle)"
)


class Standing(Struct, frozen=True):
    """Numbers that only grow while a relay works on one store."""

    wall_ms: int
    age_ms: int
    numbered: int
    passes: int
    mailboxes: int
    capabilities: int
    bundles: int

    def beyond(self, other: Standing) -> bool:
        """Whether something happened here that the other has not seen."""
        return (
            self.age_ms > other.age_ms
            or self.numbered > other.numbered
            or self.passes > other.passes
            or self.mailboxes > other.mailboxes
            or self.capabilities > other.capabilities
            or self.bundles > other.bundles
        )


def set_wall(path: Path, wall_ms: int) -> None:
    """Have the relay go on from this time. Raises CannotWrite and what opening raises."""
    beside = database.open_reader(path)
    try:
        beside.execute("PRAGMA query_only = OFF")
        beside.execute("PRAGMA synchronous = FULL")
        beside.execute("UPDATE moment SET wall_ms = ?", (wall_ms,))
    except sqlite.Error as exc:
        raise CannotWrite(str(path)) from exc
    finally:
        beside.close()


def standing_of(path: Path) -> Standing | None:
    """None where it cannot be read in full. Raises NewerStore, NotAStore, UnsoundSqlite."""
    beside = database.open_reader(path)
    try:
        return Standing(*beside.execute(_STANDING).fetchone())
    except sqlite.Error:
        return None
    finally:
        beside.close()
