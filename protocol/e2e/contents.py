"""Every content, declared once (law 9): what stands inside an envelope once it is opened.

A content is a header and its own fields, encoded as a MessagePack map whose key ``t`` names it.
Unknown keys are ignored, fields added later have a default, and defaults are left out of the
bytes, so that a newer version encodes an old content to the same bytes. A content of an unknown
name is a value: it is kept and shown as written by a newer version.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from protocol.e2e.devices import MAX_DEVICES, SignedDeviceList
from protocol.e2e.names import MAX_NAME
from protocol.e2e.packing import UNREADABLE, pack
from protocol.e2e.sealing import SignedSealingKey
from protocol.errors import RemoteProtocolError, TextTooLong
from protocol.ids import (
    CONVERSATION_ID_BYTES,
    AConversationId,
    ADeviceId,
    AHash,
    AKey,
    AMemberId,
    AMessageId,
    ATime,
    ConversationId,
    MemberId,
)
from protocol.keys import Domain, digest

MAX_TEXT_BYTES = 58 * 1024
"""The longest text, in UTF-8, that fits into the largest envelope beside the fullest header."""

MAX_MAILBOXES = 3

ACounter = Annotated[int, Meta(ge=0, lt=2**32)]
AVersion = Annotated[int, Meta(ge=0, lt=2**31)]
AName = Annotated[str, Meta(max_length=MAX_NAME)]
Seens = Annotated[dict[ADeviceId, ACounter], Meta(max_length=64)]
MessageIds = Annotated[tuple[AMessageId, ...], Meta(max_length=512)]
Hashes = Annotated[tuple[AHash, ...], Meta(max_length=64)]


class Hidden(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A structure whose name is all that may reach a log."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Header(Hidden, frozen=True):
    """What every content says of itself. The ids are checked against session and envelope."""

    message_id: AMessageId
    conversation: AConversationId
    author: AMemberId
    author_device: ADeviceId
    recipient: AMemberId
    recipient_device: ADeviceId
    counter: ACounter  # of the author's device in this conversation; 0: not part of the chain
    previous: Annotated[bytes, Meta(max_length=32)]  # content_hash of the one before; first: empty
    list_version: AVersion  # of the author's device list
    known_list_version: AVersion  # of the recipient's device list, as the author knows it; 0: none
    sent_ms: ATime
    seen: Seens = {}  # the highest counter seen of every other device in this conversation
    generation: AVersion = 0  # of the session this travels on; see protocol.e2e.sessions
    sealing_key: SignedSealingKey | None = None  # the author device's new one
    repairs: Annotated[bytes, Meta(max_length=32)] = b""  # olm_hash of what this says again


class Content(Hidden, frozen=True, tag_field="t"):
    """What is inside an envelope."""

    header: Header


class Text(Content, frozen=True, tag="text"):
    """A message of plain text."""

    text: Annotated[str, Meta(max_length=MAX_TEXT_BYTES)]


class MailboxRoute(Hidden, frozen=True):
    """One mailbox of a device: the relay's address, and what opens its slot and its drawer."""

    relay: Annotated[str, Meta(max_length=300)]
    capability: AKey
    drawer_key: AKey


class Route(Hidden, frozen=True):
    """How to reach one device: its mailboxes in the order to try, and its sealing key."""

    device: ADeviceId
    mailboxes: Annotated[tuple[MailboxRoute, ...], Meta(max_length=MAX_MAILBOXES)]
    sealing_key: SignedSealingKey


class Greeting(Content, frozen=True, tag="greeting"):
    """First words to somebody, the answer to them, and news of devices, relays, capabilities."""

    name: AName
    device_list: SignedDeviceList
    routes: Annotated[tuple[Route, ...], Meta(max_length=MAX_DEVICES)]
    text: Annotated[str, Meta(max_length=2000)] = ""
    reply: bool = False


class Receipt(Content, frozen=True, tag="receipt"):
    """What came onto this device's disk, and what its person has read."""

    delivered: MessageIds = ()
    read: MessageIds = ()


class Gap(Hidden, frozen=True):
    """Counters of one device, from ``first`` to ``last``, both missing."""

    device: ADeviceId
    first: Annotated[int, Meta(ge=1, lt=2**32)]
    last: Annotated[int, Meta(ge=1, lt=2**32)]


Gaps = Annotated[tuple[Gap, ...], Meta(max_length=64)]


class RepairAsk(Content, frozen=True, tag="repair_ask"):
    """Say again what could not be opened (by olm_hash) and what never came (by counter)."""

    olm_hashes: Hashes = ()
    gaps: Gaps = ()


class RepairAnswer(Content, frozen=True, tag="repair_answer"):
    """What cannot be said again. All else asked for comes anew, under its message id.

    ``written``: the counter of the last message composed when this was. Bytes that are named here
    held nothing that is not here, once everything up to it is.
    """

    unavailable: Gaps = ()
    olm_hashes: Hashes = ()
    written: ACounter | None = None


class DeclineReason(StrEnum):
    """Why a greeting led to nothing."""

    SPENT = "spent"  # the invitation was used
    EXPIRED = "expired"  # the invitation came too late
    OTHER = "other"  # a reason of a newer version

    @classmethod
    def _missing_(cls, value: object) -> DeclineReason:
        return cls.OTHER


class Declined(Content, frozen=True, tag="declined"):
    """The answer to a greeting through an invitation that is over. Removal is never told."""

    reason: DeclineReason


class Profile(Content, frozen=True, tag="profile"):
    """The author's name from now on."""

    name: AName


class Slot(Hidden, frozen=True):
    """A slot that the author's device writes to: the relay's address, and what lets one watch."""

    relay: Annotated[str, Meta(max_length=300)]
    watch: AKey


class Fleeting(Content, frozen=True, tag="fleeting"):
    """What opens the author device's presence and signals for this recipient, and the slot where
    its presence stands, if anywhere. The one that was made last counts."""

    key: AKey
    slot: Slot | None = None


CONTENTS: dict[str, type[Content]] = {
    str(cls.__struct_config__.tag): cls for cls in Content.__subclasses__()
}


class UnknownContent(Struct, frozen=True):
    """A content of a name that only a newer version knows."""

    name: str
    header: Header

    def __repr__(self) -> str:
        return "<UnknownContent>"


Heard: TypeAlias = Content | UnknownContent


class _Head(Struct):
    t: str
    header: Header


def _union() -> Any:
    union: Any = None
    for cls in CONTENTS.values():
        union = cls if union is None else union | cls
    return union


_decoder: msgspec.msgpack.Decoder[Content] = msgspec.msgpack.Decoder(_union())
_heads = msgspec.msgpack.Decoder(_Head)


def dump(content: Content) -> bytes:
    """The bytes that a session encrypts."""
    return pack(content)


def load(data: bytes) -> Heard:
    """What was said. Raises RemoteProtocolError."""
    try:
        return _decoder.decode(data)
    except UNREADABLE as broken:
        try:
            head = _heads.decode(data)
        except UNREADABLE as exc:
            raise RemoteProtocolError("unreadable content") from exc
        if head.t in CONTENTS:
            raise RemoteProtocolError(f"unreadable {head.t}") from broken
        return UnknownContent(head.t[:64], head.header)


def check_text(text: str) -> None:
    """Raises TextTooLong for what fits no envelope."""
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise TextTooLong(MAX_TEXT_BYTES)


def conversation_of(a: MemberId, b: MemberId) -> ConversationId:
    """The conversation of two members, the same from both sides."""
    named = digest(Domain.CONVERSATION, *sorted((a, b)), size=CONVERSATION_ID_BYTES)
    return ConversationId(named)
