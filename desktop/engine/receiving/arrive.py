"""What a message does to a conversation when it comes: its place, gaps before it, repairs.

A gap gets places of its own at once, so that what fills it later stands where it belongs and
nothing that was shown ever moves.
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.events import ConversationChanged, MessageReceived
from desktop.core.models import Cause, Kind, State
from desktop.engine.ground import Bell, Said
from desktop.engine.timings import Timings
from desktop.store import chains, conversations, history, messages, receiving_chains, wishes
from desktop.store.contacts import KnownContact
from desktop.store.messages import Kept, Row
from protocol.e2e.chain import Ahead, Forked, Late, Repeated, Seen, advance
from protocol.e2e.contents import Header, Text
from protocol.ids import MESSAGE_ID_BYTES, ConversationId, DeviceId, MessageId
from protocol.keys import Rng

ROWS_FOR_A_GAP = 50  # a wider one is one row that stands for all of it, before its places


def notice(
    db: Connection, said: Said, contact: KnownContact, cause: Cause, now: int, rng: Rng
) -> None:
    """The app itself says something in a conversation; the same twice in a row shares one row."""
    device = DeviceId(contact.member_id)
    last = messages.last_alike(db, contact.conversation_id, device, Kind.NOTICE, cause)
    if last is not None:
        messages.count_one_more(db, contact.conversation_id, last)
    else:
        _append(db, contact, device, now, rng, kind=Kind.NOTICE, cause=cause)
    said.events.append(ConversationChanged(contact.conversation_id))


def went_aside(db: Connection, said: Said, contact: KnownContact, now: int, rng: Rng) -> None:
    """Who was asked aside is here: the one notice that counts as unread, since whoever waits for it
    looks elsewhere meanwhile."""
    device, conversation = DeviceId(contact.member_id), contact.conversation_id
    place = _append(
        db, contact, device, now, rng, kind=Kind.NOTICE, cause=Cause.WENT_ASIDE, unread=True
    )
    shown = history.at(db, conversation, place)
    if shown is not None:
        said.events.append(MessageReceived(shown))
    said.events.append(ConversationChanged(conversation))


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

    Several in a row of which nothing is known share one row, so that junk cannot flood; the same
    bytes, which come by each of one's mailboxes, have one row.
    """
    conversation, last = contact.conversation_id, None
    if olm_hash is not None and device is not None:
        if messages.place_of_unopened(db, conversation, device, olm_hash) is not None:
            return
    else:
        whose = device or DeviceId(contact.member_id)
        last = messages.last_alike(db, conversation, whose, Kind.UNREADABLE, cause)
    if last is not None:
        messages.count_one_more(db, conversation, last)
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
    said.events.append(ConversationChanged(conversation))


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
    if isinstance(step, Forked) or known not in (None, contact.member_id):
        unreadable(db, said, contact, device, Cause.FORKED, now, rng)
        return False
    if known is not None:
        # Asked for although it was here: by another way, or because a hole was closed too widely.
        follow(db, said, contact, device, following)
        stood_for_nothing(db, said, contact, device, head.repairs)
        return True
    kept = None
    if isinstance(step, (Late, Repeated)):
        kept = messages.keep_place(db, conversation, device, head.counter)
    if isinstance(step, Repeated) and kept is None:
        # Otherwise its author had said that it would not come, and it does for all that.
        unreadable(db, said, contact, device, Cause.FORKED, now, rng)
        return False
    if isinstance(step, Ahead):
        first, last = step.first_missing, step.last_missing
        _leave_gap(db, contact, device, first, last, timings, now, rng)
        said.bells.add(Bell.REPAIR)
    if isinstance(step, Late) and following.missing:
        due = now + int(timings.ask_more * 1000)
        wishes.for_holes(db, device, contact.member_id, due)
    elif isinstance(step, Late):
        receiving_chains.forget_ends(db, device)
    follow(db, said, contact, device, following)
    place = kept or _unopened(db, conversation, device, head)
    stood_for_nothing(db, said, contact, device, head.repairs, but=place)
    row = Row(
        conversation_id=conversation,
        position=place.position if place else conversations.next_position(db, conversation, now),
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
        late=isinstance(step, (Late, Repeated)),
        unread=True,
    )
    if place is not None and place.alone:
        messages.fill(db, row)
    else:
        messages.add(db, row)
    shown = history.at(db, conversation, row.position)
    if shown is not None:
        said.events.append(MessageReceived(shown))
    said.events.append(ConversationChanged(conversation))
    return True


def follow(db: Connection, said: Said, contact: KnownContact, device: DeviceId, seen: Seen) -> None:
    """A device's chain stands here now. Where nothing up to a place is missing any more, bytes that
    its author could not say again held nothing either, and the rows that said so go."""
    conversation = contact.conversation_id
    chains.save(db, conversation, device, seen)
    here = min((hole.first - 1 for hole in seen.missing), default=seen.highest)
    if messages.drop_whole(db, conversation, device, here):
        wish_no_more(db, contact, device)
        said.events.append(ConversationChanged(conversation))


def wish_no_more(db: Connection, contact: KnownContact, device: DeviceId) -> None:
    """Without a row of bytes that are not known by name there is no more to ask for."""
    if not messages.unnamed(db, contact.conversation_id, device):
        wishes.granted(db, device, wishes.MORE)


def stood_for_nothing(
    db: Connection,
    said: Said,
    contact: KnownContact,
    device: DeviceId,
    olm_hash: bytes,
    *,
    but: Kept | None = None,
) -> None:
    """What could not be opened was said again: the row that said so goes, unless what it stood for
    takes its place."""
    if not olm_hash:
        return
    wishes.granted(db, device, olm_hash)
    conversation = contact.conversation_id
    unopened = messages.place_of_unopened(db, conversation, device, olm_hash)
    if unopened is not None and (but is None or but.position != unopened):
        messages.drop_empty(db, conversation, unopened)
        said.events.append(ConversationChanged(conversation))


def _unopened(
    db: Connection, conversation: ConversationId, device: DeviceId, head: Header
) -> Kept | None:
    """The place of bytes that could not be opened and are said again, where no place was kept. They
    may have come before or behind others that they do not belong before or behind."""
    if not head.repairs:
        return None
    place = messages.place_of_unopened(db, conversation, device, head.repairs)
    if place is None or not messages.fits(db, conversation, device, head.counter, place):
        return None
    return Kept(place, alone=True)


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
        _append(
            db,
            contact,
            device,
            now,
            rng,
            kind=Kind.MISSING,
            counter=first,
            count=width,
            last_counter=last,
        )
        conversations.keep_places(db, contact.conversation_id, width)
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
    last_counter: int | None = None,
    unread: bool = False,
) -> int:
    """A row that holds no text of anybody; its place."""
    place = conversations.next_position(db, contact.conversation_id, now)
    messages.add(
        db,
        Row(
            conversation_id=contact.conversation_id,
            position=place,
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
            last_counter=last_counter,
            unread=unread,
        ),
    )
    return place
