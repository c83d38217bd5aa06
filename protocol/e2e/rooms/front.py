"""A room's front: what somebody with its link sees before entering, and the relay never.

front   lock(front key, packed Front, joined("aside/1 room-front", room))
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta
from msgspec.structs import replace

from protocol.e2e.contents import Hidden
from protocol.e2e.packing import pack, unpack
from protocol.e2e.rooms import words
from protocol.e2e.rooms.pseudonyms import MAX_PSEUDONYM, clean
from protocol.errors import Damaged, LocalProtocolError, Unopenable
from protocol.ids import ASeatId, RoomId
from protocol.keys import Domain, Rng, Secret, joined, lock, unlock
from protocol.wire.rooms.policy import MAX_FRONT

MAX_TITLE = 100
MAX_ABOUT = 1000
MAX_RULES = 1500
MAX_WHERE = 300


class Front(Hidden, frozen=True):
    """Title, description, house rules, where picture and sound run, and who the host is.

    ``seat`` is the host's: what the room's key signed, nobody needs a relay's word for.
    """

    title: Annotated[str, Meta(max_length=MAX_TITLE)]
    about: Annotated[str, Meta(max_length=MAX_ABOUT)] = ""
    rules: Annotated[str, Meta(max_length=MAX_RULES)] = ""
    where: Annotated[str, Meta(max_length=MAX_WHERE)] = ""
    host: Annotated[str, Meta(max_length=MAX_PSEUDONYM)] = ""
    seat: ASeatId | None = None


def seal_front(front: Front, key: Secret, room: RoomId, rng: Rng) -> bytes:
    """For the policy. Raises LocalProtocolError where it is too long."""
    sealed = lock(key, pack(front), _bound(room), rng)
    if len(sealed) > MAX_FRONT:
        raise LocalProtocolError("a front too long for a policy")
    return sealed


def open_front(sealed: bytes, key: Secret, room: RoomId) -> Front:
    """As it may be shown. Raises Damaged, RemoteProtocolError."""
    try:
        plain = unlock(key, sealed, _bound(room))
    except Unopenable as exc:
        raise Damaged from exc
    return shown(unpack(plain, Front))


def shown(front: Front) -> Front:
    """A stranger's front, harmless."""
    return replace(
        front,
        title=words.line(front.title, MAX_TITLE),
        about=words.lines(front.about, MAX_ABOUT),
        rules=words.lines(front.rules, MAX_RULES),
        where=web(front.where),
        host=clean(front.host),
    )


def web(where: str) -> str:
    """An address of the web as one may be asked to open it; nothing where it is none."""
    try:
        parts = urlsplit(where)
        host = parts.hostname
    except ValueError:
        return ""
    plain = where.isascii() and where == words.line(where, MAX_WHERE) and " " not in where
    whole = parts.scheme in ("https", "http") and host and parts.username is None
    return where if plain and whole else ""


def _bound(room: RoomId) -> bytes:
    return joined(Domain.ROOM_FRONT.value, room)
