"""What takes up room in a store, by kind, read by anybody's connection."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import dbapi2 as sqlite

from relay.rules.records import DIGEST_BYTES, ID_BYTES, TICKET_BYTES
from relay.store.tally import BLOB_ROOM, MAILBOXES, REMEMBERED_IDS

_KINDS = {
    "envelopes": "SELECT count(*), coalesce(sum(size), 0) FROM waiting",
    "ids": (
        f"SELECT coalesce(sum({REMEMBERED_IDS}), 0) / {ID_BYTES},"
        f" coalesce(sum({REMEMBERED_IDS}), 0) FROM {MAILBOXES}"
    ),
    "bundles": "SELECT count(*), coalesce(sum(size), 0) FROM bundle WHERE body IS NOT NULL",
    "bundle_digests": f"SELECT count(*), count(*) * {DIGEST_BYTES} FROM bundle",
    "last_resort_bundles": (
        f"SELECT count(*), coalesce(sum(length(body) + {DIGEST_BYTES}), 0) FROM last_resort"
    ),
    "packets": (
        f"SELECT count(*), coalesce(sum(size + {TICKET_BYTES}), 0)"
        " FROM packet INDEXED BY packet_by_pass"
    ),
    "answers": (
        f"SELECT count(*), coalesce(sum(size + {TICKET_BYTES}), 0)"
        " FROM answer INDEXED BY answer_by_pass"
    ),
}


# Apart from the others: what a room holds is bounded by the room, and how many rooms by passes.
_ROOMS = {
    "room_items": "SELECT count(*), coalesce(sum(size), 0) FROM room_item"
    " INDEXED BY room_item_by_number",
    "room_letters": "SELECT count(*), coalesce(sum(size), 0) FROM room_letter"
    " WHERE body IS NOT NULL",
    "room_seats": "SELECT count(*), coalesce(sum(length(name) + length(card) + length(wrap)), 0)"
    " FROM room_seat",
    "room_orders": "SELECT count(*), coalesce(sum(length(item)), 0) FROM room_order",
}
# And these have a bound of their own.
_BLOBS = f"SELECT count(*), {BLOB_ROOM} FROM blob INDEXED BY blob_by_pass"


class Usage(Struct, frozen=True):
    """How many of a kind, and how many bytes they are counted as."""

    count: int
    bytes: int


def read_usage(database: sqlite.Connection) -> dict[str, Usage]:
    """No body is read."""
    return {kind: Usage(*database.execute(sql).fetchone()) for kind, sql in _KINDS.items()}


def read_room_usage(database: sqlite.Connection) -> dict[str, Usage]:
    """What rooms hold, all of them together."""
    return {kind: Usage(*database.execute(sql).fetchone()) for kind, sql in _ROOMS.items()}


def read_blob_usage(database: sqlite.Connection) -> Usage:
    """What is set aside for attachments, put or not."""
    return Usage(*database.execute(_BLOBS).fetchone())
