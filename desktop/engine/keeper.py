"""Keep the lines to my relays: open, lost, tried again, and what is said of it in words."""

from __future__ import annotations

import trio

from desktop.core.backoff import Schedule, pause
from desktop.core.errors import RelayFull, RelayRefused, RelayUnknown
from desktop.core.events import ClockWarning, RelaysChanged, RelayStatus
from desktop.core.models import Relay, RelayState, Trouble
from desktop.engine import mailbox
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground
from desktop.engine.line import Line, LineLost, open_line
from desktop.store import relays
from desktop.store.relays import MyRelay
from protocol.errors import NoCommonVersion, ProtocolError, WrongRelay
from protocol.ids import Fingerprint

_TROUBLE: dict[type[Exception], Trouble] = {
    LineLost: Trouble.UNREACHABLE,
    WrongRelay: Trouble.OTHER_KEY,
    NoCommonVersion: Trouble.NO_COMMON_VERSION,
    RelayRefused: Trouble.NOT_ALLOWED,
    RelayFull: Trouble.FULL,
}
_REFUSED = (Trouble.OTHER_KEY, Trouble.NO_COMMON_VERSION, Trouble.NOT_ALLOWED)


class Keeper:
    """One of my relays: its line while there is one, and how it is doing."""

    def __init__(self, ground: Ground, relay: MyRelay) -> None:
        self._ground = ground
        self._address = relay.address
        self.bell = Doorbell()
        self.line: Line | None = None
        self.scope = trio.CancelScope()
        self.status = Relay(
            relay_id=relay.relay_id,
            address=str(relay.address),
            host=relay.address.host,
            state=RelayState.CONNECTING,
            trouble=None,
            since_ms=ground.now(),
            next_try_ms=None,
            may_invite=relay.may_invite,
        )

    async def run(self) -> None:
        """Until the relay is removed or the profile is locked."""
        ground, timings = self._ground, self._ground.timings
        schedule = Schedule(timings.retry_first_cap, timings.retry_first_span, timings.retry_cap)
        attempt, lost_at = 0, trio.current_time()
        with self.scope:
            while True:
                trouble, held = await self._attempt()
                if held or attempt == 0:
                    attempt, lost_at = 0, trio.current_time()
                lost_for = trio.current_time() - lost_at
                wait = pause(schedule, attempt, lost_for, ground.chance)
                attempt += 1
                state = RelayState.REFUSED if trouble in _REFUSED else RelayState.OFFLINE
                self._say(state, trouble, next_try_ms=ground.now() + int(wait * 1000))
                await ground.nudges.pause(wait)

    async def _attempt(self) -> tuple[Trouble, bool]:
        """One connection from beginning to end: why it ended, and whether it had been of use."""
        ground = self._ground
        held = False
        relay = await ground.vault.read(lambda db: relays.find(db, self._address.fingerprint))
        if relay is None:
            return Trouble.NOT_ALLOWED, False
        try:
            async with open_line(
                ground.connector, relay.address, ground.timings, ground.rng
            ) as line:
                if not relay.ready:
                    await mailbox.move_in(ground, relay, line)
                await mailbox.open_mailbox(ground, relay, line)
                held = True
                self.line = line
                self._say(RelayState.ONLINE, None)
                ground.nudges.nudge()  # a sign of life: the others are worth a try too
                self._compare_clocks(line)
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(mailbox.collect, ground, relay, line)
                    nursery.start_soon(mailbox.keep_telling, ground, relay, line, self.bell)
        except (LineLost, ProtocolError, RelayRefused, RelayFull) as exc:
            return _TROUBLE.get(type(exc), Trouble.UNREACHABLE), held
        finally:
            self.line = None
        return Trouble.UNREACHABLE, held

    def _say(
        self, state: RelayState, trouble: Trouble | None, next_try_ms: int | None = None
    ) -> None:
        before = self.status
        since = before.since_ms if before.state is state else self._ground.now()
        self.status = Relay(
            relay_id=before.relay_id,
            address=before.address,
            host=before.host,
            state=state,
            trouble=trouble,
            since_ms=since,
            next_try_ms=next_try_ms,
            may_invite=before.may_invite,
        )
        self._ground.emit(RelayStatus(self.status))

    def _compare_clocks(self, line: Line) -> None:
        ahead = self._ground.now() - line.agreed.clock_ms
        tolerated = self._ground.timings.clock_tolerance * 1000
        self._ground.emit(ClockWarning(ahead if abs(ahead) > tolerated else 0))


class Keepers:
    """All of my relays' keepers, and the task that runs them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._by_id: dict[Fingerprint, Keeper] = {}
        self._start, self._to_start = trio.open_memory_channel[Keeper](16)

    async def run(self) -> None:
        """Keep every relay there is, and those that are added."""
        for relay in await self._ground.vault.read(relays.every):
            self.add(relay)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._pass_on)
            async for keeper in self._to_start:
                nursery.start_soon(keeper.run)

    def add(self, relay: MyRelay) -> None:
        """A relay is in the vault: keep a line to it."""
        keeper = Keeper(self._ground, relay)
        self._by_id[relay.relay_id] = keeper
        self._start.send_nowait(keeper)
        self._ground.emit(RelaysChanged())

    def find(self, relay_id: Fingerprint) -> Keeper:
        """One of them. Raises RelayUnknown."""
        if relay_id not in self._by_id:
            raise RelayUnknown
        return self._by_id[relay_id]

    def remove(self, relay_id: Fingerprint) -> None:
        """Let go of its line. Raises RelayUnknown."""
        self.find(relay_id).scope.cancel()
        del self._by_id[relay_id]
        self._ground.emit(RelaysChanged())

    def every(self) -> list[Keeper]:
        """All of them, in their order."""
        return list(self._by_id.values())

    def online(self) -> tuple[Fingerprint, Line] | None:
        """The first relay with a line, for what cannot wait."""
        for relay_id, keeper in self._by_id.items():
            if keeper.line is not None:
                return relay_id, keeper.line
        return None

    async def _pass_on(self) -> None:
        while True:
            await self._ground.bells[Bell.TELL].wait()
            for keeper in self._by_id.values():
                keeper.bell.ring()
