"""Transaction 4: open, session state, message, window of opened bytes, owed receipt: one commit.

What cannot be opened or understood is a value (law 3): shown in the conversation of the contact
whose capability it came by, or kept in quarantine with nobody's name on it. Nothing here raises
for anything a stranger or a contact may send.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager, suppress

from sqlcipher3 import Connection
from sqlcipher3 import dbapi2 as sql

from desktop.core.errors import AsideError
from desktop.core.models import Cause
from desktop.engine.ground import Bell, Said
from desktop.engine.pairing import learn
from desktop.engine.receiving import arrive, hear, ratchet, undecodable
from desktop.engine.receiving.undecodable import Letter, Opening
from desktop.store import capabilities, chains, contacts, inbox, sealing_keys, sessions
from desktop.store.capabilities import Given
from desktop.store.sessions import KeptSession
from protocol.e2e import contents
from protocol.e2e.blame import (
    INVITATION,
    Invitation,
    Newcomer,
    Quarantine,
    Stranger,
    Trusted,
    judge,
)
from protocol.e2e.contents import Heard
from protocol.e2e.envelope import olm_hash, open_envelope
from protocol.errors import BadSignature, RemoteProtocolError, Unopenable
from protocol.ids import DeviceId, MemberId

log = logging.getLogger(__name__)


def receive(db: Connection, said: Said, opening: Opening) -> None:
    """Take one delivery in, whatever it is. A failure that is our bug leaves it in quarantine."""
    try:
        with _undone_on_failure(db, said):
            _receive(db, said, opening)
    except Exception as exc:  # law 3: no delivery may stop those behind it
        if _is_vault_failing(exc):
            raise  # nothing is acknowledged
        log.error("a delivery could not be taken in: %s", type(exc).__name__)  # noqa: TRY400
        undecodable.quarantine(db, opening, "fault")


@contextmanager
def _undone_on_failure(db: Connection, said: Said) -> Generator[None]:
    """What fails in here has changed nothing and said nothing."""
    events, bells = list(said.events), set(said.bells)
    db.execute("SAVEPOINT step")
    try:
        yield
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK TO step")
            db.execute("RELEASE step")
        said.events[:], said.bells = events, bells
        raise
    db.execute("RELEASE step")


def _is_vault_failing(exc: Exception) -> bool:
    """A full or failing disk, in contrast to something that SQL would not take."""
    if isinstance(exc, sql.Error):
        return isinstance(exc, sql.OperationalError) or type(exc) is sql.DatabaseError
    return isinstance(exc, AsideError)


def _receive(db: Connection, said: Said, opening: Opening) -> None:
    given = capabilities.find(db, opening.delivery.capability)
    owner = None if given is None or given.member_id is None else given.member_id
    shown = None if owner is None else contacts.find(db, owner)
    if shown is not None and shown.blocked:
        return  # unopened, and forgotten: whoever wrote it keeps it until a receipt comes
    try:
        keys = sealing_keys.every(db)
        inside = open_envelope(opening.delivery.body, opening.me.device.device_id, keys)
    except Unopenable:
        undecodable.cannot_open(db, said, opening, shown)
        return
    hash_ = olm_hash(inside.sender, inside.olm)
    earlier = inbox.opened(db, hash_)
    if earlier is not None:
        span = int(opening.timings.receipt_again * 1000)
        again = inbox.may_owe_again(db, hash_, opening.now, span)
        if earlier.message_id is not None and again:
            inbox.owe(db, earlier.member_id, earlier.message_id, read=False)
            said.bells.add(Bell.RECEIPTS)
        return
    device = contacts.device(db, inside.sender)
    claimed = None if device is None else device.member_id
    match judge(_given_to(given), claimed):
        case Quarantine():
            undecodable.blame(db, said, opening, given)
        case Trusted() | Newcomer() if shown is None:
            undecodable.quarantine(db, opening, "removed")
        case Trusted() | Newcomer():
            _open(db, said, opening, Letter(inside, hash_, given, device, shown, shown))
        case Stranger():
            known = None if claimed is None else contacts.find(db, claimed)
            if known is not None and known.blocked:
                return
            _open(db, said, opening, Letter(inside, hash_, given, device, known, None))


def _open(db: Connection, said: Said, opening: Opening, letter: Letter) -> None:
    """Through the session, and on to what it says."""
    sender, known = letter.inside.sender, letter.known
    try:
        made = ratchet.step(db, letter.inside, known)
    except Unopenable:
        undecodable.cannot_open(db, said, opening, letter.shown, None if known is None else letter)
        return
    kept = made.kept
    others = _others(db, sender, kept) if made.is_new else []
    try:
        content = contents.load(made.plain)
    except RemoteProtocolError:
        content = None
    if content is not None:
        kept = ratchet.numbered(kept, content.header.generation, others, is_new=made.is_new)
    if known is not None:
        missing = _missing(db, letter, content)
        ratchet.keep(db, sender, made, kept, opening.now, missing=missing)
    if content is None:
        undecodable.not_understood(db, said, opening, letter, Cause.NOT_UNDERSTOOD)
        return
    try:
        with suppress(hear.Unwanted), _undone_on_failure(db, said):
            if known is None:
                ratchet.keep(db, sender, made, kept, opening.now)
            began_anew = made.is_new and content.header.generation > 0 and bool(others)
            if began_anew and known is not None and letter.contact is not None:
                now, rng = opening.now, opening.rng
                arrive.notice(db, said, letter.contact, Cause.FRESH_SESSION, now, rng)
            _hear(db, said, opening, letter, kept, content, made.plain)
    except hear.Inconsistent:
        if letter.shown is not None and content.header.author == letter.shown.member_id:
            undecodable.not_understood(db, said, opening, letter, Cause.NOT_UNDERSTOOD)
        else:
            undecodable.blame(db, said, opening, letter.given)
    except learn.ForkedDevices:
        undecodable.warn_of_devices(db, said, opening, letter)
    except (hear.Newer, BadSignature, RemoteProtocolError) as exc:
        newer = isinstance(exc, hear.Newer)
        cause = Cause.NEWER_VERSION if newer else Cause.NOT_UNDERSTOOD
        undecodable.not_understood(db, said, opening, letter, cause)


def _hear(
    db: Connection,
    said: Said,
    opening: Opening,
    letter: Letter,
    kept: KeptSession,
    content: Heard,
    plain: bytes,
) -> None:
    words = hear.Words(
        opening.me,
        letter.given,
        letter.inside.sender,
        letter.known is not None,
        kept.their_olm,
        content,
        plain,
        opening.timings,
        opening.now,
        opening.rng,
    )
    owes = hear.hear(db, said, words, letter.contact)
    contacts.heard(db, letter.inside.sender, opening.now)
    author, message_id = MemberId(content.header.author), hear.message_id(content)
    held = message_id if owes else None
    inbox.remember(db, letter.hash, author, held, opening.now)
    repaired = content.header.repairs
    if repaired:
        # The bytes that it says again may still be on their way, and by then no key opens them.
        inbox.remember(db, repaired, author, held, opening.now)
        if letter.contact is not None:
            arrive.stood_for_nothing(db, said, letter.contact, letter.inside.sender, repaired)
    if owes and message_id is not None:
        inbox.owe(db, author, message_id, read=False)
        said.bells.add(Bell.RECEIPTS)


def _missing(db: Connection, letter: Letter, content: Heard | None) -> int:
    """So many texts lie between the last that came of a device and this one."""
    if content is None or letter.contact is None:
        return 0
    seen = chains.load(db, letter.contact.conversation_id, letter.inside.sender)
    return max(0, content.header.counter - seen.highest - 1)


def _others(db: Connection, sender: DeviceId, new: KeptSession) -> list[KeptSession]:
    return [one for one in sessions.of_device(db, sender) if one.known != new.known]


def _given_to(given: Given | None) -> MemberId | Invitation | None:
    if given is None:
        return None
    if given.member_id is not None:
        return given.member_id
    return INVITATION
