"""Rooms in SQLite. What is loaded at once is held by the hall; nothing is kept here."""

from __future__ import annotations

from typing import Any

from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import LetterId, RoomId, SeatId
from protocol.wire.frames.letters import BoxedLetter
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.room_orders import SignedEpoch
from protocol.wire.frames.rooms import SignedCard, SignedPolicy
from relay.rules.clock import HOUR_MS
from relay.rules.rooms.asking import (
    FindItem,
    LoadRoom,
    ReadBox,
    ReadCards,
    ReadItems,
    RoomLoaded,
)
from relay.rules.rooms.changes import (
    Change,
)
from relay.rules.rooms.lanes import next_run
from relay.rules.rooms.records import (
    KeptItem,
    KeptOrder,
    KeptRoom,
    KeptRun,
    KeptSeat,
)
from relay.store import room_changes, room_items

_SEAT = (
    "number, seat, since_ms, waits, token, run, at, name, card_signature, wrap, wrap_epoch,"
    " stage, desk, letters"
)
_TABLES = ("room_heat", "room_item", "room_letter", "room_order", "room_run", "room_seat")


class SqliteRooms:
    """Over the connection that commits."""

    def __init__(self, database: sqlite.Connection) -> None:
        self._database = database

    def owners(self) -> dict[RoomId, tuple[bytes, bool]]:
        found = self._database.execute("SELECT id, owner, ended_ms IS NOT NULL FROM room")
        return {RoomId(room): (owner, bool(ended)) for room, owner, ended in found}

    def add(
        self, room: RoomId, owner: bytes, policy: SignedPolicy, keeps_ms: int, age_ms: int
    ) -> None:
        self._database.execute(
            "INSERT INTO room (id, owner, policy, policy_signature, keeps_ms, opened_ms, used_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (room, owner, policy.body, policy.signature, keeps_ms, age_ms, age_ms),
        )

    def load(self, asked: LoadRoom, age_ms: int) -> RoomLoaded | None:
        ask = self._database.execute
        found = ask(
            "SELECT row, policy, policy_signature, opened_ms, ended_ms, epoch, epoch_signature,"
            " last_seat FROM room WHERE id = ?",
            (asked.room,),
        ).fetchone()
        if found is None:
            return None
        row, body, signature, opened_ms, ended_ms, epoch, epoch_signature, last_seat = found
        ask("UPDATE room SET used_ms = ? WHERE row = ?", (age_ms, row))
        runs = [
            KeptRun(Lane(lane), *rest)
            for lane, *rest in ask(
                "SELECT lane, run, number, running, before_number, before_running"
                " FROM room_run WHERE room = ? ORDER BY lane, run",
                (row,),
            )
        ]
        runs += self._begin_runs(row, asked, runs)
        seats = ask(f"SELECT {_SEAT} FROM room_seat WHERE room = ? ORDER BY number", (row,))
        orders = ask(
            "SELECT run, number, at_ms, under, item FROM room_order WHERE room = ?"
            " ORDER BY run, number",
            (row,),
        )
        letters = ask(
            "SELECT by, age_ms FROM room_letter WHERE room = ? AND age_ms > ? ORDER BY age_ms",
            (row, age_ms - HOUR_MS),
        )
        boxes = ask(
            "SELECT seat, count(*) FROM room_letter WHERE room = ? AND body IS NOT NULL"
            " GROUP BY seat",
            (row,),
        )
        marks = ask("SELECT seat, mark FROM room_heat WHERE room = ? ORDER BY row", (row,))
        signed_epoch = None if epoch is None else SignedEpoch(body=epoch, signature=epoch_signature)
        policy = SignedPolicy(body=body, signature=signature)
        return RoomLoaded(
            call=asked.call,
            room=KeptRoom(row, asked.room, policy, opened_ms, ended_ms, signed_epoch),
            seats=tuple(_seat(each) for each in seats),
            last_seat=last_seat,
            orders=tuple(KeptOrder(*each) for each in orders),
            runs=tuple(runs),
            oldest=room_items.oldest(self._database, row),
            **room_items.counts(self._database, row),
            letters=tuple(letters),
            boxes=tuple(boxes),
            marks=tuple(marks),
        )

    def change(self, row: int, change: Change) -> None:
        room_changes.write(self._database, row, change)

    def items(self, asked: ReadItems) -> tuple[KeptItem, ...]:
        return room_items.read(self._database, asked)

    def find_item(self, asked: FindItem) -> tuple[int, int] | None:
        return room_items.find(self._database, asked)

    def cards(self, asked: ReadCards) -> tuple[tuple[int, SignedCard], ...]:
        marks = ", ".join("?" * len(asked.seats))
        found = self._database.execute(
            "SELECT number, card, card_signature FROM room_seat"
            f" WHERE room = ? AND number IN ({marks}) ORDER BY number",
            (asked.row, *asked.seats),
        )
        return tuple((n, SignedCard(body=body, signature=by)) for n, body, by in found)

    def box(self, asked: ReadBox) -> tuple[BoxedLetter, ...]:
        found = self._database.execute(
            "SELECT sequence, body FROM room_letter WHERE room = ? AND seat = ? AND sequence > ?"
            " AND body IS NOT NULL ORDER BY sequence LIMIT ?",
            (asked.row, asked.seat, asked.after, asked.limit),
        )
        return tuple(BoxedLetter(sequence=number, letter=body) for number, body in found)

    def has_letter(self, row: int, letter: LetterId) -> bool:
        found = self._database.execute(
            "SELECT 1 FROM room_letter WHERE room = ? AND id = ?", (row, letter)
        )
        return found.fetchone() is not None

    def expire(self, age_ms: int, idle_before_ms: int, boxes_ms: int, most: int) -> int:
        done = self._database.execute(
            "SELECT row FROM room WHERE ended_ms + max(keeps_ms, ?) <= ? OR used_ms <= ?"
            " ORDER BY row LIMIT ?",
            (boxes_ms, age_ms, idle_before_ms, most),
        ).fetchall()
        for (row,) in done:
            for table in _TABLES:
                self._database.execute(f"DELETE FROM {table} WHERE room = ?", (row,))
            self._database.execute("DELETE FROM room WHERE row = ?", (row,))
        kept = self._database.execute(
            "SELECT row FROM room WHERE ended_ms + keeps_ms <= ? AND NOT emptied"
            " ORDER BY row LIMIT ?",
            (age_ms, most),
        ).fetchall()
        for (row,) in kept:
            self._database.execute("DELETE FROM room_item WHERE room = ?", (row,))
            self._database.execute("UPDATE room SET emptied = 1 WHERE row = ?", (row,))
        return max(len(done), len(kept))

    def _begin_runs(self, row: int, asked: LoadRoom, runs: list[KeptRun]) -> list[KeptRun]:
        if runs and not asked.begins:
            return []
        begun = list[KeptRun]()
        for lane in Lane:
            last = max((r for r in runs if r.lane is lane), key=lambda r: r.run, default=None)
            begun.append(next_run(asked.room, lane, last))
        self._database.executemany(
            "INSERT INTO room_run (room, lane, run, number, running, before_number,"
            " before_running) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (row, r.lane, r.run, r.number, r.running, r.before_number, r.before_running)
                for r in begun
            ],
        )
        return begun


def _seat(found: tuple[Any, ...]) -> KeptSeat:
    number, seat, since_ms, waits, *rest = found
    return KeptSeat(number, SeatId(seat), since_ms, bool(waits), *rest)
