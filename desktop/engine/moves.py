"""Coming to a relay and leaving one: what the contacts are told, and what ends there."""

from __future__ import annotations

import trio
from sqlcipher3 import Connection

from desktop.engine import greet
from desktop.engine.ground import Ground, Said
from desktop.engine.line import Line, LineLost
from desktop.store import contacts, relays
from protocol.ids import Fingerprint
from protocol.wire.frames import DeleteMailbox


def tell_contacts(db: Connection, said: Said, ground: Ground) -> None:
    """Where this device collects has changed: every contact learns it inside the encryption."""
    for contact in contacts.every(db):
        if not contact.pending and contact.gone is None:
            greet.greet(
                db, said, ground.me, contact.member_id, ground.now(), ground.rng, reply=True
            )


def leave(db: Connection, said: Said, ground: Ground, relay_id: Fingerprint) -> None:
    """Forget a relay; contacts learn of those that are left, if any is."""
    relays.remove(db, relay_id)
    if relays.every(db):
        tell_contacts(db, said, ground)


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
