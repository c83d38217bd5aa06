"""Coming to a relay and leaving one: what the contacts are told, and what ends there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.engine.ground import Ground, Said
from desktop.engine.lines.line import Line
from desktop.engine.pairing import greet
from desktop.engine.timings import DAY
from desktop.store import contacts, relays
from desktop.store.relays import MyRelay
from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress
from protocol.wire.frames import DeleteMailbox, Refused


def tell_contacts(db: Connection, said: Said, ground: Ground) -> None:
    """Where this device collects has changed: every contact learns it inside the encryption."""
    for contact in contacts.every(db):
        if not contact.pending and contact.gone is None:
            greet.greet(
                db, said, ground.me, contact.member_id, ground.now(), ground.rng, reply=True
            )


def order(db: Connection, said: Said, ground: Ground, relay_ids: Sequence[Fingerprint]) -> None:
    """Contacts deposit at the first one first."""
    relays.order(db, relay_ids)
    tell_contacts(db, said, ground)


def move(db: Connection, said: Said, ground: Ground, address: RelayAddress) -> None:
    """A relay of mine answers at another place."""
    known = relays.find(db, address.fingerprint)
    if known is not None and known.address != address:
        relays.set_address(db, address)
        tell_contacts(db, said, ground)


def leave(db: Connection, said: Said, ground: Ground, relay_id: Fingerprint) -> None:
    """Contacts learn of those that are left; what still comes to this one is collected."""
    relays.leave(db, relay_id, ground.now())
    tell_contacts(db, said, ground)


def come_back(db: Connection, said: Said, ground: Ground, address: RelayAddress) -> None:
    """A relay that was left is used again, with the mailbox that is there."""
    relays.leave(db, address.fingerprint, None)
    relays.set_address(db, address)
    tell_contacts(db, said, ground)


def give_up(db: Connection, ground: Ground, relay_id: Fingerprint) -> None:
    """The last relay is left: nobody could be told of another one, so it is drained already."""
    relays.leave(db, relay_id, ground.now() - int(ground.timings.drain * 1000))


def is_drained(ground: Ground, relay: MyRelay) -> bool:
    """Whether it is time to delete the mailbox. While the clock is doubted it is not."""
    if relay.left_ms is None:
        return False
    return ground.now() - relay.left_ms >= ground.timings.drain * 1000 and ground.witness.agrees


async def drain(ground: Ground, relay: MyRelay, line: Line) -> None:
    """Keep collecting from a relay that was left, until it is time to delete the mailbox; return
    when the relay said that it did. Raises LineLost."""
    left = relay.left_ms
    while left is not None:
        if is_drained(ground, relay):
            answer = await line.ask(DeleteMailbox(call=line.call(), mailbox=relay.mailbox))
            if not isinstance(answer, Refused):
                await forget(ground, relay)
                return
        wait = ground.timings.drain - (ground.now() - left) / 1000
        await trio.sleep(min(max(wait, ground.timings.upkeep), DAY))
    await trio.sleep_forever()


async def forget(ground: Ground, relay: MyRelay) -> None:
    """Nothing is there any more, or nobody is: its keys go."""
    await ground.vault.transact(partial(relays.remove, relay_id=relay.relay_id))
