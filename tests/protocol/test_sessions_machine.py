"""Two devices and everything that may happen between them, searched by hypothesis.

Each device is a frozen value, and taking a step is making the next one; a crash is a step whose
value was never kept. What a device keeps and when it speaks follows the five transactions, so
this is also the shortest picture of how the pieces of protocol.e2e are meant to be used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec import Struct
from msgspec.structs import replace

from protocol.e2e.account import AccountState, identity_key, new_account, one_time_keys
from protocol.e2e.envelope import olm_hash
from protocol.e2e.olm_message import OlmBytes
from protocol.e2e.packing import pack, unpack
from protocol.e2e.session import (
    SessionState,
    accept,
    belongs_to,
    decrypt,
    encrypt,
    start,
)
from protocol.e2e.sessions import KnownSession, next_generation, sending_session
from protocol.errors import Unopenable
from protocol.ids import DeviceId, SessionId

MOST_OVERTAKEN = 4  # a library bound: five receiving chains are kept
MOST_SESSIONS = 6


class Device(Struct, frozen=True):
    """What one device has on its disk."""

    name: DeviceId
    account: AccountState
    sessions: dict[SessionId, tuple[SessionState, int]] = {}
    composed: int = 0  # messages numbered 1 to this
    sealed_up_to: int = 0
    sealed: tuple[OlmBytes, ...] = ()  # on the disk, not yet known to be at the relay
    opened: frozenset[bytes] = frozenset()
    shown: tuple[int, ...] = ()

    def known(self) -> list[KnownSession]:
        return [KnownSession(sid, generation) for sid, (_, generation) in self.sessions.items()]

    def sending(self) -> SessionId | None:
        return sending_session(self.known())

    def keep(self, state: SessionState, generation: int) -> Device:
        return replace(self, sessions=self.sessions | {state.session_id: (state, generation)})

    def begin(self, their_olm: bytes, one_time_key: bytes) -> Device:
        fresh = start(self.account, their_olm, one_time_key)
        return self.keep(fresh, next_generation(self.known()))

    def seal_next(self) -> Device:
        """Transaction 2: the session's next state and the sealed bytes, together."""
        sending = self.sending()
        assert sending is not None
        state, generation = self.sessions[sending]
        number = self.sealed_up_to + 1
        state, olm = encrypt(state, pack((number, generation)))
        after = self.keep(state, generation)
        return replace(after, sealed_up_to=number, sealed=(*self.sealed, olm))

    def receive(self, sender: DeviceId, their_olm: bytes, olm: OlmBytes) -> Device:
        """Transaction 4: session, message and the hash of what was opened, together."""
        key = olm_hash(sender, olm)
        if key in self.opened:
            return self
        for state, generation in self.sessions.values():
            if belongs_to(state, olm):
                try:
                    state_after, plain = decrypt(state, olm)
                except Unopenable:
                    continue
                return self.keep(state_after, generation)._show(plain, key)
        account, state, plain = accept(self.account, their_olm, olm)
        _, generation = unpack(plain, tuple[int, int])
        return replace(self.keep(state, generation), account=account)._show(plain, key)

    def _show(self, plain: bytes, key: bytes) -> Device:
        number, _ = unpack(plain, tuple[int, int])
        return replace(self, opened=self.opened | {key}, shown=(*self.shown, number))


@dataclass
class Envelope:
    """What a relay holds for one of them."""

    olm: OlmBytes
    number: int
    overtaken: int = 0


