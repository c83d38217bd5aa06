"""Attachments: a file becomes chunks of one size, each of which can be checked and opened alone.

    plain 0    length 8 ‖ chunks 4 ‖ digests of the chunks behind, 32 each ‖ the file begins ‖ zeros
    plain n    the file goes on ‖ zeros
    key n      HKDF-SHA256(file key, joined("aside/1 attachment key", n in 4 bytes))
    sealed n   XChaCha20-Poly1305(key n, nonce of zeros, plain n), 256 KiB
    head       digest("aside/1 attachment head", file key, sealed 0), which the message carries

A key seals one chunk of one file, so its nonce is free to be zeros, and a chunk that is sealed
again is the same bytes: a sender goes on after anything. A file that changed meanwhile must not be
sealed under the same key; ``seal_again`` refuses it. The head binds the key, so that no two people
open one attachment to two files. Zeros are checked, and the number of chunks is padded.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct
from nacl import bindings
from nacl.exceptions import CryptoError

from protocol.errors import BadPadding, Damaged, LocalProtocolError
from protocol.keys import NONCE_BYTES, Domain, Secret, digest, joined
from protocol.wire.frames import CHUNK_BYTES, MAX_CHUNKS

KEY_BYTES: Final = 32
_TAG = 16
_DIGEST = 32
_LENGTH, _COUNT = 8, 4
INSIDE: Final = CHUNK_BYTES - _TAG
"""Plain bytes of one chunk."""

_NONCE = bytes(NONCE_BYTES)


class Shape(Struct, frozen=True):
    """How a file of this length lies in its chunks."""

    length: int
    chunks: int

    @property
    def head_bytes(self) -> int:
        """What stands in front of the file."""
        return _LENGTH + _COUNT + _DIGEST * (self.chunks - 1)

    def span(self, number: int) -> tuple[int, int]:
        """Which bytes of the file this chunk holds: from, and up to but without."""
        if not 0 <= number < self.chunks:
            raise LocalProtocolError("no such chunk")
        start = max(number * INSIDE - self.head_bytes, 0)
        end = (number + 1) * INSIDE - self.head_bytes
        return min(start, self.length), min(end, self.length)


class Head(Struct, frozen=True):
    """What the first chunk says of the others; ``digests`` begin with the second's."""

    shape: Shape
    digests: tuple[bytes, ...]

    def check(self, number: int, sealed: bytes) -> None:
        """Whether this is that chunk, without opening it. Raises Damaged."""
        if not 1 <= number < self.shape.chunks or chunk_digest(sealed) != self.digests[number - 1]:
            raise Damaged


def shape_of(length: int) -> Shape:
    """The shape of a file. Raises LocalProtocolError for one that is too long."""
    chunks = 1
    # The head grows with the chunks, a ten-thousandth of what they bring: this ends at once.
    while chunks <= MAX_CHUNKS and Shape(length, chunks).head_bytes + length > chunks * INSIDE:
        chunks = -(-(Shape(length, chunks).head_bytes + length) // INSIDE)
    shape = Shape(length, padded(chunks))
    if shape.chunks > MAX_CHUNKS:
        raise LocalProtocolError("a file too long for an attachment")
    return shape


def padded(chunks: int) -> int:
    """The next of the few numbers of chunks there are; at most an eighth more (Padmé).

    Of the binary number only the highest bits are kept, as many as its length's logarithm says.
    """
    bits = chunks.bit_length() - 1
    step = 1 << max(bits - bits.bit_length(), 0)
    return -(-chunks // step) * step


def chunk_digest(sealed: bytes) -> bytes:
    """By which the head knows a chunk."""
    return digest(Domain.ATTACHMENT, sealed)


def head_digest(file_key: Secret, sealed: bytes) -> bytes:
    """By which a message knows the first chunk, and which binds the key."""
    return digest(Domain.ATTACHMENT_HEAD, file_key, sealed)


def seal_part(file_key: Secret, shape: Shape, number: int, part: bytes) -> bytes:
    """Any chunk but the first; ``part`` are the file's bytes of its span."""
    if number == 0:
        raise LocalProtocolError("the first chunk has a head")
    return _seal(file_key, shape, number, b"", part)


def seal_head(file_key: Secret, head: Head, part: bytes) -> bytes:
    """The first chunk; all others were sealed before."""
    shape = head.shape
    if len(head.digests) != shape.chunks - 1:
        raise LocalProtocolError("a digest for each of the chunks behind")
    front = shape.length.to_bytes(_LENGTH, "big") + shape.chunks.to_bytes(_COUNT, "big")
    return _seal(file_key, shape, 0, front + b"".join(head.digests), part)


def seal_again(file_key: Secret, head: Head, number: int, part: bytes) -> bytes:
    """The same bytes as before. Raises LocalProtocolError where the file is another one by now."""
    sealed = seal_part(file_key, head.shape, number, part)
    if chunk_digest(sealed) != head.digests[number - 1]:
        raise LocalProtocolError("the file has changed")
    return sealed


def open_head(file_key: Secret, sealed: bytes, said: bytes) -> tuple[Head, bytes]:
    """The head, and where the file begins; ``said`` is what the message carries.

    Raises Damaged, BadPadding.
    """
    if head_digest(file_key, sealed) != said:
        raise Damaged
    plain = _open(file_key, 0, sealed)
    length = int.from_bytes(plain[:_LENGTH], "big")
    chunks = int.from_bytes(plain[_LENGTH : _LENGTH + _COUNT], "big")
    # One shape for each length: otherwise a modified desktop could mark files by their padding.
    if not 1 <= chunks <= MAX_CHUNKS or length > MAX_CHUNKS * INSIDE:
        raise BadPadding
    try:
        shape = shape_of(length)
    except LocalProtocolError as exc:
        raise BadPadding from exc
    if shape.chunks != chunks:
        raise BadPadding
    behind = plain[_LENGTH + _COUNT : shape.head_bytes]
    digests = tuple(behind[at : at + _DIGEST] for at in range(0, len(behind), _DIGEST))
    return Head(shape, digests), _unpadded(shape, 0, plain[shape.head_bytes :])


def open_part(file_key: Secret, head: Head, number: int, sealed: bytes) -> bytes:
    """The file's bytes in this chunk. Raises Damaged, BadPadding."""
    head.check(number, sealed)
    return _unpadded(head.shape, number, _open(file_key, number, sealed))


def _seal(file_key: Secret, shape: Shape, number: int, front: bytes, part: bytes) -> bytes:
    start, end = shape.span(number)
    if len(part) != end - start:
        raise LocalProtocolError("other bytes than the chunk's")
    plain = (front + part).ljust(INSIDE, b"\0")
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, b"", _NONCE, _key(file_key, number)
    )


def _open(file_key: Secret, number: int, sealed: bytes) -> bytes:
    if len(sealed) != CHUNK_BYTES:
        raise Damaged
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed, b"", _NONCE, _key(file_key, number)
        )
    except (CryptoError, ValueError, TypeError) as exc:
        raise Damaged from exc


def _key(file_key: Secret, number: int) -> bytes:
    if len(file_key) != KEY_BYTES:
        raise LocalProtocolError("a file key of another length")
    info = joined(Domain.ATTACHMENT_KEY.value, number.to_bytes(4, "big"))
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(bytes(file_key))


def _unpadded(shape: Shape, number: int, plain: bytes) -> bytes:
    start, end = shape.span(number)
    if plain[end - start :].strip(b"\0"):
        raise BadPadding
    return plain[: end - start]
