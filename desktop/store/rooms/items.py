"""What a room's relay numbered, in its order. A place never changes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from itertools import takewhile
from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.rooms import EntryCause
from desktop.store.rows import reads_a_row
from protocol.ids import EntryId, SeatId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.orders import Scope


class ItemKind(Enum):
    """What stands at a place."""

    TEXT = "text"
    ORDER = "order"
    CONTENT = "content"  # what is no row by itself: counted, pinned, a question, the desk's
    MODE = "mode"  # what is different from now on, in words
    UNREADABLE = "unreadable"  # ``cause`` says why
    HIDDEN = "hidden"  # its stub
    AGAIN = "again"  # an entry that stands at an earlier place already
    GAP = "gap"  # from here on, so many are known to exist and have not come
    UNKNOWN = "unknown"  # a kind of item that only a newer version knows


class KeptItem(Struct, frozen=True):
    """One item, and what was understood of it."""

    lane: Lane
    place: int
    kind: ItemKind
    item: bytes
    running: bytes
    seat: SeatId | None
    counter: int | None
    entry_id: EntryId | None
    shown: bool
    name: str = ""
    text: str = ""
    sent_ms: int = 0
    came_ms: int = 0
    scopes: Scope = Scope(0)
    newcomer: bool = False
    reply_to: EntryId | None = None
    mention: bool = False
    cause: EntryCause | None = None


_COLUMNS = (
    "lane, place, kind, item, running, seat, counter, entry_id, shown, name, text, sent_ms,"
    " came_ms, scopes, newcomer, reply_to, mention, cause"
)
_SELECT = f"SELECT {_COLUMNS} FROM room_item"
# Without statistics SQLite takes the primary key for as good, and reads the whole room.
_BY_ID = "room_item INDEXED BY room_item_of"


def place_of(run: int, number: int) -> int:
    """Where an item stands in a room's whole order."""
    return run << 32 | number


def run_and_number(place: int) -> tuple[int, int]:
    """The reverse."""
    return place >> 32, place & 0xFFFFFFFF


def put(db: Connection, room: int, kept: KeptItem) -> None:
    """Keep an item; what stands at its place already stays."""
    db.execute(
        f"INSERT INTO room_item (room, {_COLUMNS}) VALUES"
        " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            room,
            kept.lane,
            kept.place,
            kept.kind.value,
            kept.item,
            kept.running,
            kept.seat,
            kept.counter,
            kept.entry_id,
            kept.shown,
            kept.name,
            kept.text,
            kept.sent_ms,
            kept.came_ms,
            kept.scopes,
            kept.newcomer,
            kept.reply_to,
            kept.mention,
            None if kept.cause is None else kept.cause.value,
        ),
    )


def understood(db: Connection, room: int, kept: KeptItem) -> None:
    """What could not be opened before says this; its place and bytes are what they were."""
    db.execute(
        "DELETE FROM room_item WHERE room = ? AND lane = ? AND place = ?",
        (room, kept.lane, kept.place),
    )
    put(db, room, kept)


def unopened(db: Connection, room: int) -> list[KeptItem]:
    """What waits for a key, in its order."""
    rows = db.execute(
        f"{_SELECT} WHERE room = ? AND kind = 'unreadable' AND cause = 'not_openable'"
        " ORDER BY lane, place",
        (room,),
    )
    return [_item(row) for row in rows]


def at(db: Connection, room: int, lane: Lane, place: int) -> KeptItem | None:
    """What stands there."""
    return _one(
        db.execute(
            f"{_SELECT} WHERE room = ? AND lane = ? AND place = ?", (room, lane, place)
        ).fetchone()
    )


def newest(db: Connection, room: int, lane: Lane) -> int:
    """The last place at which something stands."""
    row = db.execute(
        "SELECT max(place) FROM room_item WHERE room = ? AND lane = ?", (room, lane)
    ).fetchone()
    return row[0] or 0


