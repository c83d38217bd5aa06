"""A profile while it is open: its ground, its relays, and the tasks that run until it is locked."""

from __future__ import annotations

from collections.abc import Callable

import trio

from desktop.core.events import Event
from desktop.engine import post, receipts, repairing, sending, upkeep
from desktop.engine.composition import Composition
from desktop.engine.doorbell import Doorbell
from desktop.engine.ground import Bell, Ground, Nudges
from desktop.engine.keeper import Keepers
from desktop.store import me as mine
from desktop.store.vault import Vault


class OpenedProfile:
    """Made after unlocking. :meth:`run` keeps it going; ending it leaves the vault closed."""

    def __init__(
        self, vault: Vault, composition: Composition, emit: Callable[[Event], None]
    ) -> None:
        self.ground = Ground(
            vault=vault,
            me=vault.write(mine.load),
            now=composition.now,
            rng=composition.rng,
            chance=composition.chance,
            connector=composition.connector,
            timings=composition.timings,
            emit=emit,
            bells={bell: Doorbell() for bell in Bell},
            nudges=Nudges(),
        )
        self.keepers = Keepers(self.ground)
        self._watch_network = composition.watch_network
        self.scope = trio.CancelScope()
        self.ended = trio.Event()

    async def run(self) -> None:
        """Every task of an open profile. What one of them cannot handle ends the engine."""
        try:
            with self.scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self.keepers.run)
                    nursery.start_soon(self._watch_network, self.ground.nudges.nudge)
                    nursery.start_soon(sending.keep_sealing, self.ground)
                    nursery.start_soon(sending.keep_sessions, self.ground)
                    nursery.start_soon(post.keep_posting, self.ground)
                    nursery.start_soon(receipts.keep_receipting, self.ground)
                    nursery.start_soon(repairing.keep_repairing, self.ground)
                    nursery.start_soon(upkeep.keep_up, self.ground)
        finally:
            self.ground.vault.close()
            self.ended.set()

    async def close(self) -> None:
        """End every task, close the vault, and wait for both."""
        self.scope.cancel()
        await self.ended.wait()
