"""Transaction 4: open, session state, message, window of opened bytes, owed receipt: one commit.

What cannot be opened or understood is a value (law 3): shown in the conversation of the contact
whose capability it came by, or kept in quarantine with nobody's name on it. Nothing here raises
for anything a stranger or a contact may send.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlcipher3 import Connection
from sqlcipher3 import Error as SQLError

from desktop.core.errors import AsideError
from desktop.core.models import Cause
from desktop.engine import arrive, hear
from desktop.engine.ground import Bell, Said
from desktop.engine.timings import Timings
from desktop.store import capabilities, contacts, inbox, sealing_keys, sessions
from desktop.store import me as mine
from desktop.store.capabilities import Given, Grant
from desktop.store.contacts import KnownContact
from desktop.store.me import Me
from desktop.store.sessions import KeptSession
from protocol.e2e import contents, session
from protocol.e2e.blame import (
    INVITATION,
    Invitation,
    Newcomer,
    Quarantine,
    Stranger,
    Trusted,
    judge,
)
from protocol.e2e.contents import UnknownContent
from protocol.e2e.envelope import Inside, olm_hash, open_envelope
from protocol.e2e.session import PRE_KEY
from protocol.errors import BadSignature, RemoteProtocolError, Unopenable
from protocol.ids import DeviceId, Fingerprint, MemberId
from protocol.keys import Rng
from protocol.wire.frames import Delivery

log = logging.getLogger(__name__)

STRIKES = 3  # so often may a capability bring what names somebody else, then it is revoked


@dataclass(frozen=True)
class Opening:
    """A delivery on its way through, and what it is opened with."""

    me: Me
    relay_id: Fingerprint
    delivery: Delivery
    timings: Timings
    now: int
    rng: Rng


def receive(db: Connection, said: Said, opening: Opening) -> None:
    """Take one delivery in, whatever it is. A failure that is our bug leaves it in quarantine."""
    db.execute("SAVEPOINT delivery")
    before = (list(said.events), set(said.bells))
    try:
        _receive(db, said, opening)
    except (SQLError, AsideError):
        raise  # the vault itself fails: nothing is acknowledged
    except Exception as exc:  # noqa: BLE001 -- law 3: no delivery may stop those behind it
        log.error("a delivery could not be taken in: %s", type(exc).__name__)  # noqa: TRY400
        db.execute("ROLLBACK TO delivery")
        said.events[:], said.bells = before[0], before[1]
        _quarantine(db, opening, "fault")
    db.execute("RELEASE delivery")


def _receive(db: Connection, said: Said, opening: Opening) -> None:
    given = capabilities.find(db, opening.delivery.capability)
    member = None if given is None else given.member_id
    contact = None if member is None else contacts.find(db, member)
    me = opening.me
    try:
        inside = open_envelope(opening.delivery.body, me.device.device_id, sealing_keys.every(db))
    except Unopenable:
        _cannot_open(db, said, opening, contact, None)
        return
    hash_ = olm_hash(inside.sender, inside.olm)
    earlier = inbox.opened(db, hash_)
    if earlier is not None:
        if earlier.message_id is not None:
            inbox.owe(db, earlier.member_id, earlier.message_id, read=False)
            said.bells.add(Bell.RECEIPTS)
        return
    claimed = contacts.of_device(db, inside.sender)
    match judge(_given_to(given), claimed):
        case Quarantine():
            _blame(db, opening, given)
        case Trusted(who) | Newcomer(who):
            speaker = contacts.find(db, who)
            if speaker is None:
                _quarantine(db, opening, "removed")
            else:
                _open(db, said, opening, inside, hash_, speaker, given)
        case Stranger():
            known = None if claimed is None else contacts.find(db, claimed)
            _open(db, said, opening, inside, hash_, known, given)


def _open(
    db: Connection,
    said: Said,
    opening: Opening,
    inside: Inside,
    hash_: bytes,
    contact: KnownContact | None,
    given: Given | None,
) -> None:
    """Through the session, and on to what it says. ``contact`` is None for a stranger."""
    known = contacts.device(db, inside.sender)
    try:
        kept, plain, is_new = _through_session(db, opening.me, inside, known)
    except Unopenable:
        own_device = known is not None and contact is not None
        _cannot_open(db, said, opening, contact, inside.sender if own_device else None, hash_)
        return
    try:
        content = contents.load(plain)
    except RemoteProtocolError:
        _keep_session(db, opening, inside.sender, kept)
        _not_understood(db, said, opening, contact, inside.sender, hash_, Cause.NOT_UNDERSTOOD)
        return
    head = content.header
    kept = KeptSession(kept.state, kept.their_olm, head.generation if is_new else kept.generation)
    replaced = is_new and head.generation > 0 and bool(sessions.of_device(db, inside.sender))
    _keep_session(db, opening, inside.sender, kept)
    words = hear.Words(
        opening.me,
        opening.relay_id,
        given,
        inside.sender,
        kept.their_olm,
        content,
        plain,
        opening.timings,
        opening.now,
        opening.rng,
    )
    if not hear.is_consistent(words, contact):
        if contact is not None and head.author == contact.member_id:
            _not_understood(db, said, opening, contact, inside.sender, hash_, Cause.NOT_UNDERSTOOD)
        else:
            _blame(db, opening, given)
        return
    if isinstance(content, UnknownContent):
        _not_understood(db, said, opening, contact, inside.sender, hash_, Cause.NEWER_VERSION)
        return
    if replaced and contact is not None:
        arrive.notice(db, said, contact, Cause.FRESH_SESSION, opening.now, opening.rng)
    try:
        owes = hear.hear(db, said, words, contact)
    except (BadSignature, RemoteProtocolError):
        _not_understood(db, said, opening, contact, inside.sender, hash_, Cause.NOT_UNDERSTOOD)
        return
    author = MemberId(head.author)
    message_id = hear.message_id(content)
    inbox.remember(db, hash_, author, message_id if owes else None, opening.now)
    if owes and message_id is not None:
        inbox.owe(db, author, message_id, read=False)
        said.bells.add(Bell.RECEIPTS)


def _through_session(
    db: Connection, me: Me, inside: Inside, known: contacts.ContactDevice | None
) -> tuple[KeptSession, bytes, bool]:
    """The session's next state, what was said, and whether this began the session."""
    olm = inside.olm
    kept = sessions.of_device(db, inside.sender)
    if olm.kind == PRE_KEY:
        kept = [one for one in kept if session.belongs_to(one.state, olm)]
    for one in kept:
        try:
            state, plain = session.decrypt(one.state, olm)
        except Unopenable:
            continue
        return KeptSession(state, one.their_olm, one.generation), plain, False
    theirs = session.pre_key_identity(olm) if known is None else known.olm_key
    if kept or theirs is None or olm.kind != PRE_KEY:
        raise Unopenable
    account, state, plain = session.accept(mine.account(db), theirs, olm)
    mine.save_account(db, account)
    return KeptSession(state, theirs, 0), plain, True


