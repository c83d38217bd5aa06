"""Invitations and contacts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlcipher3 import Connection

from desktop.core.errors import (
    ContactBlocked,
    ContactUnknown,
    NoRelayToAnswer,
    NotAPersonsLink,
)
from desktop.core.events import ContactChanged, ConversationChanged
from desktop.core.models import (
    Accepted,
    CommunityInvitation,
    Contact,
    PersonInvitation,
    RoomInvitation,
)
from desktop.core.texts import is_blank
from desktop.engine.calls.profile import check_name
from desktop.engine.calls.relays import RelayCalls, read_link
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.pairing import blocking, greet
from desktop.engine.rooms.door.entering import read_link as read_room_link
from desktop.engine.sending import compose
from desktop.store import (
    capabilities,
    contacts,
    conversations,
    outbox,
    relays,
    sessions,
    settings,
    wishes,
)
from desktop.store.rooms import rooms
from protocol.e2e.link import ContactLink
from protocol.e2e.rooms.link import RoomLink, is_room_link
from protocol.ids import MemberId
from protocol.wire.address import RelayInvitation


class ContactCalls(RelayCalls):
    """Calls about people."""

    async def look_at(self, link: str) -> PersonInvitation | CommunityInvitation | RoomInvitation:
        """See Facade."""
        from desktop.engine.pairing import invitations  # noqa: PLC0415 - not needed for the list

        ground = self._open_now.ground
        if is_room_link(link):
            return await ground.vault.read(partial(_look_at_room, link=read_room_link(link)))
        found = read_link(link)
        if isinstance(found, RelayInvitation):
            relay_id = found.address.fingerprint
            mine = await ground.vault.read(lambda db: relays.find(db, relay_id))
            return CommunityInvitation(
                found.address.host, relay_id, known=mine is not None, bare=not found.code
            )
        invitations.check(ground, found)
        known = await ground.vault.read(lambda db: contacts.find(db, found.member_id))
        return PersonInvitation(
            name=found.name,
            member_id=found.member_id,
            relay_host=found.address.host,
            expires_ms=found.expires_ms,
            brings_relay=found.join,
            known_as=None if known is None or known.gone is not None else known.name,
        )

    async def contact_invite(
        self, uses: int = 1, expires_ms: int | None = None, note: str = "", join: bool = False
    ) -> str:
        """See Facade."""
        from desktop.engine.pairing import invitations  # noqa: PLC0415

        opened = self._open_now
        return await invitations.invite(
            opened.ground, opened.keepers, uses, expires_ms, note, join=join
        )

    async def contact_accept(self, link: str, greeting: str = "") -> Accepted:
        """See Facade."""
        from desktop.engine.pairing import invitations  # noqa: PLC0415

        ground = self._open_now.ground
        found = read_link(link)
        if isinstance(found, RelayInvitation):
            raise NotAPersonsLink
        invitations.check(ground, found)
        if await ground.vault.read(partial(contacts.is_blocked, member_id=found.member_id)):
            raise ContactBlocked
        if not is_blank(greeting):
            compose.check(greeting)  # before anything is spent on it
        if not await ground.vault.read(relays.every):
            await self._first_relay(ground, found, link)
        accepted = await invitations.accept(ground, found, greeting)
        await self.drop_kept_link()
        return accepted

    async def _first_relay(self, ground: Ground, link: ContactLink, text: str) -> None:
        """The link may bring a relay along; otherwise it is kept until there is one."""
        code = link.join_code()
        if code is None:
            await ground.vault.transact(partial(settings.keep_link, link=text))
            raise NoRelayToAnswer
        await self._join(link.address, code)

    async def kept_link(self) -> str | None:
        """See Facade."""
        return await self._open_now.ground.vault.read(settings.kept_link)

    async def drop_kept_link(self) -> None:
        """See Facade."""
        await self._open_now.ground.vault.transact(partial(settings.keep_link, link=None))

    async def contact_list(self) -> Sequence[Contact]:
        """See Facade."""
        ground = self._open_now.ground
        of = ground.presences.of
        return [
            greet.shown(ground.me, one, of(one.member_id))
            for one in await ground.vault.read(contacts.every)
        ]

    async def contact_show(self, contact_id: MemberId) -> Contact:
        """See Facade."""
        ground = self._open_now.ground
        found = await ground.vault.read(lambda db: contacts.find(db, contact_id))
        if found is None:
            raise ContactUnknown
        return greet.shown(ground.me, found, ground.presences.of(contact_id))

    async def contact_rename(self, contact_id: MemberId, name: str) -> None:
        """See Facade."""
        kept = check_name(name)
        await self._open_now.ground.do(partial(_rename, member=contact_id, name=kept))

    async def contact_remove(self, contact_id: MemberId) -> None:
        """See Facade."""
        await self._open_now.ground.do(partial(_remove, member=contact_id))

    async def contact_block(self, contact_id: MemberId) -> None:
        """See Facade."""
        ground = self._open_now.ground
        await ground.do(partial(blocking.block, member=contact_id, now=ground.now()))

    async def contact_unblock(self, contact_id: MemberId) -> None:
        """See Facade."""
        ground = self._open_now.ground
        await ground.do(partial(blocking.unblock, ground=ground, member=contact_id))


def _rename(db: Connection, said: Said, member: MemberId, name: str) -> None:
    contact = contacts.find(db, member)
    if contact is None:
        raise ContactUnknown
    contacts.rename(db, member, name, by_me=True)
    said.events += [ContactChanged(member), ConversationChanged(contact.conversation_id)]


def _remove(db: Connection, said: Said, member: MemberId) -> None:
    contact = contacts.find(db, member)
    if contact is None:
        raise ContactUnknown
    capabilities.take_back_from(db, member)
    for device in contacts.devices(db, member):
        sessions.end(db, device.device_id)
    outbox.drop_for(db, member)
    wishes.drop_of(db, member)
    conversations.remove(db, contact.conversation_id)
    contacts.remove(db, member)
    said.events += [ContactChanged(member), ConversationChanged(contact.conversation_id)]
    said.bells |= {Bell.TELL, Bell.PUBLISH, Bell.WATCH}


def _look_at_room(db: Connection, link: RoomLink) -> RoomInvitation:
    mine = relays.find(db, link.address.fingerprint) is not None
    known = mine or rooms.find(db, link.room) is not None
    return RoomInvitation(link.address.host, link.room, known=known)
