"""One of a member's two relays does what it likes: drops, swaps, repeats, replays and lies.

It says Stored and keeps nothing, says that there is no such capability or no room, brings the same
bytes again under other ids, all that it ever saw, and junk; and its clock is years off. The other
relay is honest, and that is enough.
"""

from __future__ import annotations

from typing import ClassVar

import trio
from msgspec.structs import replace

from protocol.ids import EnvelopeId
from protocol.wire.frames import Deposit, Reason, Refused, Stored
from relay.rules.clock import Now
from relay.rules.office import AnyRequest
from relay.rules.records import Capability, Waiting
from relay.store.storage import Answered, Inline
from tests.faults.virtual import MINUTE, Talk, Tally
from tests.whole.world import Desktop, Place, World, befriend

WITHIN = {"delivered": MINUTE}
YEARS_MS = 10 * 365 * 24 * 3600 * 1000
DROPS, LIES = 0.3, 0.4  # of what is deposited


class Byzantine(Inline):
    """Answers as it likes."""

    world: ClassVar[World | None] = None

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if self.world is None or not isinstance(asked, Deposit):
            super().submit(asked, now, answered)
            return
        chance = self.world.random.random()
        if chance < DROPS:
            answered(Stored(call=asked.call))
        elif chance < LIES:
            reason = self.world.random.choice((Reason.UNKNOWN, Reason.QUOTA, Reason.TRY_LATER))
            answered(Refused(call=asked.call, reason=reason))
        else:
            super().submit(asked, now, answered)


async def byzantine(world: World, messages: int) -> Tally:
    """So many messages to the member with the bad relay; it has both for as long as this takes."""
    Byzantine.world = None
    north = await world.relay("north.example")
    south = await world.relay("south.example", storage=Byzantine)
    other = await world.relay("other.example")
    async with world.desktop("Alice", at=north) as alice, world.desktop("Bob", at=south) as bob:
        conversation = await befriend(world, alice, bob)
        await bob.engine.relay_add(str(other.address))
        await trio.sleep(30)
        await bob.learn_mailboxes()
        Byzantine.world = world
        world.ahead_ms[south.host] = world.random.choice((-1, 1)) * YEARS_MS
        talk = Talk(alice, bob, conversation)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cheat, world, south, bob)
            for number in range(messages):
                await talk.say(f"{number}")
                await trio.sleep(2 * world.random.random())
            await talk.settle(10 * MINUTE)
            nursery.cancel_scope.cancel()
        return await talk.tally(delivered=talk.waits())


async def _cheat(world: World, place: Place, owner: Desktop) -> None:
    """Lay hands on what waits in the mailbox, again and again."""
    seen: list[tuple[Waiting, Capability, int]] = []
    kept = place.store.mailboxes.find(owner.mailbox_at(place))
    assert kept is not None
    while True:
        await trio.sleep(world.random.random())
        queue = place.waiting_for(owner)
        seen += [each for each in queue if each not in seen]
        if len(queue) > 1:
            first, second = queue[0], queue[1]
            queue[0] = (replace(second[0], number=first[0].number), *second[1:])
            queue[1] = (replace(first[0], number=second[0].number), *first[1:])
        if not seen:
            continue
        again = seen if world.random.random() < 0.02 else [world.random.choice(seen)]
        for waiting, by, age in list(again):
            kept.last += 1
            body = waiting.body
            if world.random.random() < 0.1:
                body = body[:9] + world.random.randbytes(len(body) - 9)
            fresh = EnvelopeId(world.random.randbytes(16))
            forged = replace(waiting, number=kept.last, envelope_id=fresh, body=body)
            queue.append((forged, by, age))
