"""What was handed to my relays for others: by what the answers are fetched, and opened."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.ids import EnvelopeId, Fingerprint
from protocol.keys import Secret


class Ticket(Struct, frozen=True):
    """One packet that a relay of mine has on disk. ``ticket`` is the hash of ``secret``."""

    ticket: bytes
    secret: Secret
    answer_key: Secret
    packet_hash: bytes
    via: Fingerprint
    envelope_id: EnvelopeId
    accepted_ms: int


_SELECT = (
    "SELECT ticket, secret, answer_key, packet_hash, via, envelope_id, accepted_ms FROM ticket"
)


def _ticket(row: tuple[Any, ...]) -> Ticket:
    ticket, secret, key, packet, via, envelope, accepted = row
    return Ticket(
        ticket,
        Secret(secret),
        Secret(key),
        packet,
        Fingerprint(via),
        EnvelopeId(envelope),
        accepted,
    )


def add(db: Connection, ticket: Ticket) -> None:
    """A relay of mine accepted a packet."""
    db.execute(
        "INSERT INTO ticket (ticket, secret, answer_key, packet_hash, via, envelope_id,"
        " accepted_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            ticket.ticket,
            bytes(ticket.secret),
            bytes(ticket.answer_key),
            ticket.packet_hash,
            ticket.via,
            ticket.envelope_id,
            ticket.accepted_ms,
        ),
    )


def find(db: Connection, ticket: bytes) -> Ticket | None:
    """The packet that an answer is to."""
    row = db.execute(_SELECT + " WHERE ticket = ?", (ticket,)).fetchone()
    return None if row is None else _ticket(row)


def at(db: Connection, via: Fingerprint, after: bytes, limit: int) -> list[Ticket]:
    """Those whose answers are expected at a relay of mine, one page."""
    rows = db.execute(
        _SELECT + " WHERE via = ? AND ticket > ? ORDER BY ticket LIMIT ?", (via, after, limit)
    )
    return [_ticket(row) for row in rows]


def went_by(db: Connection, envelope_id: EnvelopeId) -> set[Fingerprint]:
    """The relays of mine that hold a packet with this envelope, or held it."""
    rows = db.execute("SELECT via FROM ticket WHERE envelope_id = ?", (envelope_id,))
    return {Fingerprint(row[0]) for row in rows}


def drop(db: Connection, ticket: bytes) -> None:
    """It was answered, or never will be."""
    db.execute("DELETE FROM ticket WHERE ticket = ?", (ticket,))


def forget(db: Connection, before_ms: int) -> None:
    """No relay keeps answers for so long."""
    db.execute("DELETE FROM ticket WHERE accepted_ms < ?", (before_ms,))
