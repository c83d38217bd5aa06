"""Group commit: a batch of requests, one transaction, answers that are true.

What the disk refuses is refused to whoever asked, as something for later; the relay goes on. A
bug met by one request is paid for by that request alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import MailboxId
from protocol.wire.frames import Deposit, Forward, Reason, Refused, Reply, Stock
from relay import strings
from relay.faults import place
from relay.rules.clock import Now
from relay.rules.limits import House
from relay.rules.office import AnyRequest, PostOffice
from relay.rules.store import Store
from relay.store.ballast import Ballast
from relay.store.sqlite import SqliteStore

_log = logging.getLogger(__name__)

T = TypeVar("T")

Asked: TypeAlias = tuple[AnyRequest, Now]


class Group:
    """Commits batches to one store. Belongs to the committing thread."""

    def __init__(self, store: SqliteStore, house: House, ballast: Ballast) -> None:
        self._store = store
        self._office = PostOffice(store, house)
        self._ballast = ballast
        self._rung: set[MailboxId] = set()
        self._failing = False

    def answer(self, batch: Sequence[Asked]) -> list[Reply]:
        """Answers in the batch's order, when all of it is on disk or refused."""
        if not self._ballast.held():
            return [reply for asked in batch for reply in self._answer_while_full(asked)]
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
            return self._in_one(lambda: self._office.keep_house(now))
        except sqlite.Error as exc:
            self._give_up(exc)
        except Exception as exc:  # noqa: BLE001
            # Nobody asked for it, and everybody is served by this thread.
            self._roll_back()
            _log.critical(strings.LOG_BUG, place(exc))
        return False

    def errand(self, work: Callable[[Store], T]) -> T | None:
        """Do something of the operator's in a transaction of its own; None where it failed."""
        try:
            return self._in_one(lambda: work(self._store))
        except sqlite.Error as exc:
            self._give_up(exc)
        except Exception as exc:  # noqa: BLE001
            # The operator is told that it failed; everybody else is served on.
            self._roll_back()
            _log.critical(strings.LOG_BUG, place(exc))
        return None

    def rung(self) -> frozenset[MailboxId]:
        """The mailboxes that got something on disk since this was asked last."""
        rung = frozenset(self._rung)
        self._rung.clear()
        return rung

    def finish_checkpoint(self) -> None:
        """Between two transactions."""
        try:
            self._store.finish_checkpoint()
        except sqlite.Error as exc:
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
        self._store.commit()
        self._rung |= self._office.rung()
        if self._failing:
            self._failing = False
            _log.warning(strings.LOG_STORE_BACK)
        return done

    def _answer_while_full(self, asked: Asked) -> list[Reply]:
        """One by one, and nothing that needs room."""
        if isinstance(asked[0], Deposit | Stock | Forward):
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
