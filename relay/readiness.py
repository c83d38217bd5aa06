"""Which sockets have something to read, of all those whose next bytes need no task to be woken.

A task that waits for each socket costs a call to the kernel and two steps of the loop for every
message. Here one task waits for all of them, and what came is dealt with where it is found. Only
where the kernel has epoll; elsewhere everybody waits for themselves.
"""

from __future__ import annotations

import select
from collections.abc import Callable

import trio

from relay.rules.clock import Now

# In one go, before everything else has a turn.
AT_ONCE = 256


class Readiness:
    """Calls whoever watches a socket, as often as something is there to be read, until told not
    to. What is called must not raise."""

    def __init__(self) -> None:
        self._ready: dict[int, Callable[[], None]] = {}
        self._poll = select.epoll() if hasattr(select, "epoll") else None
        self._dealing = False
        self._moment: Now | None = None

    @property
    def works(self) -> bool:
        """Whether this machine has it."""
        return self._poll is not None

    def moment(self, now: Callable[[], Now]) -> Now:
        """When what is dealt with was found: one time for all that was found in one go."""
        if not self._dealing:
            return now()
        if self._moment is None:
            self._moment = now()
        return self._moment

    def watch(self, number: int, ready: Callable[[], None]) -> None:
        """Call ``ready`` from ``run``, until ``forget``; which comes before the socket's end."""
        assert self._poll is not None
        self._poll.register(number, select.EPOLLIN)
        self._ready[number] = ready

    def forget(self, number: int) -> None:
        """No more of this one. Again is harmless."""
        if self._ready.pop(number, None) is not None:
            assert self._poll is not None
            self._poll.unregister(number)

    async def run(self) -> None:
        """Until cancelled."""
        if self._poll is None:
            return
        try:
            while True:
                await trio.lowlevel.wait_readable(self._poll.fileno())
                self._dealing, self._moment = True, None
                for number, _ in self._poll.poll(0, AT_ONCE):
                    # One that was dealt with just now may have brought others to an end.
                    if (ready := self._ready.get(number)) is not None:
                        ready()
                self._dealing = False
        finally:
            self._poll.close()
