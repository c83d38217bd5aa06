"""Cards of other relays, as their keys signed them; who uses one checks it against an address."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.ids import Fingerprint


class KeptCard(Struct, frozen=True):
    """A card, and when it was found."""

    body: bytes
    signature: bytes
    found_ms: int


def find(db: Connection, relay_id: Fingerprint) -> KeptCard | None:
    """The last one that was found."""
    row = db.execute(
        "SELECT body, signature, found_ms FROM card WHERE relay_id = ?", (relay_id,)
    ).fetchone()
    return None if row is None else KeptCard(*row)


def put(db: Connection, relay_id: Fingerprint, card: KeptCard) -> None:
    """A card that was checked."""
    db.execute(
        "INSERT OR REPLACE INTO card (relay_id, body, signature, found_ms) VALUES (?, ?, ?, ?)",
        (relay_id, card.body, card.signature, card.found_ms),
    )


def doubt(db: Connection, relay_id: Fingerprint) -> None:
    """What was sealed to it was not opened: it is asked for again before it is used."""
    db.execute("UPDATE card SET found_ms = 0 WHERE relay_id = ?", (relay_id,))
