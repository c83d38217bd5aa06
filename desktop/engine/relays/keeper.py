"""Keep the lines to my relays: open, lost, tried again, and what is said of it in words.

What only a line needs is loaded with the first one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import trio
from msgspec.structs import replace

from desktop.core.backoff import Schedule, pause
from desktop.core.errors import (
    InvitationExpired,
    InvitationSpent,
    RelayFull,
    RelayRefused,
    VaultFull,
)
from desktop.core.events import ClockWarning, RelayStatus
from desktop.core.models import Relay, RelayState, Trouble
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Ground
from desktop.engine.relays.ways import Via
from desktop.store import relays
from desktop.store.relays import MyRelay
from protocol.errors import NoCommonVersion, RemoteProtocolError, WrongRelay

if TYPE_CHECKING:
    from desktop.engine.lines.line import Line
    from protocol.wire.frames import Redeemed

_TROUBLE: dict[type[Exception], Trouble] = {
    WrongRelay: Trouble.OTHER_KEY,
    NoCommonVersion: Trouble.NO_COMMON_VERSION,
    RelayRefused: Trouble.NOT_ALLOWED,
    InvitationSpent: Trouble.NOT_ALLOWED,
    InvitationExpired: Trouble.NOT_ALLOWED,
    RelayFull: Trouble.FULL,
    VaultFull: Trouble.DISK_FULL,
}
DRAIN_GRACE = 30 * 24 * 3600.0  # for a relay that is away to delete a mailbox
_EXPECTED: tuple[type[Exception], ...] = (RemoteProtocolError, *_TROUBLE)
_NOT_THERE = (RelayRefused, InvitationSpent, InvitationExpired)  # the mailbox
_REFUSED = (Trouble.OTHER_KEY, Trouble.NO_COMMON_VERSION, Trouble.NOT_ALLOWED)


class Keeper:
    """One of my relays: its line while there is one, and how it is doing."""

    def __init__(self, ground: Ground, relay: MyRelay) -> None:
        self._ground = ground
        self._address = relay.address
        self.relay_id = relay.relay_id
        self.bell = Doorbell()
        self.line: Line | None = None
        self.online = trio.Event()
        self.scope = trio.CancelScope()
        self.left = relay.left
        self._again = trio.CancelScope()
        self._attempts = 0  # since the line last held for a while
        self._lost_at = trio.current_time()
        self._last_held = -math.inf  # when there was a line last
        self.status = Relay(
            relay_id=relay.relay_id,
            address=str(relay.address),
            host=relay.address.host,
            state=RelayState.CONNECTING,
            trouble=None,
            since_ms=ground.now(),
            next_try_ms=None,
            may_invite=relay.may_invite,
            carries=relay.carries,
        )

    async def run(self) -> None:
        """Until the relay is removed or the profile is locked."""
        ground, timings = self._ground, self._ground.timings
        schedule = Schedule(timings.retry_first_cap, timings.retry_first_span, timings.retry_cap)
        with self.scope:
            while True:
                began = trio.current_time()
                ended: tuple[Trouble, float] | None = None
                with trio.CancelScope() as self._again:
                    ended = await self._attempt()
                if ended is None:
                    continue
                trouble, at_least = ended
                if trio.current_time() - began > timings.steady or self._attempts == 0:
                    self._attempts, self._lost_at = 0, trio.current_time()
                lost_for = trio.current_time() - self._lost_at
                wait = max(at_least, pause(schedule, self._attempts, lost_for, ground.chance))
                self._attempts += 1
                state = RelayState.REFUSED if trouble in _REFUSED else RelayState.OFFLINE
                self._say(state, trouble, next_try_ms=ground.now() + int(wait * 1000))
                await ground.nudges.pause(wait)

    async def _attempt(self) -> tuple[Trouble, float]:
        """One connection from beginning to end: why it ended, and how long to stay away."""
        from desktop.engine.lines.dial import open_line  # noqa: PLC0415
        from desktop.engine.lines.line import LineLost, ProxyLost  # noqa: PLC0415

        ground = self._ground
        relay = await ground.vault.read(lambda db: relays.find(db, self._address.fingerprint))
        if relay is None or await self._is_over(relay):
            self.scope.cancel()
            return Trouble.NOT_ALLOWED, 0.0
        try:
            async with open_line(
                ground.outward.collecting,
                relay.address,
                ground.timings,
                ground.rng,
                collects=True,
            ) as line:
                await self._keep(relay, line)
        except LineLost as exc:
            proxy = isinstance(exc, ProxyLost)
            return Trouble.PROXY if proxy else Trouble.UNREACHABLE, exc.after
        except _EXPECTED as exc:
            return _TROUBLE.get(type(exc), Trouble.UNREACHABLE), 0.0
        finally:
            if self.line is not None:
                self._last_held = trio.current_time()
                ground.ways.went(self.relay_id)
            self.line = None
            self.online = trio.Event()
        return Trouble.UNREACHABLE, 0.0

    async def _keep(self, relay: MyRelay, line: Line) -> None:
        from desktop.engine.presence import signalling  # noqa: PLC0415
        from desktop.engine.relays import mailbox, moves, practising  # noqa: PLC0415
        from desktop.engine.sending import answers  # noqa: PLC0415

        ground = self._ground
        ground.witness.heard(line.agreed.clock_ms)
        ground.emit(ClockWarning(ground.witness.ahead_ms))
        try:
            if not relay.ready:
                terms = await mailbox.redeem(relay, line)
                await mailbox.move_in(ground, relay, line, terms)
                self.status = replace(self.status, may_invite=terms.may_invite)
            await mailbox.open_mailbox(ground, relay, line)
        except _NOT_THERE:
            if moves.is_drained(ground, relay):  # deleted, and the answer was lost
                await moves.forget(ground, relay)
                self.scope.cancel()
            raise
        self.line = line
        if not relay.left:
            ground.ways.came(relay.relay_id, line)
        self.online.set()
        self._say(RelayState.ONLINE, None)
        if trio.current_time() - self._last_held > ground.timings.steady:
            # A sign of life: the others are worth a try too. One that comes and goes is none.
            ground.nudges.nudge()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(mailbox.collect, ground, relay, line)
            nursery.start_soon(mailbox.keep_telling, ground, relay, line, self.bell)
            nursery.start_soon(answers.keep_hearing, ground, Via(relay, line))
            nursery.start_soon(practising.hear_practices, ground, relay, line, self._allowed)
            nursery.start_soon(signalling.keep_hearing, ground, line)
            if relay.left:
                await moves.drain(ground, relay, line)
                self.scope.cancel()

    async def _is_over(self, relay: MyRelay) -> bool:
        """One that was left, and did not answer since it might have been deleted, is forgotten."""
        from desktop.engine.relays import moves  # noqa: PLC0415

        ground = self._ground
        if relay.left_ms is None or not ground.witness.agrees:
            return False
        over = (ground.now() - relay.left_ms) / 1000 > ground.timings.drain + DRAIN_GRACE
        if over:
            await moves.forget(ground, relay)
        return over

    def _allowed(self, terms: Redeemed) -> None:
        before = self.status
        carries, may_invite = terms.forwards > 0, terms.may_invite
        if (before.carries, before.may_invite) != (carries, may_invite):
            self.status = replace(before, carries=carries, may_invite=may_invite)
            if not self.left:
                self._ground.emit(RelayStatus(self.status))

    def again(self) -> None:
        """What is known of the relay has changed: give the line up and open it anew."""
        self._again.cancel()

    def _say(
        self, state: RelayState, trouble: Trouble | None, next_try_ms: int | None = None
    ) -> None:
        before = self.status
        since = before.since_ms if before.state is state else self._ground.now()
        self.status = replace(
            before, state=state, trouble=trouble, since_ms=since, next_try_ms=next_try_ms
        )
        if not self.left:
            self._ground.emit(RelayStatus(self.status))
