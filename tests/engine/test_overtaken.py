"""What a session opens that was overtaken on another way: all of it, in any order, after any number
of turns; and what is kept for that goes when nothing is missing, or its time is over."""

from __future__ import annotations

import contextlib
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlcipher3.dbapi2 import Connection, connect

from desktop.engine.receiving import ratchet
from desktop.store import receiving_chains, sessions
from desktop.store.contacts import ContactDevice
from desktop.store.receiving_chains import Taken
from desktop.store.sessions import KeptSession
from desktop.store.steps import apply_steps, released_steps
from protocol.e2e import session
from protocol.e2e.account import identity_key, new_account, one_time_keys
from protocol.e2e.envelope import Inside
from protocol.e2e.olm_message import OlmBytes
from protocol.errors import Unopenable
from protocol.ids import DeviceId, MemberId

ALICE = DeviceId(b"a" * 32)
HER_ACCOUNT = new_account()
BOB, (ONE_TIME_KEY,) = one_time_keys(new_account(), 1)
NOW = 1_795_000_000_000
KNOWN = ContactDevice(ALICE, MemberId(b"m" * 32), identity_key(HER_ACCOUNT), b"", 0, None, None)


class Talk:
    """Alice writes to bob, whose vault is real; what she wrote waits until it comes."""

    def __init__(self) -> None:
        self.db = connect(":memory:")
        self.db.execute("PRAGMA foreign_keys = ON")
        apply_steps(self.db, released_steps())
        state = session.start(HER_ACCOUNT, identity_key(BOB), ONE_TIME_KEY)
        self.alice, hello = session.encrypt(state, b"0")
        _, bobs, _ = session.accept(BOB, KNOWN.olm_key, hello)
        self._save(bobs)
        self.written = self.highest = 0
        self.waiting: list[tuple[int, OlmBytes]] = []
        self.turn()

    def say(self, times: int = 1) -> None:
        for _ in range(times):
            self.written += 1
            self.alice, olm = session.encrypt(self.alice, str(self.written).encode())
            self.waiting.append((self.written, olm))

    def turn(self) -> None:
        """Bob writes, alice reads it, and what she writes from now on is of another chain."""
        bobs, olm = session.encrypt(self._bob(), b"bob")
        self._save(bobs)
        self.alice, _ = session.decrypt(self.alice, olm)

    def come(self, place: int) -> None:
        """One of those that wait. Raises Unopenable."""
        if not self.waiting:
            return
        number, olm = self.waiting.pop(place % len(self.waiting))
        made = ratchet.step(self.db, Inside(ALICE, olm), KNOWN)
        assert made.plain == str(number).encode()
        missing = max(0, number - self.highest - 1)
        ratchet.keep(self.db, ALICE, made, made.kept, NOW, missing=missing)
        self.highest = max(self.highest, number)

    @property
    def kept(self) -> int:
        return len(receiving_chains.earlier(self.db, ALICE))

    def _bob(self) -> session.SessionState:
        return sessions.of_device(self.db, ALICE)[0].state

    def _save(self, state: session.SessionState) -> None:
        sessions.save(self.db, ALICE, KeptSession(state, KNOWN.olm_key, 0), NOW)


@given(st.lists(st.integers(0, 9), max_size=60), st.randoms(use_true_random=False))
@example([0] * 30 + [9] * 3 + [0, 4, 9] * 12, Random(1))
@settings(max_examples=60, deadline=None)
def test_whatever_was_overtaken_opens(what_happens: list[int], random: Random) -> None:
    talk = Talk()
    with contextlib.closing(talk.db):
        for each in what_happens:
            if each < 4:
                talk.say(1 + 3 * each)
            elif each < 6:
                talk.turn()
            else:
                talk.come(random.randrange(1000))
        while talk.waiting:
            talk.come(random.randrange(1000))


def a_minute_apart(talk: Talk) -> None:
    """Sixty lie where they do not come from while sixty come by another way, and talk goes on."""
    talk.say(120)
    for _ in range(60):
        talk.come(60)
    for _ in range(8):
        talk.turn()
        talk.say()
        talk.come(-1)
    for _ in range(60):
        talk.come(0)


def test_more_than_the_library_remembers_opens_and_then_nothing_is_kept() -> None:
    talk = Talk()
    a_minute_apart(talk)
    assert talk.kept == 0


def test_mutant_that_keeps_nothing_from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving_chains, "STATES", 0)
    with pytest.raises(Unopenable):
        a_minute_apart(Talk())


def the_end_of_a_chain(talk: Talk) -> None:
    """Nothing of the chain itself shows that five more belong to it: their numbers do."""
    talk.say(6)
    talk.come(0)
    for _ in range(9):
        talk.turn()
        talk.say()
        talk.come(-1)
    for _ in range(5):
        talk.come(0)


def test_the_end_of_a_chain_opens_after_any_number_of_turns() -> None:
    the_end_of_a_chain(Talk())


def test_mutant_that_looks_at_chains_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk()

    def look_away(db: Connection, device: DeviceId, taken: Taken, now_ms: int) -> None:
        take(db, device, replace(taken, missing=0), now_ms)

    take = receiving_chains.take
    monkeypatch.setattr(receiving_chains, "take", look_away)
    with pytest.raises(Unopenable):
        the_end_of_a_chain(talk)


def test_a_week_later_it_is_gone() -> None:
    talk = Talk()
    talk.say(9)
    talk.come(8)
    receiving_chains.forget(talk.db, NOW - 1, NOW + 1)
    assert talk.kept == 1
    receiving_chains.forget(talk.db, NOW + 1, NOW + 2)
    assert talk.kept == 0


def test_what_was_kept_by_a_clock_that_stood_ahead_goes_too() -> None:
    talk = Talk()
    talk.say(9)
    talk.come(8)
    receiving_chains.forget(talk.db, NOW - 9, NOW - 1)
    assert talk.kept == 0


def test_who_makes_holes_on_purpose_has_only_the_newest_kept() -> None:
    talk = Talk()
    for _ in range(receiving_chains.STATES + 3):
        talk.say(2)
        talk.come(-1)
        talk.turn()
    assert talk.kept == receiving_chains.STATES


def test_a_session_that_ends_takes_what_was_kept_with_it() -> None:
    talk = Talk()
    talk.say(2)
    talk.come(1)
    sessions.end(talk.db, ALICE)
    assert talk.kept == 0
    talk.say()
    with pytest.raises(Unopenable):
        talk.come(0)
