"""What one desktop may ask that is never stored: slots, watches, signals, packets that do not wait.

Everything that watches ends with the connection.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from protocol.ids import CallId
from protocol.wire.frames import (
    Carried,
    LetGo,
    Noted,
    PassOn,
    Publish,
    Reason,
    Refused,
    Reply,
    Signal,
    Told,
    Watch,
    Watching,
)
from protocol.wire.packet import FLEETING_PACKET, Packet, seal_answer
from protocol.wire.slots import name_of
from relay.asked.calls import Calls
from relay.fleeting.presence import AsTold, News, Sight
from relay.outbox import Outbox
from relay.premises import Premises
from relay.rules.limits import Allowance
from relay.two_hops.fleeting import Passed

WATCHES = 1_000
WATCHES_OF_A_RELAY = 20_000
# Who comes back watches everything at once; a relay does so for all its members.
ASKED_EACH_MS = 100
ASKED_EACH_MS_BY_A_RELAY = 5


class Fleeting:
    """Publish, Watch, LetGo, Signal and PassOn on one connection; and what a relay carries here."""

    def __init__(self, premises: Premises, calls: Calls, outbox: Outbox) -> None:
        self._premises = premises
        self._calls = calls
        self._outbox = outbox
        self._asked = Allowance(2 * WATCHES, ASKED_EACH_MS)
        self._sights: dict[CallId, Sight] = {}
        self._passed: dict[CallId, Callable[[], None]] = {}
        self._ended = False
        self._most = WATCHES

    def for_a_relay(self) -> None:
        """It asks for all its members."""
        self._most = WATCHES_OF_A_RELAY
        self._asked = Allowance(WATCHES_OF_A_RELAY, ASKED_EACH_MS_BY_A_RELAY)

    def publish(self, asked: Publish) -> None:
        """For who has a pass."""
        self._calls.begin()
        self._premises.vouching.ask(asked.pass_secret, "", partial(self._publish, asked))

    def watch(self, asked: Watch) -> None:
        """For anybody who has the secret."""
        if self._too_many():
            self._calls.refuse(asked, Reason.QUOTA)
            return
        self._calls.say(self._watch(asked.call, asked, partial(_told, asked.call)))

    def watch_sealed(self, call: CallId, packet: Packet, asked: Watch) -> Reply:
        """The same in a packet, that came with this call: what is told is for its sender only."""
        if self._too_many():
            return Refused(call=CallId(0), reason=Reason.QUOTA)
        reply = self._watch(call, asked, partial(self._told_sealed, call, packet))
        return msgspec.structs.replace(reply, call=CallId(0))

    def let_go(self, asked: LetGo) -> None:
        """Of a watch, or of a packet that was passed on."""
        sight = self._sights.pop(asked.watch, None)
        if sight is not None:
            self._premises.presence.let_go(sight)
        leave = self._passed.pop(asked.watch, None)
        if leave is not None:
            leave()
        self._calls.say(Noted(call=asked.call))

    def signal(self, asked: Signal) -> None:
        """The answer comes before anything is looked up, and is always the same."""
        self._calls.say(Noted(call=asked.call))
        if not self._asked.another(self._calls.now.age_ms):
            self._premises.signals.say(asked.capability, asked.body)

    def pass_on(self, asked: PassOn) -> None:
        """For who has a pass that may send there."""
        if len(asked.packet) != FLEETING_PACKET:
            self._calls.refuse(asked, Reason.NOT_ALLOWED)
            return
        if self._too_many():
            self._calls.refuse(asked, Reason.QUOTA)
            return
        self._calls.begin(len(asked.packet))
        then = partial(self._pass_on, asked)
        self._premises.vouching.ask(asked.pass_secret, asked.destination, then)

    def tell(self, news: News) -> None:
        """Who does not read sees what there is when it is written the next time."""
        if self._outbox.has_room:
            self._outbox.put_now([sight.told(blob) for sight, blob in news])

    def end(self) -> None:
        """The connection is over."""
        self._ended = True
        for sight in self._sights.values():
            self._premises.presence.let_go(sight)
        self._sights.clear()
        passed, self._passed = self._passed, {}
        for leave in passed.values():
            leave()

    def _too_many(self) -> bool:
        held = len(self._sights) + len(self._passed)
        return held >= self._most or self._asked.another(self._calls.now.age_ms)

    def _publish(self, asked: Publish, by: bytes | Reason) -> None:
        if not isinstance(by, Reason):
            refused = self._premises.presence.publish(by, asked.slots)
            if refused is None:
                self._calls.finish(Noted(call=asked.call))
                return
            by = refused
        self._calls.finish(Refused(call=asked.call, reason=by))

    def _watch(self, call: CallId, asked: Watch, told: AsTold) -> Reply:
        presence, name = self._premises.presence, name_of(asked.slot)
        earlier = self._sights.pop(call, None)
        if earlier is not None:
            presence.let_go(earlier)
        sight = None if self._ended else presence.watch(name, self, told)
        if sight is None:
            return Refused(call=call, reason=Reason.QUOTA)
        self._sights[call] = sight
        return Watching(call=call, blob=presence.blob(name))

    def _told_sealed(self, call: CallId, packet: Packet, blob: bytes) -> Told:
        said = Watching(call=CallId(0), blob=blob)
        return _told(call, seal_answer(packet, said, self._premises.rng))

    def _pass_on(self, asked: PassOn, by: bytes | Reason) -> None:
        size = len(asked.packet)
        address = self._premises.house.federation.destination(asked.destination)
        if isinstance(by, Reason) or address is None or self._ended:
            reason = by if isinstance(by, Reason) else Reason.NOT_ALLOWED
            self._calls.finish(Refused(call=asked.call, reason=reason), size)
            return
        answered = partial(self._answered, asked.call, size)
        passed = Passed(asked.packet, answered, partial(self._told, asked.call))
        leave = self._premises.forwarder.pass_on(address, passed)
        if leave is None:
            answered(Refused(call=asked.call, reason=Reason.TRY_LATER))
        else:
            self._passed[asked.call] = leave

    def _answered(self, call: CallId, size: int, reply: Reply) -> None:
        if not isinstance(reply, Carried):
            self._passed.pop(call, None)
        self._calls.finish(msgspec.structs.replace(reply, call=call), size, fault=False)

    def _told(self, call: CallId, told: Told) -> None:
        if told.over:
            self._passed.pop(call, None)
        if told.over or self._outbox.has_room:
            self._outbox.put(msgspec.structs.replace(told, watch=call))


def _told(watch: CallId, blob: bytes) -> Told:
    return Told(watch=watch, answer=blob)
