"""Where one frame of a WebSocket ends and the next begins, and the shape that most of them have.

A message that is whole in one binary frame is read here, in a fraction of the time that the
library takes for it. Everything else (pieces of messages, pings, the closing, and whatever breaks
the rules) is the library's, frame by frame, so that it always stands at a beginning when the
ordinary goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from protocol.errors import RemoteProtocolError

try:
    from websockets.speedups import apply_mask
except ImportError:
    # The library's own way out, where nobody compiled it.
    from websockets.utils import apply_mask

# Who says more frames than so many in so many bytes says next to nothing in each.
PIECE = 16 * 1024
MOST_IN_A_PIECE = 1024

_BINARY = 0x82  # the first and only piece of a message
_KINDS = frozenset({0x0, 0x1, 0x2, 0x8, 0x9, 0xA})
_RESERVED = 0x70
_MASKED = 0x80
_SHORT = 126
_SHORTEST = 2
_wide, _widest = Struct(">H"), Struct(">Q")


class Framing:
    """Cuts what came into frames; holds back the beginning of one that is not complete."""

    def __init__(self, *, masked: bool) -> None:
        self._mask_bit = _MASKED if masked else 0
        self._mask_bytes = 4 if masked else 0
        self._held = bytearray()
        self._wanted = 0
        self._broken = False

    @property
    def held(self) -> int:
        """Bytes of a frame that is not complete."""
        return len(self._held)

    def feed(self, data: bytes, most: int) -> Iterator[tuple[bool, bytes]]:
        """A whole message for each True; for each False a frame for the library, as it came.

        What is longer than ``most``, masked as it must not be or of no known kind breaks the rules,
        and all from there on is one piece. Raises RemoteProtocolError.
        """
        if self._held:
            self._held += data
            if len(self._held) < self._wanted:
                return
            data, self._held = bytes(self._held), bytearray()
        if self._broken:
            yield False, data
            return
        at, end, count = 0, len(data), 0
        while end - at >= _SHORTEST:
            bounds = self._bounds(data, at, most)
            if bounds is None:
                self._broken = True
                yield False, data[at:]
                return
            begin, stop = bounds
            if stop > end:
                self._wanted = stop - at
                break
            if data[at] != _BINARY:
                yield False, data[at:stop]
            elif self._mask_bytes:
                yield True, apply_mask(data[begin:stop], data[begin - 4 : begin])
            else:
                yield True, data[begin:stop]
            at, count = stop, count + 1
            if count > MOST_IN_A_PIECE * (1 + at // PIECE):
                raise RemoteProtocolError("crumbs")
        self._held += data[at:]

    def _bounds(self, data: bytes, at: int, most: int) -> tuple[int, int] | None:
        """Where this frame's payload begins and ends, perhaps beyond what is here; None where it
        breaks the rules."""
        first = data[at]
        if first != _BINARY and (first & _RESERVED or first & 0x0F not in _KINDS):
            return None  # at once, not only when as much has come as it says
        size, begin = data[at + 1] ^ self._mask_bit, at + _SHORTEST + self._mask_bytes
        if size >= _MASKED:
            return None
        if size >= _SHORT:
            form = _wide if size == _SHORT else _widest
            begin += form.size
            if begin > len(data):
                return begin, begin
            (size,) = form.unpack_from(data, at + _SHORTEST)
        return None if size > most else (begin, begin + size)


def head_of(size: int) -> bytes:
    """What stands before a whole message of so many bytes that is not masked."""
    if size < _SHORT:
        return bytes((_BINARY, size))
    if size < 1 << 16:
        return bytes((_BINARY, _SHORT)) + _wide.pack(size)
    return bytes((_BINARY, _SHORT + 1)) + _widest.pack(size)
