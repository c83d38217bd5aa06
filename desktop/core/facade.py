"""What an engine offers its clients. The window and ``aside rpc`` are two clients of this (law 5).

Every call raises a leaf of :class:`desktop.core.errors.AsideError` where a person has to be told,
and ProfileLocked where the vault must be open first and is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from desktop.core.events import Event
from desktop.core.models import (
    Accepted,
    CommunityInvitation,
    Contact,
    Conversation,
    Found,
    Message,
    PersonInvitation,
    Profile,
    ProfileState,
    Relay,
    RoomInvitation,
    Settings,
)
from desktop.core.practices import Practices
from desktop.core.proxy import ProxyShown
from desktop.core.room_facade import Rooms
from protocol.ids import ConversationId, Fingerprint, MemberId, MessageId


class Facade(Rooms, Protocol):
    """One member's engine on this device; what it offers about rooms is in :class:`Rooms`."""

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Hear every event, on the engine's thread; the answer ends it."""
        ...

    # profile

    async def profile_state(self) -> ProfileState:
        """Raises VaultDamaged where a profile has lost what unlocks it."""
        ...

    async def profile_create(self, name: str, passphrase: str) -> Profile:
        """Raises ProfileExists, NameMissing, NameTooLong, PassphraseMissing, PassphraseWeak,
        VaultInUse, VaultDamaged where a profile has lost what unlocks it."""
        ...

    async def profile_unlock(self, passphrase: str) -> Profile:
        """Where it is open already, the passphrase is compared all the same.

        Raises WrongPassphrase, ProfileMissing, VaultNewer, VaultDamaged, VaultInUse."""
        ...

    async def profile_lock(self) -> None: ...

    async def profile_show(self) -> Profile: ...

    async def profile_change_passphrase(self, old: str, new: str) -> None:
        """Raises WrongPassphrase, PassphraseMissing, PassphraseWeak."""
        ...

    async def settings(self) -> Settings: ...

    async def set_settings(self, settings: Settings, /) -> None: ...

    async def presence_set(self, presence: bool | None = None, typing: bool | None = None) -> None:
        """Whether contacts see that I am here, or am writing, and I see it of them."""
        ...

    # relays

    async def relay_add(self, address: str, invite: str | None = None) -> Fingerprint:
        """``address`` is an address or a relay's invitation link; ``invite`` a code or such a link.

        Raises InvitationMalformed, NotARelaysLink, ProxyUnavailable, RelayUnavailable,
        RelayKeyWrong, RelayVersion, RelayRefused, RelayFull, TooManyRelays.
        """
        ...

    async def relay_list(self) -> Sequence[Relay]: ...

    async def relay_order(self, relay_ids: Sequence[Fingerprint]) -> None:
        """All of them, the one first where contacts shall deposit first. Raises RelayUnknown,
        RelayOrderUneven."""
        ...

    async def relay_move(self, relay_id: Fingerprint, address: str) -> None:
        """The relay answers at another address. Raises RelayUnknown, RelayOther,
        InvitationMalformed."""
        ...

    async def relay_remove(self, relay_id: Fingerprint) -> None:
        """Contacts are told of those that stay; what still comes to this one is collected for 30
        days, then its mailbox is deleted. The last one's is deleted at once. Raises RelayUnknown.
        """
        ...

    async def relay_practices(self, relay_id: Fingerprint) -> Practices | None:
        """What it says of what it keeps, as it was heard last, and what changed since the member
        joined. None where it has not said anything yet. Raises RelayUnknown."""
        ...

    async def proxy_show(self) -> ProxyShown | None:
        """The proxy that every relay is reached through; None without one."""
        ...

    async def proxy_set(self, address: str, name: str = "", password: str = "") -> None:
        """From now on every relay is reached through the SOCKS5 proxy at HOST:PORT, and by no
        other way; with no address directly. Lines that are open are closed.

        Raises ProxyMalformed.
        """
        ...

    async def nudge(self) -> None:
        """Somebody is looking: try every lost connection at once."""
        ...

    # contacts

    async def look_at(self, link: str) -> PersonInvitation | CommunityInvitation | RoomInvitation:
        """What a link says, without connecting anywhere.

        Raises InvitationMalformed, InvitationNewer, InvitationIsMine, InvitationExpired.
        """
        ...

    async def contact_invite(
        self, uses: int = 1, expires_ms: int | None = None, note: str = "", join: bool = False
    ) -> str:
        """A link of 1 to 100 uses, for 90 days at most.

        Raises OutOfBounds, NoRelayToInvite, RelayUnavailable, RelayFull, JoinNotAllowed.
        """
        ...

    async def contact_accept(self, link: str, greeting: str = "") -> Accepted:
        """Raises what :meth:`look_at` and :meth:`relay_add` raise, InvitationSpent,
        NotAPersonsLink, NoRelayToAnswer, ContactBlocked."""
        ...

    async def kept_link(self) -> str | None:
        """The contact link that met NoRelayToAnswer, until it has been used."""
        ...

    async def drop_kept_link(self) -> None: ...

    async def contact_list(self) -> Sequence[Contact]: ...

    async def contact_show(self, contact_id: MemberId) -> Contact: ...

    async def contact_rename(self, contact_id: MemberId, name: str) -> None: ...

    async def contact_remove(self, contact_id: MemberId) -> None:
        """The contact's capability is revoked and the conversation goes."""
        ...

    async def contact_block(self, contact_id: MemberId) -> None:
        """Nothing of theirs is taken any more; what was on its way to them has failed. Nobody is
        told. Raises ContactUnknown."""
        ...

    async def contact_unblock(self, contact_id: MemberId) -> None:
        """They learn inside the encryption how to write again. Raises ContactUnknown."""
        ...

    # conversations and messages

    async def conversation_list(self) -> Sequence[Conversation]:
        """Newest first."""
        ...

    async def conversation_read(
        self, conversation_id: ConversationId, up_to: MessageId
    ) -> None: ...

    async def draft_save(self, conversation_id: ConversationId, text: str) -> None: ...

    async def conversation_writing(
        self, conversation_id: ConversationId, stopped: bool = False
    ) -> None:
        """I am writing there: said at most once in some seconds, and kept nowhere."""
        ...

    async def message_send(self, conversation_id: ConversationId, text: str) -> MessageId:
        """On disk when this returns. Raises ConversationUnknown, ContactBlocked, TextMissing,
        TextTooLong."""
        ...

    async def message_resend(self, message_id: MessageId) -> None:
        """Queue a failed message again under its id."""
        ...

    async def message_list(
        self,
        conversation_id: ConversationId,
        limit: int = 50,
        before: MessageId | None = None,
        after: MessageId | None = None,
    ) -> Sequence[Message]:
        """Oldest first: the last ``limit`` before ``before``, or the first after ``after``."""
        ...

    async def message_search(self, words: str, limit: int = 50) -> Sequence[Found]:
        """Newest first."""
        ...

    async def outbox_settle(self, timeout_ms: int) -> bool:
        """Whether every queued message reached a relay in that time."""
        ...
