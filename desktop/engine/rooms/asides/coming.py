"""From an answer to the conversation: who asked uses the link that came, as any contact's link.

Who is a contact already comes by it all the same: without that, who made the link would not learn
that the two of the room know each other. Both steps are safe to repeat.
"""

from __future__ import annotations

import logging
from functools import partial

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.errors import (
    AsideError,
    ContactBlocked,
    InvitationExpired,
    InvitationIsMine,
    InvitationMalformed,
    InvitationSpent,
    RelayKeyWrong,
    VaultFull,
)
from desktop.core.events import ConversationChanged
from desktop.core.models import Accepted
from desktop.engine.ground import Ground, Said
from desktop.engine.pairing import invitations
from desktop.engine.receiving import arrive
from desktop.engine.rooms.asides.cards import check
from desktop.engine.rooms.desk import words
from desktop.store import contacts, relays
from desktop.store.rooms import bridges, requests, rooms
from desktop.store.rooms.requests import Asked
from protocol.e2e.link import ContactLink, parse_invitation
from protocol.errors import LinkError

log = logging.getLogger(__name__)

_FOR_GOOD = (
    *(InvitationMalformed, InvitationSpent, InvitationExpired, InvitationIsMine),
    *(ContactBlocked, RelayKeyWrong),
)


async def come(ground: Ground, asked: Asked) -> None:
    """Use its link, if there is a relay of mine to be answered at; what fails for now is tried
    again later, what fails for good is forgotten."""
    if not await ground.vault.read(relays.every):
        return
    link = _read(asked.link)
    try:
        if link is None:
            raise InvitationMalformed
        invitations.check(ground, link)
        if await ground.vault.read(partial(contacts.is_blocked, member_id=link.member_id)):
            raise ContactBlocked
        accepted = await invitations.accept(ground, link, "", anew=True)
    except VaultFull:
        raise
    except _FOR_GOOD as exc:
        log.info("an answer that leads nowhere: %s", type(exc).__name__)
        await ground.do(lambda db, _: requests.end_asked(db, asked.row))
    except AsideError as exc:
        log.info("not yet: %s", type(exc).__name__)
    else:
        await ground.do(partial(_arrived, ground=ground, asked=asked, accepted=accepted))


def _arrived(db: Connection, said: Said, ground: Ground, asked: Asked, accepted: Accepted) -> None:
    """The card goes there, and whoever asked, and looks elsewhere by now, is told."""
    where = accepted.conversation_id
    room = rooms.get(db, asked.room)
    card = check(db, room, asked.card, asked.seat, {}, words.find)
    if card is not None:
        bridges.put(db, where, replace(card, accepted_ms=asked.accepted_ms))
    requests.end_asked(db, asked.row)
    said.events.append(ConversationChanged(where))
    contact = contacts.find(db, accepted.contact_id)
    if contact is not None:
        arrive.went_aside(db, said, contact, ground.now(), ground.rng)


def _read(text: str | None) -> ContactLink | None:
    try:
        link = None if text is None else parse_invitation(text)
    except LinkError:
        return None
    return link if isinstance(link, ContactLink) else None
