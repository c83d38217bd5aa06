"""Asking again for what did not come or did not open, and saying again what is asked for.

A repair encrypts the same message id anew; a retry repeats bytes. Where a session failed, the
question travels on a fresh one. Whatever is asked, what a device is told again has a bound.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlcipher3 import Connection

from desktop.core.models import State
from desktop.engine.ground import Bell, Said
from desktop.engine.receiving import arrive
from desktop.engine.sending import compose
from desktop.engine.timings import Timings
from desktop.store import (
    chains,
    contacts,
    conversations,
    inbox,
    messages,
    outbox,
    own,
    repeats,
    wishes,
)
from desktop.store.contacts import ContactDevice, KnownContact
from desktop.store.me import Me
from desktop.store.outbox import Purpose
from desktop.store.own import Own
from desktop.store.wishes import MORE, Wish
from protocol.e2e.chain import Seen
from protocol.e2e.contents import Gap, RepairAnswer, RepairAsk
from protocol.ids import DeviceId
from protocol.keys import Rng

MOST = 500  # messages said again for one device in an hour
MOST_ASKED = 12  # times that one thing is asked for, each time after twice as long
MOST_GAPS = 64


def ask(
    db: Connection,
    said: Said,
    me: Me,
    device: ContactDevice,
    due: list[Wish],
    again_s: float,
    now: int,
    rng: Rng,
) -> None:
    """Queue one question for all that is wished for from a device; not again for a while."""
    contact = contacts.find(db, device.member_id)
    if contact is None:
        return
    seen = chains.load(db, contact.conversation_id, device.device_id)
    still = [
        one for one in due if one.asked < MOST_ASKED and (one.olm_hash is not None or seen.missing)
    ]
    for one in due:
        if one in still:
            wishes.asked(db, one.row, now + int(again_s * 2**one.asked * 1000))
        else:
            wishes.drop(db, one.row)
    if not still:
        return
    wished = [one.olm_hash for one in still]
    gaps = list[Gap]()
    if None in wished:
        gaps += [
            Gap(device=device.device_id, first=one.first, last=one.last) for one in seen.missing
        ]
    if MORE in wished:
        first = seen.highest + 1
        gaps = [
            *gaps[: MOST_GAPS - 1],
            Gap(device=device.device_id, first=first, last=first + MOST - 1),
        ]
    asked = RepairAsk(
        header=compose.unnumbered(db, me, contact, device, now, rng),
        olm_hashes=tuple(filter(None, wished)),
        gaps=tuple(gaps),
    )
    compose.tell(db, said, contact, Purpose.REPAIR, asked, now)


def answer(
    db: Connection,
    said: Said,
    me: Me,
    contact: KnownContact,
    asker: DeviceId,
    asked: RepairAsk,
    timings: Timings,
    now: int,
    rng: Rng,
) -> None:
    """Say again what a contact's device asks for, each thing at most once an hour."""
    device = contacts.device(db, asker)
    if device is None:
        return
    gone: list[bytes] = []
    for olm_hash in asked.olm_hashes:
        entry = outbox.by_hash(db, olm_hash)
        if entry is None or entry.device_id != asker:
            gone.append(olm_hash)
        elif not _recently(entry.repaired_ms, now, timings):
            outbox.reseal(db, entry.entry, olm_hash, now)
    missing: list[Gap] = []
    for gap in _within_bound(asked.gaps, me.device.device_id):
        mine = own.between(db, contact.conversation_id, me.device.device_id, gap.first, gap.last)
        _say_again(db, me, contact, device, mine, timings, now)
        missing += _never(gap, mine)
    said.bells.add(Bell.SEAL)
    if gone:
        # They may have been receipts, which nobody keeps.
        inbox.owe_again(db, contact.member_id, now, int(timings.answer_again * 1000))
        said.bells.add(Bell.RECEIPTS)
    if gone or missing:
        head = compose.unnumbered(db, me, contact, device, now, rng)
        told = RepairAnswer(
            header=head,
            unavailable=tuple(missing[:MOST_GAPS]),
            olm_hashes=tuple(gone),
            written=conversations.own_chain(db, contact.conversation_id).counter,
        )
        compose.tell(db, said, contact, Purpose.REPAIR, told, now)


def heard_answer(
    db: Connection, said: Said, contact: KnownContact, told: RepairAnswer, now: int
) -> None:
    """Some of it cannot be said again: stop asking. The rows stay and say that it is missing; but
    bytes of which nothing is kept held what has come, or nothing that is shown, once everything
    that their author had written is here: then their row goes."""
    device, conversation = DeviceId(told.header.author_device), contact.conversation_id
    seen = chains.load(db, conversation, device)
    left = tuple(
        hole
        for hole in seen.missing
        if not any(gap.first <= hole.first and hole.last <= gap.last for gap in told.unavailable)
    )
    if told.written is not None:
        messages.drop_unnamed_at_whole(db, conversation, device, told.written)
        arrive.wish_no_more(db, contact, device)
    for olm_hash in told.olm_hashes:
        if not wishes.granted(db, device, olm_hash):
            continue
        if told.written is not None:
            messages.drop_at_whole(db, conversation, device, olm_hash, told.written)
        # They may still come by another mailbox, and would be asked for again.
        inbox.remember(db, olm_hash, contact.member_id, None, now)
    arrive.follow(db, said, contact, device, Seen(seen.highest, seen.head, left))


def _recently(repaired_ms: int | None, now: int, timings: Timings) -> bool:
    return repaired_ms is not None and abs(now - repaired_ms) < timings.ask_again * 1000


def _within_bound(gaps: Iterable[Gap], device: DeviceId) -> list[Gap]:
    """So much of a question as is answered at once; whoever is honest asks for the rest later."""
    left, found = MOST, list[Gap]()
    for gap in gaps:
        if gap.device == device and left > 0 and gap.first <= gap.last:
            last = min(gap.last, gap.first + left - 1)
            left -= last - gap.first + 1
            found.append(Gap(device=device, first=gap.first, last=last))
    return found


def _say_again(
    db: Connection,
    me: Me,
    contact: KnownContact,
    device: ContactDevice,
    mine: list[Own],
    timings: Timings,
    now: int,
) -> None:
    found = [one for one in mine if _may_again(db, device, one, timings, now)]
    wanted = [one.message_id for one in found]
    span = int(timings.ask_again * 1000)
    allowed = repeats.allow(db, device.device_id, wanted, now, span, MOST)
    for one in found:
        if one.message_id not in allowed:
            continue
        entry = outbox.of_message(db, device.device_id, one.message_id)
        if entry is None:
            compose.queue(db, me, contact, device, one, now, repaired=now)
        else:
            outbox.reseal(db, entry.entry, entry.olm_hash or b"", now)


def _may_again(db: Connection, device: ContactDevice, one: Own, timings: Timings, now: int) -> bool:
    """Not what failed, what is about to leave anyway, or what was said again just now."""
    if one.state is State.FAILED:
        return False
    entry = outbox.of_message(db, device.device_id, one.message_id)
    if entry is None:
        return True
    return entry.stored_ms is not None and not _recently(entry.repaired_ms, now, timings)


def _never(gap: Gap, mine: list[Own]) -> list[Gap]:
    """What of a gap will never be said: what was not composed, or failed."""
    there = {one.counter for one in mine if one.state is not State.FAILED}
    if not there:
        return [gap]
    return [
        Gap(device=gap.device, first=number, last=number)
        for number in range(gap.first, gap.last + 1)
        if number not in there
    ]
