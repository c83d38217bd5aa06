"""A room as it is read from the list, from inside, and from its door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlcipher3 import Connection

from desktop.core.rooms import Line, May, Role, Room, RoomRow, Standing, Warned, Way
from desktop.engine.rooms.line.clocks import here
from desktop.engine.rooms.line.standing import OUT
from desktop.engine.rooms.order import orders, roles
from desktop.store.rooms import board, desk, grants, items, lanes
from desktop.store.rooms.rooms import KeptRoom
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms.policy import Entry

if TYPE_CHECKING:
    from desktop.engine.rooms.line.keeper import RoomKeeper

MINUTE_MS = 60_000


def row(db: Connection, room: KeptRoom, keeper: RoomKeeper | None) -> RoomRow:
    """As the list of rooms shows it."""
    front, policy = room.front(), room.body
    sitting = None if keeper is None else keeper.sitting
    return RoomRow(
        room_id=room.room_id,
        title=front.title,
        host=front.host,
        standing=standing_of(room),
        way=_way(room),
        live_since_ms=None if keeper is None or room.ended_ms is not None else room.live_since_ms,
        people=room.people if sitting is None else sitting.people,
        seats=policy.seats,
        questions=board.count_open(db, room.row),
        waiting=room.waiting if sitting is None else sitting.waiting,
        unanswered=len(board.unanswered(db, room.row)) if room.key is not None else 0,
        ended_ms=room.ended_ms,
        lasted_ms=max(0, (room.ended_ms or 0) - (room.entered_ms or room.ended_ms or 0)),
        knocked_ms=room.knocked_ms,
        mine=room.key is not None,
        inside=sitting is not None and sitting.inside.is_set(),
        line=Line.NONE if keeper is None else keeper.way,
    )


def shown(
    db: Connection, room: KeptRoom, keeper: RoomKeeper | None, now: int, ahead_ms: int = 0
) -> Room:
    """As it is from inside. ``ahead_ms``: how far this computer's clock is of the room's."""
    front, policy = room.front(), room.body
    sitting = None if keeper is None else keeper.sitting
    setting = orders.setting(db, room)
    scopes = roles.mine(db, room, now - ahead_ms)
    role = roles.role_of(scopes)
    helps = role in (Role.HOST, Role.MODERATOR)
    muted_until = here(room.muted_until_ms, ahead_ms)
    muted = muted_until > now
    may_write = muted_until if muted else 0
    if setting.slow_s and not scopes and room.said_ms:
        may_write = max(may_write, room.said_ms + setting.slow_s * 1000)
    out = room.state in OUT
    return Room(
        room_id=room.room_id,
        title=front.title,
        about=front.about,
        rules=front.rules,
        stream=front.where,
        host=front.host,
        way=_way(room),
        me=room.seat.key.seat,
        my_name=room.seat.pseudonym,
        role=role,
        people=room.people if sitting is None else sitting.people,
        seats=policy.seats,
        live_since_ms=None if room.ended_ms is not None else room.live_since_ms,
        speak=setting.speak,
        slow_s=setting.slow_s,
        may_write_ms=0 if may_write <= now else may_write,
        muted=muted,
        hand=desk.mine_up(db, room.row, room.seat.key.seat),
        ended=room.ended_ms is not None,
        removed=room.reason if out else None,
        line=Line.NONE if keeper is None else keeper.way,
        entries_a_minute=items.counted(db, room.row, now - MINUTE_MS) if helps else 0,
        questions=board.count_open(db, room.row),
        at_desk=desk.count(db, room.row) if helps else 0,
        complete=not lanes.lacking(db, room.row, Lane.STAGE),
        warning=None if room.warned is None else Warned(room.warned),
        relay_host=room.link.address.host,
        may=roles.may_of(scopes) + ((May.OWN,) if room.key is not None else ()),
        role_until_ms=_my_role_ends(db, room, role, ahead_ms),
    )


def _my_role_ends(db: Connection, room: KeptRoom, role: Role, ahead_ms: int) -> int | None:
    if room.key is not None or role is Role.MEMBER:
        return None
    held = grants.held(db, room.row, room.seat.key.seat)
    return None if held is None else here(held.expires_ms, ahead_ms)


def standing_of(room: KeptRoom) -> Standing:
    """How I stand to it."""
    if room.ended_ms is not None:
        return Standing.PAST
    if room.key is not None:
        return Standing.HOSTING
    if room.wanted and room.state is SeatState.WAITING:
        return Standing.KNOCKING
    return Standing.LINK


def _way(room: KeptRoom) -> Way:
    return Way.LINK if room.body.entry is Entry.LINK else Way.APPROVAL
