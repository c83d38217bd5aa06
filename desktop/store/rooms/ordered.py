"""Orders of a room that were heard and count, and what they come to for a seat or an entry.

Law: nothing is remembered beside the orders, as at the relay: who is out or muted at a place is
what the orders before it say, without those that were undone before it.
"""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.errors import VaultDamaged
from desktop.store.rows import reads_a_row
from protocol.ids import EntryId, OrderId, SeatId
from protocol.wire.rooms.authority import is_out
from protocol.wire.rooms.items import parse_item
from protocol.wire.rooms.orders import OrderBody, What

LAST = 2**63 - 1


class Kept(Struct, frozen=True):
    """An order that counted."""

    order: OrderBody
    place: int
    heard_ms: int
    undone_place: int | None


class Verdict(Struct, frozen=True):
    """What the orders about a seat come to. ``muted_by``: the mute or time-out in force."""

    out: Kept | None = None
    admitted: bool = False
    muted_by: Kept | None = None


_SELECT = "SELECT item, place, heard_ms, undone_place FROM room_order WHERE room = ?"


def keep(db: Connection, room: int, order: OrderBody, place: int, item: bytes, now: int) -> bool:
    """One that counts; whether it is new. Its undoing is noted beside what it undoes."""
    new = db.execute(
        "INSERT INTO room_order (room, order_id, place, heard_ms, what, about, entry, item)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (room, order.order, place, now, order.what.value, order.about, order.entry, item),
    ).rowcount
    if new and order.what is What.UNDO:
        db.execute(
            "UPDATE room_order SET undone_place = ?"
            " WHERE room = ? AND order_id = ? AND undone_place IS NULL",
            (place, room, order.undoes),
        )
    return bool(new)


def find(db: Connection, room: int, order_id: bytes | None) -> Kept | None:
    """One that counted, undone or not."""
    row = db.execute(_SELECT + " AND order_id = ?", (room, order_id)).fetchone()
    return None if row is None else _kept(row)


def about(db: Connection, room: int, seat: bytes, before: int = LAST) -> list[OrderBody]:
    """Those about a seat before this place that were not undone there."""
    return [each.order for each in _about(db, room, seat, before)]


def of_entry(db: Connection, room: int, entry_id: bytes, before: int = LAST) -> list[OrderBody]:
    """The same of an entry."""
    rows = db.execute(
        _SELECT + " AND entry = ? AND place < ?"
        " AND (undone_place IS NULL OR undone_place >= ?) ORDER BY place",
        (room, entry_id, before, before),
    )
    return [_kept(row).order for row in rows]


def put_out(db: Connection, room: int) -> frozenset[SeatId]:
    """Seats that are removed or banned."""
    rows = db.execute(
        "SELECT DISTINCT about FROM room_order WHERE room = ? AND what IN ('remove', 'ban')"
        " AND undone_place IS NULL",
        (room,),
    )
    ever = [SeatId(row[0]) for row in rows]
    return frozenset(seat for seat in ever if is_out(about(db, room, seat)))


def _about(db: Connection, room: int, seat: bytes, before: int) -> list[Kept]:
    rows = db.execute(
        _SELECT + " AND about = ? AND place < ?"
        " AND (undone_place IS NULL OR undone_place >= ?) ORDER BY place",
        (room, seat, before, before),
    )
    return [_kept(row) for row in rows]


def verdict(db: Connection, room: int, seat: bytes, before: int = LAST) -> Verdict:
    """How the seat stands just before this place."""
    out: Kept | None = None
    admitted, muted = False, None
    for each in _about(db, room, seat, before):
        banned = out is not None and out.order.what is What.BAN
        match each.order.what:
            case What.MUTE | What.TIME_OUT:
                muted = each
            case What.UNMUTE:
                muted = None
            case What.REMOVE:
                out = out if banned else each
            case What.BAN:
                out = each
            case What.UNBAN:
                out = None
            case What.ADMIT:
                out, admitted = (out if banned else None), True
            case What.REFUSE:
                out = out if admitted or out is not None else each
            case _:
                pass
    return Verdict(out, admitted, muted)


def hidden_by(db: Connection, room: int, entry_id: bytes) -> Kept | None:
    """The order that took an entry off the stage, if it is still off."""
    rows = db.execute(
        _SELECT + " AND entry = ? AND undone_place IS NULL ORDER BY place DESC LIMIT 1",
        (room, entry_id),
    ).fetchone()
    found = None if rows is None else _kept(rows)
    return found if found is not None and found.order.what is What.HIDE else None


