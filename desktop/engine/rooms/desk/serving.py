"""What a verdict on something at the desk does: a guest, an open door, a message on the stage.

Law: what was seen to waits no more, here and in the same transaction; whoever comes second changes
nothing.
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.desk import DeskId, DeskKind, Verdict
from desktop.core.room_facade import DeskChanged, PeopleChanged
from desktop.core.rooms import Act
from desktop.engine.ground import Said
from desktop.engine.rooms.order import giving
from desktop.engine.rooms.stage import compose
from desktop.store.rooms import desk
from desktop.store.rooms.desk import Waiting
from desktop.store.rooms.rooms import KeptRoom
from protocol.e2e.rooms.contents import Text
from protocol.keys import Rng
from protocol.wire.rooms.orders import What


def done(
    db: Connection,
    said: Said,
    room: KeptRoom,
    desk_id: DeskId,
    verdict: Verdict,
    now: int,
    rng: Rng,
) -> None:
    """Raises RoomNotAllowed where the verdict is not mine to give."""
    one = desk.find(db, room.row, desk_id)
    if one is None:
        return
    desk.done(db, room.row, desk_id)
    if verdict is Verdict.GRANTED:
        _grant(db, said, room, one, now, rng)
    elif verdict is Verdict.REFUSED and one.kind is DeskKind.DOOR:
        giving.give(db, said, room, What.REFUSE, now, rng, about=one.seat)
    said.events += (DeskChanged(room.room_id), PeopleChanged(room.room_id))


def _grant(db: Connection, said: Said, room: KeptRoom, one: Waiting, now: int, rng: Rng) -> None:
    match one.kind:
        case DeskKind.HAND:
            giving.act(db, said, room, one.seat, Act.MAKE_GUEST, now, rng)
        case DeskKind.DOOR:
            giving.give(db, said, room, What.ADMIT, now, rng, about=one.seat)
        case DeskKind.HELD:
            # their words, by whoever lets them onto the stage: only their author signs as them
            text = f"{one.name}: {one.words}"
            content = Text(name=room.seat.pseudonym, sent_ms=now, text=text, reply_to=one.reply_to)
            compose.say(db, said, room, content, now)
        case DeskKind.REPORT:
            pass
