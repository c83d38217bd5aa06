"""One caller's work on a connection, and what came of it: carried between loop and thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from sqlcipher3.dbapi2 import Connection

from desktop.store.connection import translated

T = TypeVar("T")


class Job(Generic[T]):
    """Done by one side with :meth:`attempt`, picked up by the other with :meth:`answer`."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self._work = work
        self._answers: list[T] = []
        self.failure: Exception | None = None

    def attempt(self, connection: Connection) -> None:
        """Never raises: a failure is kept for whoever asked."""
        try:
            with translated():
                self._answers.append(self._work(connection))
        except Exception as exc:  # noqa: BLE001 -- it goes to whoever asked
            self.failure = exc

    def fail(self, failure: Exception) -> None:
        """Whatever came of the work was undone."""
        self.failure = self.failure or failure

    def answer(self) -> T:
        """What the work answered, or raise what it raised."""
        if self.failure is not None:
            raise self.failure
        return self._answers[0]
