"""How full a store is, read by anybody's connection."""

from __future__ import annotations

from sqlcipher3 import dbapi2 as sqlite

from relay.rules.records import Totals
from relay.store.tally import BLOB_ROOM


def read_totals(database: sqlite.Connection) -> Totals:
    """Counts for the operator; no body is read."""
    found = database.execute(
        "SELECT (SELECT count(*) FROM pass), (SELECT count(*) FROM code WHERE uses > 0),"
        " (SELECT count(*) FROM mailbox), (SELECT count(*) FROM capability WHERE NOT revoked),"
        " (SELECT count(*) FROM waiting),"
        " (SELECT coalesce(sum(size), 0) FROM waiting),"
        " (SELECT count(*) FROM bundle WHERE body IS NOT NULL),"
        " (SELECT count(*) FROM packet),"
        " (SELECT coalesce(sum(size), 0) FROM packet INDEXED BY packet_by_pass),"
        " (SELECT count(*) FROM answer), (SELECT count(*) FROM blob),"
        f" (SELECT {BLOB_ROOM} FROM blob INDEXED BY blob_by_pass),"
        " (SELECT count(*) FROM room WHERE ended_ms IS NULL),"
        " (SELECT count(*) FROM room WHERE ended_ms IS NOT NULL),"
        " (SELECT count(*) FROM room_seat),"
        " (SELECT count(*) FROM room_item),"
        " (SELECT coalesce(sum(size), 0) FROM room_item INDEXED BY room_item_by_number),"
        " (SELECT count(*) FROM room_letter WHERE body IS NOT NULL)"
    ).fetchone()
    return Totals(*found)
