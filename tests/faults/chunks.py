"""Putting chunks at a relay without a desktop, and looking for them on its disk afterwards."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import trio
from sqlcipher3 import dbapi2 as sqlite

from protocol.keys import Secret
from protocol.wire.frames import CHUNK_BYTES, BlobShown, OpenBlob, PutChunk, Refused, Stored
from relay.rules.blobs import blob_hash, writer_hash
from relay.store import chunk_files
from relay.store.chunk_files import FolderOfChunks, digest_of
from tests.faults.depositing import Sender, a_line
from tests.faults.relays import RelayProcess


@dataclass
class Attachment:
    """One blob, and the digests of the chunks that the relay called stored."""

    by: Sender
    chunks: int
    name: Secret = field(default_factory=lambda: Secret(os.urandom(32)))
    writer: Secret = field(default_factory=lambda: Secret(os.urandom(32)))
    stored: dict[int, bytes] = field(default_factory=dict[int, bytes])

    async def put_all(self, relay: RelayProcess) -> None:
        """On a connection of its own, four at a time."""
        with trio.fail_after(30):
            async with a_line(relay) as line:
                shown = await line.ask(
                    OpenBlob(
                        call=line.call(),
                        pass_secret=self.by.pass_secret,
                        blob=blob_hash(self.name),
                        writer=writer_hash(self.writer),
                        chunks=self.chunks,
                        stay_s=86_400,
                    )
                )
                assert isinstance(shown, BlobShown)
                for first in range(0, self.chunks, 4):
                    numbers = range(first, min(first + 4, self.chunks))
                    bodies = {number: os.urandom(CHUNK_BYTES) for number in numbers}
                    pending = [
                        line.submit(
                            PutChunk(call=line.call(), writer=self.writer, number=number, body=body)
                        )
                        for number, body in bodies.items()
                    ]
                    for (number, body), one in zip(bodies.items(), pending, strict=True):
                        reply: Stored | Refused = await one.reply()
                        if isinstance(reply, Stored):
                            self.stored[number] = digest_of(body)

    def missing(self, relay: RelayProcess) -> int:
        """How many of them a relay that is down would not hand out."""
        files = FolderOfChunks(relay.store.with_name(chunk_files.NAME))
        database = sqlite.connect(relay.store)
        try:
            found = database.execute("SELECT row FROM blob").fetchall()
            rows = dict(database.execute("SELECT number, digest FROM chunk").fetchall())
        finally:
            database.close()
        if not found:
            return len(self.stored)
        ((blob,),) = found
        return sum(
            rows.get(number) != digest or digest_of(files.read(blob, number)) != digest
            for number, digest in self.stored.items()
        )