class TwoDevices(RuleBasedStateMachine):
    """Alice and bob, their relay, and a power switch in everybody's reach."""

    kind = Device

    def __init__(self) -> None:
        super().__init__()
        self.devices = {
            name: self.kind(DeviceId(name.encode().ljust(32)), new_account())
            for name in ("alice", "bob")
        }
        self.waiting: dict[str, list[Envelope]] = {"alice": [], "bob": []}
        self.arrived: dict[str, set[int]] = {"alice": set(), "bob": set()}

    WHO = st.sampled_from(["alice", "bob"])

    def other(self, who: str) -> str:
        return "bob" if who == "alice" else "alice"

    def take_bundle(self, whose: str) -> tuple[bytes, bytes]:
        """A one-time key, kept before it is published."""
        device = self.devices[whose]
        account, (key,) = one_time_keys(device.account, 1)
        self.devices[whose] = replace(device, account=account)
        return identity_key(account), key

    @rule(who=WHO)
    def compose(self, who: str) -> None:
        device = self.devices[who]
        self.devices[who] = replace(device, composed=device.composed + 1)

    @rule(who=WHO, crash=st.booleans())
    def seal(self, who: str, crash: bool) -> None:
        device = self.devices[who]
        if device.sealed_up_to == device.composed:
            return
        if device.sending() is None:
            device = device.begin(*self.take_bundle(self.other(who)))
        device = device.seal_next()
        if not crash:
            self.devices[who] = device

    @rule(who=WHO, crash=st.booleans())
    def speak(self, who: str, crash: bool) -> None:
        """A crash between the relay's answer and noting it: the same bytes go again."""
        device = self.devices[who]
        if not device.sealed:
            return
        number = device.sealed_up_to - len(device.sealed) + 1
        self.waiting[self.other(who)].append(Envelope(device.sealed[0], number))
        if not crash:
            self.devices[who] = replace(device, sealed=device.sealed[1:])

    @rule(who=WHO, at=st.integers(0, 10), crash=st.booleans(), acknowledged=st.booleans())
    def deliver(self, who: str, at: int, crash: bool, acknowledged: bool) -> None:
        queue = self.waiting[who]
        if not queue:
            return
        at = min(at, len(queue) - 1)
        while at and any(one.overtaken >= MOST_OVERTAKEN for one in queue[:at]):
            at -= 1
        envelope, sender = queue[at], self.other(who)
        device = self.devices[who].receive(
            self.devices[sender].name,
            identity_key(self.devices[sender].account),
            envelope.olm,
        )
        if crash:
            return
        self.devices[who] = device
        self.arrived[who].add(envelope.number)
        for one in queue[:at]:
            one.overtaken += 1
        if acknowledged:
            del queue[at]

    @precondition(lambda self: any(self.waiting.values()))
    @rule(who=WHO)
    def drop(self, who: str) -> None:
        """A relay that cheats. (Chains find it and repair it: not this machine's matter.)"""
        if self.waiting[who]:
            del self.waiting[who][0]

    @rule(who=WHO, crash=st.booleans())
    def start_fresh(self, who: str, crash: bool) -> None:
        device = self.devices[who]
        if len(device.sessions) >= MOST_SESSIONS:
            return
        device = device.begin(*self.take_bundle(self.other(who)))
        if not crash:
            self.devices[who] = device

    @invariant()
    def nothing_is_shown_twice(self) -> None:
        for device in self.devices.values():
            assert len(set(device.shown)) == len(device.shown)

    @invariant()
    def whatever_arrived_is_shown(self) -> None:
        for who, device in self.devices.items():
            assert set(device.shown) == self.arrived[who]

    def settle(self) -> list[int]:
        """A quiet line: all that waits is delivered, then each says one thing to the other."""
        for who in ("alice", "bob"):
            while self.waiting[who]:
                self.deliver(who, 0, crash=False, acknowledged=True)
        kinds: list[int] = []
        for who in ("alice", "bob"):
            self.compose(who)
            while self.devices[who].sealed_up_to < self.devices[who].composed:
                self.seal(who, crash=False)
            kinds.append(self.devices[who].sealed[-1].kind)
            while self.devices[who].sealed:
                self.speak(who, crash=False)
            while self.waiting[self.other(who)]:
                self.deliver(self.other(who), 0, crash=False, acknowledged=True)
        return kinds

    def teardown(self) -> None:
        self.settle()
        self.settle()
        kinds = self.settle()
        self.nothing_is_shown_twice()
        self.whatever_arrived_is_shown()
        alice, bob = self.devices["alice"], self.devices["bob"]
        assert alice.sending() == bob.sending()
        assert kinds == [1, 1], "both ways ratchet on the one session"


TestTwoDevices: Any = TwoDevices.TestCase
TestTwoDevices.settings = settings(max_examples=60, stateful_step_count=40)


class Forgetful(Device, frozen=True):
    """Remembers nothing of what it opened."""

    def receive(self, sender: DeviceId, their_olm: bytes, olm: OlmBytes) -> Device:
        return replace(super().receive(sender, their_olm, olm), opened=frozenset())


class Stubborn(Device, frozen=True):
    """Sends on the first session it came to know."""

    def sending(self) -> SessionId | None:
        return next(iter(self.sessions), None)


class ForgetfulDevices(TwoDevices):
    kind = Forgetful


class StubbornDevices(TwoDevices):
    kind = Stubborn


class ResealingDevices(TwoDevices):
    """A retry encrypts anew instead of repeating the bytes."""

    @rule(who=TwoDevices.WHO, crash=st.booleans())
    def speak(self, who: str, crash: bool) -> None:
        super().speak(who, crash)
        device = self.devices[who]
        if crash and device.sealed:
            again = replace(device, sealed_up_to=device.sealed_up_to - len(device.sealed))
            again = again.seal_next()
            self.devices[who] = replace(
                again,
                sealed_up_to=device.sealed_up_to,
                sealed=(again.sealed[-1], *device.sealed[1:]),
            )


@pytest.mark.parametrize("broken", [ForgetfulDevices, StubbornDevices, ResealingDevices])
def test_the_machine_sees_what_is_broken(broken: type[TwoDevices]) -> None:
    search = settings(
        max_examples=200, stateful_step_count=40, phases=[Phase.generate], print_blob=False
    )
    with pytest.raises((AssertionError, Unopenable)):
        run_state_machine_as_test(broken, settings=search)
