"""Other relays' cards: what packets for them are sealed to.

A relay of mine finds it, so that asking shows nobody where this computer is; what it brings is
checked against the key in the address, as everything is that a relay says of another.
"""

from __future__ import annotations

import logging
from functools import partial

import trio

from desktop.engine.ground import Ground
from desktop.engine.relays.ways import Via
from desktop.store import cards
from desktop.store.cards import KeptCard
from protocol.errors import RemoteProtocolError
from protocol.wire.address import RelayAddress
from protocol.wire.card import read_card
from protocol.wire.frames import Card, CardBody, FindCard, Reason, Refused

log = logging.getLogger(__name__)

SHUT = (Reason.NOT_ALLOWED, Reason.UNSUPPORTED, Reason.UNKNOWN)


async def card_of(ground: Ground, via: Via, address: RelayAddress) -> CardBody | None:
    """An hour old at most; or the one there is where no newer one can be had. Raises LineLost."""
    to, ways, now = address.fingerprint, ground.ways, ground.now()
    kept = await ground.vault.read(partial(cards.find, relay_id=to))
    if kept is not None:
        fresh = abs(now - kept.found_ms) < ground.timings.card_life * 1000
        if fresh or not ways.may_ask(to):
            return read_card(kept.body, kept.signature, to)
    patience = ground.timings.card_patience if kept is None else ground.timings.other_way
    found = await _find(ground, via, address, patience)
    if found is None:
        ways.asked(to)
        return None if kept is None else read_card(kept.body, kept.signature, to)
    try:
        card = read_card(found.body, found.signature, to)
    except RemoteProtocolError as exc:
        log.warning("a relay of mine brought a card that is not signed so: %s", type(exc).__name__)
        ways.rest(via.relay.relay_id, to, at_least=ground.timings.way_shut)
        return None
    await ground.vault.transact(
        partial(cards.put, relay_id=to, card=KeptCard(found.body, found.signature, now))
    )
    return card


async def _find(ground: Ground, via: Via, address: RelayAddress, patience: float) -> Card | None:
    answer: Card | Refused | None = None
    with trio.move_on_after(patience):
        answer = await via.line.ask(
            FindCard(
                call=via.line.call(),
                pass_secret=via.relay.pass_secret,
                destination=str(address),
            )
        )
    if isinstance(answer, Card):
        return answer
    if isinstance(answer, Refused) and answer.reason in SHUT:
        shut = ground.timings.way_shut
        ground.ways.rest(via.relay.relay_id, address.fingerprint, at_least=shut)
    return None
