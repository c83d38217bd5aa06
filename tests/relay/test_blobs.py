"""Blobs as the rules see them: whose room, until when, and which chunks count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import frames
from protocol.wire.frames import MAX_CHUNKS, BlobShown, Done, Reason, Stored, chunk_set, chunks_in
from relay.rules.admission import pass_hash
from relay.rules.blobs import blob_hash, why_not_put, writer_hash
from relay.rules.clock import DAY_MS
from relay.rules.custody import Change, Custody, handle_of
from relay.rules.forgetting import BLOBS_AT_ONCE
from relay.rules.limits import House, Limits, Terms
from relay.rules.records import FilesGone, KeepChunk, LoseChunk, Place, room_of
from relay.rules.store import Store
from tests.relay.rules_cast import ALICE_PASS, BOB, BOB_PASS, Office, call

NAME = b"the name of a blob".ljust(32)
WRITER = b"its writer".ljust(32)
DIGEST = b"d" * 32
DAY_S = DAY_MS // 1000


def opening(
    name: bytes = NAME,
    writer: bytes = WRITER,
    *,
    by: bytes = ALICE_PASS,
    chunks: int = 3,
    stay_s: int = DAY_S,
) -> frames.OpenBlob:
    return frames.OpenBlob(
        call=call(),
        pass_secret=by,
        blob=blob_hash(name),
        writer=writer_hash(writer),
        chunks=chunks,
        stay_s=stay_s,
    )


def show(office: Office, name: bytes = NAME) -> BlobShown:
    shown = office.ask(frames.ShowBlob(call=call(), name=name))
    assert isinstance(shown, BlobShown)
    return shown


def is_unknown(office: Office, name: bytes = NAME) -> bool:
    return office.refused(frames.ShowBlob(call=call(), name=name)) is Reason.UNKNOWN


def opened(office: Office, name: bytes = NAME, writer: bytes = WRITER, chunks: int = 3) -> None:
    assert isinstance(office.ask(opening(name, writer, chunks=chunks)), BlobShown)


def delete(office: Office, writer: bytes = WRITER) -> None:
    assert isinstance(office.ask(frames.DeleteBlob(call=call(), writer=writer)), Done)


def row(office: Office, name: bytes = NAME) -> int:
    place = office.store.blobs.place(blob_hash(name), 0, office.now.age_ms, writer=False)
    assert place is not None
    return place.blob


def kept(office: Office, *numbers: int) -> None:
    for number in numbers:
        asked = KeepChunk(call(), row(office), number, DIGEST)
        assert isinstance(office.answer(asked), Stored)


@pytest.fixture
def bounded(store: Store) -> Office:
    """Two passes, each with room for three chunks; the house has it for five."""
    terms = Terms(blob_bytes=3 * room_of(1))
    limits = Limits(blob_bytes=5 * room_of(1), blob_days=10)
    office = Office(store, House(open=True, terms=terms, limits=limits))
    office.admit()
    office.create()
    office.admit(BOB_PASS)
    office.create(BOB, BOB_PASS)
    return office


def test_a_blob_is_opened_once_and_shown_again(office: Office) -> None:
    first = office.ask(opening())
    assert isinstance(first, BlobShown)
    assert (first.chunks, first.there, first.stay_s) == (3, b"", DAY_S)
    used = office.store.blob_bytes
    kept(office, 2)
    again = office.ask(opening())
    assert isinstance(again, BlobShown)
    assert chunks_in(again.there) == {2}
    assert office.store.blob_bytes == used == room_of(3)


@pytest.mark.parametrize(
    "other",
    [
        opening(writer=b"another writer".ljust(32)),
        opening(chunks=2),
        opening(by=BOB_PASS),
        opening(b"another name".ljust(32)),
    ],
    ids=["writer", "size", "pass", "name"],
)
def test_neither_secret_opens_another_blob(office: Office, other: frames.OpenBlob) -> None:
    office.admit(BOB_PASS)
    office.create(BOB, BOB_PASS)
    opened(office)
    assert office.refused(other) is Reason.NOT_ALLOWED


def test_a_pass_is_needed_and_one_with_a_mailbox(office: Office) -> None:
    assert office.refused(opening(by=b"nobody's pass".ljust(32))) is Reason.UNKNOWN
    office.admit(BOB_PASS)
    assert office.refused(opening(by=BOB_PASS)) is Reason.NOT_ALLOWED


def test_a_chunk_counts_when_it_is_said_to_be_in_its_file(office: Office) -> None:
    opened(office)
    assert show(office).there == b""
    kept(office, 0, 2)
    assert chunks_in(show(office).there) == {0, 2}
    office.answer(LoseChunk(call(), row(office), 0))
    assert chunks_in(show(office).there) == {2}


def test_unknown_expired_and_deleted_are_told_alike(office: Office) -> None:
    opened(office)
    kept(office, 0)
    assert is_unknown(office, b"never there".ljust(32))
    # Its end has come, and nobody has been round to clear it away.
    office.pass_days(1)
    assert is_unknown(office)
    assert office.store.blobs.place(writer_hash(WRITER), 0, office.now.age_ms, writer=True) is None
    office.keep_house()
    assert is_unknown(office)
    opened(office, writer=b"a new writer".ljust(32))
    delete(office, b"a new writer".ljust(32))
    assert is_unknown(office)


def test_only_its_writer_deletes_it_and_may_say_so_twice(office: Office) -> None:
    opened(office)
    delete(office, NAME)
    assert show(office).chunks == 3
    delete(office)
    delete(office)
    assert is_unknown(office)


def test_what_is_over_leaves_a_file_to_delete_and_then_nothing(office: Office) -> None:
    opened(office)
    kept(office, 0, 1)
    number = row(office)
    delete(office)
    assert office.store.blobs.gone(10) == [number]
    assert isinstance(office.answer(FilesGone(call(), (number, number + 1))), Done)
    assert office.store.blobs.gone(10) == []
    assert office.store.blob_bytes == 0
    # A number is never given again: a file that was forgotten would turn up in another blob.
    opened(office)
    assert row(office) > number
    assert show(office).there == b""


def test_a_chunk_written_for_a_blob_that_went_meanwhile_does_not_count(office: Office) -> None:
    opened(office)
    number = row(office)
    delete(office)
    assert office.refused(KeepChunk(call(), number, 0, DIGEST)) is Reason.UNKNOWN
    office.answer(LoseChunk(call(), number, 0))


def test_a_pass_s_room_is_set_aside_when_a_blob_is_opened(bounded: Office) -> None:
    opened(bounded, chunks=2)
    other = (b"second".ljust(32), b"its writer, too".ljust(32))
    assert bounded.refused(opening(*other, chunks=2)) is Reason.QUOTA
    delete(bounded)
    opened(bounded, *other, chunks=2)


def test_the_house_s_room_for_blobs_is_bounded_and_mail_has_its_own(bounded: Office) -> None:
    opened(bounded, chunks=3)
    other = (b"second".ljust(32), b"its writer, too".ljust(32))
    assert bounded.refused(opening(*other, by=BOB_PASS, chunks=3)) is Reason.QUOTA
    assert isinstance(bounded.ask(opening(*other, by=BOB_PASS, chunks=1)), BlobShown)
    assert bounded.store.held_bytes == 0


def test_an_operator_sets_a_pass_s_room(bounded: Office) -> None:
    opened(bounded, chunks=1)
    bounded.store.begin()
    Custody(bounded.store).change(handle_of(pass_hash(ALICE_PASS)), Change(blob_bytes=0))
    bounded.store.commit()
    other = (b"second".ljust(32), b"its writer, too".ljust(32))
    assert bounded.refused(opening(*other, chunks=1)) is Reason.QUOTA
    kept(bounded, 0)  # what was set aside before stays


def test_it_stays_as_long_as_was_asked_and_no_longer_than_the_house_keeps(bounded: Office) -> None:
    shown = bounded.ask(opening(stay_s=100 * DAY_S, chunks=1))
    assert isinstance(shown, BlobShown)
    assert shown.stay_s == 10 * DAY_S
    bounded.pass_days(9)
    assert show(bounded).stay_s == DAY_S
    bounded.pass_days(1)
    assert is_unknown(bounded)


def test_the_shortest_stay_lets_a_chunk_be_put(office: Office) -> None:
    shown = office.ask(opening(stay_s=0))
    assert isinstance(shown, BlobShown)
    assert shown.stay_s == 60


def test_a_wrong_clock_ends_nothing(office: Office) -> None:
    opened(office)
    office.now = type(office.now)(office.now.wall_ms + 4000 * DAY_MS, office.now.age_ms)
    office.keep_house()
    assert show(office).chunks == 3


def test_many_that_end_together_are_cleared_away_in_portions(store: Store) -> None:
    office = Office(store, House(open=True))
    office.admit()
    office.create()
    for number in range(BLOBS_AT_ONCE + 5):
        opened(office, bytes([number]) * 32, bytes([number]) * 32, chunks=1)
    office.pass_days(1)
    store.begin()
    assert office.office.keep_house(office.now)
    store.commit()
    assert len(store.blobs.gone(1000)) == BLOBS_AT_ONCE
    office.keep_house()
    assert store.blob_bytes == 0


def test_a_chunk_has_its_place_and_its_size() -> None:
    def put(number: int, size: int) -> frames.PutChunk:
        return frames.PutChunk(call=call(), writer=WRITER, number=number, body=bytes(size))

    place = Place(1, 2, None)
    assert why_not_put(put(1, frames.CHUNK_BYTES), place) is None
    assert why_not_put(put(1, frames.CHUNK_BYTES), None) is Reason.UNKNOWN
    assert why_not_put(put(2, frames.CHUNK_BYTES), place) is Reason.NOT_ALLOWED
    assert why_not_put(put(0, frames.CHUNK_BYTES - 1), place) is Reason.NOT_ALLOWED


@given(st.sets(st.integers(0, MAX_CHUNKS - 1)))
def test_a_set_of_chunks_comes_back(numbers: set[int]) -> None:
    bits = chunk_set(numbers)
    assert len(bits) <= MAX_CHUNKS // 8
    assert not bits.endswith(b"\0")
    assert chunks_in(bits) == numbers
