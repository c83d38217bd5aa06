"""Changes to a room as SQL, one by one as its rules named them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlcipher3 import dbapi2 as sqlite

from relay.rules.rooms import changes
from relay.rules.rooms.changes import (
    Change,
)
from relay.store import room_items


def write(database: sqlite.Connection, row: int, change: Change) -> None:
    """One of them; of a room that is gone, nothing happens."""
    _CHANGES[type(change)](database, row, change)


def _set_policy(database: sqlite.Connection, row: int, change: changes.SetPolicy) -> None:
    database.execute(
        "UPDATE room SET policy = ?, policy_signature = ?, keeps_ms = ? WHERE row = ?",
        (change.policy.body, change.policy.signature, change.keeps_ms, row),
    )


def _end(database: sqlite.Connection, row: int, change: changes.EndRoom) -> None:
    database.execute("UPDATE room SET ended_ms = ? WHERE row = ?", (change.ended_ms, row))
    database.execute("DELETE FROM room_heat WHERE room = ?", (row,))


def _use(database: sqlite.Connection, row: int, change: changes.UseRoom) -> None:
    database.execute("UPDATE room SET used_ms = ? WHERE row = ?", (change.age_ms, row))


def _begin_epoch(database: sqlite.Connection, row: int, change: changes.BeginEpoch) -> None:
    database.execute(
        "UPDATE room SET epoch = ?, epoch_signature = ? WHERE row = ?",
        (change.epoch.body, change.epoch.signature, row),
    )


def _keep_wraps(database: sqlite.Connection, row: int, change: changes.KeepWraps) -> None:
    database.executemany(
        "UPDATE room_seat SET wrap = ?, wrap_epoch = ? WHERE room = ? AND number = ?",
        [(wrap, change.epoch, row, number) for number, wrap in change.wraps],
    )


def _keep_seat(database: sqlite.Connection, row: int, change: changes.KeepSeat) -> None:
    seat, card = change.seat, change.card
    database.execute(
        "INSERT INTO room_seat (room, number, seat, since_ms, waits, token, run, at, name, card,"
        " card_signature) SELECT row, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM room WHERE row = ?"
        " ON CONFLICT (room, number) DO UPDATE SET run = excluded.run, at = excluded.at,"
        " name = excluded.name, waits = excluded.waits",
        (
            seat.number,
            seat.seat,
            seat.since_ms,
            seat.waits,
            seat.token,
            seat.run,
            seat.at,
            seat.name,
            b"" if card is None else card.body,
            b"" if card is None else card.signature,
            row,
        ),
    )
    if card is not None:
        database.execute(
            "UPDATE room_seat SET card = ?, card_signature = ? WHERE room = ? AND number = ?",
            (card.body, card.signature, row, seat.number),
        )
    database.execute(
        "UPDATE room SET last_seat = max(last_seat, ?) WHERE row = ?", (seat.number, row)
    )


def _drop_seat(database: sqlite.Connection, row: int, change: changes.DropSeat) -> None:
    for sql in (
        "DELETE FROM room_seat WHERE room = ? AND number = ?",
        "DELETE FROM room_letter WHERE room = ? AND seat = ?",
    ):
        database.execute(sql, (row, change.number))


def _heat(database: sqlite.Connection, row: int, change: changes.Heat) -> None:
    database.execute(
        "INSERT INTO room_heat (room, seat, mark) SELECT row, ?, ? FROM room WHERE row = ?",
        (change.seat, change.mark, row),
    )
    database.execute(
        "DELETE FROM room_heat WHERE room = ? AND row NOT IN"
        " (SELECT row FROM room_heat WHERE room = ? ORDER BY row DESC LIMIT ?)",
        (row, row, changes.MOST_MARKS),
    )


def _cool(database: sqlite.Connection, row: int, change: changes.Cool) -> None:
    database.execute("DELETE FROM room_heat WHERE room = ? AND seat = ?", (row, change.seat))


def _cool_all(database: sqlite.Connection, row: int, _: changes.CoolAll) -> None:
    database.execute("DELETE FROM room_heat WHERE room = ?", (row,))


def _keep_order(database: sqlite.Connection, row: int, change: changes.KeepOrder) -> None:
    order = change.order
    database.execute(
        "INSERT INTO room_order (room, run, number, at_ms, under, item)"
        " SELECT row, ?, ?, ?, ?, ? FROM room WHERE row = ?",
        (order.run, order.number, order.at_ms, order.under, order.item, row),
    )


def _keep_letter(database: sqlite.Connection, row: int, change: changes.KeepLetter) -> None:
    database.execute(
        "INSERT OR IGNORE INTO room_letter (room, seat, sequence, id, by, age_ms, size, body)"
        " SELECT row, ?, ?, ?, ?, ?, ?, ? FROM room WHERE row = ?",
        (
            change.to,
            change.sequence,
            change.letter,
            change.by,
            change.age_ms,
            len(change.body),
            change.body,
            row,
        ),
    )
    database.execute(
        "UPDATE room_seat SET letters = ? WHERE room = ? AND number = ?",
        (change.sequence, row, change.to),
    )


def _take_letters(database: sqlite.Connection, row: int, change: changes.TakeLetters) -> None:
    database.execute(
        "UPDATE room_letter SET body = NULL WHERE room = ? AND seat = ? AND sequence <= ?",
        (row, change.seat, change.up_to),
    )


_CHANGES: Final[dict[type[Change], Callable[[sqlite.Connection, int, Any], None]]] = {
    changes.SetPolicy: _set_policy,
    changes.EndRoom: _end,
    changes.UseRoom: _use,
    changes.BeginEpoch: _begin_epoch,
    changes.KeepWraps: _keep_wraps,
    changes.KeepSeat: _keep_seat,
    changes.DropSeat: _drop_seat,
    changes.Heat: _heat,
    changes.Cool: _cool,
    changes.CoolAll: _cool_all,
    changes.KeepOrder: _keep_order,
    changes.KeepLetter: _keep_letter,
    changes.TakeLetters: _take_letters,
    changes.KeepItems: room_items.keep,
    changes.TrimStage: room_items.trim_stage,
    changes.TrimDesk: room_items.trim_desk,
}
