"""A complete engine in memory, for windows under test. It keeps the contract of ``Facade``.

Its knobs: ``delay_s`` makes every call slow; ``failures`` makes a call fail by its name, until the
entry is taken out; ``arrive``, ``advance`` and ``set_relay`` are what others and the network do.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import trio
from msgspec.structs import replace

from desktop.core import errors
from desktop.core.events import (
    ClockWarning,
    ContactAdded,
    ContactChanged,
    ConversationChanged,
    MessageReceived,
    MessageStateChanged,
    PresenceChanged,
    ProfileChanged,
    RelaysChanged,
    RelayStatus,
    TypingChanged,
)
from desktop.core.models import (
    Accepted,
    Cause,
    CommunityInvitation,
    Contact,
    Conversation,
    Found,
    Kind,
    Message,
    PersonInvitation,
    Presence,
    Profile,
    ProfileState,
    Relay,
    RelayState,
    RoomInvitation,
    Settings,
    State,
    Trouble,
)
from desktop.core.practices import Practices
from desktop.core.proxy import Proxy, ProxyShown, parse_proxy
from desktop.core.texts import is_blank
from protocol.ids import ConversationId, DeviceId, Fingerprint, MemberId, MessageId
from tests.fakes.rooms import FakeRooms

START_MS = 1_741_900_000_000
MAX_TEXT = 60_000


def _id(kind: str, name: str, size: int) -> bytes:
    return blake2b(f"{kind}/{name}".encode(), digest_size=size).digest()


class FakeFacade(FakeRooms):
    """One member's engine, without disk, keys or network; its rooms are those of ``FakeRooms``."""

    def __init__(
        self,
        state: ProfileState = ProfileState.UNLOCKED,
        *,
        name: str = "Alice",
        passphrase: str = "four kilns",
        now_ms: int = START_MS,
    ) -> None:
        super().__init__(now_ms)
        self.state = state
        self.me = Profile(
            name, MemberId(_id("member", name, 32)), DeviceId(_id("device", name, 32))
        )
        self.passphrase = passphrase
        self.delay_s = 0.0
        self.heard: list[str] = []  # the names of the calls, in order
        self.invitations: dict[str, PersonInvitation | CommunityInvitation | RoomInvitation] = {}
        self.relays: dict[Fingerprint, Relay] = {}
        self.elsewhere: set[str] = set()  # addresses of relays with another key
        self.contacts: dict[MemberId, Contact] = {}
        self.messages: dict[ConversationId, list[Message]] = {}
        self.drafts: dict[ConversationId, str] = {}
        self.read_up_to: dict[ConversationId, int] = {}
        self.kept: str | None = None
        self.practices: dict[Fingerprint, Practices] = {}
        self.proxy: Proxy | None = None
        self.invited: list[str] = []
        self.kept_settings = Settings()

    # what others do

    def befriend(
        self, name: str, *, verified: bool = False, pending: bool = False, quiet: bool = True
    ) -> Contact:
        """Somebody is a contact from now on."""
        contact_id = MemberId(_id("member", name, 32))
        digits = str(int.from_bytes(_id("safety", name, 25))).zfill(60)[:60]
        contact = Contact(
            contact_id,
            name,
            ConversationId(_id("conversation", name, 16)),
            verified,
            pending,
            " ".join(digits[i : i + 5] for i in range(0, 60, 5)),
        )
        self.contacts[contact_id] = contact
        self.messages.setdefault(contact.conversation_id, [])
        if not quiet:
            self.emit(ContactAdded(contact))
        return contact

    def arrive(
        self,
        contact: Contact,
        text: str,
        *,
        kind: Kind = Kind.TEXT,
        cause: Cause | None = None,
        quiet: bool = False,
        sent_ms: int | None = None,
    ) -> Message:
        """A message of the contact is on disk."""
        message = self._add(
            contact, text, mine=False, kind=kind, cause=cause, state=State.RECEIVED, sent_ms=sent_ms
        )
        if not quiet:
            self.emit(MessageReceived(message))
            self.emit(ConversationChanged(contact.conversation_id))
        return message

    def wrote(
        self, contact: Contact, text: str, state: State, *, sent_ms: int | None = None
    ) -> Message:
        """A message of mine from before."""
        return self._add(contact, text, mine=True, state=state, sent_ms=sent_ms)

    def advance(self, message: Message, state: State, cause: Cause | None = None) -> None:
        """One of my messages moves on."""
        rows = self.messages[message.conversation_id]
        at = next(n for n, row in enumerate(rows) if row.message_id == message.message_id)
        read_ms = self.now_ms if state is State.READ else None
        rows[at] = replace(rows[at], state=state, cause=cause, read_ms=read_ms)
        self.emit(MessageStateChanged(message.conversation_id, message.message_id, state, cause))

    def set_relay(
        self,
        host: str,
        state: RelayState = RelayState.ONLINE,
        trouble: Trouble | None = None,
        *,
        may_invite: bool = True,
        next_try_ms: int | None = None,
        carries: bool = True,
    ) -> Relay:
        relay_id = Fingerprint(_id("relay", host, 32))
        known = relay_id in self.relays
        relay = Relay(
            relay_id,
            f"wss://{host}:8443",
            host,
            state,
            trouble,
            self.now_ms,
            next_try_ms,
            may_invite,
            carries,
        )
        self.relays[relay_id] = relay
        self.emit(RelayStatus(relay) if known else RelaysChanged())
        return relay

    def comes(self, contact: Contact, presence: Presence = Presence.ONLINE) -> None:
        """A contact is there from now on, or not any more."""
        known = self.contacts[contact.contact_id]
        self.contacts[contact.contact_id] = replace(known, presence=presence)
        self.emit(PresenceChanged(contact.contact_id, presence))

    def types(self, contact: Contact, *, writing: bool = True) -> None:
        """A contact is at it, or stopped."""
        self.emit(TypingChanged(contact.conversation_id, contact.contact_id, writing))

    def clock_is_off(self, ahead_ms: int) -> None:
        self.emit(ClockWarning(ahead_ms))

    # profile

    async def profile_state(self) -> ProfileState:
        await self._asked("profile_state", locked_too=True)
        return self.state

    async def profile_create(self, name: str, passphrase: str) -> Profile:
        await self._asked("profile_create", locked_too=True)
        if self.state is not ProfileState.NONE:
            raise errors.ProfileExists
        if not name.strip():
            raise errors.NameMissing
        if len(name.strip()) > 64:
            raise errors.NameTooLong
        if not passphrase:
            raise errors.PassphraseMissing
        self.me = replace(self.me, name=name.strip())
        self.passphrase = passphrase
        self._become(ProfileState.UNLOCKED)
        return self.me

    async def profile_unlock(self, passphrase: str) -> Profile:
        await self._asked("profile_unlock", locked_too=True)
        if self.state is ProfileState.NONE:
            raise errors.ProfileMissing
        if passphrase != self.passphrase:
            raise errors.WrongPassphrase
        self._become(ProfileState.UNLOCKED)
        return self.me

    async def profile_lock(self) -> None:
        await self._asked("profile_lock", locked_too=True)
        self._become(ProfileState.LOCKED)

    async def profile_show(self) -> Profile:
        await self._asked("profile_show")
        return self.me

    async def profile_change_passphrase(self, old: str, new: str) -> None:
        await self._asked("profile_change_passphrase")
        if old != self.passphrase:
            raise errors.WrongPassphrase
        if not new:
            raise errors.PassphraseMissing
        self.passphrase = new

    async def settings(self) -> Settings:
        await self._asked("settings")
        return self.kept_settings

    async def set_settings(self, settings: Settings) -> None:
        await self._asked("set_settings")
        self.kept_settings = settings

    async def presence_set(self, presence: bool | None = None, typing: bool | None = None) -> None:
        await self._asked("presence_set")
        kept = self.kept_settings
        self.kept_settings = replace(
            kept,
            presence=kept.presence if presence is None else presence,
            typing=kept.typing if typing is None else typing,
        )

    # relays

    async def relay_add(self, address: str, invite: str | None = None) -> Fingerprint:
        await self._asked("relay_add")
        found = self._look(address)
        if not isinstance(found, CommunityInvitation):
            raise errors.NotARelaysLink
        if len(self.relays) >= 3:
            raise errors.TooManyRelays
        return self.set_relay(found.relay_host).relay_id

    async def relay_list(self) -> Sequence[Relay]:
        await self._asked("relay_list")
        return tuple(self.relays.values())

    async def relay_order(self, relay_ids: Sequence[Fingerprint]) -> None:
        await self._asked("relay_order")
        if not set(relay_ids) <= set(self.relays):
            raise errors.RelayUnknown
        if sorted(relay_ids) != sorted(self.relays):
            raise errors.RelayOrderUneven
        self.relays = {one: self.relays[one] for one in relay_ids}
        self.emit(RelaysChanged())

    async def relay_move(self, relay_id: Fingerprint, address: str) -> None:
        await self._asked("relay_move")
        if relay_id not in self.relays:
            raise errors.RelayUnknown
        if address in self.elsewhere:
            raise errors.RelayOther
        self.relays[relay_id] = replace(self.relays[relay_id], address=address)
        self.emit(RelaysChanged())

    async def relay_remove(self, relay_id: Fingerprint) -> None:
        await self._asked("relay_remove")
        if self.relays.pop(relay_id, None) is None:
            raise errors.RelayUnknown
        self.emit(RelaysChanged())

    async def relay_practices(self, relay_id: Fingerprint) -> Practices | None:
        await self._asked("relay_practices")
        if relay_id not in self.relays:
            raise errors.RelayUnknown
        return self.practices.get(relay_id)

    async def proxy_show(self) -> ProxyShown | None:
        await self._asked("proxy_show")
        return None if self.proxy is None else ProxyShown(self.proxy.address, self.proxy.name)

    async def proxy_set(self, address: str, name: str = "", password: str = "") -> None:
        await self._asked("proxy_set")
        self.proxy = parse_proxy(address, name, password) if address.strip() else None
        for relay_id, relay in self.relays.items():  # every line anew
            self.relays[relay_id] = replace(relay, state=RelayState.CONNECTING)
            self.emit(RelayStatus(self.relays[relay_id]))

    async def nudge(self) -> None:
        await self._asked("nudge", locked_too=True)

    # contacts

    async def look_at(self, link: str) -> PersonInvitation | CommunityInvitation | RoomInvitation:
        await self._asked("look_at")
        return self._look(link)

    async def contact_invite(
        self, uses: int = 1, expires_ms: int | None = None, note: str = "", join: bool = False
    ) -> str:
        await self._asked("contact_invite")
        if not self.relays:
            raise errors.NoRelayToInvite
        self._count += 1
        host = next(iter(self.relays.values())).host
        secret = _id("invitation", str(self._count), 32).hex()
        link = f"aside://{host}:8443/{_id('relay', host, 16).hex()}#{'j' if join else 'c'}.{secret}"
        self.invited.append(link)
        return link

    async def contact_accept(self, link: str, greeting: str = "") -> Accepted:
        await self._asked("contact_accept")
        found = self._look(link)
        if not isinstance(found, PersonInvitation):
            raise errors.NotAPersonsLink
        if not self.relays and not found.brings_relay:
            self.kept = link
            raise errors.NoRelayToAnswer
        if found.brings_relay:
            self.set_relay(found.relay_host)
        self.kept = None
        contact = self.befriend(found.name, pending=True, quiet=False)
        if greeting:
            self.wrote(contact, greeting, State.SENT)
        self.emit(ConversationChanged(contact.conversation_id))
        return Accepted(contact.contact_id, contact.conversation_id)

    async def kept_link(self) -> str | None:
        await self._asked("kept_link")
        return self.kept

    async def drop_kept_link(self) -> None:
        await self._asked("drop_kept_link")
        self.kept = None

    async def contact_list(self) -> Sequence[Contact]:
        await self._asked("contact_list")
        return tuple(self.contacts.values())

    async def contact_show(self, contact_id: MemberId) -> Contact:
        await self._asked("contact_show")
        return self._contact(contact_id)

    async def contact_rename(self, contact_id: MemberId, name: str) -> None:
        await self._asked("contact_rename")
        if not name.strip():
            raise errors.NameMissing
        if len(name) > 64:
            raise errors.NameTooLong
        self.contacts[contact_id] = replace(self._contact(contact_id), name=name.strip())
        self.emit(ContactChanged(contact_id))

    async def contact_remove(self, contact_id: MemberId) -> None:
        await self._asked("contact_remove")
        contact = self._contact(contact_id)
        del self.contacts[contact_id]
        del self.messages[contact.conversation_id]
        self.emit(ContactChanged(contact_id))

    async def contact_block(self, contact_id: MemberId) -> None:
        await self._asked("contact_block")
        self.blocks(contact_id, blocked=True)

    async def contact_unblock(self, contact_id: MemberId) -> None:
        await self._asked("contact_unblock")
        self.blocks(contact_id, blocked=False)

    # conversations and messages

    async def conversation_list(self) -> Sequence[Conversation]:
        await self._asked("conversation_list")
        rows = [self._conversation(contact) for contact in self.contacts.values()]
        return sorted(rows, key=lambda row: -(row.last.sent_ms if row.last else 0))

    async def conversation_read(self, conversation_id: ConversationId, up_to: MessageId) -> None:
        await self._asked("conversation_read")
        place = self._message(conversation_id, up_to).position
        if place > self.read_up_to.get(conversation_id, -1):
            self.read_up_to[conversation_id] = place
            self.emit(ConversationChanged(conversation_id))

    async def draft_save(self, conversation_id: ConversationId, text: str) -> None:
        await self._asked("draft_save")
        self.drafts[conversation_id] = text
        self.emit(ConversationChanged(conversation_id))

    async def conversation_writing(
        self, conversation_id: ConversationId, stopped: bool = False
    ) -> None:
        await self._asked("conversation_stopped" if stopped else "conversation_writing")

    async def message_send(self, conversation_id: ConversationId, text: str) -> MessageId:
        await self._asked("message_send")
        contact = self._contact_of(conversation_id)
        if contact.blocked:
            raise errors.ContactBlocked
        if is_blank(text):
            raise errors.TextMissing
        if len(text.encode()) > MAX_TEXT:
            raise errors.TextTooLong(MAX_TEXT)
        message = self._add(contact, text, mine=True, state=State.QUEUED)
        self.drafts.pop(conversation_id, None)
        self.emit(ConversationChanged(conversation_id))
        return message.message_id

    async def message_resend(self, message_id: MessageId) -> None:
        await self._asked("message_resend")
        for rows in self.messages.values():
            for row in rows:
                if row.message_id == message_id:
                    self.advance(row, State.QUEUED)
                    return
        raise errors.MessageUnknown

    async def message_list(
        self,
        conversation_id: ConversationId,
        limit: int = 50,
        before: MessageId | None = None,
        after: MessageId | None = None,
    ) -> Sequence[Message]:
        await self._asked("message_list")
        self._contact_of(conversation_id)
        rows = self.messages[conversation_id]
        if after is not None:
            place = self._message(conversation_id, after).position
            return tuple(row for row in rows if row.position > place)[:limit]
        if before is not None:
            place = self._message(conversation_id, before).position
            rows = [row for row in rows if row.position < place]
        return tuple(rows[-limit:])

    async def message_search(self, words: str, limit: int = 50) -> Sequence[Found]:
        await self._asked("message_search")
        hits = [
            Found(row, self._contact_of(row.conversation_id).name)
            for rows in self.messages.values()
            for row in rows
            if words.casefold() in row.text.casefold()
        ]
        return sorted(hits, key=lambda hit: -hit.message.sent_ms)[:limit]

    async def outbox_settle(self, timeout_ms: int) -> bool:
        await self._asked("outbox_settle")
        return True

    # inside

    async def _asked(self, name: str, *, locked_too: bool = False) -> None:
        self.heard.append(name)
        if self.delay_s:
            await trio.sleep(self.delay_s)
        if name in self.failures:
            raise self.failures[name]
        if not locked_too and self.state is not ProfileState.UNLOCKED:
            raise errors.ProfileLocked

    def _become(self, state: ProfileState) -> None:
        self.state = state
        self.emit(ProfileChanged(state))

    def _look(self, link: str) -> PersonInvitation | CommunityInvitation | RoomInvitation:
        if link.strip() not in self.invitations:
            raise errors.InvitationMalformed
        return self.invitations[link.strip()]

    def _contact(self, contact_id: MemberId) -> Contact:
        if contact_id not in self.contacts:
            raise errors.ContactUnknown
        return self.contacts[contact_id]

    def _contact_of(self, conversation_id: ConversationId) -> Contact:
        for contact in self.contacts.values():
            if contact.conversation_id == conversation_id:
                return contact
        raise errors.ConversationUnknown

    def _message(self, conversation_id: ConversationId, message_id: MessageId) -> Message:
        for row in self.messages.get(conversation_id, []):
            if row.message_id == message_id:
                return row
        raise errors.MessageUnknown

    def _conversation(self, contact: Contact) -> Conversation:
        rows = self.messages[contact.conversation_id]
        seen = self.read_up_to.get(contact.conversation_id, -1)
        unseen = [row for row in rows if not row.mine and row.position > seen]
        notes = sum(row.cause is Cause.WENT_ASIDE for row in unseen)
        return Conversation(
            contact.conversation_id,
            contact.contact_id,
            contact.name,
            rows[-1] if rows else None,
            sum(row.kind is not Kind.NOTICE for row in unseen) + notes,
            self.drafts.get(contact.conversation_id, ""),
            contact.verified,
            contact.pending,
            contact.blocked,
            contact.presence,
            aside=contact.conversation_id in self.cards,
            notes=notes,
        )

    def blocks(self, contact_id: MemberId, *, blocked: bool) -> None:
        """Nothing of theirs comes any more, and what was on its way to them has failed."""
        contact = replace(self._contact(contact_id), blocked=blocked)
        self.contacts[contact_id] = contact
        for message in tuple(self.messages.get(contact.conversation_id, ())):
            if blocked and message.mine and message.state in (State.QUEUED, State.SENT):
                self.advance(message, State.FAILED, Cause.BLOCKED)
        self.emit(ContactChanged(contact_id))
        self.emit(ConversationChanged(contact.conversation_id))

    def _add(
        self,
        contact: Contact,
        text: str,
        *,
        mine: bool,
        state: State,
        kind: Kind = Kind.TEXT,
        cause: Cause | None = None,
        sent_ms: int | None = None,
    ) -> Message:
        rows = self.messages[contact.conversation_id]
        self._count += 1
        message = Message(
            contact.conversation_id,
            MessageId(_id("message", str(self._count), 16)),
            len(rows),
            kind,
            self.me.member_id if mine else contact.contact_id,
            mine,
            text,
            self.now_ms if sent_ms is None else sent_ms,
            state,
            cause,
        )
        rows.append(message)
        return message
