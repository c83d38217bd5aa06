"""Where lines wait for their turn to shake hands, so that a crowd is let in one after the other.

Handshakes are the dearest thing a line ever asks. Were thousands begun together, all of them would
end together, after everybody's patience; so a few are under way at a time. Places take turns, and
of one place the lines in the order in which they came: a crowd from one does not hold up the
others. Who lets the relay wait in the middle of a handshake holds up nobody for longer than a
moment.
"""

from __future__ import annotations

from collections import OrderedDict, deque

import trio

AT_ONCE = 64
HOLD_S = 1.0
LOOK_S = 0.25


class Turn:
    """Somebody's; known by itself."""

    def __init__(self) -> None:
        self.called = trio.Event()


class Entrance:
    """Who is shaking hands, since when; the others wait, each place in a queue of its own."""

    def __init__(self) -> None:
        self._inside: dict[Turn, float] = {}
        self._queues: OrderedDict[object, deque[Turn]] = OrderedDict()
        self._crowd = trio.Event()

    async def wait_turn(self, place: object) -> Turn:
        """Wait until one's turn has come; ``leave`` gives it back."""
        turn = Turn()
        if len(self._inside) < AT_ONCE and not self._queues:
            self._inside[turn] = trio.current_time()
            return turn
        self._queues.setdefault(place, deque()).append(turn)
        self._crowd.set()
        try:
            await turn.called.wait()
        except trio.Cancelled:
            self._give_up(turn, place)
            raise
        return turn

    def leave(self, turn: Turn) -> None:
        """The next may come. Again is harmless."""
        self._inside.pop(turn, None)
        self._call()

    async def run(self) -> None:
        """Wait for nobody for long, until cancelled. Where nobody waits, nobody is hurried."""
        while True:
            await self._crowd.wait()
            if not self._queues:
                self._crowd = trio.Event()
                continue
            await trio.sleep(LOOK_S)
            since = trio.current_time() - HOLD_S
            for turn in [turn for turn, began in self._inside.items() if began <= since]:
                del self._inside[turn]
            self._call()

    def _call(self) -> None:
        while self._queues and len(self._inside) < AT_ONCE:
            place, queue = self._queues.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._queues[place] = queue
            self._inside[turn] = trio.current_time()
            turn.called.set()

    def _give_up(self, turn: Turn, place: object) -> None:
        if turn.called.is_set():
            self.leave(turn)
            return
        queue = self._queues[place]
        queue.remove(turn)
        if not queue:
            del self._queues[place]

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))
