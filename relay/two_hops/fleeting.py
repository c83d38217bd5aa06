"""Packets for one other relay that do not wait: carried on the line that is there, or given back.

Nothing of them is on disk. What watches a slot stays here while the line does, so that what the
other relay tells of it is told to the desktop that asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from protocol.ids import CallId
from protocol.wire.frames import Carried, Carry, LetGo, Reason, Refused, Reply, Told
from relay.rules.limits import Allowance, share_of
from relay.two_hops.peer_line import PeerLine

WINDOW = 32
MOST_WAITING = 1_024
MOST_WATCHING = 20_000
# What one pass may have of the room that is left there and on the line, and how often in a time.
WAITING_SHARES = 2
WATCHING_SHARES = 8
IN_A_ROW = 2_000
EACH_MS = 100
NO_CALL = CallId(0)

Answered: TypeAlias = Callable[[Reply], None]
TellOn: TypeAlias = Callable[[Told], None]


class Passed:
    """One by a pass: ``answered`` is called once, ``told`` as often as there is something."""

    def __init__(self, by: bytes, packet: bytes, answered: Answered, told: TellOn) -> None:
        self.by = by
        self.packet = packet
        self.answered = answered
        self.told = told
        self.carry: CallId | None = None
        self.given_up = False


class _Share:
    """What one pass has there."""

    def __init__(self) -> None:
        self.asked = Allowance(IN_A_ROW, EACH_MS)
        self.waiting = 0
        self.held = 0


class Passing:
    """Those that go to one relay."""

    def __init__(self) -> None:
        self._waiting: dict[Passed, None] = {}
        self._under_way: set[Passed] = set()
        self._watching: dict[CallId, Passed] = {}
        self._shares: dict[bytes, _Share] = {}
        self._line: PeerLine | None = None

    @property
    def wanted(self) -> bool:
        """Whether a line is needed for them."""
        return bool(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether the line that is there has to stay."""
        return bool(self._waiting or self._under_way or self._watching)

    def add(self, passed: Passed, now_ms: int) -> bool:
        """Carry it when there is a line; whether there is room for it, and for its pass."""
        waiting = MOST_WAITING - len(self._waiting)
        watching = MOST_WATCHING - len(self._watching) - len(self._under_way)
        share = self._shares.setdefault(passed.by, _Share())
        if (
            share.waiting >= share_of(waiting, WAITING_SHARES)
            or share.held >= share_of(watching, WATCHING_SHARES)
            or share.asked.another(now_ms)
        ):
            return False
        self._waiting[passed] = None
        share.waiting += 1
        share.held += 1
        return True

    def forget_some(self, now_ms: int) -> None:
        """Forget the passes that have nothing here and asked for nothing lately."""
        for by, share in list(self._shares.items()):
            if not share.held and share.asked.untouched(now_ms):
                del self._shares[by]

    def let_go(self, passed: Passed) -> None:
        """Whoever asked does not want to hear of it any more."""
        passed.given_up = True
        if passed in self._waiting:
            self._stop_waiting(passed)
            self._release(passed)
            passed.answered(Refused(call=NO_CALL, reason=Reason.TRY_LATER))
        carry = passed.carry
        if carry is not None and self._watching.pop(carry, None) is not None:
            self._release(passed)
            self._let_go(carry)

    def send(self, line: PeerLine) -> None:
        """As many as may be under way at a time."""
        self._line = line
        line.on_told = self._told
        while self._waiting and len(self._under_way) < WINDOW:
            passed = next(iter(self._waiting))
            self._stop_waiting(passed)
            self._under_way.add(passed)
            passed.carry = line.ask(
                partial(_carry, passed.packet), partial(self._carried, passed, line)
            )

    def end(self) -> None:
        """The line is gone: nothing waits for the next one."""
        self._line = None
        lost, self._under_way = [*self._waiting, *self._under_way], set()
        self._waiting.clear()
        watching, self._watching = list(self._watching.values()), {}
        for share in self._shares.values():
            share.waiting = share.held = 0
        for passed in lost:
            passed.answered(Refused(call=NO_CALL, reason=Reason.TRY_LATER))
        for passed in watching:
            passed.told(Told(watch=NO_CALL, over=True))

    def _carried(self, passed: Passed, line: PeerLine, reply: Reply) -> None:
        if passed not in self._under_way:
            return
        self._under_way.discard(passed)
        carry = passed.carry
        assert carry is not None, "it was asked"
        if not isinstance(reply, Carried):
            self._release(passed)
            reason = reply.reason if isinstance(reply, Refused) else Reason.TRY_LATER
            passed.answered(Refused(call=NO_CALL, reason=reason))
        elif passed.given_up:
            self._release(passed)
            passed.answered(reply)
            self._let_go(carry)
        else:
            self._watching[carry] = passed
            passed.answered(reply)
        self.send(line)

    def _told(self, told: Told) -> None:
        passed = self._watching.get(told.watch)
        if passed is None:
            # It was let go of, and this was on its way.
            return
        if told.over:
            del self._watching[told.watch]
            self._release(passed)
        passed.told(told)

    def _stop_waiting(self, passed: Passed) -> None:
        del self._waiting[passed]
        self._shares[passed.by].waiting -= 1

    def _release(self, passed: Passed) -> None:
        self._shares[passed.by].held -= 1

    def _let_go(self, carry: CallId) -> None:
        if self._line is not None:
            self._line.ask(partial(_gone, carry), lambda _: None)


def _carry(packet: bytes, call: CallId) -> Carry:
    return Carry(call=call, packet=packet, fleeting=True)


def _gone(carry: CallId, call: CallId) -> LetGo:
    return LetGo(call=call, watch=carry)