def newest(db: Connection, room: int, *kinds: What) -> Kept | None:
    """The last one of these kinds."""
    row = db.execute(
        _SELECT + f" AND what IN ({', '.join('?' * len(kinds))}) ORDER BY place DESC LIMIT 1",
        (room, *(kind.value for kind in kinds)),
    ).fetchone()
    return None if row is None else _kept(row)


def admitted(db: Connection, room: int) -> frozenset[SeatId]:
    """Seats that somebody let in; who was put out since is among them."""
    rows = db.execute(
        "SELECT DISTINCT about FROM room_order WHERE room = ? AND what = 'admit'"
        " AND undone_place IS NULL",
        (room,),
    )
    return frozenset(SeatId(row[0]) for row in rows)


def last_row(db: Connection, room: int) -> int:
    """The newest order that was heard."""
    (row,) = db.execute(
        "SELECT coalesce(max(row), 0) FROM room_order WHERE room = ?", (room,)
    ).fetchone()
    return int(row)


def put_out_since(db: Connection, room: int, row: int) -> bool:
    """Whether somebody was put out by an order behind this one."""
    found = db.execute(
        "SELECT 1 FROM room_order WHERE room = ? AND row > ? AND what IN ('remove', 'ban')"
        " AND undone_place IS NULL LIMIT 1",
        (room, row),
    ).fetchone()
    return found is not None


# Mine, on their way


class Out(Struct, frozen=True):
    """An order of mine that the relay has yet to say is in force."""

    row: int
    room: int
    order_id: OrderId
    item: bytes
    made_ms: int


_OUT = "SELECT row, room, order_id, item, made_ms FROM room_order_out WHERE"


def send(db: Connection, room: int, order: OrderBody, item: bytes) -> int:
    """Queue an order; its number."""
    done = db.execute(
        "INSERT INTO room_order_out (room, order_id, item, made_ms) VALUES (?, ?, ?, ?)",
        (room, order.order, item, order.made_ms),
    )
    return int(done.lastrowid or 0)


def to_send(db: Connection, room: int, most: int = 32) -> list[Out]:
    """What the relay has yet to be told, in the order it was ordered."""
    rows = db.execute(_OUT + " room = ? AND state = 'waiting' ORDER BY row LIMIT ?", (room, most))
    return [_out(row) for row in rows]


def sent(db: Connection, row: int, *, taken: bool) -> None:
    """The relay took it, or will not."""
    db.execute(
        "UPDATE room_order_out SET state = ? WHERE row = ?",
        ("taken" if taken else "refused", row),
    )


def given(db: Connection, room: int, row: int) -> Out | None:
    """One of mine by its number; None for one that the relay refused."""
    found = db.execute(
        _OUT + " room = ? AND row = ? AND state <> 'refused'", (room, row)
    ).fetchone()
    return None if found is None else _out(found)


def is_undone(db: Connection, room: int, order_id: bytes) -> bool:
    """Whether it was taken back, as far as it was heard."""
    kept = find(db, room, order_id)
    return kept is not None and kept.undone_place is not None


def forget_sent(db: Connection, before_ms: int) -> None:
    """What was answered and cannot be undone any more need not be kept."""
    db.execute("DELETE FROM room_order_out WHERE state <> 'waiting' AND made_ms < ?", (before_ms,))


def hides(db: Connection, room: int, entry_id: EntryId) -> bool:
    """Whether an entry is off the stage."""
    return hidden_by(db, room, entry_id) is not None


def _out(row: tuple[int, int, bytes, bytes, int]) -> Out:
    return Out(row[0], row[1], OrderId(row[2]), row[3], row[4])


@reads_a_row
def _kept(row: tuple[bytes, int, int, int | None]) -> Kept:
    order = parse_item(row[0])
    if not isinstance(order, OrderBody):
        raise VaultDamaged
    return Kept(order, *row[1:])


def seats(db: Connection, room: int) -> frozenset[SeatId]:
    """About whom there ever was an order."""
    rows = db.execute(
        "SELECT DISTINCT about FROM room_order WHERE room = ? AND about IS NOT NULL", (room,)
    )
    return frozenset(SeatId(row[0]) for row in rows)


def hidden(db: Connection, room: int) -> frozenset[EntryId]:
    """Entries that are off the stage."""
    rows = db.execute(
        "SELECT DISTINCT entry FROM room_order WHERE room = ? AND entry IS NOT NULL", (room,)
    ).fetchall()
    return frozenset(EntryId(row[0]) for row in rows if hides(db, room, EntryId(row[0])))
