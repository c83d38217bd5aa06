"""What is never kept: presence, and that somebody is writing. Begins with the first line.

What only a line needs is loaded with the first one.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import trio

from desktop.engine.enduring import endure
from desktop.engine.ground import Ground
from protocol.ids import ConversationId

if TYPE_CHECKING:
    from desktop.engine.presence.publishing import Publisher
    from desktop.engine.presence.signalling import Signaller


class Fleeting:
    """Publishing, watching and signalling of one open profile."""

    def __init__(self) -> None:
        self._publisher: Publisher | None = None
        self._signaller: Signaller | None = None

    async def run(self, ground: Ground) -> None:
        """Until the profile is locked."""
        while not ground.ways.online:
            await ground.ways.news(math.inf)
        from desktop.engine.presence.directs import Directs  # noqa: PLC0415
        from desktop.engine.presence.publishing import Publisher  # noqa: PLC0415
        from desktop.engine.presence.signalling import Signaller  # noqa: PLC0415
        from desktop.engine.presence.watching import keep_watching  # noqa: PLC0415

        directs = Directs(ground)
        publisher = self._publisher = Publisher(ground)
        signaller = self._signaller = Signaller(ground, directs)
        watch = partial(keep_watching, directs=directs)
        async with trio.open_nursery() as nursery:
            for task in (directs.run, publisher.run, signaller.run, watch):
                nursery.start_soon(endure, ground, task)

    def writing(self, conversation: ConversationId, *, stopped: bool) -> None:
        """I am, or not any more."""
        if self._signaller is not None:
            self._signaller.writing(conversation, stopped=stopped)

    def wrote(self, conversation: ConversationId) -> None:
        """A message says so itself."""
        if self._signaller is not None:
            self._signaller.wrote(conversation)

    async def withdraw(self) -> None:
        """I am not there any more."""
        if self._publisher is not None:
            await self._publisher.withdraw()
