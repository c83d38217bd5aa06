"""Orders of a room as they come by on the stage: whether they count, and what they change here.

Law: an order is judged by the same rule as at the relay, at the time its signer named, with what
was proven here; one that does not count changes nothing, and where the relay could not have taken
it for one that does, it is said so.
"""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.desk import DeskKind
from desktop.core.room_facade import (
    DeskChanged,
    PeopleChanged,
    RoomChanged,
    RoomsChanged,
    StageMoved,
)
from desktop.core.rooms import Act, Order, Speak, Warned
from desktop.engine.ground import Bell, Said
from desktop.engine.rooms.line.clocks import FOR_GOOD
from desktop.engine.rooms.line.warning import warn
from desktop.engine.rooms.order import roles
from desktop.engine.rooms.people.likeness import Likeness
from desktop.store.rooms import desk, epochs, grants, items, ordered, people, rooms
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms import stage
from protocol.errors import BadPadding, Damaged
from protocol.ids import EntryId, SeatId
from protocol.wire.frames.rooms import SeatState
from protocol.wire.rooms import policy as policies
from protocol.wire.rooms.authority import Fault, Standing, fault_of
from protocol.wire.rooms.orders import EVERYTHING, OrderBody, Scope, What

TOLERANCE_MS = 5_000
"""Between two clocks: within it nobody says that a time-out was not kept."""

_PLAINLY_WRONG = (Fault.NO_GRANT, Fault.OUT_OF_SCOPE, Fault.INCOMPLETE, Fault.OUT)
_MOVES = frozenset({What.REMOVE, What.BAN, What.UNBAN, What.ADMIT})
_ACTS = {
    What.MUTE: Act.MUTE,
    What.UNMUTE: Act.UNMUTE,
    What.TIME_OUT: Act.TIME_OUT,
    What.REMOVE: Act.REMOVE,
    What.BAN: Act.BAN,
    What.HIDE: Act.HIDE,
    What.ADMIT: Act.LET_IN,
    What.UNBAN: Act.LET_BACK,
}


class Setting(Struct, frozen=True):
    """How a room is set: by its policy, or by an order since."""

    speak: Speak
    slow_s: int


def standing(db: Connection, room: KeptRoom, at_ms: int, place: int = ordered.LAST) -> Standing:
    """What is known here, to judge an order at this place by."""

    def order_of(order_id: bytes) -> OrderBody | None:
        kept = ordered.find(db, room.row, order_id)
        return None if kept is None else kept.order

    return Standing(
        at_ms,
        grants.revoked(db, room.row),
        lambda seat: roles.scopes_of(db, room, seat, at_ms, place),
        order_of,
        lambda seat: ordered.about(db, room.row, seat, place),
        lambda entry: ordered.of_entry(db, room.row, entry, place),
    )


def heard(
    db: Connection,
    said: Said,
    room: KeptRoom,
    order: OrderBody,
    place: int,
    item: bytes,
    now: int,
) -> None:
    """An order came with its number; its signature was checked."""
    if order.grant is not None:
        grants.learn(db, room.row, room.room_id, order.grant)
    fault = fault_of(order, room.room_id, standing(db, room, order.made_ms, place))
    if fault is not None:
        if fault in _PLAINLY_WRONG:
            disobeys(db, said, room)
        return
    moved = _moved_by(db, room, order) if room.key is not None else None
    read_desk = moved is not None and _reads_desk(db, room, moved, order.made_ms)
    if ordered.keep(db, room.row, order, place, item, now):
        _follow(db, said, room, order, now)
        if moved is not None and read_desk is not _reads_desk(db, room, moved, order.made_ms):
            _key_the_desk(db, said, room, moved, now, reads=not read_desk)


def disobeys(db: Connection, said: Said, room: KeptRoom) -> None:
    """The relay did not do what an order says."""
    warn(db, said, room.row, Warned.DISOBEYS)


