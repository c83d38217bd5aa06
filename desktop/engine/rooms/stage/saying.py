"""What I said, on its way: sealed under the key in force, offered in order, until it is numbered.

Save, then speak: the bytes are in the vault before they are sent, so that what was sent and not
answered is offered again as the same. What goes to everybody is mine to keep until it came back
among all that was told: that it is on a relay's disk is only its word. One that was refused for
good stays here and says so; the next one takes its counter.
"""

from __future__ import annotations

from functools import partial

from sqlcipher3 import Connection

from desktop.core.room_facade import RoomChanged, StageMoved
from desktop.core.rooms import EntryCause
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground, Said
from desktop.engine.lines.line import Line
from desktop.engine.rooms.desk import own_questions
from desktop.engine.rooms.order import orders
from desktop.store.rooms import epochs, items, ordered, rooms
from desktop.store.rooms import said as sayings
from desktop.store.rooms.rooms import KeptRoom
from desktop.store.rooms.said import Saying
from protocol.e2e.rooms import contents, desk_contents
from protocol.e2e.rooms import desk as desks
from protocol.e2e.rooms import stage as stages
from protocol.e2e.rooms.contents import StageContent, Text
from protocol.e2e.rooms.desk_contents import DeskContent
from protocol.errors import RemoteProtocolError, TextTooLong
from protocol.ids import ENTRY_ID_BYTES, EntryId
from protocol.wire.frames import Reason, Refused
from protocol.wire.frames.room_entries import Lane, SayEntry
from protocol.wire.frames.room_entries import Said as Numbered
from protocol.wire.rooms.items import entry_hash

AT_ONCE = 64
_FOR_GOOD = {
    Reason.MUTED: EntryCause.NOT_ALLOWED,
    Reason.NOT_ALLOWED: EntryCause.NOT_ALLOWED,
    Reason.REMOVED: EntryCause.NOT_ALLOWED,
    Reason.ENDED: EntryCause.NOT_ALLOWED,
    Reason.UNSUPPORTED: EntryCause.NOT_UNDERSTOOD,
}
_UNTIL_RUNG = (Reason.WAITING, Reason.EPOCH)


async def keep_saying(ground: Ground, row: int, lane: Lane, line: Line, bell: Doorbell) -> None:
    """Offer what waits in this lane for as long as the line holds. Raises LineLost."""
    on_disk: set[EntryId] = set()  # as the relay says, on this line; rows are used again
    while True:
        if await ground.vault.read(partial(_is_silent, row=row, lane=lane)):
            on_disk.clear()
            await bell.wait()
            continue
        ready = await ground.do(partial(_seal, ground=ground, row=row, lane=lane, on_disk=on_disk))
        if not ready:
            await bell.wait()
            continue
        refused = await _offer(ground, row, lane, line, ready, on_disk)
        if refused is None:
            continue
        one, reason = refused
        cause = _FOR_GOOD.get(reason)
        if cause is not None:
            await ground.do(partial(_refuse, ground=ground, row=row, one=one, cause=cause))
        elif reason is Reason.EPOCH:
            await ground.do(partial(_unseal, row=row, lane=lane))
            await bell.wait(ground.timings.room_busy)
        elif reason in _UNTIL_RUNG:
            await bell.wait()
        else:  # slow mode, a full disk, one before it that was lost with the relay's last run
            await bell.wait(ground.timings.room_busy)


def _is_silent(db: Connection, row: int, lane: Lane) -> bool:
    """Looked at first: whoever only listens writes nothing for it."""
    return not sayings.waiting(db, rooms.get(db, row), lane, 1)


async def _offer(
    ground: Ground, row: int, lane: Lane, line: Line, ready: list[Saying], on_disk: set[EntryId]
) -> tuple[Saying, Reason] | None:
    """Send them and take in the answers; the first that was refused, and why."""
    asked = [(one, line.submit(SayEntry(call=line.call(), item=one.item or b""))) for one in ready]
    refused: tuple[Saying, Reason] | None = None
    taken: list[tuple[Saying, Numbered]] = []
    for one, pending in asked:
        answer = await pending.reply()
        if isinstance(answer, Numbered) and refused is None:
            taken.append((one, answer))
            on_disk.add(one.entry_id)
        elif isinstance(answer, Refused) and refused is None:
            refused = (one, answer.reason)
    if taken:
        await ground.do(partial(_taken, ground=ground, row=row, lane=lane, taken=taken))
    return refused


