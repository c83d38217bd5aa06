"""What my relays say of themselves: when the member joined, and now."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.ids import Fingerprint


class KeptPractices(Struct, frozen=True):
    """As it was signed. Without a body nothing that was signed has come yet."""

    signed: bool
    joined: bytes | None
    joined_ms: int | None
    body: bytes | None
    found_ms: int | None


def find(db: Connection, relay_id: Fingerprint) -> KeptPractices | None:
    """What this relay said, if it said anything."""
    row = db.execute(
        "SELECT signed, joined, joined_ms, body, found_ms FROM practices WHERE relay_id = ?",
        (relay_id,),
    ).fetchone()
    return None if row is None else KeptPractices(bool(row[0]), *row[1:])


def put(
    db: Connection, relay_id: Fingerprint, body: bytes, signature: bytes, now_ms: int
) -> bool | None:
    """It says this, signed; whether it said something else before. None where it said nothing."""
    before = find(db, relay_id)
    if before is not None and before.signed and before.body == body:
        return False
    db.execute(
        "INSERT INTO practices (relay_id, joined, joined_ms, body, signature, found_ms, signed)"
        " VALUES (?1, ?2, ?4, ?2, ?3, ?4, 1) ON CONFLICT (relay_id) DO UPDATE SET"
        " joined = coalesce(joined, excluded.joined),"
        " joined_ms = coalesce(joined_ms, excluded.joined_ms),"
        " body = excluded.body, signature = excluded.signature, found_ms = excluded.found_ms,"
        " signed = 1",
        (relay_id, body, signature, now_ms),
    )
    return None if before is None or before.body is None else before.body != body


def doubt(db: Connection, relay_id: Fingerprint) -> bool:
    """What it said does not bear its signature; whether that is news."""
    before = find(db, relay_id)
    db.execute(
        "INSERT INTO practices (relay_id, signed) VALUES (?, 0)"
        " ON CONFLICT (relay_id) DO UPDATE SET signed = 0",
        (relay_id,),
    )
    return before is None or before.signed
