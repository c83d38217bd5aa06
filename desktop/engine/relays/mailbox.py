"""My own mailbox at a relay: admission, reading from the cursor, telling of capabilities.

The relay's deliveries are the truth in order (law 2); they are taken in and committed, then
acknowledged. What the relay has yet to be told stands in the vault, so nothing told is forgotten.
"""

from __future__ import annotations

import math
from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.errors import (
    AsideError,
    InvitationExpired,
    InvitationSpent,
    RelayFull,
    RelayRefused,
)
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground, Said
from desktop.engine.lines.line import Line
from desktop.engine.pairing import drawers
from desktop.engine.receiving.receive import receive
from desktop.engine.receiving.undecodable import Opening
from desktop.engine.relays import moves
from desktop.store import capabilities, relays
from desktop.store.capabilities import Given, Grant
from desktop.store.relays import MyRelay
from protocol.e2e.link import drawer_of
from protocol.ids import Fingerprint
from protocol.keys import Domain, sign
from protocol.wire.frames import (
    Acknowledge,
    CreateMailbox,
    Delivery,
    Done,
    OpenMailbox,
    Policy,
    Reason,
    Redeem,
    Redeemed,
    Refused,
    Revoke,
)
from protocol.wire.frames import Grant as GrantFrame

BATCH = 32
INVITATION_USES = 5  # bundles and deposits that a link's capability is good for, per use

# What a contact may do. No conversation comes near it, nor does a bot that catches up; it keeps
# one who floods from filling the pass with the ids that a relay remembers for weeks, even where
# everything is collected at once: 6 MiB at a stretch, 21 MiB a day, and a day is enough to block.
CONTACT = Policy(burst=100_000, each_ms=250)


# What `redeem` and `move_in` raise where the relay said no.
REFUSALS = (InvitationSpent, InvitationExpired, RelayRefused, RelayFull)


async def redeem(relay: MyRelay, line: Line) -> Redeemed:
    """A pass for the code. Safe to repeat: the relay knows the pass again.

    Raises InvitationSpent, InvitationExpired, RelayRefused, RelayFull, LineLost.
    """
    redeemed = await line.ask(
        Redeem(call=line.call(), code=relay.invite_code, pass_secret=relay.pass_secret)
    )
    if isinstance(redeemed, Refused):
        raise _refusal(redeemed)
    return redeemed


async def move_in(ground: Ground, relay: MyRelay, line: Line, terms: Redeemed) -> None:
    """Make the mailbox that the pass is good for, and tell the contacts. Safe to repeat.

    Raises RelayRefused, RelayFull, LineLost.
    """
    signature = sign(relay.mailbox_seed, Domain.CREATE_MAILBOX, line.agreed.transcript)
    made = await line.ask(
        CreateMailbox(
            call=line.call(),
            mailbox=relay.mailbox,
            pass_secret=relay.pass_secret,
            signature=signature,
        )
    )
    if isinstance(made, Refused):
        raise _refusal(made)

    def moved_in(db: Connection, said: Said) -> None:
        relays.set_ready(db, relay.relay_id, terms.may_invite)
        if not relay.left:
            moves.tell_contacts(db, said, ground)

    await ground.do(moved_in)


def _refusal(answer: Refused) -> AsideError:
    match answer.reason:
        case Reason.QUOTA | Reason.TRY_LATER:
            return RelayFull()
        case Reason.SPENT:
            return InvitationSpent()
        case Reason.EXPIRED:
            return InvitationExpired()
        case _:
            return RelayRefused()


