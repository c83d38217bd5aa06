"""Which entries of the outbox may be sealed now.

An entry waits for a session with its device, for a mailbox to send it to, and for a key that can
be sealed to. A greeting waits until the relays know the capabilities that it carries; where the
contact has no way back yet, it holds up what follows it. Before a contact has answered only a few
contents go, by the invitation's capability.
"""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.outbox import ENTRY, Entry, entry_of
from protocol.ids import DeviceId

PENDING_MOST = 4  # contents that go by the invitation's capability before the greeting's answer


class _Gate(Struct, frozen=True):
    """What holds entries for one device up."""

    has_session: bool
    has_mailbox: bool
    has_key: bool
    pending: bool
    untold: bool  # a relay has yet to be told of a capability of this contact
    reachable: bool  # this contact has a way back that works


class Sealable(Struct, frozen=True):
    """Entries that may be sealed now; those for one device in the order they were composed."""

    entries: list[Entry]
    without_session: bool  # whether something waits for a device with which there is none yet


def sealable(db: Connection, limit: int) -> Sealable:
    """What may be sealed of what waits."""
    found, lacking = list[Entry](), False
    for device in _devices(db):
        gate = _gate(db, device)
        lacking |= gate is not None and not gate.has_session
        if len(found) < limit:
            found += _for_device(db, device, gate, limit - len(found))
    return Sealable(found, lacking)


def without_session(db: Connection) -> list[DeviceId]:
    """Devices something waits for, and with which there is no session yet."""
    gates = ((device, _gate(db, device)) for device in _devices(db))
    return [device for device, gate in gates if gate is not None and not gate.has_session]


def _devices(db: Connection) -> list[DeviceId]:
    """Those that something waits for: from one to the next, not through all that waits."""
    found: list[DeviceId] = []
    row = db.execute("SELECT min(device_id) FROM outbox WHERE olm_body IS NULL").fetchone()
    while row[0] is not None:
        found.append(DeviceId(row[0]))
        row = db.execute(
            "SELECT min(device_id) FROM outbox WHERE olm_body IS NULL AND device_id > ?", row
        ).fetchone()
    return found


def _gate(db: Connection, device: DeviceId) -> _Gate | None:
    """None for a device that is on its member's list no more."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM session s WHERE s.device_id = d.device_id"
        "   AND s.their_olm = d.olm_key),"
        " EXISTS (SELECT 1 FROM contact_mailbox b WHERE b.device_id = d.device_id),"
        " d.sealing_public <> x'',"
        " p.pending,"
        " EXISTS (SELECT 1 FROM capability c WHERE c.member_id = p.member_id"
        "   AND c.state = 'wanted'),"
        " EXISTS (SELECT 1 FROM capability c WHERE c.member_id = p.member_id"
        "   AND c.state = 'granted')"
        " FROM contact_device d JOIN contact p USING (member_id) WHERE d.device_id = ?",
        (device,),
    ).fetchone()
    return None if row is None else _Gate(*map(bool, row))


def _for_device(db: Connection, device: DeviceId, gate: _Gate | None, limit: int) -> list[Entry]:
    # Named, since without statistics SQLite would as soon read all that was sealed already.
    waiting = ENTRY + " INDEXED BY outbox_unsealed WHERE device_id = ? AND olm_body IS NULL"
    if gate is None:
        rows = db.execute(waiting + " ORDER BY entry LIMIT ?", (device, limit))
        return [entry_of(row) for row in rows]
    if not (gate.has_session and gate.has_mailbox and gate.has_key):
        return []
    if gate.pending:
        limit = min(limit, PENDING_MOST - _sealed(db, device))
    if not gate.untold:
        rows = db.execute(waiting + " ORDER BY entry LIMIT ?", (device, max(0, limit)))
    elif gate.reachable:
        others = waiting + " AND purpose <> 'greeting' ORDER BY entry LIMIT ?"
        rows = db.execute(others, (device, max(0, limit)))
    else:
        before = (
            " AND entry < coalesce((SELECT min(entry) FROM outbox WHERE device_id = ?"
            "   AND purpose = 'greeting' AND olm_body IS NULL), 9223372036854775807)"
        )
        rows = db.execute(
            waiting + before + " ORDER BY entry LIMIT ?", (device, device, max(0, limit))
        )
    return [entry_of(row) for row in rows]


def _sealed(db: Connection, device: DeviceId) -> int:
    (count,) = db.execute(
        "SELECT count(*) FROM outbox WHERE device_id = ? AND olm_body IS NOT NULL", (device,)
    ).fetchone()
    return int(count)
