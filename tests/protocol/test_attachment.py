"""Attachments: files of any length come back, chunk by chunk, and nothing else opens."""

from __future__ import annotations

import random

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings

from protocol.e2e.attachment import (
    INSIDE,
    Head,
    Shape,
    chunk_digest,
    head_digest,
    open_head,
    open_part,
    padded,
    seal_again,
    seal_head,
    seal_part,
    shape_of,
)
from protocol.errors import BadPadding, Damaged, LocalProtocolError, Unopenable
from protocol.keys import Domain, Secret, joined
from protocol.wire.frames import CHUNK_BYTES, MAX_CHUNKS

KEY = Secret(b"k" * 32)
lengths = st.integers(0, MAX_CHUNKS * INSIDE)


def file_of(length: int) -> bytes:
    return random.Random(length).randbytes(length)


def sealed(file: bytes, key: Secret = KEY) -> list[bytes]:
    """All of its chunks, the first one made last."""
    shape = shape_of(len(file))

    def part(number: int) -> bytes:
        start, end = shape.span(number)
        return file[start:end]

    behind = [seal_part(key, shape, number, part(number)) for number in range(1, shape.chunks)]
    head = Head(shape, tuple(map(chunk_digest, behind)))
    return [seal_head(key, head, part(0)), *behind]


def opened(chunks: list[bytes], said: bytes, key: Secret = KEY) -> bytes:
    head, file = open_head(key, chunks[0], said)
    return file + b"".join(
        open_part(key, head, number, chunk) for number, chunk in enumerate(chunks) if number
    )


@pytest.mark.parametrize(
    "length", [0, 1, INSIDE - 12, INSIDE - 11, 2 * INSIDE - 44, 2 * INSIDE - 43, 5 * INSIDE]
)
def test_a_file_comes_back(length: int) -> None:
    file = file_of(length)
    chunks = sealed(file)
    assert {len(chunk) for chunk in chunks} == {CHUNK_BYTES}
    assert opened(chunks, head_digest(KEY, chunks[0])) == file


@given(lengths)
def test_the_spans_are_the_file_and_the_padding_is_small(length: int) -> None:
    try:
        shape = shape_of(length)
    except LocalProtocolError:
        assert length > (MAX_CHUNKS - 1) * INSIDE
        return
    numbers = {0, 1, shape.chunks // 2, shape.chunks - 1} & set(range(shape.chunks))
    for number in numbers:
        start, end = shape.span(number)
        assert 0 <= start <= end <= length
        assert shape.span(number + 1)[0] == end if number + 1 < shape.chunks else end == length
    needed = -(-(shape.head_bytes + length) // INSIDE)
    assert needed <= shape.chunks
    assert shape.chunks <= 1 or 8 * (shape.chunks - 1) <= 9 * needed


def test_there_are_few_numbers_of_chunks() -> None:
    there = sorted({padded(number) for number in range(1, MAX_CHUNKS + 1)})
    assert there[:12] == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16]
    assert there[-2:] == [MAX_CHUNKS - 128, MAX_CHUNKS]
    assert len(there) < 150
    assert all(padded(number) == number for number in there)


def test_the_longest_and_one_more() -> None:
    longest = MAX_CHUNKS * INSIDE - Shape(0, MAX_CHUNKS).head_bytes
    assert shape_of(longest).chunks == MAX_CHUNKS
    with pytest.raises(LocalProtocolError):
        shape_of(longest + 1)


def test_sealed_again_it_is_the_same_and_of_another_file_nothing() -> None:
    file = file_of(2 * INSIDE)
    chunks = sealed(file)
    assert sealed(file) == chunks
    head, _ = open_head(KEY, chunks[0], head_digest(KEY, chunks[0]))
    start, end = head.shape.span(1)
    assert seal_again(KEY, head, 1, file[start:end]) == chunks[1]
    with pytest.raises(LocalProtocolError):
        seal_again(KEY, head, 1, b"?" + file[start + 1 : end])


def test_a_chunk_is_one_of_one_file_in_one_place() -> None:
    one, other = sealed(file_of(3 * INSIDE)), sealed(file_of(3 * INSIDE + 1))
    head, _ = open_head(KEY, one[0], head_digest(KEY, one[0]))
    for number, chunk in ((1, one[2]), (1, other[1]), (2, one[2][:-1]), (9, one[2]), (0, one[0])):
        with pytest.raises(Damaged):
            open_part(KEY, head, number, chunk)
    changed = one[2][:-1] + bytes([one[2][-1] ^ 1])
    with pytest.raises(Damaged):
        open_part(KEY, head, 2, changed)


def test_the_head_binds_the_key() -> None:
    """Nobody opens one attachment to two files: the message's digest is of one key."""
    chunks = sealed(file_of(10))
    other = Secret(b"o" * 32)
    assert head_digest(KEY, chunks[0]) != head_digest(other, chunks[0])
    for said, key in (
        (head_digest(KEY, chunks[0]), other),
        (head_digest(other, chunks[0]), other),
        (head_digest(other, chunks[0]), KEY),
    ):
        with pytest.raises(Damaged):
            open_head(key, chunks[0], said)


def by_hand(plain: bytes, number: int = 0) -> bytes:
    info = joined(Domain.ATTACHMENT_KEY.value, number.to_bytes(4, "big"))
    key = HKDF(SHA256(), 32, salt=None, info=info).derive(bytes(KEY))
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain.ljust(INSIDE, b"\0"), b"", bytes(24), key
    )


@pytest.mark.parametrize(
    "front",
    [
        (5).to_bytes(8, "big") + (2).to_bytes(4, "big"),
        (5).to_bytes(8, "big") + bytes(4),
        b"\xff" * 12,
        (5).to_bytes(8, "big") + (1).to_bytes(4, "big") + b"12345 and more",
    ],
    ids=["padded more than need be", "no chunks", "enormous", "something in the padding"],
)
def test_a_head_that_is_laid_out_otherwise_is_refused(front: bytes) -> None:
    chunk = by_hand(front)
    with pytest.raises(BadPadding):
        open_head(KEY, chunk, head_digest(KEY, chunk))


def test_padding_behind_the_file_is_zeros() -> None:
    shape = shape_of(INSIDE)
    chunk = by_hand(b"x" * 45 + b"!", 1)
    head = Head(shape, (chunk_digest(chunk),))
    start, end = shape.span(1)
    assert end - start < 46
    with pytest.raises(BadPadding):
        open_part(KEY, head, 1, chunk)


@given(st.binary(max_size=200))
def test_junk_is_the_others_fault(junk: bytes) -> None:
    for chunk in (junk, junk.ljust(CHUNK_BYTES, b"\0")):
        with pytest.raises(Unopenable):
            open_head(KEY, chunk, head_digest(KEY, chunk))


@pytest.mark.parametrize(
    ("key", "number", "part"),
    [
        (KEY, 0, b""),
        (KEY, 1, b"too much" * 99),
        (KEY, 2, b""),
        (Secret(b"short"), 1, bytes(44)),
    ],
    ids=["the first", "too much", "no such one", "no key"],
)
def test_wrong_use_is_a_bug_here(key: Secret, number: int, part: bytes) -> None:
    with pytest.raises(LocalProtocolError):
        seal_part(key, shape_of(INSIDE), number, part)


def test_a_head_without_all_digests_is_a_bug_here() -> None:
    with pytest.raises(LocalProtocolError):
        seal_head(KEY, Head(shape_of(INSIDE), ()), b"")