def _seal(
    db: Connection, said: Said, ground: Ground, row: int, lane: Lane, on_disk: set[EntryId]
) -> list[Saying]:
    """The next that wait, each sealed in the bytes it will be sent in; none without a key."""
    room = rooms.get(db, row)
    _settle(db, room, lane, on_disk)
    spoken = sayings.spoken(db, room, lane)
    previous = spoken.hash
    ready: list[Saying] = []
    for one in sayings.waiting(db, room, lane, AT_ONCE + len(on_disk)):
        item = one.item
        if len(ready) == AT_ONCE:
            break
        if item is not None and one.entry_id in on_disk:
            previous = entry_hash(room.room_id, item)
            continue
        if item is None:
            item = _sealed(db, room, one, previous, ground)
            if item is None:
                break
            sayings.seal(db, one.row, item)
        ready.append(
            Saying(
                one.row,
                lane,
                one.counter,
                one.entry_id,
                one.content,
                item,
                None,
                one.made_ms,
            )
        )
        previous = entry_hash(room.room_id, item)
    return ready


def _sealed(
    db: Connection, room: KeptRoom, one: Saying, previous: bytes, ground: Ground
) -> bytes | None:
    counter = one.counter or 1
    try:
        if one.lane is Lane.DESK:
            told = desk_contents.load(one.content)
            if not isinstance(told, DeskContent):
                return None
            return desks.tell(told, room.body, room.seat.key, counter, previous)
        key = epochs.newest(db, room.row)
        content = contents.load(one.content)
        if key is None or not isinstance(content, StageContent):
            return None
        return stages.say(content, key, room.seat.key, counter, previous, ground.rng)
    except (TextTooLong, RemoteProtocolError):
        return None


def _taken(
    db: Connection,
    said: Said,
    ground: Ground,
    row: int,
    lane: Lane,
    taken: list[tuple[Saying, Numbered]],
) -> None:
    room = rooms.get(db, row)
    for one, at in taken:
        own_questions.numbered(db, room, one, at, ground.now())
    _settle(db, room, lane, {one.entry_id for one, _ in taken})
    if lane is Lane.STAGE:
        rooms.put(db, row, said_ms=ground.now())
        rows = [one.entry_id for one, _ in taken if isinstance(contents.load(one.content), Text)]
        said.events.append(StageMoved(room.room_id, tuple(rows)))
        if _is_slow(db, room):
            said.events.append(RoomChanged(room.room_id))


def _is_slow(db: Connection, room: KeptRoom) -> bool:
    """By what is in force: an order since the policy may have set or ended it."""
    return orders.setting(db, room).slow_s > 0


def _settle(db: Connection, room: KeptRoom, lane: Lane, on_disk: set[EntryId]) -> None:
    """What is on the relay's disk and came back from there need not be kept to be offered again;
    nor what somebody took off the stage since, or went to the desk, which I cannot read."""
    for one in sayings.waiting(db, room, lane, len(on_disk)):
        if one.entry_id not in on_disk:
            return
        told = items.by_id(db, room.row, one.entry_id) if lane is Lane.STAGE else None
        if lane is Lane.STAGE and told is None and not ordered.hides(db, room.row, one.entry_id):
            return
        item = one.item if told is None else told.item
        sayings.numbered(db, room, lane, one.counter or 1, item or b"")


def _refuse(
    db: Connection, said: Said, ground: Ground, row: int, one: Saying, cause: EntryCause
) -> None:
    room = rooms.get(db, row)
    if one.lane is Lane.DESK:
        sayings.drop(db, room, one)
        return
    sayings.refuse(db, room, one, EntryId(ground.rng(ENTRY_ID_BYTES)), cause)
    said.events.append(StageMoved(room.room_id, (one.entry_id,)))


def _unseal(db: Connection, said: Said, row: int, lane: Lane) -> None:
    sayings.unseal(db, rooms.get(db, row), lane)
