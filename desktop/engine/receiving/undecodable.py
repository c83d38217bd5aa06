"""What becomes of a delivery that cannot be read, or may not be shown under anybody's name.

It is a value (law 3): shown in the conversation of the contact whose capability it came by, with
its cause, or kept in quarantine.
"""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.events import ContactChanged
from desktop.core.models import Cause
from desktop.engine.ground import Bell, Said
from desktop.engine.receiving import arrive
from desktop.engine.timings import Timings
from desktop.store import capabilities, contacts, inbox, wishes
from desktop.store.capabilities import Given
from desktop.store.contacts import ContactDevice, KnownContact
from desktop.store.me import Me
from protocol.e2e.envelope import Inside
from protocol.ids import Fingerprint
from protocol.keys import Rng
from protocol.wire.frames import Delivery

STRIKES = 3  # so often may a capability bring what names somebody else, then it is revoked


class Opening(Struct, frozen=True):
    """A delivery on its way through, and what it is opened with."""

    me: Me
    relay_id: Fingerprint
    delivery: Delivery
    timings: Timings
    now: int
    rng: Rng


class Letter(Struct, frozen=True):
    """What was in an envelope, and who may have said it.

    ``known``: the device that it names, if a contact has it. ``contact``: whose words they are, if
    the session proves it. ``shown``: in whose conversation a failure is shown, because it came by a
    capability of theirs; None leaves it to quarantine.
    """

    inside: Inside
    hash: bytes
    given: Given | None
    known: ContactDevice | None
    contact: KnownContact | None
    shown: KnownContact | None


def cannot_open(
    db: Connection,
    said: Said,
    opening: Opening,
    shown: KnownContact | None,
    letter: Letter | None = None,
) -> None:
    """Shown with the name of whose capability it is; asked for again where a session failed, which
    ``letter`` then tells of."""
    if shown is None:
        quarantine(db, opening, "not openable")
        return
    now, rng = opening.now, opening.rng
    device, hash_ = None, None
    if letter is not None:
        device = letter.inside.sender
        if wishes.for_bytes(db, device, shown.member_id, letter.hash, now):
            hash_ = letter.hash
        said.bells.add(Bell.REPAIR)
    arrive.unreadable(db, said, shown, device, Cause.NOT_OPENABLE, now, rng, olm_hash=hash_)


def not_understood(
    db: Connection, said: Said, opening: Opening, letter: Letter, cause: Cause
) -> None:
    """It opened, and says nothing that this version makes sense of."""
    if letter.shown is None:
        quarantine(db, opening, cause.value)
        return
    sender = letter.inside.sender
    arrive.unreadable(db, said, letter.shown, sender, cause, opening.now, opening.rng)
    inbox.remember(db, letter.hash, letter.shown.member_id, None, opening.now)


def warn_of_devices(db: Connection, said: Said, opening: Opening, letter: Letter) -> None:
    """Nothing of the greeting counts, and the first list stays."""
    contact = letter.contact
    if contact is None:
        return
    contacts.doubt(db, contact.member_id)
    arrive.notice(db, said, contact, Cause.DEVICES_FORKED, opening.now, opening.rng)
    said.events.append(ContactChanged(contact.member_id))
    inbox.remember(db, letter.hash, contact.member_id, None, opening.now)


def blame(db: Connection, said: Said, opening: Opening, given: Given | None) -> None:
    """It names somebody whose capability it did not come by: nobody's name is put on it.

    A link's capability was given to nobody, so it answers for nobody: one of those who hold it may
    not take it from the others. What they may leave by it is bounded at the relay.
    """
    quarantine(db, opening, "names another member")
    if given is None or given.member_id is None or given.state.over:
        return
    if capabilities.strike(db, given.hash) >= STRIKES:
        capabilities.take_back(db, given.hash)
        said.bells.add(Bell.TELL)


def quarantine(db: Connection, opening: Opening, cause: str) -> None:
    """Kept as it came, under nobody's name."""
    delivery = opening.delivery
    inbox.quarantine(
        db,
        opening.relay_id,
        delivery.capability,
        delivery.envelope_id,
        cause,
        delivery.body,
        opening.now,
    )
