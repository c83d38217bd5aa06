"""A relay whose line is gone the moment that somebody asks for one thing."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import ClassVar

from relay.rules.clock import Now
from relay.rules.office import AnyRequest
from relay.store.storage import Answered, Inline


class BreaksOff(Inline):
    """It is done, and nobody hears so; or it is not even done."""

    at: ClassVar[type[AnyRequest] | None] = None
    done: ClassVar[bool] = True
    breaks: ClassVar[list[Callable[[], None]]] = []

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if self.at is None or not isinstance(asked, self.at):
            super().submit(asked, now, answered)
            return
        if self.done:
            super().submit(asked, now, lambda _: None)
        for break_line in self.breaks:
            break_line()


@contextmanager
def breaking(
    at: type[AnyRequest], break_line: Callable[[], None], *, done: bool = True
) -> Generator[None]:
    """Meanwhile, every such request ends the line."""
    BreaksOff.at, BreaksOff.done = at, done
    BreaksOff.breaks.append(break_line)
    try:
        yield
    finally:
        BreaksOff.at = None
        BreaksOff.breaks.clear()
