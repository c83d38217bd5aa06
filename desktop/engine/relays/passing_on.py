"""What a relay of mine passes on and another one then tells of, as often as there is something.

The packet is sealed for the other relay, and so is what it tells, for whoever made the packet: the
relay of mine hears that something is watched there and when that changes, and not what.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import trio
from msgspec import Struct

from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.relays.carding import card_of
from desktop.engine.relays.ways import Via
from desktop.store import cards
from protocol.ids import CallId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from protocol.wire.frames import Carried, LetGo, PassOn, Reason, Refused, Reply, Request, Told
from protocol.wire.packet import ANSWER_KEY_BYTES, hash_of, open_answer, seal_packet

NO_CALL = CallId(0)


class Passed(Struct, frozen=True):
    """What the other relay answered at first; what it tells, which ``opened`` opens."""

    first: Reply
    told: trio.MemoryReceiveChannel[Told]
    opened: Callable[[bytes], Reply]


@asynccontextmanager
async def passed_on(
    ground: Ground, via: Via, address: RelayAddress, asked: Request[Any]
) -> AsyncGenerator[Passed | None]:
    """Ask this of the relay at ``address`` and listen; None where it did not get there.

    Raises LineLost, RemoteProtocolError, Unopenable.
    """
    card = await card_of(ground, via, address)
    if card is None:
        yield None
        return
    line, key = via.line, Secret(ground.rng(ANSWER_KEY_BYTES))
    packet = seal_packet(asked, card, key)
    call = line.call()
    opened = partial(open_answer, answer_key=key, packet_hash=hash_of(packet))
    with line.told(call) as told:
        reply: Reply | None = None
        try:
            reply = await line.ask(
                PassOn(
                    call=call,
                    pass_secret=via.relay.pass_secret,
                    destination=str(address),
                    packet=packet,
                )
            )
            if isinstance(reply, Refused) and reply.reason is Reason.UNKNOWN:
                await ground.vault.transact(partial(cards.doubt, relay_id=address.fingerprint))
            if isinstance(reply, Carried):
                yield Passed(opened(reply.answer), told, opened)
            else:
                yield None
        finally:
            # Whatever it was, and whether or not an answer was waited for, it holds a place.
            if not isinstance(reply, Refused):
                let_go(line, call)


def let_go(line: Line, call: CallId) -> None:
    """Hear no more of what this call began."""
    with suppress(LineLost):
        line.submit(LetGo(call=line.call(), watch=call))
