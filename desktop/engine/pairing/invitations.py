"""Two members become contacts: making a link, and using one.

A link's capability, drawer and join code are derived from its secret, so the relay can be told
of hashes alone. What a link promises is at the relay before the link is shown.
"""

from __future__ import annotations

from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.errors import (
    InvitationExpired,
    InvitationIsMine,
    InvitationMalformed,
    InvitationSpent,
    JoinNotAllowed,
    NoRelayToInvite,
    OutOfBounds,
    RelayFull,
    RelayUnavailable,
)
from desktop.core.models import Accepted
from desktop.core.texts import is_blank
from desktop.core.ways import Direct
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.pairing import bundles, drawers, greet
from desktop.engine.relays import mailbox
from desktop.engine.relays.keepers import Keepers
from desktop.engine.relays.visit import visit
from desktop.engine.sending import compose
from desktop.store import capabilities, contacts, relays
from desktop.store.capabilities import Invitation
from desktop.store.contacts import ContactDevice, ContactMailbox
from desktop.store.relays import MyRelay
from protocol.e2e.bundle import OpenedBundle, open_bundle
from protocol.e2e.link import SECRET_BYTES, ContactLink
from protocol.errors import BadSignature, RemoteProtocolError, Unopenable
from protocol.ids import ConversationId, DeviceId, MemberId
from protocol.keys import Domain, Secret, digest
from protocol.wire.frames import Invite, Reason, Refused

DAY_MS = 24 * 3600 * 1000
DEFAULT_LIFE_MS = 7 * DAY_MS
LONGEST_LIFE_MS = 90 * DAY_MS
MOST_USES = 100


async def invite(
    ground: Ground, keepers: Keepers, uses: int, expires_ms: int | None, note: str, *, join: bool
) -> str:
    """A new link.

    Raises OutOfBounds, NoRelayToInvite, RelayUnavailable, RelayFull, JoinNotAllowed.
    """
    if not 1 <= uses <= MOST_USES:
        raise OutOfBounds("uses")
    life = DEFAULT_LIFE_MS if expires_ms is None else expires_ms - ground.now()
    if not 0 < life <= LONGEST_LIFE_MS:
        raise OutOfBounds("expires_ms")
    relay, line = await _my_relay(ground, keepers)
    link = ContactLink(
        address=relay.address,
        member_id=ground.me.member_id,
        secret=Secret(ground.rng(SECRET_BYTES)),
        expires_ms=ground.now() + life,
        name=ground.me.name,
        join=join,
    )
    try:
        await ground.vault.transact(
            partial(_note_link, relay=relay, link=link, uses=uses, note=note, now=ground.now())
        )
        await _tell_relay(ground, relay, line, link, uses)
    except BaseException as exc:
        with trio.CancelScope(shield=True):
            await ground.vault.transact(partial(capabilities.withdraw, secret=link.secret))
        ground.bells[Bell.TELL].ring()
        if isinstance(exc, LineLost):
            raise RelayUnavailable from exc
        raise
    return str(link)


def _note_link(
    db: Connection, relay: MyRelay, link: ContactLink, uses: int, note: str, now: int
) -> None:
    invitation = Invitation(link.secret, relay.relay_id, uses, link.expires_ms, note)
    capabilities.invite(db, invitation, now)
    capabilities.give(db, relay.relay_id, link.capability(), by=link.secret)


async def _tell_relay(
    ground: Ground, relay: MyRelay, line: Line, link: ContactLink, uses: int
) -> None:
    given = await ground.vault.read(
        lambda db: capabilities.find(db, capabilities.hash_of(link.capability()))
    )
    if given is None:
        raise RelayUnavailable
    if isinstance(await mailbox.grant(ground, relay, line, given), Refused):
        raise RelayFull
    made = await ground.vault.transact(
        lambda db: drawers.make_bundles(
            db,
            ground.me,
            link.drawer_key(),
            drawers.FOR_A_LINK * min(uses, 10),
            ground.now(),
            ground.rng,
        )
    )
    if isinstance(await drawers.stock(relay, line, link.drawer_id(), made), Refused):
        raise RelayFull
    code = link.join_code()
    if code is not None:
        answer = await line.ask(
            Invite(
                call=line.call(),
                pass_secret=relay.pass_secret,
                code_hash=digest(Domain.JOIN_CODE, code),
                uses=uses,
                expires_ms=link.expires_ms,
            )
        )
        if isinstance(answer, Refused):
            raise JoinNotAllowed


