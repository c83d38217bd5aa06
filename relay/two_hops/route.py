"""The way to one other relay: its queue, in order, over one connection, as long as anything waits.

Whatever goes wrong ends the connection, and the queue is read again from its front: a packet that
is carried twice is harmless. A destination that cannot be reached costs one probe for each
back-off, however much waits for it; its own call to this relay ends the pause.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from functools import partial
from itertools import accumulate

import trio

from protocol.errors import RemoteProtocolError, WrongRelay
from protocol.ids import CallId
from protocol.wire.address import RelayAddress
from protocol.wire.frames import (
    CHUNK_BYTES,
    Answered,
    Carried,
    Carry,
    Outcome,
    Reason,
    Refused,
    Reply,
    answer_room,
)
from relay import strings
from relay.faults import place
from relay.rules.clock import DAY_MS
from relay.rules.forgetting import PACKET_DAYS
from relay.rules.records import Settle, WaitingPacket, is_bulky, room_for
from relay.store.storage import StoreUnavailable
from relay.two_hops.cards import Cards, Wanted
from relay.two_hops.fleeting import Passed, Passing
from relay.two_hops.pauses import Resting
from relay.two_hops.peer_line import LineLost, PeerLine, TurnedAway
from relay.two_hops.shared import Means

_log = logging.getLogger(__name__)

WINDOW = 256
WINDOW_BYTES = 1024 * 1024
# Chunks that are under way at a time, with their answers: a letter waits for no more of them.
BULKY_BYTES = 3 * (CHUNK_BYTES + 4096)
CONNECT_S = 40.0
IDLE_S = 120.0
TURNED_AWAY_S = 60.0


class Route:
    """Runs while there is something to do for this destination."""

    def __init__(self, address: RelayAddress, means: Means) -> None:
        self.address = address
        self._means = means
        self._bell = trio.Event()
        self._noted = True
        self._cards = Cards(address.fingerprint)
        self.passing = Passing()
        self._resting = Resting(means.myself.rng)
        # By ticket: whether it is bulky, and what it takes up on the line, there and back.
        self._under_way: dict[bytes, tuple[bool, int]] = {}
        self._useful = False
        self._failed = False
        self._turned_away = False

    def note(self) -> None:
        """A packet came for it."""
        self._noted = True
        self._bell.set()

    def want(self, wanted: Wanted) -> None:
        """Ask for its card when it is next connected."""
        self._cards.want(wanted)
        self.note()

    def unwant(self, wanted: Wanted) -> None:
        """Nobody waits any more."""
        self._cards.unwant(wanted)

    def pass_on(self, passed: Passed) -> bool:
        """Carry what does not wait, unless this relay is not there at the moment."""
        if self._resting.now or not self.passing.add(passed, self._means.now().age_ms):
            return False
        self.note()
        return True

    def let_go(self, passed: Passed) -> None:
        """Nobody wants to hear of it any more."""
        self.passing.let_go(passed)
        self._bell.set()

    def wake(self) -> None:
        """It has called here, so it is up."""
        self._resting.wake()

    async def run(self) -> None:
        """Until nothing waits."""
        failures = 0
        if self._means.federation.destination(str(self.address)) is None:
            # Shut out since its packets were taken.
            await self._turn_away()
        while self._noted:
            self._noted = False
            self._resting.begin()
            try:
                wanted = self._cards.wanted or self.passing.wanted
                if not wanted and not await self._page(0, 1):
                    continue
                asked_s = await self._visit()
            except StoreUnavailable as exc:
                _log.error(strings.LOG_STORE_READ, place(exc))
                asked_s = 0.0
            if asked_s is None:
                failures = 0
                continue
            self._noted = True
            failures = 1 if self._useful and not self._failed else failures + 1
            await self._expire()
            await self._resting.rest(failures, asked_s)

    async def _visit(self) -> float | None:
        """Connect and carry; None when all is done, or else for how long it asked to be left."""
        try:
            return await self._connect()
        finally:
            self.passing.end()

    async def _connect(self) -> float | None:
        self._under_way.clear()
        self._useful = self._failed = self._turned_away = False
        try:
            with trio.fail_after(CONNECT_S):
                call = await self._means.connect(self.address)
        except (OSError, ssl.SSLError, trio.BrokenResourceError, trio.TooSlowError):
            return 0.0
        asked_s: list[float] = []
        try:
            await self._talk(PeerLine(call, self.address, self._means.myself, self._means.flusher))
        except* LineLost as lost:
            asked_s += [each.retry_s for each in _leaves(lost)]
        except* WrongRelay:
            _log.warning(strings.LOG_WRONG_RELAY)
            asked_s.append(0.0)
        except* TurnedAway:
            self._turned_away = True
            asked_s.append(TURNED_AWAY_S)
        except* (
            RemoteProtocolError,
            trio.TooSlowError,
            trio.BrokenResourceError,
            trio.ClosedResourceError,
        ):
            asked_s.append(0.0)
        finally:
            await trio.aclose_forcefully(call.stream)
        if self._turned_away:
            await self._turn_away()
        return max(asked_s) if asked_s else None

    async def _talk(self, line: PeerLine) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(line.write)
            await line.shake_hands()
            nursery.start_soon(line.listen)
            nursery.start_soon(line.keep_alive)
            await self._carry_all(line)
            line.part()
            nursery.cancel_scope.cancel()

    async def _carry_all(self, line: PeerLine) -> None:
        """Everything that waits and comes, until nothing did for a while."""
        # Letters first; what brings or fetches chunks behind them, each in its own order.
        after = {False: 0, True: 0}
        while True:
            self._bell = trio.Event()
            self._noted = False
            if self._failed:
                raise LineLost
            if self._turned_away:
                raise TurnedAway
            self._cards.ask(line)
            self.passing.send(line)
            carried = False
            for bulky, most in ((False, WINDOW_BYTES), (True, BULKY_BYTES)):
                for packet in await self._next(after[bulky], most, bulky=bulky):
                    after[bulky], carried = packet.number, True
                    self._carry(line, packet)
            if carried:
                continue
            with trio.move_on_after(IDLE_S) as patience:
                await self._bell.wait()
            if patience.cancelled_caught and not self._under_way and not self.passing.busy:
                return

    async def _next(self, after: int, most: int, *, bulky: bool) -> list[WaitingPacket]:
        """As many as there is room for on the line, with what will come back for them."""
        under_way = [held for heavy, held in self._under_way.values() if heavy is bulky]
        room, size = WINDOW - len(under_way), most - sum(under_way)
        if room <= 0 or size <= 0:
            return []
        page = await self._page(after, room, size, bulky=bulky)
        sizes = accumulate(room_for(len(packet.body)) for packet in page)
        return [packet for packet, so_far in zip(page, sizes, strict=True) if so_far <= size]

    def _carry(self, line: PeerLine, packet: WaitingPacket) -> None:
        size = len(packet.body)
        self._under_way[packet.ticket] = is_bulky(size), room_for(size)
        if self._too_old(packet):
            self._settle(packet.ticket, Outcome.EXPIRED)
        else:
            body = packet.body
            line.ask(lambda call: Carry(call=call, packet=body), partial(self._carried, packet))

    def _carried(self, packet: WaitingPacket, reply: Reply) -> None:
        ticket = packet.ticket
        match reply:
            case Carried() if len(reply.answer) > answer_room(len(packet.body)):
                # For so much nobody has set room aside.
                self._settle(ticket, Outcome.REFUSED)
            case Carried():
                self._settle(ticket, Outcome.ANSWERED, reply.answer)
            case Refused(reason=Reason.UNKNOWN):
                self._settle(ticket, Outcome.UNREADABLE)
            case Refused(reason=Reason.NOT_ALLOWED):
                self._settle(ticket, Outcome.REFUSED)
            case Refused(reason=Reason.UNSUPPORTED):
                self._turned_away = True
                self._bell.set()
            case _:
                # Its disk is full, or it is in trouble: all of this is for later.
                self._failed = True
                self._bell.set()

    def _settle(self, ticket: bytes, outcome: Outcome, answer: bytes = b"") -> None:
        asked = Settle(CallId(0), ticket, outcome, answer)
        self._means.storage.submit(asked, self._means.now(), partial(self._settled, asked))

    def _settled(self, asked: Settle, reply: Reply) -> None:
        """It is on disk, or could not be written: then it is carried again later."""
        self._under_way.pop(asked.ticket, None)
        if isinstance(reply, Refused):
            self._failed = True
        else:
            self._useful = True
            self._means.tell(
                Answered(ticket=asked.ticket, outcome=asked.outcome, answer=asked.answer)
            )
        self._bell.set()

    async def _turn_away(self) -> None:
        """Nothing of this relay's is taken there: say so to all whose packets wait."""
        self._cards.refuse()
        await self._settle_all(lambda _: Outcome.REFUSED)

    async def _expire(self) -> None:
        """What has waited for too long while nobody was there."""
        await self._settle_all(lambda packet: Outcome.EXPIRED if self._too_old(packet) else None)

    async def _settle_all(self, outcome: Callable[[WaitingPacket], Outcome | None]) -> None:
        """From the front of the queue, as far as there is an outcome."""
        self._under_way.clear()
        self._failed = False
        try:
            while not self._failed:
                page = await self._page(0, WINDOW)
                due = [(each, found) for each in page if (found := outcome(each)) is not None]
                if not due:
                    return
                for packet, found in due:
                    self._under_way[packet.ticket] = False, 0
                    self._settle(packet.ticket, found)
                while self._under_way:
                    self._bell = trio.Event()
                    await self._bell.wait()
        except StoreUnavailable as exc:
            _log.error(strings.LOG_STORE_READ, place(exc))

    async def _page(
        self, after: int, most: int, size: int = WINDOW_BYTES, *, bulky: bool | None = None
    ) -> list[WaitingPacket]:
        address = str(self.address)
        return await self._means.storage.packets(address, after, most, size, bulky=bulky)

    def _too_old(self, packet: WaitingPacket) -> bool:
        return self._means.now().age_ms - packet.age_ms >= PACKET_DAYS * DAY_MS


def _leaves(group: BaseExceptionGroup[LineLost]) -> list[LineLost]:
    found: list[LineLost] = []
    for each in group.exceptions:
        found += _leaves(each) if isinstance(each, BaseExceptionGroup) else [each]
    return found
