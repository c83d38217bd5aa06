"""How many bytes the store holds, counted along and recounted from the disk at start."""

from __future__ import annotations

from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.frames import CHUNK_BYTES
from relay.rules.records import BLOB_BYTES, DIGEST_BYTES, ID_BYTES, TICKET_BYTES, Pass

# Of one mailbox or of all, which stand in MAILBOXES.
MAILBOXES = (
    "mailbox m LEFT JOIN (SELECT mailbox, max(number) AS number FROM tail GROUP BY mailbox) newest"
    " ON newest.mailbox = m.row"
)
REMEMBERED_IDS = (
    f"{ID_BYTES} * (max(m.forgotten, coalesce(newest.number, 0), coalesce("
    "(SELECT max(number) FROM queued WHERE mailbox = m.row), 0)) - m.ids_forgotten)"
)
# Of the blobs at hand; apart from all else, so that attachments never take the room of mail.
BLOB_ROOM = f"coalesce(sum(chunks * {CHUNK_BYTES} + {BLOB_BYTES}), 0)"
_HELD = (
    "SELECT (SELECT coalesce(sum(size), 0) FROM waiting)"
    f" + (SELECT coalesce(sum({REMEMBERED_IDS}), 0) FROM {MAILBOXES})"
    " + (SELECT coalesce(sum(size), 0) FROM bundle WHERE body IS NOT NULL)"
    f" + (SELECT count(*) * {DIGEST_BYTES} FROM bundle)"
    f" + (SELECT coalesce(sum(length(body) + {DIGEST_BYTES}), 0) FROM last_resort)"
    f" + (SELECT coalesce(sum(size + {TICKET_BYTES}), 0) FROM packet INDEXED BY packet_by_pass)"
    f" + (SELECT coalesce(sum(size + {TICKET_BYTES}), 0) FROM answer INDEXED BY answer_by_pass)"
)


class Tally:
    """The sum of all that is kept for somebody, and of what is remembered of it."""

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
        self.held_bytes = self._database.execute(_HELD).fetchone()[0]
