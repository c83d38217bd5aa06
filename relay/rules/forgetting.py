"""What time does to all by itself, a portion at each call, so that no deposit waits long for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from relay.rules.clock import DAY_MS, Now
from relay.rules.limits import House
from relay.rules.store import Store

REMEMBER_DAYS = 60
PACKET_DAYS = 7
ANSWER_DAYS = 7
DESTINATION_DAYS = 30
EXPIRE_AT_ONCE = 500
# Each may have thousands of chunks.
BLOBS_AT_ONCE = 20
# Each may have thousands of entries.
ROOMS_AT_ONCE = 4
BOX_DAYS = 7
IDLE_ROOM_DAYS = 90
LOOK_AT_ONCE = 2_000

_Step: TypeAlias = Callable[[int], bool]


class Forgetting:
    """Expires in time what has an end; goes through what is remembered once a day."""

    def __init__(self, store: Store, house: House) -> None:
        self._store = store
        self._keep_ms = house.limits.keep_days * DAY_MS
        self._began_ms = 0
        self._destinations_ms = 0
        self._left: list[_Step] = []
        self._day: tuple[_Step, ...] = (
            lambda before: store.envelopes.forget_ids(before, LOOK_AT_ONCE),
            lambda before: store.drawers.forget_taken(before, LOOK_AT_ONCE),
            lambda _: store.mailboxes.forget_revoked(LOOK_AT_ONCE),
            lambda _: store.packets.forget_destinations(self._destinations_ms, LOOK_AT_ONCE),
        )

    def forget_some(self, now: Now) -> bool:
        """One portion of each; whether there is more to do at once."""
        expired = self._store.envelopes.expire(now.age_ms - self._keep_ms, EXPIRE_AT_ONCE)
        answers_ms = now.age_ms - ANSWER_DAYS * DAY_MS
        answers = self._store.packets.expire_answers(answers_ms, EXPIRE_AT_ONCE)
        lapsed = self._store.passes.lapse(now.age_ms, EXPIRE_AT_ONCE)
        blobs = self._store.blobs.expire(now.age_ms, BLOBS_AT_ONCE)
        idle_ms = now.age_ms - IDLE_ROOM_DAYS * DAY_MS
        rooms = self._store.rooms.expire(now.age_ms, idle_ms, BOX_DAYS * DAY_MS, ROOMS_AT_ONCE)
        if now.age_ms - self._began_ms >= DAY_MS:
            self._began_ms = now.age_ms
            self._destinations_ms = now.age_ms - DESTINATION_DAYS * DAY_MS
            self._left = list(self._day)
        # Ids go 60 days after the last day their envelope can have been here.
        before = now.age_ms - self._keep_ms - REMEMBER_DAYS * DAY_MS
        if self._left and not self._left[0](before):
            self._left.pop(0)
        more = EXPIRE_AT_ONCE in (expired, answers, lapsed)
        more = more or blobs == BLOBS_AT_ONCE or rooms == ROOMS_AT_ONCE
        return bool(self._left) or more
