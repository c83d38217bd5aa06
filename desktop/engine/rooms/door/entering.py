"""Coming to a room by its link: looking at its door, and having a seat there."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.doors import Doorplate
from desktop.core.errors import (
    InvitationMalformed,
    InvitationNewer,
    NameMissing,
    ProfileLocked,
    RelayUnavailable,
)
from desktop.core.room_errors import NotARoomsLink, RoomEnded
from desktop.core.room_facade import RoomsChanged
from desktop.core.rooms import Way
from desktop.core.texts import is_blank
from desktop.engine.ground import Ground, Said
from desktop.engine.rooms import overview
from desktop.engine.rooms.door import opening
from desktop.engine.rooms.door.sitting_down import key_of, look
from desktop.engine.rooms.line.keepers import RoomKeepers
from desktop.engine.rooms.people import names
from desktop.store.rooms import epochs, rooms
from protocol.e2e.rooms.link import RoomLink, find_room_link, is_room_link
from protocol.e2e.rooms.pseudonyms import clean
from protocol.errors import MalformedLink, NewerLink
from protocol.ids import RoomId
from protocol.wire.frames.rooms import RoomShown
from protocol.wire.rooms.policy import Entry, PolicyBody, read_policy
from protocol.wire.rooms.signed import new_seat

_GIVING_UP_S = 1.0


def read_link(text: str) -> RoomLink:
    """Raises InvitationMalformed, InvitationNewer, NotARoomsLink."""
    try:
        return find_room_link(text)
    except NewerLink as exc:
        raise InvitationNewer from exc
    except MalformedLink as exc:
        if not is_room_link(text) and "aside://" in text.lower():
            raise NotARoomsLink from exc
        raise InvitationMalformed from exc


async def knock(ground: Ground, text: str) -> Doorplate:
    """What is behind a link. Raises what :func:`read_link` and :func:`look` raise."""
    from desktop.engine.relays.visit import visit  # noqa: PLC0415 - no list needs lines

    link = read_link(text)
    async with visit(ground, link.address) as line:
        shown, policy, front = await look(line, link)
    if policy.ended:
        raise RoomEnded
    known = await ground.vault.read(lambda db: rooms.find(db, link.room))
    return Doorplate(
        title=front.title,
        about=front.about,
        rules=front.rules,
        host=front.host,
        way=Way.LINK if policy.entry is Entry.LINK else Way.APPROVAL,
        relay_host=link.address.host,
        people=shown.seats,
        live=shown.live,
        remembered="" if known is None else known.seat.pseudonym,
        fresh=names.fresh(ground.rng),
        room_id=link.room,
        seats=policy.seats,
        standing=None if known is None else overview.standing_of(known),
    )


async def enter(ground: Ground, keepers: RoomKeepers, text: str, pseudonym: str) -> RoomId:
    """Take a seat under this name: the one I had under it, or a fresh one, for which I get up from
    the one that I have. Whether who was put out may come back is the relay's to say.

    Raises what :func:`knock` raises, NameMissing, RoomFull, TooManyFromHere, RoomRemoved.
    """
    from desktop.engine.relays.visit import visit  # noqa: PLC0415

    link = read_link(text)
    name = clean(pseudonym)
    if is_blank(name):
        raise NameMissing
    async with visit(ground, link.address) as line:
        shown, policy, _ = await look(line, link)
    keeper = keepers.find(link.room)
    if keeper is not None and (
        keeper.put_out
        or await ground.vault.read(partial(_becomes_another, room_id=link.room, name=name))
    ):
        await keeper.leave()
    await ground.do(
        partial(_have_seat, ground=ground, link=link, shown=shown, policy=policy, name=name)
    )
    await sit_down(ground, keepers, link.room)
    return link.room


async def sit_down(ground: Ground, keepers: RoomKeepers, room_id: RoomId) -> None:
    """Be in the room, or at its door, when this returns. Raises why it does not go. Then, and where
    nobody waits for it any more, the seat is given up, unless I sat there before: then it is tried
    again and again, as after any loss."""
    sat = keepers.find(room_id) is not None
    keeper = keepers.sit(room_id)
    settled = keeper.hurry()
    try:
        with trio.move_on_after(ground.timings.room_patience):
            await settled.wait()
    finally:
        if keeper.sitting is None and not sat:
            # Also for whoever was cancelled; but not where everything ends.
            with trio.move_on_after(_GIVING_UP_S, shield=True), suppress(ProfileLocked):
                await ground.vault.transact(partial(_give_up, room_id=room_id))
                await keeper.leave()
    if keeper.sitting is None:
        raise keeper.fault or RelayUnavailable()


def _have_seat(
    db: Connection,
    said: Said,
    ground: Ground,
    link: RoomLink,
    shown: RoomShown,
    policy: PolicyBody,
    name: str,
) -> None:
    room = rooms.find(db, link.room)
    now = ground.now()
    if room is None:
        row = rooms.add(db, link, shown.policy, None, now)
        opening.sit(db, row, link.room, new_seat(ground.rng), name, now, ground.rng)
    else:
        row = room.row
        rooms.put_link(db, row, link)
        if policy.version > read_policy(room.policy, room.room_id).version:
            rooms.put_policy(db, row, shown.policy)
        if _becomes_another(db, link.room, name):
            opening.sit(db, row, link.room, new_seat(ground.rng), name, now, ground.rng)
    if policy.entry is Entry.LINK:
        epochs.keep(db, row, key_of(link, policy))
    rooms.put(db, row, wanted=1)
    said.events.append(RoomsChanged())


def _becomes_another(db: Connection, room_id: RoomId, name: str) -> bool:
    """Whether this name needs a fresh seat. A host has one for good."""
    room = rooms.find(db, room_id)
    return room is not None and room.key is None and room.seat.pseudonym != name


def _give_up(db: Connection, room_id: RoomId) -> None:
    room = rooms.find(db, room_id)
    if room is not None and room.key is None:
        rooms.put(db, room.row, wanted=0)