async def _my_relay(ground: Ground, keepers: Keepers) -> tuple[MyRelay, Line]:
    if not keepers.every():
        raise NoRelayToInvite
    online = await keepers.wait_online(ground.timings.patience)
    if online is None:
        raise RelayUnavailable
    relay = await ground.vault.read(lambda db: relays.find(db, online[0]))
    if relay is None:
        raise NoRelayToInvite
    return relay, online[1]


def check(ground: Ground, link: ContactLink) -> None:
    """What is known before anything connects. Raises InvitationIsMine, InvitationExpired."""
    if link.member_id == ground.me.member_id:
        raise InvitationIsMine
    if link.expires_ms < ground.now():
        raise InvitationExpired


async def accept(
    ground: Ground, link: ContactLink, greeting: str, *, anew: bool = False
) -> Accepted:
    """Use a link: a session from its bundle, a contact, a greeting on its way.

    There must be a relay of mine for the answer. A contact who is known already gets the greeting,
    and the link is left alone, unless ``anew``: then they are greeted by it. Raises
    InvitationSpent, InvitationMalformed, RelayUnavailable, RelayKeyWrong, RelayVersion.
    """
    if not anew:
        known = await ground.do(partial(_known, ground=ground, link=link, greeting=greeting))
        if known is not None:
            return known
    taken = await bundles.take_through(
        ground, link.address, link.capability(), ground.timings.answer
    )
    if isinstance(taken, Direct):
        async with visit(ground, link.address) as line:
            taken = await bundles.take(line, link.capability())
    if taken is None:
        raise RelayUnavailable
    if isinstance(taken, Refused):
        raise RelayUnavailable if taken.reason is Reason.TRY_LATER else InvitationSpent
    try:
        opened = open_bundle(taken.body, link.drawer_key(), link.member_id)
        return await ground.do(
            partial(_become_contacts, ground=ground, link=link, opened=opened, greeting=greeting)
        )
    except (BadSignature, RemoteProtocolError, Unopenable) as exc:
        raise InvitationMalformed from exc


def _known(
    db: Connection, said: Said, ground: Ground, link: ContactLink, greeting: str
) -> Accepted | None:
    """Their conversation, with what was to be said; None where they must become contacts first."""
    known = contacts.find(db, MemberId(link.member_id))
    if known is None or known.gone is not None:
        return None
    _say(db, said, ground, known.conversation_id, greeting)
    return Accepted(known.member_id, known.conversation_id)


def _say(
    db: Connection, said: Said, ground: Ground, conversation: ConversationId, greeting: str
) -> None:
    if not is_blank(greeting):
        compose.compose(db, said, ground.me, conversation, greeting, ground.now(), ground.rng)


def _become_contacts(
    db: Connection,
    said: Said,
    ground: Ground,
    link: ContactLink,
    opened: OpenedBundle,
    greeting: str,
) -> Accepted:
    me, now, member = ground.me, ground.now(), MemberId(link.member_id)
    known = contacts.find(db, member)
    if known is None:
        known = greet.add_contact(
            db, said, me, link.name, opened.signed_list, member, now, pending=True
        )
    else:
        contacts.set_gone(db, member, None)
    device_id = DeviceId(opened.bundle.device)
    key = opened.sealing_key
    contacts.put_device(
        db,
        ContactDevice(device_id, member, opened.bundle.olm, key.public, key.made_ms, None, None),
    )
    box = ContactMailbox(str(link.address), link.capability(), link.drawer_key())
    contacts.set_mailboxes(db, device_id, [box])
    contacts.pasted(db, member, box.relay)
    bundles.start(db, said, opened, now)
    greet.greet(db, said, me, member, now, ground.rng, reply=False)
    _say(db, said, ground, known.conversation_id, greeting)
    return Accepted(member, known.conversation_id)
