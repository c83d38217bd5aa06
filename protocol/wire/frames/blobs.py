"""Blobs: where the chunks of an attachment lie for a while, and what may be asked about them.

Whoever knows a blob's name may read it, and nobody else can find it: the name is a capability of
its own kind, 32 random bytes. Another secret, the writer's, lets put and delete. A pass shows up
once, where a blob is opened and its whole room is set aside; so chunks can be put and got in
packets as well.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from protocol.ids import AHash
from protocol.wire.frames.declared import ASecret, Done, Reply, Request
from protocol.wire.frames.deposits import Stored

CHUNK_BYTES = 256 * 1024
MAX_CHUNKS = 4096

AChunkCount = Annotated[int, Meta(ge=1, le=MAX_CHUNKS)]
AChunkNumber = Annotated[int, Meta(ge=0, lt=MAX_CHUNKS)]
AChunk = Annotated[bytes, Meta(min_length=1, max_length=CHUNK_BYTES)]
AChunkSet = Annotated[bytes, Meta(max_length=MAX_CHUNKS // 8)]
AStay = Annotated[int, Meta(ge=0, lt=2**31)]


class BlobShown(Reply, frozen=True, tag="blob_shown"):
    """A blob as it is on disk at this moment.

    Bit ``n % 8`` of byte ``n // 8`` of ``there`` is chunk ``n``; bytes of zeros behind are left
    out. It stays for ``stay_s`` more seconds of this relay's work.
    """

    chunks: AChunkCount
    there: AChunkSet
    stay_s: AStay


class OpenBlob(Request[BlobShown], frozen=True, tag="open_blob"):
    """Set room aside on a pass for so many chunks. Safe to repeat: a blob is opened once.

    ``blob`` and ``writer`` are the hashes of its two secrets. A relay may keep it for a shorter
    time than was asked for, and says so.
    """

    pass_secret: ASecret
    blob: AHash
    writer: AHash
    chunks: AChunkCount
    stay_s: AStay


class ShowBlob(Request[BlobShown], frozen=True, tag="show_blob"):
    """Ask which chunks are there, to go on from there."""

    name: ASecret


class PutChunk(Request[Stored], frozen=True, tag="put_chunk"):
    """Leave one chunk in its place. Safe to repeat; what is there stays as it is."""

    writer: ASecret
    number: AChunkNumber
    body: AChunk


class Chunk(Reply, frozen=True, tag="chunk"):
    """One chunk, as it was put."""

    body: AChunk


class GetChunk(Request[Chunk], frozen=True, tag="get_chunk"):
    """Ask for one chunk."""

    name: ASecret
    number: AChunkNumber


class DeleteBlob(Request[Done], frozen=True, tag="delete_blob"):
    """Forget a blob with all its chunks. Safe to repeat."""

    writer: ASecret


def chunk_set(numbers: frozenset[int] | set[int]) -> bytes:
    """The bits of ``there`` for these chunks."""
    bits = bytearray(max(numbers, default=-1) // 8 + 1)
    for number in numbers:
        bits[number // 8] |= 1 << number % 8
    return bytes(bits)


def chunks_in(there: bytes) -> frozenset[int]:
    """Which chunks the bits of ``there`` say."""
    return frozenset(
        8 * place + bit for place, byte in enumerate(there) for bit in range(8) if byte >> bit & 1
    )
