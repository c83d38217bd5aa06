"""Coming to a relay and leaving one: what the contacts are told, and what ends there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.engine.ground import Ground, Said
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.pairing import greet
from desktop.engine.timings import DAY
from desktop.store import contacts, relays
from desktop.store.relays import MyRelay
from protocol.ids import Fingerprint
from protocol.wire.address import RelayAddress
from protocol.wire.frames import DeleteMailbox


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


async def drain(ground: Ground, relay: MyRelay, line: Line) -> None:
    """Keep collecting from a relay that was left, until it is time to delete the mailbox; return
    when that is done. While the clock is doubted it is not."""
    left = relay.left_ms
    while left is not None:
        wait = ground.timings.drain - (ground.now() - left) / 1000
        if wait <= 0 and ground.witness.agrees:
            await delete_mailbox(ground, relay.relay_id, line)
            await ground.vault.transact(partial(relays.remove, relay_id=relay.relay_id))
            return
        await trio.sleep(min(max(wait, ground.timings.upkeep), DAY))
    await trio.sleep_forever()


async def delete_mailbox(ground: Ground, relay_id: Fingerprint, line: Line) -> None:
    """Let the relay forget the mailbox, if it answers in time; it expires otherwise."""
    relay = await ground.vault.read(lambda db: relays.find(db, relay_id))
    if relay is None:
        return
    with trio.move_on_after(ground.timings.goodbye):
        try:
            await line.ask(DeleteMailbox(call=line.call(), mailbox=relay.mailbox))
        except LineLost:
            return  # it will notice by itself that nobody collects