def disobeyed(db: Connection, room: KeptRoom, seat: SeatId, place: int, now: int) -> bool:
    """Whether an entry of this seat at this place is one that an order before it forbade.

    A time-out is only held against the relay while it lasts for certain: by its signer's clock and
    by when it came here, a tolerance aside.
    """
    verdict = ordered.verdict(db, room.row, seat, place)
    if verdict.out is not None:
        return True
    mute = verdict.muted_by
    if mute is None:
        return False
    if mute.order.what is What.MUTE:
        return True
    lasts_ms = mute.order.seconds * 1000 - TOLERANCE_MS
    return now < mute.order.made_ms + lasts_ms and now < mute.heard_ms + lasts_ms


def setting(db: Connection, room: KeptRoom) -> Setting:
    """What is in force."""
    body = room.body
    speak = Speak.ALL if body.speak is policies.Speak.ALL else Speak.HOSTS
    spoken = ordered.newest(db, room.row, What.SPEAK_ALL, What.SPEAK_HOSTS)
    if spoken is not None:
        speak = Speak.ALL if spoken.order.what is What.SPEAK_ALL else Speak.HOSTS
    slow = ordered.newest(db, room.row, What.SLOW)
    return Setting(speak, body.slow_s if slow is None else slow.order.seconds)


def hides(db: Connection, room: KeptRoom, entry_id: EntryId) -> bool:
    """Whether somebody took an entry off the stage."""
    return ordered.hides(db, room.row, entry_id)


def is_news(order: OrderBody) -> bool:
    """Whether the stage has a row for it, if it counts: it is about somebody."""
    return order.what in _ACTS or order.what in (What.GRANT, What.REVOKE)


def shown(db: Connection, room: KeptRoom, order: OrderBody) -> Order | None:
    """The order as a row of the stage; None for what is no news about somebody."""
    undone = order.what is What.UNDO
    act = _ACTS.get(order.what)
    if order.what in (What.GRANT, What.REVOKE):
        act = _role_act(room, order)
    if act is None or undone:
        return None
    me = room.seat.key.seat
    by = people.name_of(db, room.row, order.by)
    if order.by in (room.room_id, room.front().seat):
        by = room.front().host
    whom = _whom(db, room, order)
    return Order(
        act=act,
        whom=whom,
        by=by,
        by_me=order.by == me or (order.by == room.room_id and room.key is not None),
        of_me=order.about == me,
        seconds=order.seconds,
        reason=reason_of(db, room, order),
        imitates=order.about is not None and Likeness(db, room).misleads(order.about, whom),
    )


def reason_of(db: Connection, room: KeptRoom, order: OrderBody) -> str:
    """The words beside it, as far as this seat has the key."""
    if not order.reason:
        return ""
    key = epochs.key(db, room.row, stage.epoch_of(order.reason))
    try:
        return "" if key is None else stage.open_reason(order.reason, key, order.order)
    except (Damaged, BadPadding):
        return ""


def _whom(db: Connection, room: KeptRoom, order: OrderBody) -> str:
    if order.about is None and order.entry is not None:
        kept = items.by_id(db, room.row, order.entry)
        return "" if kept is None else kept.name
    return people.name_of(db, room.row, order.about)


def _role_act(room: KeptRoom, order: OrderBody) -> Act | None:
    if order.what is What.REVOKE:
        return Act.MAKE_MEMBER if order.about is not None else None
    given = None if order.given is None else grants.proven(order.given, room.room_id)
    if given is None or given.seat == room.front().seat:
        return None
    if Scope.HOST in Scope(given.scopes & EVERYTHING):
        return Act.MAKE_COHOST
    return Act.MAKE_GUEST if given.scopes == roles.GUEST else Act.MAKE_MODERATOR


def _moved_by(db: Connection, room: KeptRoom, order: OrderBody) -> SeatId | None:
    """Who may come to be out by it, or to be let back."""
    if order.what is What.UNDO:
        undone = ordered.find(db, room.row, order.undoes)
        return None if undone is None else undone.order.about
    return order.about if order.what in _MOVES else None


def _reads_desk(db: Connection, room: KeptRoom, seat: SeatId, at_ms: int) -> bool:
    return Scope.DESK in grants.scopes_of(db, room.row, seat, at_ms)


