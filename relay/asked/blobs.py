"""What a desktop asks about chunks: counted by its connection, answered in its turn."""

from __future__ import annotations

from functools import partial

from protocol.wire.frames import CHUNK_BYTES, DeleteBlob, Done, GetChunk, PutChunk, Reply
from relay.asked.calls import Calls
from relay.premises import Premises


class Keeping:
    """PutChunk, GetChunk and DeleteBlob on one connection."""

    def __init__(self, premises: Premises, calls: Calls) -> None:
        self._premises = premises
        self._calls = calls

    def put(self, asked: PutChunk) -> None:
        """Keep it, if it has a place."""
        self._pass_on(asked, len(asked.body))

    def get(self, asked: GetChunk) -> None:
        """It counts as its answer, of which only a few are under way."""
        self._pass_on(asked, CHUNK_BYTES)

    def delete(self, asked: DeleteBlob) -> None:
        """Forget it, and then its file."""
        self._calls.submit(asked, self._deleted)

    def end(self) -> None:
        """The connection is over."""
        self._premises.blobs.forget(self)

    def _pass_on(self, asked: PutChunk | GetChunk, size: int) -> None:
        self._calls.begin(size)
        self._premises.blobs.submit(self, asked, partial(self._calls.finish, size=size))

    def _deleted(self, reply: Reply) -> None:
        self._calls.finish(reply)
        if isinstance(reply, Done):
            self._premises.blobs.note_over()