def by_id(db: Connection, room: int, entry_id: EntryId) -> KeptItem | None:
    """An entry, by its id; where it stands first."""
    return _one(
        db.execute(
            f"SELECT {_COLUMNS} FROM {_BY_ID} WHERE room = ? AND entry_id = ?"
            " ORDER BY place LIMIT 1",
            (room, entry_id),
        ).fetchone()
    )


def shown(
    db: Connection, room: int, limit: int, *, before: int | None = None, after: int | None = None
) -> list[KeptItem]:
    """Rows of the stage in their order: the last before a place, or the first after one."""
    if after is not None:
        rows = db.execute(
            f"{_SELECT} WHERE room = ? AND shown AND place > ? ORDER BY place LIMIT ?",
            (room, after, limit),
        )
        return [_item(row) for row in rows]
    rows = db.execute(
        f"{_SELECT} WHERE room = ? AND shown AND place < ? ORDER BY place DESC LIMIT ?",
        (room, 2**62 if before is None else before, limit),
    )
    return [_item(row) for row in rows][::-1]


def some(db: Connection, room: int, entry_ids: Iterable[EntryId]) -> list[KeptItem]:
    """These entries, those of them that are here."""
    found = (by_id(db, room, one) for one in entry_ids)
    return [one for one in found if one is not None]


def speaker(db: Connection, room: int, seat: SeatId) -> str | None:
    """What a seat that spoke lately called itself."""
    row = db.execute(
        "SELECT name FROM (SELECT seat, name FROM room_item WHERE room = ? AND shown"
        " ORDER BY place DESC LIMIT 1000) WHERE seat = ? LIMIT 1",
        (room, seat),
    ).fetchone()
    return None if row is None else str(row[0])


def around(db: Connection, room: int, place: int, most: int) -> list[KeptItem]:
    """Texts of the stage next to a place, so many before it and so many behind it."""
    texts = f"{_SELECT} WHERE room = ? AND shown AND kind = 'text'"
    before = db.execute(f"{texts} AND place < ? ORDER BY place DESC LIMIT ?", (room, place, most))
    behind = db.execute(f"{texts} AND place > ? ORDER BY place LIMIT ?", (room, place, most))
    return [*[_item(row) for row in before][::-1], *[_item(row) for row in behind]]


def counted(db: Connection, room: int, since_ms: int) -> int:
    """How many texts came since then."""
    came = db.execute(
        "SELECT came_ms FROM room_item WHERE room = ? AND shown AND kind = 'text'"
        " ORDER BY place DESC LIMIT 2000",
        (room,),
    )
    return sum(1 for _ in takewhile(lambda row: row[0] >= since_ms, came))


def hide(db: Connection, room: int, entry_id: EntryId, *, hidden: bool) -> bool:
    """Take a row off the stage, or put it back; whether it is here."""
    changed = db.execute(
        f"UPDATE {_BY_ID} SET shown = ? WHERE room = ? AND entry_id = ? AND kind = 'text'",
        (not hidden, room, entry_id),
    )
    return changed.rowcount > 0


def _one(row: tuple[Any, ...] | None) -> KeptItem | None:
    return None if row is None else _item(row)


@reads_a_row
def _item(row: tuple[Any, ...]) -> KeptItem:
    return KeptItem(
        lane=Lane(row[0]),
        place=row[1],
        kind=ItemKind(row[2]),
        item=row[3],
        running=row[4],
        seat=None if row[5] is None else SeatId(row[5]),
        counter=row[6],
        entry_id=None if row[7] is None else EntryId(row[7]),
        shown=bool(row[8]),
        name=row[9],
        text=row[10],
        sent_ms=row[11],
        came_ms=row[12],
        scopes=Scope(row[13]),
        newcomer=bool(row[14]),
        reply_to=None if row[15] is None else EntryId(row[15]),
        mention=bool(row[16]),
        cause=None if row[17] is None else EntryCause(row[17]),
    )