def _keep_session(db: Connection, opening: Opening, sender: DeviceId, kept: KeptSession) -> None:
    sessions.save(db, sender, kept, opening.now)


def _given_to(given: Given | None) -> MemberId | Invitation | None:
    if given is None:
        return None
    if given.member_id is not None:
        return given.member_id
    return INVITATION


def _cannot_open(
    db: Connection,
    said: Said,
    opening: Opening,
    contact: KnownContact | None,
    sender: DeviceId | None,
    hash_: bytes | None = None,
) -> None:
    """Shown with the name of whose capability it is; asked for again where a session failed."""
    if contact is None:
        _quarantine(db, opening, "not openable")
        return
    if sender is not None and hash_ is not None:
        inbox.wish_for_bytes(db, sender, contact.member_id, hash_, opening.now)
        said.bells.add(Bell.REPAIR)
    arrive.unreadable(
        db,
        said,
        contact,
        sender,
        Cause.NOT_OPENABLE,
        opening.now,
        opening.rng,
        olm_hash=hash_ if sender is not None else None,
    )


def _not_understood(
    db: Connection,
    said: Said,
    opening: Opening,
    contact: KnownContact | None,
    sender: DeviceId,
    hash_: bytes,
    cause: Cause,
) -> None:
    if contact is None:
        _quarantine(db, opening, cause.value)
        return
    arrive.unreadable(db, said, contact, sender, cause, opening.now, opening.rng)
    inbox.remember(db, hash_, contact.member_id, None, opening.now)


def _blame(db: Connection, opening: Opening, given: Given | None) -> None:
    """It names somebody whose capability it did not come by: nobody's name is put on it."""
    _quarantine(db, opening, "names another member")
    if given is None or given.state is Grant.UNWANTED:
        return
    if capabilities.strike(db, given.hash) >= STRIKES:
        capabilities.take_back(db, given.hash)


def _quarantine(db: Connection, opening: Opening, cause: str) -> None:
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
