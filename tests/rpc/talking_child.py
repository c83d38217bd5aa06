"""``run_rpc`` around rooms in memory, as a process: in each that opens one asks for the time."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from desktop.core.doors import Opened, Opening
from desktop.core.models import ProfileState
from desktop.rpc.stdio import run_rpc
from protocol.ids import EntryId, RoomId
from tests.fakes.facade import FakeFacade


class TalkingFacade(FakeFacade):
    """Members talk as soon as there is somebody to hear them; what is said goes to stderr too."""

    async def room_open(self, opening: Opening, /) -> Opened:
        opened = await super().room_open(opening)
        for text in ("hello", "!time", "what is !time"):
            self.come(self.room[opened.room_id], "Otter", text)
        return opened

    async def room_say(
        self, room_id: RoomId, text: str, reply_to: EntryId | None = None
    ) -> EntryId:
        to = next(one for one in self.entries[room_id] if one.entry_id == reply_to)
        print(f"to {to.name}, who said {to.text}: {text}", file=sys.stderr, flush=True)
        return await super().room_say(room_id, text, reply_to)


@asynccontextmanager
async def opened() -> AsyncGenerator[FakeFacade]:
    yield TalkingFacade(ProfileState.LOCKED)


if __name__ == "__main__":
    sys.exit(run_rpc(opened()))
