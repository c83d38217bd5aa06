"""What an operator may change: how much a pass is good for, and whether a code still is.

Passes go by a *handle*, the beginning of the hash by which the relay knows them; it names a pass
to its operator and says nothing of whoever holds it.
"""

from __future__ import annotations

from base64 import b32decode, b32encode
from enum import StrEnum

from msgspec import Struct

from relay.rules.records import Pass
from relay.rules.store import Store

# Eight characters, and eight more where that names two.
HANDLE_PIECE = 5


def handle_of(pass_hash: bytes, pieces: int = 1) -> str:
    """A pass's short name, or a longer one."""
    return b32encode(pass_hash[: HANDLE_PIECE * pieces]).decode().lower()


def hash_begins(handle: str) -> bytes | None:
    """The bytes a handle stands for; None where it is none."""
    if not handle or len(handle) % 8 or len(handle) > 48:
        return None
    try:
        return b32decode(handle, casefold=True)
    except ValueError:
        return None


class Missing(StrEnum):
    """Why nothing was changed."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


class Change(Struct, frozen=True):
    """New bounds of one pass; None leaves one as it is."""

    mailboxes: int | None = None
    stored_bytes: int | None = None
    invites: int | None = None
    forwards: int | None = None
    rooms: int | None = None
    blob_bytes: int | None = None


# What is there can still be collected; nothing new is taken, and nobody is let in.
BLOCKED = Change(mailboxes=0, stored_bytes=0, invites=0, forwards=0, rooms=0, blob_bytes=0)


class Custody:
    """The operator's hand in the store. Everything here is inside a transaction."""

    def __init__(self, store: Store) -> None:
        self._passes = store.passes

    def change(self, handle: str, change: Change) -> Pass | Missing:
        """Set bounds. What is above them stays, and nothing more comes until it is below."""
        begins = hash_begins(handle)
        found = [] if begins is None else self._passes.named(begins)
        if len(found) != 1:
            return Missing.AMBIGUOUS if found else Missing.UNKNOWN
        held = found[0]
        if change.mailboxes is not None:
            held.mailboxes = change.mailboxes
        if change.stored_bytes is not None:
            held.stored_bytes = change.stored_bytes
        if change.invites is not None:
            held.invites = change.invites
        if change.forwards is not None:
            held.forwarding.forwards = change.forwards
        if change.rooms is not None:
            held.rooms = change.rooms
        if change.blob_bytes is not None:
            held.holding.most_bytes = change.blob_bytes
        self._passes.save(held)
        return held

    def forget_code(self, code_hash: bytes) -> Missing | None:
        """Let nobody else in by it; passes that were got with it stay."""
        code = self._passes.find_code(code_hash)
        if code is None or code.uses <= 0:
            return Missing.UNKNOWN
        code.uses = 0
        self._passes.save_code(code)
        return None

    def forget_codes(self) -> int:
        """The same for all of them, whoever made them; how many they were."""
        return self._passes.end_codes()
