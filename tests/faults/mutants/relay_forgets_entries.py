"""A relay that confirms what is said in rooms before it is true, and is slow to write it down."""

from __future__ import annotations

import sys
from pathlib import Path

from protocol.wire.frames import Done, Reply
from relay.__main__ import main
from relay.commands import serve
from relay.rules.clock import Now
from relay.rules.office import AnyRequest
from relay.rules.rooms.asking import KeepRoom
from relay.rules.rooms.changes import KeepItems
from relay.store.committing import CommittingThread
from relay.store.storage import Answered
from relay.store.timing import CommitTimes
from tests.faults.replacing import put


def _unheard(reply: Reply) -> None:
    """Who asked has its answer already."""


class Forgets(CommittingThread):
    """Of two batches of entries it writes the first when the second comes."""

    def __init__(self, path: Path, times: CommitTimes | None = None) -> None:
        super().__init__(path, times)
        self._late: list[tuple[KeepRoom, Now]] = []

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if isinstance(asked, KeepRoom) and all(isinstance(x, KeepItems) for x in asked.changes):
            late, self._late = self._late, [(asked, now)]
            answered(Done(call=asked.call))
            for each, then in late:
                super().submit(each, then, _unheard)
            return
        super().submit(asked, now, answered)


if __name__ == "__main__":
    put(serve, "CommittingThread", Forgets)
    sys.exit(main())
