"""A relay that says Stored before it is true: the answer leaves, then the commit begins."""

from __future__ import annotations

import sys

from protocol.wire.frames import Deposit, Reply, Stored
from relay.__main__ import main
from relay.commands import serve
from relay.rules.clock import Now
from relay.rules.office import AnyRequest
from relay.store.committing import CommittingThread
from relay.store.storage import Answered
from tests.faults.replacing import put


def _unheard(reply: Reply) -> None:
    """Who asked has its answer already."""


class AnswersFirst(CommittingThread):
    """Impatient."""

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if isinstance(asked, Deposit):
            answered(Stored(call=asked.call))
            answered = _unheard
        super().submit(asked, now, answered)


if __name__ == "__main__":
    put(serve, "CommittingThread", AnswersFirst)
    sys.exit(main())
