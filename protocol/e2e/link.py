"""A contact's invitation link, and the one field that takes any invitation.

    aside://HOST:PORT/FINGERPRINT#BASE64URL
    version 1 ‖ flags 1 ‖ member id 32 ‖ secret 16 ‖ expires_ms 8 ‖ name (UTF-8) ‖ check 4

Bit 0 of the flags: the link carries an invitation to the relay as well. The check covers address
and payload, so that a link cut short or garbled on its way is known for what it is. Capability,
drawer key, drawer id and join code are derived from the secret; the relay is told only hashes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from protocol.e2e import names
from protocol.errors import LinkError, MalformedLink, NewerLink
from protocol.ids import DRAWER_ID_BYTES, KEY_BYTES, DrawerId, MemberId
from protocol.keys import Domain, Secret, derive, digest
from protocol.wire.address import (
    JOIN,
    MAX_LINK,
    RelayAddress,
    RelayInvitation,
    bytes_of,
    parse_link,
    parse_relay_invitation,
    text_of,
)

VERSION = 1
SECRET_BYTES = 16
_CHECK = 4
_NAME = 2 + KEY_BYTES + SECRET_BYTES + 8
_CARRIES_JOIN = 1
_MAX_PASTE = 64 * 1024
MOST_CANDIDATES = 64
_LINK = re.compile(r"aside://\S+", re.IGNORECASE)
_AFTER = ".,;:!?)]}>\"'`*»”’…。，"


class ContactLink(Struct, frozen=True):
    """An invitation to become somebody's contact. Whoever holds it may come with it."""

    address: RelayAddress
    member_id: MemberId
    secret: Secret
    expires_ms: int
    name: str = ""
    join: bool = False

    def __str__(self) -> str:
        payload = b"".join(
            (
                bytes([VERSION, _CARRIES_JOIN if self.join else 0]),
                self.member_id,
                self.secret,
                self.expires_ms.to_bytes(8, "big"),
                self.name.encode(),
            )
        )
        return self.address.link(text_of(payload + _check(self.address, payload)))

    def __repr__(self) -> str:
        return "<ContactLink>"

    def capability(self) -> Secret:
        """What lets its holder deposit greetings and take bundles."""
        return derive(Domain.LINK_CAPABILITY, self.secret)

    def drawer_key(self) -> Secret:
        """What opens the bundles."""
        return derive(Domain.LINK_DRAWER, self.secret)

    def drawer_id(self) -> DrawerId:
        """Which drawer the bundles lie in."""
        return drawer_of(self.secret)

    def join_code(self) -> Secret | None:
        """The relay's invite code, where the link carries one."""
        return derive(Domain.LINK_JOIN, self.secret, size=16) if self.join else None


def drawer_of(secret: Secret) -> DrawerId:
    """The drawer that a link's secret names."""
    return DrawerId(derive(Domain.LINK_DRAWER_ID, secret, size=DRAWER_ID_BYTES))


def parse_contact_link(text: str) -> ContactLink:
    """Read one link, exactly as it was made. Raises MalformedLink, NewerLink."""
    address, fragment = parse_link(text)
    raw = bytes_of(fragment)
    if raw[:1] > bytes([VERSION]):
        raise NewerLink
    payload, check = raw[:-_CHECK], raw[-_CHECK:]
    if len(payload) < _NAME or payload[0] != VERSION or check != _check(address, payload):
        raise MalformedLink
    try:
        name = payload[_NAME:].decode()
    except UnicodeDecodeError as exc:
        raise MalformedLink from exc
    if len(name) > names.MAX_NAME or any(unicodedata.category(char) == "Cc" for char in name):
        raise MalformedLink
    secret_at, expires_at = 2 + KEY_BYTES, 2 + KEY_BYTES + SECRET_BYTES
    return ContactLink(
        address=address,
        member_id=MemberId(payload[2:secret_at]),
        secret=Secret(payload[secret_at:expires_at]),
        expires_ms=int.from_bytes(payload[expires_at:_NAME], "big"),
        name=names.clean(name),
        join=bool(payload[1] & _CARRIES_JOIN),
    )


def parse_invitation(text: str) -> ContactLink | RelayInvitation:
    """The invitation in what somebody pasted: either kind, quoted, wrapped, or amid a sentence.

    Raises MalformedLink, NewerLink.
    """
    if len(text) > _MAX_PASTE:
        raise MalformedLink
    newer = False
    for candidate in islice(candidates(text), MOST_CANDIDATES):
        try:
            return _parse_either(candidate)
        except NewerLink:
            newer = True
        except LinkError:
            continue
    raise NewerLink if newer else MalformedLink


def candidates(text: str) -> Iterator[str]:
    """Each link as it stands, then what becomes one link without its line breaks."""
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    for found in (visible, "".join(visible.split())):
        for match in _LINK.finditer(found):
            link = match.group().rstrip(_AFTER)
            if len(link) <= MAX_LINK:
                yield link


def _parse_either(text: str) -> ContactLink | RelayInvitation:
    _, fragment = parse_link(text)
    if fragment.startswith(JOIN):
        return parse_relay_invitation(text)
    return parse_contact_link(text)


def _check(address: RelayAddress, payload: bytes) -> bytes:
    host, port = address.host.lower().encode(), address.port.to_bytes(2, "big")
    tls = b"\x01" if address.tls else b"\x00"
    return digest(Domain.LINK_CHECK, host, port, address.fingerprint, tls, payload, size=_CHECK)
