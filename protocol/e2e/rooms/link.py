"""A room's link, and an invitation of one's own to a room.

    aside://HOST:PORT/FINGERPRINT#room.BASE64URL
    version 1 ‖ flags 1 ‖ room 32 ‖ secret 16 ‖ [invitation 16] ‖ check 4

Bit 0 of the flags: an invitation for one seat stands behind the secret. From the secret come, each
by itself, the token that the relay asks for, the key of the front and, in an open room, the key of
the first epoch: the relay is told the token and learns neither key. An open room's link is its key.
"""

from __future__ import annotations

import re
from itertools import islice

from msgspec import Struct

from protocol.e2e.link import MOST_CANDIDATES, candidates
from protocol.errors import LinkError, MalformedLink, NewerLink
from protocol.ids import KEY_BYTES, RoomId, SeatId
from protocol.keys import Domain, Secret, derive, digest
from protocol.wire.address import RelayAddress, bytes_of, parse_link, text_of

VERSION = 1
SECRET_BYTES = 16
MARK = "room."
_CHECK = 4
_PLAIN = 2 + KEY_BYTES + SECRET_BYTES
_ONES_OWN = 1
_MARKED = re.compile(r"#room\.", re.IGNORECASE)


class RoomLink(Struct, frozen=True):
    """What leads into a room. ``invitation`` is good for one seat."""

    address: RelayAddress
    room: RoomId
    secret: Secret
    invitation: Secret | None = None

    def __str__(self) -> str:
        flags = 0 if self.invitation is None else _ONES_OWN
        payload = bytes([VERSION, flags]) + self.room + self.secret + (self.invitation or b"")
        return self.address.link(MARK + text_of(payload + _check(self.address, payload)))

    def __repr__(self) -> str:
        return "<RoomLink>"

    def token(self) -> Secret:
        """What the relay asks for; its hash stands in the policy or in an order."""
        return derive(Domain.ROOM_LINK_TOKEN, self.invitation or self.secret, self.room)

    def front_key(self) -> Secret:
        """What opens the policy's front."""
        return derive(Domain.ROOM_LINK_FRONT, self.secret, self.room)

    def first_epoch(self) -> Secret:
        """The first epoch's key, if the room is an open one: the policy's commitment tells."""
        return derive(Domain.ROOM_LINK_EPOCH, self.secret, self.room)

    def proof(self, seat: SeatId) -> bytes:
        """What shows the host that this seat holds the invitation; the relay, which was shown the
        token, cannot make it. Empty without one."""
        if self.invitation is None:
            return b""
        return bytes(derive(Domain.ROOM_INVITATION, self.invitation, self.room, seat))


def parse_room_link(text: str) -> RoomLink:
    """Read one link, exactly as it was made. Raises MalformedLink, NewerLink."""
    address, fragment = parse_link(text)
    if not fragment.startswith(MARK):
        raise MalformedLink
    raw = bytes_of(fragment.removeprefix(MARK))
    if raw[:1] > bytes([VERSION]):
        raise NewerLink
    payload, check = raw[:-_CHECK], raw[-_CHECK:]
    if len(payload) < _PLAIN or payload[0] != VERSION or check != _check(address, payload):
        raise MalformedLink
    own = payload[_PLAIN:]
    if len(own) != (SECRET_BYTES if payload[1] & _ONES_OWN else 0):
        raise MalformedLink
    secret = payload[2 + KEY_BYTES : _PLAIN]
    room = RoomId(payload[2 : 2 + KEY_BYTES])
    return RoomLink(address, room, Secret(secret), Secret(own) if own else None)


def find_room_link(text: str) -> RoomLink:
    """The room's link in what somebody pasted: quoted, wrapped, or amid a sentence.

    Raises MalformedLink, NewerLink.
    """
    newer = False
    for candidate in islice(candidates(text), MOST_CANDIDATES):
        try:
            return parse_room_link(candidate)
        except NewerLink:
            newer = True
        except LinkError:
            continue
    raise NewerLink if newer else MalformedLink


def is_room_link(text: str) -> bool:
    """Whether a link says that it leads into a room, whole or not."""
    return _MARKED.search(text.replace("%23", "#")) is not None


def _check(address: RelayAddress, payload: bytes) -> bytes:
    host, port = address.host.lower().encode(), address.port.to_bytes(2, "big")
    tls = b"\x01" if address.tls else b"\x00"
    where = (host, port, address.fingerprint, tls)
    return digest(Domain.ROOM_LINK_CHECK, *where, payload, size=_CHECK)
