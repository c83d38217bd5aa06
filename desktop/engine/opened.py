"""A profile while it is open: its ground, its relays, and the tasks that run until it is locked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import trio
from msgspec import Struct

from desktop.core.errors import VaultDamaged
from desktop.core.events import Event
from desktop.core.proxy import Proxy
from desktop.engine import upkeep
from desktop.engine.composition import Composition
from desktop.engine.doorbell import Doorbell
from desktop.engine.enduring import endure
from desktop.engine.ground import Bell, Ground
from desktop.engine.lines.nudges import Nudges
from desktop.engine.lines.outward import Outward
from desktop.engine.presence.fleeting import Fleeting
from desktop.engine.presence.presences import Presences
from desktop.engine.receiving import receipts, repairing
from desktop.engine.relays.keepers import Keepers
from desktop.engine.relays.unanswered import Unanswered
from desktop.engine.relays.ways import Ways
from desktop.engine.rooms.asides import answers
from desktop.engine.rooms.asides.postman import Postman
from desktop.engine.rooms.line.clocks import RoomClocks
from desktop.engine.rooms.line.keepers import RoomKeepers
from desktop.engine.sending import elsewhere, outbox, post, room
from desktop.engine.vault_door import VaultDoor
from desktop.engine.witness import Witness
from desktop.store.me import Me
from desktop.store.relays import MyRelay
from desktop.store.vault import Vault

log = logging.getLogger(__name__)


class Unlocked(Struct, frozen=True):
    """An open vault, and what was read from it before anything else begins."""

    vault: Vault
    me: Me
    relays: Sequence[MyRelay]
    proxy: Proxy | None


class OpenedProfile:
    """Made after unlocking. :meth:`run` keeps it going; ending it leaves the vault closed."""

    def __init__(
        self, unlocked: Unlocked, composition: Composition, emit: Callable[[Event], None]
    ) -> None:
        timings, nudges = composition.timings, Nudges()
        bells = {bell: Doorbell() for bell in Bell}

        def ways_changed() -> None:
            bells[Bell.POST].ring()
            bells[Bell.PUBLISH].ring()

        self.ground = Ground(
            vault=VaultDoor(unlocked.vault, composition.threads),
            me=unlocked.me,
            now=composition.now,
            rng=composition.rng,
            chance=composition.chance,
            outward=Outward(composition.network, unlocked.proxy),
            timings=timings,
            emit=emit,
            bells=bells,
            nudges=nudges,
            unanswered=Unanswered(timings, nudges),
            ways=Ways(timings, ways_changed),
            witness=Witness(composition.now, timings.clock_tolerance),
            presences=Presences(emit),
            room_clocks=RoomClocks(composition.now),
        )
        self.fleeting = Fleeting()
        self.keepers = Keepers(self.ground, unlocked.relays)
        self.rooms = RoomKeepers(self.ground)
        self.postman = Postman(self.ground, self.rooms.boxes)
        self._watch_network = composition.watch_network
        self.scope = trio.CancelScope()
        self.ended = trio.Event()

    async def run(self) -> None:
        """Every task of an open profile. What one of them cannot handle ends the engine.

        Damage in the vault ends this alone: nothing more is taken in, the profile is locked, and
        unlocking says why.
        """
        try:
            with self.scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self.keepers.run)
                    nursery.start_soon(self.rooms.run)
                    nursery.start_soon(self._watch_network, self.ground.nudges.nudge)
                    nursery.start_soon(self.ground.presences.run)
                    for task in (
                        outbox.keep_sealing,
                        outbox.keep_sessions,
                        post.keep_posting,
                        room.keep_watching_room,
                        elsewhere.keep_looking,
                        receipts.keep_receipting,
                        repairing.keep_repairing,
                        upkeep.keep_up,
                        answers.keep_coming,
                        self.postman.run,
                        self.fleeting.run,
                    ):
                        nursery.start_soon(endure, self.ground, task)
        except* VaultDamaged:
            log.error("the vault is damaged; it is closed")  # noqa: TRY400 -- no more is known
        finally:
            await self.ground.vault.close()
            self.ended.set()

    async def close(self) -> None:
        """End every task, close the vault, and wait for both. Nobody is there any more."""
        await self.fleeting.withdraw()
        self.scope.cancel()
        await self.ended.wait()
