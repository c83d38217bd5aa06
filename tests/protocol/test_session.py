"""One Olm session as a value, and the traps found in the library by experiment."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.e2e.account import (
    MAX_ONE_TIME_KEYS,
    fallback_key,
    identity_key,
    new_account,
    one_time_keys,
)
from protocol.e2e.olm_message import OlmBytes, Place, claimed_identity, claimed_place
from protocol.e2e.session import (
    SessionState,
    accept,
    belongs_to,
    decrypt,
    encrypt,
    pre_key_session_id,
    start,
)
from protocol.e2e.sessions import MAX_GENERATION, KnownSession, next_generation, sending_session
from protocol.errors import LocalProtocolError, RemoteProtocolError, Unopenable
from protocol.ids import SessionId

ALICE = new_account()
BOB, (BOBS_KEY, BOBS_NEXT) = one_time_keys(new_account(), 2)
SKIPPED_KEYS_KEPT = 40


def pair() -> tuple[SessionState, SessionState]:
    """A session between alice and bob that both have received on."""
    alices = start(ALICE, identity_key(BOB), BOBS_KEY)
    alices, hello = encrypt(alices, b"hello")
    _, bobs, _ = accept(BOB, identity_key(ALICE), hello)
    bobs, answer = encrypt(bobs, b"hello yourself")
    alices, _ = decrypt(alices, answer)
    return alices, bobs


def test_a_session_starts_from_a_bundles_keys() -> None:
    alices = start(ALICE, identity_key(BOB), BOBS_KEY)
    alices, hello = encrypt(alices, b"hello")
    assert hello.kind == 0
    assert pre_key_session_id(hello) == alices.session_id
    _, bobs, plain = accept(BOB, identity_key(ALICE), hello)
    assert plain == b"hello"
    assert bobs.session_id == alices.session_id
    bobs, answer = encrypt(bobs, b"hello yourself")
    assert answer.kind == 1
    alices, plain = decrypt(alices, answer)
    assert plain == b"hello yourself"
    assert encrypt(alices, b"now ratcheting")[1].kind == 1


def test_until_an_answer_comes_every_message_can_start_the_session() -> None:
    alices = start(ALICE, identity_key(BOB), BOBS_KEY)
    alices, _lost = encrypt(alices, b"one")
    alices, second = encrypt(alices, b"two")
    bob, bobs, plain = accept(BOB, identity_key(ALICE), second)
    assert plain == b"two"
    assert belongs_to(bobs, second)
    _, third = encrypt(alices, b"three")
    assert decrypt(bobs, third)[1] == b"three"
    with pytest.raises(Unopenable):  # the one-time key went with the first use
        accept(bob, identity_key(ALICE), third)


def test_a_session_belongs_to_the_device_that_says_so() -> None:
    _, hello = encrypt(start(ALICE, identity_key(BOB), BOBS_KEY), b"hello")
    with pytest.raises(Unopenable):
        accept(BOB, identity_key(new_account()), hello)
    with pytest.raises(Unopenable):
        accept(BOB, bytes(32), hello)
    with pytest.raises(Unopenable):
        accept(BOB, b"short", hello)


def test_a_fallback_key_accepts_the_same_message_twice() -> None:
    """The library's behaviour, which is why opened bytes are remembered by their hash."""
    bob, key = fallback_key(BOB)
    _, hello = encrypt(start(ALICE, identity_key(bob), key), b"hello")
    bob, _, first = accept(bob, identity_key(ALICE), hello)
    _, _, again = accept(bob, identity_key(ALICE), hello)
    assert first == again


def test_the_fallback_key_before_the_last_still_opens() -> None:
    bob, old = fallback_key(BOB)
    session = start(ALICE, identity_key(bob), old)
    _, hello = encrypt(session, b"hello")
    bob, _ = fallback_key(bob)
    assert accept(bob, identity_key(ALICE), hello)[2] == b"hello"
    bob, _ = fallback_key(bob)
    with pytest.raises(Unopenable):
        accept(bob, identity_key(ALICE), hello)


def test_the_same_state_says_the_same_bytes() -> None:
    """Why a state is committed with its bytes before they leave, and used once."""
    alices, bobs = pair()
    alices, _ = encrypt(alices, b"an active sending chain")
    after, one = encrypt(alices, b"text")
    _, two = encrypt(alices, b"text")
    assert one == two
    assert encrypt(after, b"text")[1] != one
    bobs, _ = decrypt(bobs, one)
    with pytest.raises(Unopenable):
        decrypt(bobs, two)


def test_a_failed_step_changes_nothing() -> None:
    alices, bobs = pair()
    alices, text = encrypt(alices, b"text")
    kept = bobs
    with pytest.raises(Unopenable):
        decrypt(bobs, OlmBytes(1, text.body[:-1] + bytes([text.body[-1] ^ 1])))
    with pytest.raises(Unopenable):
        decrypt(bobs, OlmBytes(0, text.body))
    assert bobs == kept
    assert decrypt(bobs, text)[1] == b"text"


@pytest.mark.parametrize(("skipped", "opens"), [(SKIPPED_KEYS_KEPT, True), (41, False)])
def test_forty_skipped_messages_of_a_chain_still_open(skipped: int, opens: bool) -> None:
    """Relays deliver a mailbox in order, so this is room enough."""
    alices, bobs = pair()
    late: list[OlmBytes] = []
    for n in range(skipped):
        alices, olm = encrypt(alices, str(n).encode())
        late.append(olm)
    alices, last = encrypt(alices, b"last")
    bobs, _ = decrypt(bobs, last)
    for n, olm in enumerate(late[1:], start=1):
        bobs, plain = decrypt(bobs, olm)
        assert plain == str(n).encode()
    if opens:
        assert decrypt(bobs, late[0])[1] == b"0"
    else:
        with pytest.raises(Unopenable):
            decrypt(bobs, late[0])


