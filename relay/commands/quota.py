"""``aside-relay passes``, ``quota`` and ``block``: bounds for people nobody here knows."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from protocol.errors import MalformedLink
from protocol.wire.address import JOIN, bytes_of, parse_address, parse_relay_invitation
from relay.commands import strings
from relay.commands.damage import look_before_writing, reading
from relay.commands.said import Said
from relay.commands.worded import sized, worded
from relay.control import calling
from relay.control.words import (
    Answer,
    Done,
    ForgetCode,
    ForgetCodes,
    InTheStore,
    PassIs,
    Quota,
    Wrong,
    shown,
)
from relay.errors import AmbiguousPass, CannotWrite, NotAnswering, UnknownPass, WrongUse
from relay.folder import Folder
from relay.rules.admission import code_hash
from relay.rules.custody import hash_begins
from relay.rules.limits import HIGHEST_BYTES, HIGHEST_COUNT
from relay.store.passes import SqlitePasses

FINGERPRINT_LETTERS = 43


class Bounds(Struct, frozen=True):
    """What ``quota`` was told; None for what stays."""

    mailboxes: int | None
    stored_bytes: int | None
    invites: int | None
    forwards: int | None
    rooms: int | None = None
    blob_bytes: int | None = None

    def may_be(self, name: str) -> bool:
        """Whether this one is none that nobody could be told of."""
        bound: int | None = getattr(self, name)
        most = HIGHEST_BYTES if name.endswith("_bytes") else HIGHEST_COUNT
        return bound is None or 0 <= bound <= most


def passes(folder: Folder) -> Said:
    """All of them, the fullest first. Works running and stopped."""
    folder.settings()
    with reading(folder) as beside:
        found = [shown(held) for held in SqlitePasses(beside).all()]
    found.sort(key=lambda held: (-held.used_bytes, held.handle))
    text = "\n".join(map(_line, found)) or strings.NO_PASSES
    return Said(text, {"passes": [msgspec.to_builtins(held) for held in found]})


def quota(folder: Folder, handle: str, bounds: Bounds) -> Said:
    """Set what is given, by the relay at work or in its store."""
    given = astuple(bounds)
    if all(each is None for each in given):
        raise WrongUse(strings.QUOTA_WHAT)
    if not all(bounds.may_be(name) for name in bounds.__struct_fields__):
        raise WrongUse(strings.QUOTA_BOUNDS.format(count=HIGHEST_COUNT, size=HIGHEST_BYTES))
    return _changed(folder, handle, bounds, strings.QUOTA_SET)


def block(folder: Folder, what: str) -> Said:
    """A pass by its handle, or a code or invitation link that nobody else shall come by."""
    if hash_begins(what.lower()) is not None:
        zero = Bounds(0, 0, 0, 0, rooms=0, blob_bytes=0)
        return _changed(folder, what, zero, strings.BLOCKED)
    code = code_hash(_code(what))
    answer = _ordered(folder, ForgetCode(code_hash=code.hex()))
    if isinstance(answer, Wrong):
        raise _mistake(answer, what, folder)
    return Said(strings.CODE_BLOCKED, {"blocked": "code"})


def block_invitations(folder: Folder) -> Said:
    """All that are open, also those that somebody else made in the relay's place."""
    answer = _ordered(folder, ForgetCodes())
    if not isinstance(answer, Done):
        raise _mistake(answer, "", folder)
    facts = {"blocked": "codes", "count": answer.count}
    return Said(strings.CODES_BLOCKED.format(count=answer.count), facts)


def _changed(folder: Folder, handle: str, bounds: Bounds, template: str) -> Said:
    if hash_begins(handle.lower()) is None:
        raise UnknownPass(handle)
    order = Quota(
        handle=handle.lower(),
        mailboxes=bounds.mailboxes,
        stored_bytes=bounds.stored_bytes,
        invites=bounds.invites,
        forwards=bounds.forwards,
        rooms=bounds.rooms,
        blob_bytes=bounds.blob_bytes,
    )
    answer = _ordered(folder, order)
    if isinstance(answer, PassIs):
        said = msgspec.to_builtins(answer)
        return Said(f"{template.format(handle=answer.handle)}\n{_line(answer)}", said)
    raise _mistake(answer, handle, folder)


def _ordered(folder: Folder, order: InTheStore) -> Answer:
    folder.settings()
    look_before_writing(folder)
    return calling.order(folder, order)


def _mistake(answer: object, what: str, folder: Folder) -> Exception:
    match answer:
        case Wrong(kind="unknown"):
            return UnknownPass(what)
        case Wrong(kind="ambiguous"):
            return AmbiguousPass(what)
        case Wrong(kind="unavailable"):
            return CannotWrite(str(folder.store_path))
        case _:
            return NotAnswering(str(folder.path))


def _code(what: str) -> bytes:
    if _is_relay(what):
        raise WrongUse(strings.BLOCK_RELAY)
    try:
        if "://" in what:
            return parse_relay_invitation(what).code
        return bytes_of(what.removeprefix(JOIN))
    except MalformedLink as exc:
        raise WrongUse(strings.BLOCK_WHAT) from exc


def _is_relay(what: str) -> bool:
    """An address, or a fingerprint, which is longer than any code an operator makes."""
    try:
        parse_address(what)
    except MalformedLink:
        return len(what) == FINGERPRINT_LETTERS
    return True


def _line(held: PassIs) -> str:
    return worded(
        strings.HELD,
        handle=held.handle,
        used_mailboxes=held.used_mailboxes,
        mailboxes=held.mailboxes,
        used=sized(held.used_bytes),
        most=sized(held.stored_bytes),
        invites=held.invites,
        forwards=held.forwards,
        rooms=held.rooms,
        used_blobs=sized(held.used_blob_bytes),
        most_blobs=sized(held.blob_bytes),
    )
