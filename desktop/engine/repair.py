"""Asking again for what did not come or did not open, and saying again what is asked for.

A repair encrypts the same message id anew; a retry repeats bytes. Where a session failed, the
question travels on a fresh one, at most hourly per device.
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.models import State
from desktop.engine import compose
from desktop.engine.ground import Bell, Said
from desktop.engine.timings import Timings
from desktop.store import contacts, inbox, messages, outbox
from desktop.store.contacts import ContactDevice, KnownContact
from desktop.store.inbox import Wish
from desktop.store.me import Me
from desktop.store.messages import Own
from desktop.store.outbox import Purpose
from protocol.e2e.contents import Gap, RepairAnswer, RepairAsk
from protocol.ids import DeviceId
from protocol.keys import Rng

MOST_AT_ONCE = 500  # messages said again for one question


def ask(
    db: Connection,
    said: Said,
    me: Me,
    device: ContactDevice,
    wishes: list[Wish],
    again_ms: int,
    now: int,
    rng: Rng,
) -> None:
    """Queue one question for all that is wished for from a device; not again before then."""
    contact = contacts.find(db, device.member_id)
    if contact is None:
        return
    asked = RepairAsk(
        header=compose.unnumbered(db, me, contact, device, now, rng),
        olm_hashes=tuple(one.olm_hash for one in wishes if one.olm_hash is not None),
        gaps=tuple(
            Gap(device=device.device_id, first=one.first, last=one.last)
            for one in wishes
            if one.first is not None and one.last is not None
        ),
    )
    compose.tell(db, said, contact, Purpose.REPAIR, asked, now)
    for one in wishes:
        inbox.put_off(db, one.row, again_ms)


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
    recently = now - int(timings.ask_again * 1000)
    gone: list[bytes] = []
    for olm_hash in asked.olm_hashes:
        entry = outbox.by_hash(db, olm_hash)
        if entry is None:
            gone.append(olm_hash)
        elif entry.repaired_ms is None or entry.repaired_ms < recently:
            outbox.reseal(db, entry.entry, olm_hash, now)
    missing: list[Gap] = []
    for gap in asked.gaps:
        if gap.device != me.device.device_id:
            continue
        last = min(gap.last, gap.first + MOST_AT_ONCE - 1)
        found = messages.own_range(
            db, contact.conversation_id, me.device.device_id, gap.first, last
        )
        for own in found:
            _again(db, me, contact, device, own, recently, now)
        known = {own.counter for own in found}
        missing += [
            Gap(device=gap.device, first=counter, last=counter)
            for counter in range(gap.first, last + 1)
            if counter not in known
        ][: 64 - len(missing)]
    said.bells.add(Bell.SEAL)
    if gone or missing:
        head = compose.unnumbered(db, me, contact, device, now, rng)
        told = RepairAnswer(header=head, unavailable=tuple(missing), olm_hashes=tuple(gone))
        compose.tell(db, said, contact, Purpose.NEWS, told, now)


def heard_answer(db: Connection, told: RepairAnswer) -> None:
    """Some of it cannot be said again: stop asking. The rows stay and say that it is missing."""
    for olm_hash in told.olm_hashes:
        inbox.granted_bytes(db, olm_hash)
    for gap in told.unavailable:
        inbox.granted_counters(db, DeviceId(told.header.author_device), gap.first, gap.last)


def _again(
    db: Connection,
    me: Me,
    contact: KnownContact,
    device: ContactDevice,
    own: Own,
    recently: int,
    now: int,
) -> None:
    entry = outbox.of_message(db, device.device_id, own.message_id)
    if entry is None:
        if own.state is not State.FAILED:
            compose.queue(db, me, contact, device, own, now, repaired=now)
    elif entry.olm is not None and (entry.repaired_ms is None or entry.repaired_ms < recently):
        outbox.reseal(db, entry.entry, b"", now)
