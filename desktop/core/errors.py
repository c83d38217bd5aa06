"""What a member can meet, one type per reaction (law 11).

Sentences for these are in ``desktop/ui/strings.py``, keyed by type; ``aside rpc`` tells the
type's name as ``data.kind``.
"""

from __future__ import annotations


class AsideError(Exception):
    """Something a person can be told about. Never raised itself."""


class OutOfBounds(Exception):
    """A value that no window offers, asked for through ``aside rpc``: ``field`` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


# The profile and its vault


class ProfileExists(AsideError):
    """There is a profile in this folder already."""


class ProfileMissing(AsideError):
    """There is no profile in this folder yet."""


class ProfileLocked(AsideError):
    """The passphrase has not been given yet."""


class WrongPassphrase(AsideError):
    """The passphrase does not open the vault. Nothing was changed."""


class NameMissing(AsideError):
    """A name is empty or only spaces."""


class NameTooLong(AsideError):
    """A name has more than 64 characters."""


class PassphraseMissing(AsideError):
    """A passphrase is empty."""


class PassphraseWeak(AsideError):
    """A passphrase of the lowest class: whoever has the disk need not even try."""


class VaultNewer(AsideError):
    """The vault was written by a newer version; it was not touched."""


class VaultDamaged(AsideError):
    """The vault cannot be read; it was not touched."""


class VaultInUse(AsideError):
    """Another process has this profile open."""


class VaultFull(AsideError):
    """The disk took no more; what was asked did not happen."""


# Links


class InvitationMalformed(AsideError):
    """Not a link of ours, or damaged on its way."""


class InvitationNewer(AsideError):
    """A link that only a newer version understands."""


class InvitationSpent(AsideError):
    """Used already, or withdrawn."""


class InvitationExpired(AsideError):
    """Past its time."""


class InvitationIsMine(AsideError):
    """My own link."""


class WrongKindOfInvitation(AsideError):
    """A link of the other kind. Never raised itself."""


class NotARelaysLink(WrongKindOfInvitation):
    """A person's link where a relay's was wanted."""


class NotAPersonsLink(WrongKindOfInvitation):
    """A relay's link where a person's was wanted."""


class JoinNotAllowed(AsideError):
    """My pass does not let me bring others to this relay."""


# Relays


class NoRelay(AsideError):
    """This needs a relay and there is none yet. Never raised itself."""


class NoRelayToInvite(NoRelay):
    """Whoever used the invitation would have nowhere to write to."""


class NoRelayToAnswer(NoRelay):
    """Whoever invited would have nowhere to write to. Their link is kept until there is one."""


class RelayUnavailable(AsideError):
    """The relay does not answer."""


class RelayKeyWrong(AsideError):
    """Whoever answered does not have the key that was expected."""


class RelayVersion(AsideError):
    """The relay and this app speak no common version."""


class RelayRefused(AsideError):
    """The relay did not accept the invitation or the pass."""


class RelayFull(AsideError):
    """A bound at the relay is reached."""


class RelayUnknown(AsideError):
    """No relay of mine goes by this id."""


class RelayOrderUneven(AsideError):
    """An order of my relays in which one is missing or named twice."""


class RelayOther(AsideError):
    """The address of another relay, where a new one for this relay was wanted."""


class ProxyMalformed(AsideError):
    """Not the address of a proxy, or a name without a password."""


class ProxyUnavailable(AsideError):
    """The proxy does not answer, or does not let this computer in. Nothing goes around it."""


class TooManyRelays(AsideError):
    """Three relays are kept at most."""


# People and messages


class ContactUnknown(AsideError):
    """No contact goes by this id."""


class ContactBlocked(AsideError):
    """I blocked this contact: nothing goes to them before they are unblocked."""


class ConversationUnknown(AsideError):
    """No conversation goes by this id."""


class MessageUnknown(AsideError):
    """No message goes by this id."""


class TextMissing(AsideError):
    """A message without words."""


class TextTooLong(AsideError):
    """A text over the largest envelope; ``limit`` in bytes of UTF-8."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit
