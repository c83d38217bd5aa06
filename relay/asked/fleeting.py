"""What one desktop may ask that is never stored: slots, watches, signals, packets that do not wait.

Everything that watches ends with the connection.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from protocol.ids import CallId, CapabilityHash
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
    WatchRoom,
)
from protocol.wire.packet import FLEETING_PACKET, Packet, seal_answer
from protocol.wire.slots import name_of
from relay.asked.calls import Calls
from relay.fleeting.presence import AsTold, News, Sight
from relay.neighbours import Neighbour
from relay.outbox import Outbox
from relay.premises import Premises
from relay.rules.deposits import capability_hash
from relay.rules.limits import Allowance
from relay.two_hops.fleeting import Passed

WATCHES = 1_000
WATCHES_OF_A_RELAY = 20_000
# Whoever collects rings all of them at once.
ROOMS = 64
ROOMS_OF_A_RELAY = 1_024
# Who comes back watches everything at once; a relay does so for all its members.
ASKED_EACH_MS = 100
ASKED_EACH_MS_BY_A_RELAY = 5


class _AtTheDoor:
    """One watch of room where a capability was turned away; over once it was told."""

    def __init__(
        self, premises: Premises, outbox: Outbox, capability: CapabilityHash, told: AsTold
    ) -> None:
        self._switchboard = premises.switchboard
        self._outbox = outbox
        self._capability = capability
        self._told = told
        self._switchboard.wait_room(capability, self)

    def may_go_on(self, capability: CapabilityHash) -> None:
        """Who does not read at the moment asks again by and by."""
        if self._outbox.has_room:
            self._outbox.put(self._told(b""))

    def leave(self) -> None:
        """Nobody wants to know any more."""
        self._switchboard.forget(self._capability, self)


class Fleeting:
    """Publish, Watch, WatchRoom, LetGo, Signal and PassOn on one connection; and what a relay
    carries here."""

    def __init__(
        self, premises: Premises, calls: Calls, outbox: Outbox, neighbour: Neighbour
    ) -> None:
        self._premises = premises
        self._calls = calls
        self._outbox = outbox
        self.neighbour = neighbour
        self._asked = Allowance(2 * WATCHES, ASKED_EACH_MS)
        self._sights: dict[CallId, Sight] = {}
        self._rooms: dict[CallId, _AtTheDoor] = {}
        self._passed: dict[CallId, Callable[[], None]] = {}
        self._ended = False
        self._most = WATCHES
        self._most_rooms = ROOMS

    def for_a_relay(self) -> None:
        """It asks for all its members."""
        self._most = WATCHES_OF_A_RELAY
        self._most_rooms = ROOMS_OF_A_RELAY
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

    def watch_room(self, asked: WatchRoom) -> None:
        """For anybody; whether there is such a capability is not looked at."""
        self._calls.say(self._watch_room(asked.call, asked, partial(_told, asked.call)))

    def watch_room_sealed(self, call: CallId, packet: Packet, asked: WatchRoom) -> Reply:
        """The same in a packet, that came with this call."""
        reply = self._watch_room(call, asked, partial(self._told_sealed, call, packet))
        return msgspec.structs.replace(reply, call=CallId(0))

    def let_go(self, asked: LetGo) -> None:
        """Of a watch, or of a packet that was passed on."""
        sight = self._sights.pop(asked.watch, None)
        if sight is not None:
            self._premises.presence.let_go(sight)
        room = self._rooms.pop(asked.watch, None)
        if room is not None:
            room.leave()
        leave = self._passed.pop(asked.watch, None)
        if leave is not None:
            leave()
        self._calls.say(Noted(call=asked.call))

    def signal(self, asked: Signal) -> None:
        """The answer comes before anything is looked up, and is always the same."""
        self._calls.say(Noted(call=asked.call))
        if not self._asked.another(self._calls.now.age_ms):
            self.signal_sealed(asked)

    def signal_sealed(self, asked: Signal) -> None:
        """The same in a packet, whose answer is the same as well."""
        self._premises.signals.say(asked.capability, asked.body, self.neighbour.guesses)

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
        for room in self._rooms.values():
            room.leave()
        self._rooms.clear()
        passed, self._passed = self._passed, {}
        for leave in passed.values():
            leave()

    def _too_many(self) -> bool:
        held = len(self._sights) + len(self._rooms) + len(self._passed)
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

    def _watch_room(self, call: CallId, asked: WatchRoom, told: AsTold) -> Reply:
        earlier = self._rooms.pop(call, None)
        if earlier is not None:
            earlier.leave()
        if self._ended or self._too_many() or len(self._rooms) >= self._most_rooms:
            return Refused(call=call, reason=Reason.QUOTA)
        by = capability_hash(asked.capability)
        self._rooms[call] = _AtTheDoor(self._premises, self._outbox, by, told)
        return Watching(call=call)

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
        passed = Passed(by, asked.packet, answered, partial(self._told, asked.call))
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
