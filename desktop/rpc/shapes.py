"""The engine's frozen models as JSON. Ids are opaque text: base64url of their bytes."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeAlias, assert_never

from desktop.core.models import Contact, Conversation, Message, Profile, Relay
from desktop.core.practices import Practices
from desktop.rpc.jsonrpc import Json
from desktop.ui.settings.kept.strings import kept_words

Shape: TypeAlias = dict[str, Json]


def text_of(name: bytes) -> str:
    """An id as clients see it."""
    return urlsafe_b64encode(name).rstrip(b"=").decode("ascii")


def id_of(text: str) -> bytes:
    """The id that a client gave back. Text that was never one of ours names nothing: no bytes."""
    try:
        found = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return b""
    return found if text_of(found) == text else b""


def shown(thing: Message | Contact | Conversation | Relay | Profile) -> Shape:
    """One model, as every method and event shows it."""
    match thing:
        case Message():
            return _message(thing)
        case Conversation():
            return {
                "conversation_id": text_of(thing.conversation_id),
                "contact_id": text_of(thing.contact_id),
                "name": thing.name,
                "last": None if thing.last is None else _message(thing.last),
                "unread": thing.unread - thing.notes,
                "verified": thing.verified,
                "pending": thing.pending,
                "blocked": thing.blocked,
            }
        case Contact():
            return {
                "contact_id": text_of(thing.contact_id),
                "name": thing.name,
                "conversation_id": text_of(thing.conversation_id),
                "verified": thing.verified,
                "pending": thing.pending,
                "blocked": thing.blocked,
                "presence": thing.presence.value,
                "safety_number": thing.safety_number,
            }
        case Relay():
            shape: Shape = {
                "relay_id": text_of(thing.relay_id),
                "address": thing.address,
                "status": thing.state.value,
            }
            if not thing.carries:
                shape["carries"] = False
            return shape if thing.trouble is None else shape | {"reason": thing.trouble.value}
        case Profile():
            return {
                "name": thing.name,
                "member_id": text_of(thing.member_id),
                "device_id": text_of(thing.device_id),
            }
        case _:
            assert_never(thing)


def practices_shown(found: Practices) -> Shape:
    """What a relay says, as values and in words. ``changed``: against when the member joined."""
    shape: Shape = {
        "signed": found.signed,
        "joined_ms": found.joined_ms,
        "found_ms": found.found_ms,
        "changed": [{"what": one.what, "how": one.how.value} for one in found.changed],
    }
    if found.now is None:
        return shape
    kept: list[Json] = [
        {
            "what": one.what,
            "on_disk": one.on_disk,
            "sealed": one.sealed,
            "longest_s": one.longest_s,
            "words": " ".join(kept_words(one)),
        }
        for one in found.now.kept
    ]
    told = found.now
    return shape | {"name": told.name, "about": told.about, "open": told.open, "kept": kept}


def _message(message: Message) -> Shape:
    shape: Shape = {
        "message_id": text_of(message.message_id),
        "conversation_id": text_of(message.conversation_id),
        "sender_id": text_of(message.sender_id),
        "mine": message.mine,
        "kind": message.kind.value,
        "text": message.text,
        "sent_ms": message.sent_ms,
        "state": message.state.value,
        "late": message.late,
    }
    return shape if message.cause is None else shape | {"reason": message.cause.value}
