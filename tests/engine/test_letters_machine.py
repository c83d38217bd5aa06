"""Alice writes, and what she seals comes to bob in any order, twice, or as bytes that no key opens;
he asks, and she says again what she still has.

Whatever happens, nothing stands out of its order or twice; and when everything has been asked and
answered, what she wrote stands there and nothing else, but for what she gave up, of which is seen
that it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from desktop.core.models import Kind
from tests.engine.letters import ALICE, Reader, bytes_of


@dataclass(frozen=True)
class Sealed:
    """Bytes: of a text, or (0) of something that is none."""

    name: str
    number: int
    repairs: str = ""


@dataclass(frozen=True)
class Answered:
    """What alice said to a question, on its way."""

    gone: tuple[str, ...]
    never: tuple[tuple[int, int], ...]
    written: int


class Letters(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.bob = Reader()
        self.bob.knows(ALICE)
        self.written = 0
        self.outbox: dict[int, Sealed] = {}  # what she keeps until bob's receipt
        self.failed: set[int] = set()
        self.on_its_way: list[Sealed] = []
        self.answers: list[Answered] = []
        self.dead: set[str] = set()  # no key opens these any more
        self.names: dict[bytes, str] = {}
        self.sealed = 0

    def seal(self, number: int, repairs: str = "") -> None:
        self.sealed += 1
        made = Sealed(f"{self.sealed}", number, repairs)
        self.names[bytes_of(made.name)] = made.name
        self.on_its_way.append(made)
        if number:
            self.outbox[number] = made

    @rule()
    def write(self) -> None:
        self.written += 1
        self.seal(self.written)

    @rule(some=st.integers(40, 60))
    @precondition(lambda self: self.written < 200)
    def write_much(self, some: int) -> None:
        for _ in range(some):
            self.write()

    @rule()
    def whisper(self) -> None:
        self.seal(0)

    @rule(data=st.data(), opens=st.booleans(), once=st.booleans())
    @precondition(lambda self: self.on_its_way)
    def come(self, data: st.DataObject, opens: bool, once: bool) -> None:
        self.take_in(data.draw(st.sampled_from(self.on_its_way)), opens, once)

    @rule(some=st.integers(1, 60))
    def come_in_order(self, some: int) -> None:
        for one in self.on_its_way[:some]:
            self.take_in(one, opens=True, once=True)

    def take_in(self, one: Sealed, opens: bool, once: bool) -> None:
        if once:
            self.on_its_way.remove(one)
        if not opens or one.name in self.dead:
            self.dead.add(one.name)
            self.bob.cannot_open(one.name)
        elif one.number:
            repairs = bytes_of(one.repairs) if one.repairs else b""
            if self.bob.opens(one.name, ALICE.text(one.number, repairs)):
                self.outbox.pop(one.number, None)
                self.failed.discard(one.number)

    @rule()
    def ask(self) -> None:
        gone: list[str] = []
        for hash_ in self.bob.wishes():
            name = self.names[hash_]
            kept = [one for one in self.outbox.values() if name in (one.name, one.repairs)]
            if kept:
                self.seal(kept[0].number, name)
            else:
                gone.append(name)
        never: list[tuple[int, int]] = []
        for hole in self.bob.holes():
            for number in range(hole.first, hole.last + 1):
                if number in self.failed:
                    never.append((number, number))
                else:
                    kept_one = self.outbox.get(number)
                    self.seal(number, "" if kept_one is None else kept_one.name)
            if all(each in self.failed for each in range(hole.first, hole.last + 1)):
                never.append((hole.first, hole.last))
        self.answers.append(Answered(tuple(gone), tuple(never), self.written))

    @rule(data=st.data())
    @precondition(lambda self: self.answers)
    def answer(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.answers))
        self.answers.remove(one)
        self.bob.hears(*one.gone, written=one.written, never=one.never)

    @rule(data=st.data())
    @precondition(lambda self: self.outbox)
    def give_up(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.outbox)))
        del self.outbox[number]
        self.failed.add(number)

    @rule(data=st.data())
    @precondition(lambda self: self.failed)
    def send_again(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.failed)))
        self.failed.discard(number)
        self.seal(number)

    @invariant()
    def in_order_and_once(self) -> None:
        texts = [int(row.text) for row in self.bob.rows() if row.kind is Kind.TEXT]
        assert texts == sorted(set(texts))

    def teardown(self) -> None:
        for _ in range(4):
            while self.on_its_way:
                self.take_in(self.on_its_way[0], opens=True, once=True)
            self.ask()
            while self.answers:
                one = self.answers.pop(0)
                self.bob.hears(*one.gone, written=one.written, never=one.never)
            for number in list(self.outbox):
                self.seal(number)
        rows = self.bob.rows()
        texts = {int(row.text) for row in rows if row.kind is Kind.TEXT}
        assert texts >= set(range(1, self.written + 1)) - self.failed
        others = [row for row in rows if row.kind is not Kind.TEXT]
        last = max(texts, default=0)
        lost = set(range(1, last)) - texts
        missing = sum(row.count for row in others if row.kind is Kind.MISSING)
        assert missing == len(lost), "what was given up is seen to be missing, and nothing else"
        if texts == set(range(1, self.written + 1)):
            assert not others


Letters.TestCase.settings = settings(max_examples=25, stateful_step_count=40)
TestLetters = Letters.TestCase
