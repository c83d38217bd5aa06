"""What an operator changes in the store, over both stores."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import frames
from protocol.wire.frames import Reason, Redeemed
from relay.rules.admission import code_hash, pass_hash
from relay.rules.clock import DAY_MS
from relay.rules.custody import BLOCKED, Change, Custody, Missing, handle_of, hash_begins
from relay.rules.limits import House
from relay.rules.records import Code, Pass
from relay.store import database
from relay.store.sqlite import SqliteStore
from tests.relay.rules_cast import ALICE_PASS, BOB, Office, call, deposit, grant

CODE = b"the operator's".ljust(16)
ALICE_HANDLE = handle_of(pass_hash(ALICE_PASS))
CAROL_PASS = b"carol's pass".ljust(32)


def change(office: Office, handle: str, wanted: Change) -> Pass | Missing:
    office.store.begin()
    found = Custody(office.store).change(handle, wanted)
    office.store.commit()
    return found


def test_bounds_are_set_one_by_one_and_stay(office: Office) -> None:
    before = office.store.passes.find(pass_hash(ALICE_PASS))
    assert before is not None
    bytes_before = before.stored_bytes
    held = change(office, ALICE_HANDLE, Change(mailboxes=1))
    assert isinstance(held, Pass)
    assert (held.mailboxes, held.stored_bytes, held.invites) == (1, bytes_before, 2)
    refused = office.create(BOB)
    assert isinstance(refused, frames.Refused)
    assert refused.reason is Reason.QUOTA
    change(office, ALICE_HANDLE, Change(mailboxes=2))
    assert isinstance(office.create(BOB), frames.Done)


def test_a_blocked_pass_collects_and_gets_nothing_more(office: Office) -> None:
    assert office.stored(deposit(1))
    change(office, ALICE_HANDLE, BLOCKED)
    assert office.refused(deposit(2)) is Reason.QUOTA
    assert isinstance(office.create(BOB), frames.Refused)
    assert office.refused(_invite()) is Reason.NOT_ALLOWED
    again = office.ask(frames.Redeem(call=call(), code=b"", pass_secret=ALICE_PASS))
    assert isinstance(again, Redeemed)
    assert (again.mailboxes, again.stored_bytes, again.may_invite) == (0, 0, False)
    assert (again.forwards, again.rooms) == (0, 0)
    assert office.numbers() == [1]
    assert isinstance(office.acknowledge(1), frames.Done)
    # Emptied it is blocked still.
    assert office.refused(deposit(3)) is Reason.QUOTA
    change(office, ALICE_HANDLE, Change(stored_bytes=1 << 20))
    assert office.stored(deposit(3))


def test_a_blob_that_was_opened_before_takes_no_more_chunks(office: Office) -> None:
    opened = office.ask(
        frames.OpenBlob(
            call=call(),
            pass_secret=ALICE_PASS,
            blob=bytes(32),
            writer=b"w" * 32,
            chunks=1,
            stay_s=86_400,
        )
    )
    assert isinstance(opened, frames.BlobShown)
    shut: list[bool] = []
    for wanted in (Change(), BLOCKED, Change(blob_bytes=1)):
        change(office, ALICE_HANDLE, wanted)
        place = office.store.blobs.place(b"w" * 32, 0, office.now.age_ms, writer=True)
        assert place is not None
        shut.append(place.shut)
    assert shut == [False, True, False]


def _invite() -> frames.Invite:
    return frames.Invite(
        call=call(), pass_secret=ALICE_PASS, code_hash=bytes(32), uses=1, expires_ms=1 << 50
    )


def test_a_handle_names_one_pass_or_none(office: Office) -> None:
    nobody = handle_of(bytes(32))
    assert change(office, nobody, BLOCKED) is Missing.UNKNOWN
    for junk in ("", "short", "1" * 8, "a" * 56, "ä" * 8, ALICE_HANDLE + "a"):
        assert change(office, junk, BLOCKED) is Missing.UNKNOWN
    # Two that begin alike: only more of it names one.
    first, second = b"\xff" * 31 + b"\x00", b"\xff" * 32
    office.store.begin()
    for hashed in (first, second):
        office.store.passes.add(Pass(hashed, 1, 1, 0))
    office.store.commit()
    for pieces in (1, 2):
        assert change(office, handle_of(first, pieces), BLOCKED) is Missing.AMBIGUOUS
    assert isinstance(change(office, ALICE_HANDLE.upper(), BLOCKED), Pass)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 6))
def test_a_handle_is_the_beginning_of_a_hash(hashed: bytes, pieces: int) -> None:
    begins = hash_begins(handle_of(hashed, pieces))
    assert begins is not None
    assert hashed.startswith(begins)


@given(st.text(max_size=60))
def test_any_text_is_a_handle_or_is_not(text: str) -> None:
    begins = hash_begins(text)
    assert begins is None or len(begins) * 8 == len(text) * 5


def test_a_code_that_is_forgotten_lets_nobody_else_in(office: Office) -> None:
    office.store.begin()
    expires_ms = office.now.wall_ms + DAY_MS
    office.store.passes.save_code(Code(code_hash(CODE), 5, expires_ms, invites=3))
    office.store.commit()
    redeem = frames.Redeem(call=call(), code=CODE, pass_secret=CAROL_PASS)
    assert isinstance(office.ask(redeem), Redeemed)
    office.store.begin()
    custody = Custody(office.store)
    assert custody.forget_code(code_hash(CODE)) is None
    assert custody.forget_code(code_hash(CODE)) is Missing.UNKNOWN
    office.store.commit()
    late = frames.Redeem(call=call(), code=CODE, pass_secret=b"late".ljust(32))
    assert office.refused(late) is Reason.SPENT
    assert isinstance(office.ask(redeem), Redeemed), "who is in stays in"


def test_all_codes_end_at_once_whoever_made_them(office: Office) -> None:
    office.store.begin()
    expires_ms = office.now.wall_ms + DAY_MS
    for number in range(3):
        office.store.passes.save_code(Code(code_hash(bytes([number])), number, expires_ms, 3))
    assert Custody(office.store).forget_codes() == 2
    assert Custody(office.store).forget_codes() == 0
    office.store.commit()
    for number in range(3):
        late = frames.Redeem(call=call(), code=bytes([number]), pass_secret=bytes([number]) * 32)
        assert office.refused(late) is Reason.SPENT


def test_a_shut_door_keeps_out_who_is_not_in(office: Office, house: House) -> None:
    house.door.shut = True
    stranger = frames.Redeem(call=call(), code=b"", pass_secret=CAROL_PASS)
    assert office.refused(stranger) is Reason.NOT_ALLOWED
    assert office.refused(_invite()) is Reason.NOT_ALLOWED
    refused = office.create(BOB)
    assert isinstance(refused, frames.Refused)
    assert refused.reason is Reason.NOT_ALLOWED
    # Who is in goes on, and what they ask again is answered as before.
    assert office.stored(deposit(1))
    assert isinstance(office.create(), frames.Done)
    assert isinstance(
        office.ask(frames.Redeem(call=call(), code=b"", pass_secret=ALICE_PASS)), Redeemed
    )
    assert isinstance(office.ask(grant()), frames.Done)
    house.door.shut = False
    assert isinstance(office.ask(stranger), Redeemed)


def test_bounds_survive_a_restart(tmp_path: Path, house: House) -> None:
    database.create(tmp_path / "store.db")
    store = SqliteStore(tmp_path / "store.db")
    office = Office(store, house)
    office.admit()
    change(office, ALICE_HANDLE, Change(1, 2, 3, 4, rooms=5))
    store.close()
    store = SqliteStore(tmp_path / "store.db")
    held = store.passes.find(pass_hash(ALICE_PASS))
    assert held is not None
    assert (held.mailboxes, held.stored_bytes, held.invites) == (1, 2, 3)
    assert (held.forwarding.forwards, held.rooms) == (4, 5)
    store.close()
