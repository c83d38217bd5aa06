"""What relays refused and is put off, by the queues it waits for; and offering it again at once."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store import copies
from desktop.store.copies import WAITS
from protocol.keys import Secret


class Queue(Struct, frozen=True):
    """A mailbox of somebody else's, as it is known here."""

    relay: str
    capability: Secret


def put_off_for(db: Connection, relay: str, now_ms: int) -> list[Secret]:
    """The capabilities for which something waits that is to be offered later."""
    rows = db.execute(
        "SELECT DISTINCT capability FROM copy WHERE relay = ? AND" + WAITS + " AND due_ms > ?",
        (relay, now_ms),
    )
    return [Secret(row[0]) for row in rows]


def turned_away(db: Connection, now_ms: int) -> list[Queue]:
    """The queues for which something is put off that was refused."""
    rows = db.execute(
        "SELECT DISTINCT relay, capability FROM copy WHERE"
        + WAITS
        + " AND refusals > 0 AND due_ms > ?",
        (now_ms,),
    )
    return [Queue(relay, Secret(capability)) for relay, capability in rows]


def go_on(db: Connection, relay: str, capability: Secret) -> None:
    """Offer what was put off for this one now, in its order."""
    db.execute(
        "UPDATE copy SET due_ms = 0 WHERE relay = ? AND" + WAITS + " AND capability = ?",
        (relay, bytes(capability)),
    )


def go_on_all(db: Connection, relay: str | None = None) -> None:
    """The same of everything that was refused for want of room: at a relay, or at every one."""
    for one in copies.relays(db) if relay is None else [relay]:
        db.execute(
            "UPDATE copy SET due_ms = 0 WHERE relay = ? AND"
            + WAITS
            + " AND due_ms > 0 AND capability NOT IN (SELECT capability FROM copy WHERE relay = ?"
            " AND" + WAITS + " AND unknown > 0)",
            (one, one),
        )
