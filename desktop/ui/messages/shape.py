"""What stands around a message because of its neighbours: groups, days, gaps. Pure.

Law: a row's shape follows from the message, the one before it and the one after it, so that a
new row changes the shape of at most one other.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from desktop.core.models import Kind, Message
from desktop.ui.messages.when import local

GROUP_MS = 15 * 60 * 1000  # who writes on after a longer silence begins a new group


class Marks(Struct, frozen=True):
    """The two places of a conversation that are shown between rows."""

    unread_from: bytes | None = None  # the line "3 new" stands above this message
    unread: int = 0
    read: bytes | None = None  # the last message of mine that has been read


class Shape(Struct, frozen=True):
    """How a row sits among the others."""

    day: date | None  # a divider above it
    unread: int  # the line "3 new" above it; 0 for none
    first: bool  # of its group
    last: bool  # of its group: the one with the tail corner
    read: bool  # "Read 19:06" below it


def shape(before: Message | None, message: Message, after: Message | None, marks: Marks) -> Shape:
    """The shape of ``message`` between its neighbours."""
    day = local(message.sent_ms).date()
    # A late one belongs to another time than its place; whoever follows it gets the day again.
    new_day = before is None or (not message.late and local(before.sent_ms).date() != day)
    return Shape(
        day=day if new_day else None,
        unread=marks.unread if message.message_id == marks.unread_from else 0,
        first=before is None or _parted(before, message, marks),
        last=after is None or _parted(message, after, marks),
        read=message.message_id == marks.read,
    )


def _parted(upper: Message, lower: Message, marks: Marks) -> bool:
    """Whether a group ends between two neighbours."""
    return (
        upper.sender_id != lower.sender_id
        or Kind.NOTICE in (upper.kind, lower.kind)
        or upper.message_id == marks.read
        or lower.message_id == marks.unread_from
        or abs(lower.sent_ms - upper.sent_ms) > GROUP_MS
        or local(upper.sent_ms).date() != local(lower.sent_ms).date()
    )
