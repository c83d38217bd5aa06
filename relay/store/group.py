"""Group commit: a batch of requests, one transaction, answers that are true.

What the disk refuses is refused to whoever asked, as something for later; the relay goes on. A
bug met by one request is paid for by that request alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.frames import Deposit, Forward, OpenBlob, Reason, Refused, Reply, Stock
from protocol.wire.frames.rooms import OpenRoom
from relay import strings
from relay.faults import place
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.rules.office import AnyRequest, PostOffice
from relay.rules.records import Bell
from relay.rules.rooms.asking import (
    KeepRoom,
)
from relay.rules.store import Store
from relay.store.ballast import Ballast
from relay.store.log import LENGTH
from relay.store.sqlite import SqliteStore
from relay.store.timing import CommitTimes

_log = logging.getLogger(__name__)

T = TypeVar("T")

Asked: TypeAlias = tuple[AnyRequest, Now]

# What is refused first where room is short; all else is answered as long as it can be.
NEEDS_ROOM = (Deposit, Stock, Forward, OpenBlob, OpenRoom, KeepRoom)
LOOK_EACH_MS = 1_000


class Group:
    """Commits batches to one store. Belongs to the committing thread."""

    def __init__(
        self, store: SqliteStore, house: House, ballast: Ballast, times: CommitTimes | None = None
    ) -> None:
        self._store = store
        self._house = house
        self._office = PostOffice(store, house)
        self._ballast = ballast
        self._times = times or CommitTimes()
        self._rung: set[Bell] = set()
        self._failing = False
        self._short = False
        self._looked_ms = 0

    def answer(self, batch: Sequence[Asked]) -> list[Reply]:
        """Answers in the batch's order, when all of it is on disk or refused."""
        self._times.requests.note(len(batch))
        if not self._ballast.held() and not self._has_room_again(batch[0][1]):
            return [reply for asked in batch for reply in self._answer_while_full(asked)]
        if self._is_short():
            return self._answer_without_new(batch)
        return self._answer_all(batch)

    def _answer_all(self, batch: Sequence[Asked]) -> list[Reply]:
        try:
            return self._in_one(lambda: self._office.answer_all(batch))
        except sqlite.Error as exc:
            if self._give_up(exc):
                return [reply for asked in batch for reply in self._answer_while_full(asked)]
            return [_try_later(asked) for asked, _ in batch]
        except Exception as exc:  # noqa: BLE001
            self._roll_back()
            if len(batch) > 1:
                return [reply for asked in batch for reply in self.answer([asked])]
            _log.critical(strings.LOG_BUG, place(exc))
            return [_try_later(asked) for asked, _ in batch]

    def keep_house(self, now: Now) -> bool:
        """Do some of what time brings; whether there is more."""
        if not self._ballast.held():
            self._ballast.take()
        try:
            if self._in_one(lambda: self._office.keep_house(now)):
                return True
            # By itself: what gives room back must not depend on room for this.
            if self._store.has_tail:
                self._in_one(self._store.merge)
        except sqlite.Error as exc:
            self._give_up(exc)
        except Exception as exc:  # noqa: BLE001
            # Nobody asked for it, and everybody is served by this thread.
            self._roll_back()
            _log.critical(strings.LOG_BUG, place(exc))
        return False

    def errand(self, work: Callable[[Store], T]) -> T | None:
        """Do something of the operator's in a transaction of its own; None where it failed."""
        self._is_short()
        try:
            return self._in_one(lambda: work(self._store))
        except sqlite.Error as exc:
            self._give_up(exc)
        except Exception as exc:  # noqa: BLE001
            # The operator is told that it failed; everybody else is served on.
            self._roll_back()
            _log.critical(strings.LOG_BUG, place(exc))
        return None

    @property
    def takes(self) -> bool:
        """Whether the last commit worked and there is room for envelopes."""
        return self._ballast.held() and not self._failing and not self._short

    @property
    def held_bytes(self) -> int:
        """Bytes the store holds."""
        return self._store.held_bytes

    def rung(self) -> frozenset[Bell]:
        """Who got something, or may come again, by what is on disk since this was asked last."""
        rung = frozenset(self._rung)
        self._rung.clear()
        return rung

    def finish_checkpoint(self) -> None:
        """Between two transactions."""
        try:
            self._store.finish_checkpoint()
        except sqlite.Error as exc:
            _log.warning(strings.LOG_CHECKPOINT, place(exc))

    def lengthen_log(self) -> None:
        """Between two transactions, where there is much more room than that."""
        if self._ballast.free() - self._house.limits.min_free > 8 * LENGTH:
            try:
                self._store.lengthen_log()
            except OSError as exc:
                _log.warning(strings.LOG_CHECKPOINT, place(exc))

    def close(self) -> None:
        """After the last answer."""
        try:
            self._store.close()
        except sqlite.Error as exc:
            _log.warning(strings.LOG_CHECKPOINT, place(exc))

    def _in_one(self, work: Callable[[], T]) -> T:
        self._store.begin()
        done = work()
        with self._times.commit():
            self._store.commit()
        self._rung |= self._office.rung()
        if self._failing:
            self._failing = False
            _log.warning(strings.LOG_STORE_BACK)
        return done

    def _answer_without_new(self, batch: Sequence[Asked]) -> list[Reply]:
        """Together as always, but for what would take room."""
        others = [asked for asked in batch if not isinstance(asked[0], NEEDS_ROOM)]
        answered = iter(self._answer_all(others) if others else [])
        return [
            _try_later(asked[0]) if isinstance(asked[0], NEEDS_ROOM) else next(answered)
            for asked in batch
        ]

    def _has_room_again(self, now: Now) -> bool:
        """Whether there is room for the ballast; looked for once in a second."""
        if now.age_ms - self._looked_ms >= LOOK_EACH_MS:
            self._looked_ms = now.age_ms
            self._ballast.take()
        return self._ballast.held()

    def _is_short(self) -> bool:
        """Whether less is free than shall be; what the store has room for within counts as free."""
        wanted, free = self._house.limits.min_free, self._ballast.free()
        short = free < wanted and free + self._free_within() < wanted
        if short is not self._short:
            self._short = short
            _log.warning(strings.LOG_SHORT if short else strings.LOG_ROOM_BACK)
        return short

    def _free_within(self) -> int:
        try:
            return self._store.spare_bytes()
        except sqlite.Error:
            return 0

    def _answer_while_full(self, asked: Asked) -> list[Reply]:
        """One by one, and nothing that needs room."""
        if isinstance(asked[0], NEEDS_ROOM):
            return [_try_later(asked[0])]
        try:
            return self._in_one(lambda: self._office.answer_all([asked]))
        except sqlite.Error as exc:
            self._give_up(exc)
        except Exception as exc:  # noqa: BLE001
            self._roll_back()
            _log.critical(strings.LOG_BUG, place(exc))
        return [_try_later(asked[0])]

    def _give_up(self, exc: sqlite.Error) -> bool:
        """Void the transaction; whether the disk is full."""
        self._times.failures += 1
        if not self._failing:
            self._failing = True
            _log.error(strings.LOG_STORE_FAILS, place(exc))
        self._roll_back()
        if getattr(exc, "sqlite_errorcode", None) == sqlite.SQLITE_FULL:
            self._ballast.release()
            return True
        return False

    def _roll_back(self) -> None:
        try:
            self._store.rollback()
        except sqlite.Error as exc:
            _log.error(strings.LOG_STORE_FAILS, place(exc))
        self._office.rung()


def _try_later(asked: AnyRequest) -> Refused:
    return Refused(call=asked.call, reason=Reason.TRY_LATER)
