"""Inputs out of inputs: a few random changes to something sound, or to what was changed before."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

WORDS = (
    *(b"\x00", b"\xff", b"\x80", b"\x91", b"\xc0", b"\xc1", b"\xdd\xff\xff\xff\xff"),
    *(
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xa5\xed\xa0\x80ab",
    ),
    *(b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", b"\xd3\x80\0\0\0\0\0\0\0", b"\xd9\x03\xff\xfe\xfd"),
    *(b"[", b"{", b'"', b"\\", b"\\ud800", b"\\udc00", b"1e999", b"-0", b"null", b"\r\n", b"\n"),
    *(b"%23", b"%", b"#", b"@", b"[::1]", b"//", b"..", b"\0", b"aside://", b"wss://", b"join."),
    *("ß".encode(), "\u202e".encode(), "𝟙".encode(), b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
)
MOST_CHANGES = 5
GROWS = 200  # one in so many gets a part of itself many times over


def mutate(corpus: Sequence[bytes], random: Random, longest: int) -> bytes:
    """One more."""
    data = bytearray(corpus[int(random.random() * len(corpus))])
    for _ in range(1 + int(random.random() * MOST_CHANGES)):
        _change(data, corpus, random)
    if random.random() * GROWS < 1 and data:
        at, size = random.randrange(len(data)), random.randint(1, 16)
        part = bytes(data[at : at + size])
        room = max(0, longest - len(data)) // len(part)
        data[at:at] = part * random.choice((room, random.randint(0, room), min(room, 1000)))
    return bytes(data[:longest])


def _change(data: bytearray, corpus: Sequence[bytes], random: Random) -> None:
    at, what = int(random.random() * (len(data) + 1)), random.random()
    if what < 0.3 and data:
        data[at - 1] = int(random.random() * 256)
    elif what < 0.4 and data:
        data[at - 1] ^= 1 << int(random.random() * 8)
    elif what < 0.5:
        del data[at : at + 1 + int(random.random() ** 3 * 64)]
    elif what < 0.75:
        word = WORDS[int(random.random() * len(WORDS))]
        data[at : at + (len(word) if random.random() < 0.5 else 0)] = word
    elif what < 0.85:
        data[at:at] = random.randbytes(1 + int(random.random() ** 3 * 64))
    elif what < 0.95:
        other = corpus[int(random.random() * len(corpus))]
        start = int(random.random() * (len(other) + 1))
        data[at : at + int(random.random() * 64)] = other[start : start + 256]
    else:
        del data[at:]