async def open_mailbox(ground: Ground, relay: MyRelay, line: Line) -> None:
    """Begin to collect. Raises RelayRefused where the mailbox is not known, RelayFull, LineLost."""
    signature = sign(relay.mailbox_seed, Domain.OPEN_MAILBOX, line.agreed.transcript)
    opened = await line.ask(
        OpenMailbox(
            call=line.call(), mailbox=relay.mailbox, signature=signature, after=relay.cursor
        )
    )
    if isinstance(opened, Refused):
        raise _refusal(opened)
    if line.nearness is not relay.reached:
        await ground.vault.transact(
            partial(relays.set_reached, relay_id=relay.relay_id, reached=line.nearness)
        )
    if opened.after != relay.cursor:
        await ground.vault.transact(
            partial(relays.reset_cursor, relay_id=relay.relay_id, cursor=opened.after)
        )
    if opened.waiting == 0:
        await ground.vault.transact(
            partial(relays.set_drained, relay_id=relay.relay_id, now_ms=ground.now())
        )


async def collect(ground: Ground, relay: MyRelay, line: Line) -> None:
    """Take in what the relay delivers, as long as the line holds."""
    async for first in line.deliveries:
        batch = [first]
        while len(batch) < BATCH:
            try:
                batch.append(line.deliveries.receive_nowait())
            except (trio.WouldBlock, trio.EndOfChannel):
                break
        await ground.do(partial(_take_in, ground=ground, relay_id=relay.relay_id, batch=batch))
        line.submit(Acknowledge(call=line.call(), mailbox=relay.mailbox, up_to=batch[-1].sequence))


def _take_in(
    db: Connection, said: Said, ground: Ground, relay_id: Fingerprint, batch: list[Delivery]
) -> None:
    for delivery in batch:
        opening = Opening(
            me=ground.me,
            relay_id=relay_id,
            delivery=delivery,
            timings=ground.timings,
            now=ground.now(),
            rng=ground.rng,
        )
        receive(db, said, opening)
    relays.set_cursor(db, relay_id, batch[-1].sequence)


async def keep_telling(ground: Ground, relay: MyRelay, line: Line, bell: Doorbell) -> None:
    """Tell the relay what it has yet to be told, and keep the drawer stocked."""
    stocked = -math.inf
    while True:
        for given in await ground.vault.read(lambda db: capabilities.to_tell(db, relay.relay_id)):
            if given.state is Grant.UNWANTED:
                await _revoke(ground, relay, line, given)
            else:
                await grant(ground, relay, line, given)
        if trio.current_time() - stocked >= ground.timings.upkeep:
            await drawers.restock(ground, relay, line)
            stocked = trio.current_time()
        await bell.wait(ground.timings.upkeep)


async def grant(ground: Ground, relay: MyRelay, line: Line, given: Given) -> Done | Refused:
    """Make one capability good at the relay. Raises LineLost."""
    drawer = relay.drawer if given.invitation is None else drawer_of(given.invitation)
    policy = await ground.vault.read(partial(_policy, given=given))
    answer = await line.ask(
        GrantFrame(
            call=line.call(),
            mailbox=relay.mailbox,
            capability=given.hash,
            drawer=drawer,
            policy=policy,
        )
    )
    if not isinstance(answer, Refused):
        await ground.vault.transact(partial(capabilities.granted, hash_=given.hash))
        ground.bells[Bell.SEAL].ring()
    return answer


def _policy(db: Connection, given: Given) -> Policy:
    """A contact's is wide; an invitation's is a few greetings and the first words behind them."""
    if given.invitation is None:
        return CONTACT
    invitation = capabilities.invitation(db, given.invitation)
    if invitation is None:
        return Policy(pending=0, deposits=0, bundles=0)
    most = INVITATION_USES * max(1, invitation.uses_left)
    return Policy(pending=most, deposits=most, bundles=most, expires_ms=invitation.expires_ms)


async def _revoke(ground: Ground, relay: MyRelay, line: Line, given: Given) -> None:
    if given.invitation is not None:
        await drawers.empty(relay, line, given.invitation)
    answer = await line.ask(Revoke(call=line.call(), mailbox=relay.mailbox, capability=given.hash))
    if not isinstance(answer, Refused) or answer.reason is Reason.UNKNOWN:
        await ground.vault.transact(partial(capabilities.revoked, hash_=given.hash))
