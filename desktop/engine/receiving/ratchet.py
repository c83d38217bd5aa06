"""One step of a session with the device that an envelope names; nothing is kept before ``keep``.

A device that is known proves itself by its Olm key; what others began in its name opens nothing.
Who is not known may begin a session, and be refused for what they say on it: then the step has
never been, and the one-time key is still there for what does count, on the same session or another.
What was overtaken on another way opens from the state before what overtook it.
"""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store import me as mine
from desktop.store import receiving_chains, sessions
from desktop.store.contacts import ContactDevice
from desktop.store.receiving_chains import Taken
from desktop.store.sessions import KeptSession
from protocol.e2e import session
from protocol.e2e.account import AccountState
from protocol.e2e.envelope import Inside
from protocol.e2e.olm_message import PRE_KEY, OlmBytes, claimed_identity, claimed_place
from protocol.e2e.session import SessionState
from protocol.e2e.sessions import next_generation
from protocol.errors import Unopenable
from protocol.ids import DeviceId


def numbered(
    kept: KeptSession, generation: int, others: list[KeptSession], *, is_new: bool
) -> KeptSession:
    """A session's generation as the other side names it; a new one that says that it replaces
    others is the newest of all, also where the other side has lost count."""
    following = max(kept.generation, generation)
    if is_new and generation > 0:
        following = max(following, next_generation(one.known for one in others))
    return KeptSession(kept.state, kept.their_olm, following)


class Step(Struct, frozen=True):
    """What was said, the session's next state, and the account's, where this began the session.

    ``before`` is the state that it was opened from, None where that is kept already or nobody's.
    """

    kept: KeptSession
    plain: bytes
    olm: OlmBytes
    account: AccountState | None = None
    before: SessionState | None = None

    @property
    def is_new(self) -> bool:
        """Whether this began the session."""
        return self.account is not None


def step(db: Connection, inside: Inside, known: ContactDevice | None) -> Step:
    """The step that these bytes make. Raises Unopenable."""
    olm = inside.olm
    kept = [] if known is None else sessions.with_key(db, inside.sender, known.olm_key)
    if olm.kind == PRE_KEY:
        kept = [one for one in kept if session.belongs_to(one.state, olm)]
    for one in kept:
        try:
            state, plain = session.decrypt(one.state, olm)
        except Unopenable:
            continue
        stepped = KeptSession(state, one.their_olm, one.generation)
        return Step(stepped, plain, olm, before=one.state)
    late = _opened_late(db, inside.sender, olm, kept)
    if late is not None:
        return late
    theirs = claimed_identity(olm) if known is None else known.olm_key
    if kept or theirs is None or olm.kind != PRE_KEY:
        raise Unopenable
    account, state, plain = session.accept(mine.account(db), theirs, olm)
    return Step(KeptSession(state, theirs, 0), plain, olm, account)


def _opened_late(
    db: Connection, sender: DeviceId, olm: OlmBytes, kept: list[KeptSession]
) -> Step | None:
    """By a state from before what was missing, which stays as it is: the rest opens from it, too.
    The session itself stands where it stood."""
    by_id = {one.state.session_id: one for one in kept}
    for state in receiving_chains.earlier(db, sender) if kept else ():
        now = by_id.get(state.session_id)
        if now is None:
            continue
        try:
            _, plain = session.decrypt(state, olm)
        except Unopenable:
            continue
        return Step(now, plain, olm)
    return None


def keep(
    db: Connection,
    sender: DeviceId,
    made: Step,
    kept: KeptSession,
    now_ms: int,
    *,
    missing: int = 0,
) -> None:
    """The step has been made, and a one-time key that it began with is used up. So many texts that
    were written before this one are ``missing``."""
    if made.account is not None:
        mine.save_account(db, made.account)
    sessions.save(db, sender, kept, now_ms)
    place = claimed_place(made.olm)
    if place is not None:
        taken = Taken(kept.state.session_id, place, made.before, missing)
        receiving_chains.take(db, sender, taken, now_ms)
