"""Whom a delivery may speak for, judged by the capability it came by.

A capability was given to one contact. What comes by it may speak for that contact alone; what
names a device of somebody else goes to quarantine, and nobody's name is put on it. What an open
invitation brings speaks for nobody yet: it may greet.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct

from protocol.e2e.contents import Header
from protocol.ids import DeviceId, MemberId


class Invitation(Struct, frozen=True):
    """The capability of an open invitation: given to nobody in particular."""


INVITATION: Final = Invitation()


class Trusted(Struct, frozen=True):
    """A device of the very member this capability was given to."""

    member: MemberId


class Newcomer(Struct, frozen=True):
    """A device nobody knows, by this member's capability.

    It may speak once this member's device list names it; until then it may only bring that list.
    """

    member: MemberId


class Stranger(Struct, frozen=True):
    """Somebody with an open invitation: may greet, nothing else."""


class Quarantine(Struct, frozen=True):
    """Kept, with nobody's name on it."""


Verdict: TypeAlias = Trusted | Newcomer | Stranger | Quarantine


def judge(capability_of: MemberId | Invitation | None, claimed: MemberId | None) -> Verdict:
    """Who may have said what came by this capability.

    ``capability_of`` is None for a capability that is not, or no longer, given to anybody;
    ``claimed`` is the member whose known devices include the envelope's sender.
    """
    if capability_of is None:
        return Quarantine()
    if isinstance(capability_of, Invitation):
        return Stranger()
    if claimed is None:
        return Newcomer(capability_of)
    return Trusted(capability_of) if claimed == capability_of else Quarantine()


def speaks_truly(
    header: Header,
    sender: DeviceId,
    author: MemberId,
    recipient_device: DeviceId,
    recipient: MemberId,
) -> bool:
    """Whether a header names the session's two ends, which the session proves and it does not."""
    return (header.author_device, header.author, header.recipient_device, header.recipient) == (
        sender,
        author,
        recipient_device,
        recipient,
    )