def _key_the_desk(
    db: Connection, said: Said, room: KeptRoom, seat: SeatId, now: int, *, reads: bool
) -> None:
    """The host's app: who has a role and is put out knows the desk's key, whoever ordered it; who
    is let back has to be given the one of now."""
    from desktop.engine.rooms.keys import desking  # noqa: PLC0415 - the two need each other

    if reads:
        desking.hand_over(db, said, room, seat, now)
    else:
        desking.change(db, said, room, seat, now)


def _follow(db: Connection, said: Said, room: KeptRoom, order: OrderBody, now: int) -> None:
    match order.what:
        case What.GRANT if order.given is not None:
            grant = grants.learn(db, room.row, room.room_id, order.given)
            if grant is not None and grant.seat == room.seat.key.seat:
                rooms.put_grant(db, room.row, order.given)
                desk.done_of(db, room.row, grant.seat, DeskKind.HAND)
            said.events += (RoomChanged(room.room_id), PeopleChanged(room.room_id))
        case What.REVOKE if order.revoked is not None:
            grants.revoke(db, room.row, order.revoked)
            mine = grants.held(db, room.row, room.seat.key.seat)
            rooms.put_grant(db, room.row, None if mine is None else mine.signed)
            said.events += (RoomChanged(room.room_id), PeopleChanged(room.room_id))
        case What.HIDE | What.SHOW:
            _hide(db, said, room, order)
        case What.UNDO:
            undone = ordered.find(db, room.row, order.undoes)
            if undone is not None:
                _undo(db, said, room, undone.order)
        case What.SLOW | What.SPEAK_ALL | What.SPEAK_HOSTS:
            said.events.append(RoomChanged(room.room_id))
        case What.END:
            if rooms.get(db, room.row).ended_ms is None:
                rooms.put(db, room.row, ended_ms=now)
            said.events += (RoomChanged(room.room_id), RoomsChanged())
        case _ if order.about is not None:
            _stand(db, said, room, order.about)
        case _:
            pass


def _undo(db: Connection, said: Said, room: KeptRoom, undone: OrderBody) -> None:
    if undone.what is What.HIDE:
        _hide(db, said, room, undone)
    elif undone.about is not None:
        _stand(db, said, room, undone.about)


def _hide(db: Connection, said: Said, room: KeptRoom, order: OrderBody) -> None:
    if order.entry is not None:
        gone = ordered.hides(db, room.row, order.entry)
        items.hide(db, room.row, order.entry, hidden=gone)
        said.events.append(StageMoved(room.room_id, (order.entry,)))


def _stand(db: Connection, said: Said, room: KeptRoom, seat: SeatId) -> None:
    """Have a seat stand as all orders about it say."""
    verdict = ordered.verdict(db, room.row, seat)
    person = people.find(db, room.row, seat)
    state = SeatState.AWAY if person is None else person.state
    if verdict.out is not None:
        state = {What.BAN: SeatState.BANNED, What.REFUSE: SeatState.REFUSED}.get(
            verdict.out.order.what, SeatState.REMOVED
        )
    elif state not in (SeatState.HERE, SeatState.WAITING) or verdict.admitted:
        state = state if state is SeatState.HERE else SeatState.AWAY
    muted = 0
    if verdict.muted_by is not None:
        mute = verdict.muted_by.order
        muted = FOR_GOOD if mute.what is What.MUTE else mute.made_ms + mute.seconds * 1000
    people.set_state(db, room.row, seat, state, muted)
    if seat == room.seat.key.seat:
        reason = "" if verdict.out is None else reason_of(db, room, verdict.out.order)
        rooms.put(db, room.row, muted_until_ms=muted, reason=reason)
        said.events.append(RoomChanged(room.room_id))
    if (verdict.admitted or verdict.out is not None) and desk.done_of(
        db, room.row, seat, DeskKind.DOOR
    ):
        said.events.append(DeskChanged(room.room_id))
    said.events.append(PeopleChanged(room.room_id))
    said.bells.add(Bell.ROOMS)
