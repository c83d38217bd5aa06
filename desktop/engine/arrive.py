"""What a message does to a conversation when it comes: its place, gaps before it, repairs.

A gap gets rows of its own at once, so that what fills it later takes their place and nothing that
was shown ever moves.
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.events import ConversationChanged, MessageReceived
from desktop.core.models import Cause, Kind, State
from desktop.engine.ground import Bell, Said
from desktop.engine.timings import Timings
from desktop.store import chains, conversations, history, messages, wishes
from desktop.store.contacts import KnownContact
from desktop.store.messages import Row
from protocol.e2e.chain import Ahead, Forked, InOrder, Late, Repeated, advance
from protocol.e2e.contents import Text
from protocol.ids import MESSAGE_ID_BYTES, DeviceId, MessageId
from protocol.keys import Rng

ROWS_FOR_A_GAP = 50  # a wider one is one row that stands for all of it


def notice(
    db: Connection, said: Said, contact: KnownContact, cause: Cause, now: int, rng: Rng
) -> None:
    """The app itself says something in a conversation; the same twice in a row shares one row."""
    last = messages.last_alike(db, contact.conversation_id, Kind.NOTICE, cause)
    if last is not None:
        messages.count_one_more(db, contact.conversation_id, last)
    else:
        device = DeviceId(contact.member_id)
        _append(db, contact, device, now, rng, kind=Kind.NOTICE, cause=cause)
    said.events.append(ConversationChanged(contact.conversation_id))


def unreadable(
    db: Connection,
    said: Said,
    contact: KnownContact,
    device: DeviceId | None,
    cause: Cause,
    now: int,
    rng: Rng,
    *,
    olm_hash: bytes | None = None,
) -> None:
    """Something came from a contact that cannot be read; it is shown as such, with its cause.

    Several in a row of which nothing is known share one row, so that junk cannot flood.
    """
    last = None
    if olm_hash is None:
        last = messages.last_alike(db, contact.conversation_id, Kind.UNREADABLE, cause)
    if last is not None:
        messages.count_one_more(db, contact.conversation_id, last)
    else:
        _append(
            db,
            contact,
            device or DeviceId(contact.member_id),
            now,
            rng,
            kind=Kind.UNREADABLE,
            cause=cause,
            olm_hash=olm_hash,
        )
    said.events.append(ConversationChanged(contact.conversation_id))


def text(
    db: Connection,
    said: Said,
    contact: KnownContact,
    content: Text,
    own_hash: bytes,
    timings: Timings,
    now: int,
    rng: Rng,
) -> bool:
    """Give a message its place, whatever came or did not come before it; whether it stands there
    now. What claims the place of another does not, so its author is not told that it does."""
    head = content.header
    device, conversation = DeviceId(head.author_device), contact.conversation_id
    known = messages.author_of(db, conversation, MessageId(head.message_id))
    seen = chains.load(db, conversation, device)
    following, step = advance(seen, head.counter, head.previous, own_hash)
    match step:
        case Repeated() if known == contact.member_id:
            _stands_already(db, contact, head.repairs)
            return True
        case Repeated() | Forked():
            unreadable(db, said, contact, device, Cause.FORKED, now, rng)
            return False
        case InOrder() | Ahead() | Late() if known is not None:
            # Asked for although it was here (a hole was closed too widely), or an id of another.
            if known == contact.member_id:
                chains.save(db, conversation, device, following)
                _stands_already(db, contact, head.repairs)
                return True
            unreadable(db, said, contact, device, Cause.FORKED, now, rng)
            return False
        case InOrder() | Ahead() | Late():
            place = _place(db, said, contact, device, head.counter, step, timings, now, rng)
    if following.missing and isinstance(step, Late):
        due = now + int(timings.ask_more * 1000)
        wishes.for_holes(db, device, contact.member_id, due)
    chains.save(db, conversation, device, following)
    if head.repairs:
        place = _repaired(db, contact, head.repairs, place)
    row = Row(
        conversation_id=conversation,
        position=place or conversations.next_position(db, conversation, now),
        message_id=MessageId(head.message_id),
        kind=Kind.TEXT,
        sender_id=contact.member_id,
        device_id=device,
        text=content.text,
        sent_ms=head.sent_ms,
        came_ms=now,
        state=State.RECEIVED,
        counter=head.counter,
        previous=head.previous,
        late=isinstance(step, Late),
        unread=True,
    )
    if place is None:
        messages.add(db, row)
    else:
        messages.fill(db, row)
    shown = history.at(db, conversation, row.position)
    if shown is not None:
        said.events.append(MessageReceived(shown))
    said.events.append(ConversationChanged(conversation))
    return True


def _place(
    db: Connection,
    said: Said,
    contact: KnownContact,
    device: DeviceId,
    counter: int,
    step: InOrder | Ahead | Late,
    timings: Timings,
    now: int,
    rng: Rng,
) -> int | None:
    """The place that was kept for a message, or None: behind all others."""
    if isinstance(step, Ahead):
        first, last = step.first_missing, step.last_missing
        _leave_gap(db, contact, device, first, last, timings, now, rng)
        said.bells.add(Bell.REPAIR)
    if not isinstance(step, Late):
        return None
    place = messages.place_of_counter(db, contact.conversation_id, device, counter)
    if place is None:
        messages.count_one_less(db, contact.conversation_id, device, counter)
    return place


def stood_for_nothing(db: Connection, contact: KnownContact, olm_hash: bytes) -> None:
    """What could not be opened is not missing: the row that said so goes."""
    wishes.granted(db, olm_hash)
    unopened = messages.place_of_unopened(db, contact.conversation_id, olm_hash)
    if unopened is not None:
        messages.drop_empty(db, contact.conversation_id, unopened)


def _stands_already(db: Connection, contact: KnownContact, olm_hash: bytes) -> None:
    """What is said again has come by another way meanwhile."""
    if olm_hash:
        stood_for_nothing(db, contact, olm_hash)


def _repaired(
    db: Connection, contact: KnownContact, olm_hash: bytes, place: int | None
) -> int | None:
    """What could not be opened is said again: the row that said so becomes the message. Where the
    hole was noticed as well, the earlier of the two rows is nearer to where it belongs."""
    wishes.granted(db, olm_hash)
    unopened = messages.place_of_unopened(db, contact.conversation_id, olm_hash)
    if unopened is None or place is None:
        return unopened if place is None else place
    messages.drop_empty(db, contact.conversation_id, max(place, unopened))
    return min(place, unopened)


def _leave_gap(
    db: Connection,
    contact: KnownContact,
    device: DeviceId,
    first: int,
    last: int,
    timings: Timings,
    now: int,
    rng: Rng,
) -> None:
    due = now + int(timings.gap_grace * 1000)
    wishes.for_holes(db, device, contact.member_id, due)
    width = last - first + 1
    if width > ROWS_FOR_A_GAP:
        _append(db, contact, device, now, rng, kind=Kind.MISSING, counter=first, count=width)
        return
    for counter in range(first, last + 1):
        _append(db, contact, device, now, rng, kind=Kind.MISSING, counter=counter)


def _append(
    db: Connection,
    contact: KnownContact,
    device: DeviceId,
    now: int,
    rng: Rng,
    *,
    kind: Kind,
    cause: Cause | None = None,
    counter: int = 0,
    count: int = 1,
    olm_hash: bytes | None = None,
) -> None:
    """A row that holds no text of anybody."""
    messages.add(
        db,
        Row(
            conversation_id=contact.conversation_id,
            position=conversations.next_position(db, contact.conversation_id, now),
            message_id=MessageId(rng(MESSAGE_ID_BYTES)),
            kind=kind,
            sender_id=contact.member_id,
            device_id=device,
            text="",
            sent_ms=now,
            came_ms=now,
            state=State.RECEIVED,
            cause=cause,
            counter=counter,
            count=count,
            olm_hash=olm_hash,
        ),
    )
