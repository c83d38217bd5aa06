"""Requests that came: shown, accepted, declined, blocked.

Nothing is told to who asked before they are accepted, and of declining and blocking nothing ever.
"""

from __future__ import annotations

from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.errors import InvitationMalformed
from desktop.core.requests import Request, RequestId
from desktop.core.room_errors import RequestUnknown
from desktop.core.room_facade import RequestsChanged
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.pairing import invitations
from desktop.engine.relays.keepers import Keepers
from desktop.engine.rooms.asides import cards, letters
from desktop.engine.rooms.desk import words
from desktop.engine.rooms.order import roles
from desktop.engine.rooms.people.likeness import Likeness
from desktop.store import capabilities
from desktop.store.rooms import people, requests, rooms
from desktop.store.rooms.requests import Came
from protocol.e2e.link import ContactLink, parse_invitation
from protocol.e2e.rooms.letters import AsideAccepted
from protocol.ids import ConversationId

_ID_BYTES = 8


def shown(db: Connection, ground: Ground) -> list[Request]:
    """Those that wait for me, or for who asked to come; newest first."""
    return [_shown(db, ground, one) for one in requests.every(db)]


def _shown(db: Connection, ground: Ground, one: Came) -> Request:
    room = rooms.get(db, one.room)
    timings = ground.timings
    until_ms = one.came_ms + int(timings.requests_kept * 1000)
    if room.ended_ms is not None:  # later, nobody would take the answer
        until_ms = min(until_ms, room.ended_ms + int(timings.letters_kept * 1000))
    told = people.name_of(db, room.row, one.by)  # a letter may say another one than the room
    likeness = Likeness(db, room)
    name = told or one.name
    return Request(
        request_id=id_of(one.row),
        seat_id=one.by,
        name=name,
        role=roles.role_of(roles.scopes_of(db, room, one.by, one.sent_ms)),
        words=one.words,
        sent_ms=one.sent_ms,
        until_ms=until_ms,
        room_id=room.room_id,
        room=room.front().title,
        card=cards.check(db, room, one.card, one.seat, {one.by: name}, words.find),
        accepted_ms=one.accepted_ms,
        imitates=any(likeness.misleads(one.by, each) for each in (told, one.name)),
    )


async def accept(ground: Ground, keepers: Keepers, request_id: RequestId) -> ConversationId | None:
    """Answer with a link for one use, then wait a moment for them. Once more changes nothing.

    Raises RequestUnknown, and what making a link raises.
    """
    row = row_of(request_id)
    request = await ground.vault.read(partial(_find, row=row))
    if request.accepted_ms is None:
        life = int(ground.timings.requests_kept * 1000)
        made = await invitations.invite(ground, keepers, 1, ground.now() + life, "", join=False)
        await ground.do(partial(say_yes, row=row, text=made, now=ground.now()))
    with trio.move_on_after(ground.timings.patience):
        while request.conversation_id is None:
            await ground.bells[Bell.ASIDES].wait(1.0)
            request = await ground.vault.read(partial(_find, row=row))
    return request.conversation_id


def decline(db: Connection, said: Said, request_id: RequestId) -> None:
    """It is gone. Raises RequestUnknown."""
    requests.drop(db, _find(db, row_of(request_id)).row)
    said.events.append(RequestsChanged())


def block(db: Connection, said: Said, request_id: RequestId) -> None:
    """It is gone, and whatever this seat writes later. Raises RequestUnknown."""
    found = _find(db, row_of(request_id))
    requests.block(db, found.room, found.by)
    said.events.append(RequestsChanged())


def run_out(db: Connection, said: Said, ground: Ground) -> None:
    """What nobody answered in time goes."""
    late = [one for one in shown(db, ground) if one.until_ms < ground.now()]
    for one in late:
        requests.drop(db, row_of(one.request_id))
    if late:
        said.events.append(RequestsChanged())


def id_of(row: int) -> RequestId:
    """What clients call it."""
    return RequestId(row.to_bytes(_ID_BYTES, "big"))


def row_of(request_id: RequestId) -> int:
    """The reverse. Raises RequestUnknown."""
    row = int.from_bytes(request_id, "big")
    if len(request_id) != _ID_BYTES or row >= 2**63:
        raise RequestUnknown
    return row


def _find(db: Connection, row: int) -> Came:
    found = requests.find(db, row)
    if found is None:
        raise RequestUnknown
    return found


def say_yes(db: Connection, said: Said, row: int, text: str, now: int) -> None:
    """The answer is on its way once this is on disk; a second one leaves the first as it is, and
    its link leads nowhere. Raises RequestUnknown."""
    found = _find(db, row)
    link = parse_invitation(text)
    if not isinstance(link, ContactLink):
        raise InvitationMalformed
    if found.accepted_ms is not None:
        capabilities.withdraw(db, link.secret)
        said.bells.add(Bell.TELL)
        return
    room = rooms.get(db, found.room)
    seat = next(one for one in rooms.seats(db, room.row) if one.row == found.seat)
    requests.accept(db, row, link.secret, now)
    answer = AsideAccepted(name=seat.pseudonym, request=found.letter_id, link=text)
    letters.write(db, said, room, found.by, answer, now, seat=seat)
    said.events.append(RequestsChanged())
