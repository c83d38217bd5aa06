"""Taking a seat: what is shown at the door, and what it means to be turned away."""

from __future__ import annotations

from desktop.core.errors import AsideError, RelayUnavailable
from desktop.core.room_errors import (
    RoomEnded,
    RoomFull,
    RoomKeyWrong,
    RoomRemoved,
    TooManyFromHere,
)
from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import front as fronts
from protocol.e2e.rooms.epochs import EpochKey, held
from protocol.e2e.rooms.front import Front
from protocol.e2e.rooms.link import RoomLink
from protocol.e2e.rooms.stage import seal_name
from protocol.errors import BadSignature, Damaged, RemoteProtocolError
from protocol.wire.frames import Reason, Refused
from protocol.wire.frames.rooms import Entered, EnterRoom, RoomShown, ShowRoom
from protocol.wire.rooms.entering import sign_entering
from protocol.wire.rooms.policy import Entry, PolicyBody, read_policy


async def look(line: Line, link: RoomLink) -> tuple[RoomShown, PolicyBody, Front]:
    """What is behind a link. Raises RoomKeyWrong, RoomEnded, RelayUnavailable, LineLost."""
    shown = await line.ask(ShowRoom(call=line.call(), room=link.room))
    if isinstance(shown, Refused):
        raise turned_away(shown.reason)
    try:
        policy = read_policy(shown.policy, link.room)
        front = fronts.open_front(policy.front, link.front_key(), link.room)
    except (BadSignature, RemoteProtocolError, Damaged) as exc:
        raise RoomKeyWrong from exc
    if policy.entry is Entry.LINK:
        key_of(link, policy)
    return shown, policy, front


def key_of(link: RoomLink, policy: PolicyBody) -> EpochKey:
    """An open room's key, which its link is. Raises RoomKeyWrong."""
    try:
        key = EpochKey(link.room, policy.epoch, link.first_epoch())
        return held(key, policy.commitment)
    except Damaged as exc:
        raise RoomKeyWrong from exc


async def sit_down(ground: Ground, line: Line, room: KeptRoom, key: EpochKey | None) -> Entered:
    """Take my seat on this line. Raises what :func:`turned_away` makes, LineLost."""
    seat = room.seat
    name = b"" if key is None else seal_name(seat.pseudonym, key, seat.key.seat, ground.rng)
    entered = await line.ask(
        EnterRoom(
            call=line.call(),
            room=room.room_id,
            seat=seat.key.seat,
            signature=sign_entering(seat.key, line.agreed.transcript, room.room_id),
            card=seat.card,
            token=bytes(room.link.token()),
            name=name,
        )
    )
    if isinstance(entered, Refused):
        raise turned_away(entered.reason)
    return entered


def turned_away(reason: Reason) -> AsideError:
    """What a person is told."""
    match reason:
        case Reason.ENDED:
            return RoomEnded()
        case Reason.FULL:
            return RoomFull()
        case Reason.QUOTA:
            return TooManyFromHere()
        case Reason.REMOVED | Reason.NOT_ALLOWED:
            return RoomRemoved()
        case Reason.UNKNOWN | Reason.BAD_SIGNATURE:
            return RoomKeyWrong()
        case _:
            return RelayUnavailable()
