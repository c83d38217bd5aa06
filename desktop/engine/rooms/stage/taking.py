"""Taking in what a relay numbered: verified, understood, and put where it stands, in one commit.

Nothing is left out: what is forged, cannot be opened or comes a second time keeps its place and
says so. Each item's signer, chain and words are looked at here and nowhere else.
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.room_facade import StageMoved
from desktop.core.rooms import EntryCause, Warned
from desktop.engine.ground import Ground, Said
from desktop.engine.rooms.line.warning import warn
from desktop.engine.rooms.stage.hearing import Hearing
from desktop.store.rooms import items, lanes, rooms
from desktop.store.rooms.items import ItemKind, KeptItem, place_of
from desktop.store.rooms.lanes import Position
from protocol.errors import BadSignature, RemoteProtocolError
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.heads import follow
from protocol.wire.rooms.items import EntryBody, UnknownItem, is_stub, read_item, stub_of


def take(
    db: Connection,
    said: Said,
    ground: Ground,
    row: int,
    lane: Lane,
    at: Position,
    told: tuple[bytes, ...],
) -> Position:
    """Take in the items behind this position; the position behind them."""
    hearing = Hearing(db, said, rooms.get(db, row), lane, ground.now())
    for item in told:
        number = at.number + 1
        at = Position(at.run, number, follow(at.running, number, item))
        _take_one(hearing, item, at)
    hearing.keep_voices()
    lanes.put_position(db, row, lane, at)
    if lane is Lane.STAGE and (hearing.moved or hearing.changed):
        said.events.append(StageMoved(hearing.room.room_id, tuple(hearing.changed)))
    return at


def jump(
    db: Connection, said: Said, row: int, lane: Lane, at: Position | None, to: Position, now: int
) -> None:
    """Go on from elsewhere. Ahead: what lies between is known to exist and will not come, so that
    nobody can say how far each voice had come. Back: what was taken in is compared when it comes
    again. From nowhere: it is where following begins."""
    if at is not None and (to.run, to.number) > (at.run, at.number):
        lanes.forget_voices(db, row, lane)
        if lane is Lane.STAGE:
            items.put(db, row, _gap(at, to, now))
            said.events.append(StageMoved(rooms.get(db, row).room_id))
    lanes.put_position(db, row, lane, to)


def _gap(at: Position, to: Position, now: int) -> KeptItem:
    known = to.number - at.number if to.run == at.run else 1
    return KeptItem(
        lane=Lane.STAGE,
        place=place_of(at.run, at.number + 1),
        kind=ItemKind.GAP,
        item=b"",
        running=b"",
        seat=None,
        counter=known,
        entry_id=None,
        shown=True,
        came_ms=now,
    )


def compare(
    db: Connection,
    said: Said,
    row: int,
    lane: Lane,
    run: int,
    first: int,
    told: tuple[bytes, ...],
) -> None:
    """Items that were told before: under one number there is one."""
    for number, item in enumerate(told, first):
        kept = items.at(db, row, lane, place_of(run, number))
        if kept is not None and stub_of(kept.item) != stub_of(item):
            warn(db, said, row, Warned.FORKED)
            return


def _take_one(hearing: Hearing, item: bytes, at: Position) -> None:
    db, room, lane = hearing.db, hearing.room, hearing.lane
    place = place_of(at.run, at.number)
    kept = KeptItem(
        lane=lane,
        place=place,
        kind=ItemKind.HIDDEN,
        item=item,
        running=at.running,
        seat=None,
        counter=None,
        entry_id=None,
        shown=False,
        came_ms=hearing.now,
    )
    before = items.at(db, room.row, lane, place) if place <= hearing.newest else None
    if before is not None and before.kind is not ItemKind.GAP:
        if stub_of(before.item) != stub_of(item):
            warn(db, hearing.said, room.row, Warned.FORKED)
        return
    if is_stub(item):
        items.put(db, room.row, kept)
        return
    try:
        found = read_item(item, room.room_id)
    except (BadSignature, RemoteProtocolError) as exc:
        cause = EntryCause.FORGED if isinstance(exc, BadSignature) else EntryCause.NOT_UNDERSTOOD
        items.put(db, room.row, hearing.unreadable(kept, cause))
        return
    if isinstance(found, EntryBody):
        items.put(db, room.row, hearing.entry(kept, found))
    elif isinstance(found, UnknownItem):
        items.put(db, room.row, hearing.unreadable(kept, EntryCause.NEWER_VERSION))
    elif lane is Lane.STAGE:
        hearing.order(kept, found)
    else:
        items.put(db, room.row, hearing.unreadable(kept, EntryCause.NOT_UNDERSTOOD))
