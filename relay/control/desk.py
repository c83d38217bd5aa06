"""Who answers the operator while the relay serves."""

from __future__ import annotations

import time

import trio

from relay.control.clerk import carry_out
from relay.control.words import (
    Answer,
    AnyOrder,
    Ask,
    Done,
    Drain,
    ForgetCode,
    ForgetCodes,
    InTheStore,
    PassIs,
    Pulse,
    Quota,
    Wrong,
)
from relay.errors import CannotWrite
from relay.folder import Folder
from relay.rules.custody import hash_begins
from relay.rules.limits import Door
from relay.rules.store import Store
from relay.server import Relay
from relay.store.storage import Storage


class Desk:
    """One relay's; what is asked of the store waits its turn behind what members asked."""

    def __init__(self, folder: Folder, relay: Relay, storage: Storage, door: Door) -> None:
        self._folder = folder
        self._relay = relay
        self._storage = storage
        self._door = door
        self._since = time.monotonic()

    async def handle(self, order: AnyOrder) -> Answer:
        """Do it, and say so once it is on disk."""
        match order:
            case Quota() | ForgetCode() | ForgetCodes():
                answer = await self._in_the_store(order)
                if isinstance(order, Quota) and isinstance(answer, PassIs):
                    self._at_once(order, answer)
                return Wrong(kind="unavailable") if answer is None else answer
            case Drain(on=on):
                try:
                    await trio.to_thread.run_sync(self._folder.mark_draining, on)
                except CannotWrite:
                    return Wrong(kind="unavailable")
                self._door.shut = on
                return Done()
            case Ask():
                served = int(time.monotonic() - self._since)
                return Pulse(
                    connections=self._relay.connections,
                    serving_s=served,
                    draining=self._door.shut,
                    takes=self._storage.takes,
                    rooms_at_hand=self._relay.premises.hall.rooms,
                    seated=self._relay.premises.hall.seats,
                )

    def _at_once(self, order: Quota, now: PassIs) -> None:
        """What is known of the pass beside the store is so no longer."""
        premises = self._relay.premises
        premises.vouching.forget()
        begins = hash_begins(order.handle)
        if begins and not now.mailboxes:
            premises.presence.drop_own(begins)

    async def _in_the_store(self, order: InTheStore) -> Answer | None:
        answers: list[Answer | None] = []
        answered = trio.Event()

        def hear(answer: Answer | None) -> None:
            answers.append(answer)
            answered.set()

        def work(store: Store) -> Answer:
            return carry_out(order, store)

        self._storage.errand(work, hear)
        await answered.wait()
        return answers[0]