@given(st.integers(-2, 3), st.binary(max_size=120))
def test_noise_cannot_be_opened(kind: int, noise: bytes) -> None:
    _, bobs = pair()
    with pytest.raises(Unopenable):
        decrypt(bobs, OlmBytes(kind, noise))
    with pytest.raises(Unopenable):
        accept(BOB, identity_key(ALICE), OlmBytes(kind, noise))
    assert pre_key_session_id(OlmBytes(kind, noise)) is None


@pytest.mark.parametrize("key", [bytes(32), b"\x01" + bytes(31), b"short", b""])
def test_keys_that_are_none_start_nothing(key: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        start(ALICE, identity_key(BOB), key)
    with pytest.raises(RemoteProtocolError):
        start(ALICE, key, BOBS_KEY)


def test_a_normal_message_may_belong_to_any_session() -> None:
    alices, bobs = pair()
    _, text = encrypt(alices, b"text")
    _, other = encrypt(start(ALICE, identity_key(BOB), BOBS_NEXT), b"other")
    assert belongs_to(bobs, text)
    assert not belongs_to(bobs, other)


def test_a_pre_key_message_names_its_senders_key() -> None:
    alices, bobs = pair()
    _, hello = encrypt(start(ALICE, identity_key(BOB), BOBS_NEXT), b"hello")
    assert claimed_identity(hello) == identity_key(ALICE)
    assert claimed_identity(OlmBytes(1, hello.body)) is None
    assert claimed_identity(encrypt(bobs, b"normal")[1]) is None
    assert claimed_identity(encrypt(alices, b"normal")[1]) is None


def test_a_message_shows_its_place_and_noise_shows_none() -> None:
    alices, bobs = pair()
    places = list[Place]()
    for _ in range(300):
        alices, olm = encrypt(alices, b"text")
        place = claimed_place(olm)
        assert place is not None
        places.append(place)
    assert [place.index for place in places] == list(range(300))
    assert {place.chain_key for place in places} == {places[0].chain_key}
    first = start(ALICE, identity_key(BOB), BOBS_NEXT)
    first, hello = encrypt(first, b"hello")
    _, more = encrypt(first, b"more")
    first_place, second = claimed_place(hello), claimed_place(more)
    assert first_place is not None
    assert second == Place(first_place.chain_key, 1)
    _, answer = encrypt(bobs, b"text")
    assert claimed_place(OlmBytes(1, answer.body[:30])) is None
    huge = answer.body.replace(b"\x10\x01", b"\x10" + b"\xff" * 9 + b"\x01", 1)
    assert huge != answer.body
    assert claimed_place(OlmBytes(1, huge)) is None


@given(st.integers(0, 1), st.binary(max_size=120))
def test_a_place_is_one_or_none(kind: int, noise: bytes) -> None:
    place = claimed_place(OlmBytes(kind, b"\x03" + noise))
    assert place is None or len(place.chain_key) == 32


@given(st.binary(max_size=120))
def test_a_claimed_key_is_one_or_none(noise: bytes) -> None:
    claimed = claimed_identity(OlmBytes(0, b"\x03" + noise))
    assert claimed is None or len(claimed) == 32


def test_a_claimed_key_is_only_a_claim() -> None:
    """Another key in its place: the message no longer opens."""
    _, hello = encrypt(start(ALICE, identity_key(BOB), BOBS_NEXT), b"hello")
    mallorys = identity_key(new_account())
    forged = OlmBytes(0, hello.body.replace(identity_key(ALICE), mallorys))
    assert claimed_identity(forged) == mallorys
    for claimed in (mallorys, identity_key(ALICE)):
        with pytest.raises(Unopenable):
            accept(BOB, claimed, forged)


def test_one_time_keys_are_each_given_once() -> None:
    account, first = one_time_keys(BOB, MAX_ONE_TIME_KEYS)
    _, second = one_time_keys(account, MAX_ONE_TIME_KEYS)
    assert len({BOBS_KEY, *first, *second}) == 1 + 2 * MAX_ONE_TIME_KEYS
    for count in (0, MAX_ONE_TIME_KEYS + 1):
        with pytest.raises(LocalProtocolError):
            one_time_keys(account, count)


def test_states_stay_out_of_logs() -> None:
    alices, _ = pair()
    assert "pickle=<secret>" in repr(alices)
    assert "pickle=<secret>" in repr(ALICE)


KNOWN = st.lists(
    st.builds(KnownSession, st.text("abc", min_size=1).map(SessionId), st.integers(0, 3)),
    max_size=6,
)


@given(KNOWN, st.randoms())
def test_both_sides_choose_alike_in_whatever_order_they_learned(
    known: list[KnownSession], chance: Random
) -> None:
    shuffled = list(known)
    chance.shuffle(shuffled)
    assert sending_session(known) == sending_session(shuffled)


def test_in_glare_the_lowest_id_sends() -> None:
    mine, theirs = KnownSession(SessionId("b")), KnownSession(SessionId("a"))
    assert sending_session([mine, theirs]) == "a"
    assert sending_session([]) is None


@given(KNOWN)
def test_a_fresh_session_replaces_all_before_it(known: list[KnownSession]) -> None:
    fresh = KnownSession(SessionId("zzz"), next_generation(known))
    assert sending_session([*known, fresh]) == "zzz"
    assert next_generation([]) == 0


def test_nobody_can_claim_a_generation_above_all_others() -> None:
    top = [KnownSession(SessionId("b"), MAX_GENERATION)]
    assert next_generation(top) == MAX_GENERATION
