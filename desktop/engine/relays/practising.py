"""What a relay of mine says of itself, compared with what it said when the member joined.

Asked for on each new line: a relay changes its settings only by starting anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import msgspec
from sqlcipher3 import Connection

from desktop.core.events import RelayPractices
from desktop.core.practices import Kept, Practices, Told, compare
from desktop.engine.ground import Ground, Said
from desktop.engine.lines.line import Line, LineLost
from desktop.store import practices, relays
from desktop.store.relays import MyRelay
from protocol.errors import RemoteProtocolError
from protocol.ids import Fingerprint
from protocol.wire.frames import Practices as Declared
from protocol.wire.frames import PracticesBody, Reason, Redeem, Redeemed, Refused, ShowPractices
from protocol.wire.practices import read_practices

log = logging.getLogger(__name__)


async def hear_practices(
    ground: Ground, relay: MyRelay, line: Line, allowed: Callable[[Redeemed], None]
) -> None:
    """Ask, and keep what is signed. A relay that does not answer this is no worse for it.

    Also what the pass is good for by now, which its operator may have changed (``allowed``).
    """
    try:
        said = await line.ask(ShowPractices(call=line.call()))
        terms = await line.ask(
            Redeem(call=line.call(), code=relay.invite_code, pass_secret=relay.pass_secret)
        )
    except LineLost:
        return  # whoever keeps the line notices by itself
    if not isinstance(terms, Refused):
        carries = terms.forwards > 0
        await ground.vault.transact(
            partial(
                relays.set_terms,
                relay_id=relay.relay_id,
                carries=carries,
                may_invite=terms.may_invite,
            )
        )
        allowed(terms)
    if not isinstance(said, Refused):
        await ground.do(partial(take, relay_id=relay.relay_id, declared=said, now=ground.now()))
    elif said.reason is not Reason.TRY_LATER:
        await ground.do(partial(miss, relay_id=relay.relay_id))


def take(db: Connection, said: Said, relay_id: Fingerprint, declared: Declared, now: int) -> None:
    """Keep it, and say so where it is news."""
    try:
        read_practices(declared.body, declared.signature, relay_id)
    except RemoteProtocolError as exc:
        log.warning("a relay of mine says what it did not sign: %s", type(exc).__name__)
        if practices.doubt(db, relay_id):
            said.events.append(RelayPractices(relay_id, changed=True))
        return
    changed = practices.put(db, relay_id, declared.body, declared.signature, now)
    if changed is not False:
        said.events.append(RelayPractices(relay_id, changed=bool(changed)))


def miss(db: Connection, said: Said, relay_id: Fingerprint) -> None:
    """It does not say any more what it once signed; one that never said anything is older."""
    kept = practices.find(db, relay_id)
    if kept is not None and practices.doubt(db, relay_id):
        said.events.append(RelayPractices(relay_id, changed=True))


def shown(db: Connection, relay_id: Fingerprint) -> Practices | None:
    """As clients see it; None where the relay has not said anything yet."""
    kept = practices.find(db, relay_id)
    if kept is None:
        return None
    if kept.body is None or kept.joined is None:
        return Practices(kept.signed, None, None, None)
    now, before = _told(kept.body), _told(kept.joined)
    changed = compare(before, now)
    return Practices(kept.signed, now, kept.joined_ms, kept.found_ms, changed)


def _told(body: bytes) -> Told:
    """What was checked before it was written down."""
    said = msgspec.msgpack.decode(body, type=PracticesBody)
    kept = {one.what: Kept(one.what, one.on_disk, one.sealed, one.longest_s) for one in said.kept}
    return Told(said.name, said.about, said.open, tuple(kept.values()))
