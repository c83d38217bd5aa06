"""Passes and codes in memory; see :mod:`relay.store.memory`."""

from __future__ import annotations

from relay.rules.records import Code, Pass


class MemoryPasses:
    """Passes and codes in two dictionaries."""

    def __init__(self) -> None:
        self.all: dict[bytes, Pass] = {}
        self.codes: dict[bytes, Code] = {}

    def count(self) -> int:
        return len(self.all)

    def find(self, pass_hash: bytes) -> Pass | None:
        return self.all.get(pass_hash)

    def named(self, begins: bytes) -> list[Pass]:
        return [held for held in self.all.values() if held.hash.startswith(begins)][:2]

    def add(self, new: Pass) -> None:
        self.all[new.hash] = new

    def save(self, held: Pass) -> None:
        assert self.all[held.hash] is held

    def forwarded(self, held: Pass) -> None:
        assert self.all[held.hash] is held

    def lapse(self, age_ms: int, most: int) -> int:
        due = [p for p in self.all.values() if p.lapses_ms is not None and p.lapses_ms <= age_ms]
        for held in due[:most]:
            del self.all[held.hash]
        return len(due[:most])

    def find_code(self, code_hash: bytes) -> Code | None:
        return self.codes.get(code_hash)

    def save_code(self, code: Code) -> None:
        self.codes[code.hash] = code

    def end_codes(self) -> int:
        ended = [code for code in self.codes.values() if code.uses > 0]
        for code in ended:
            code.uses = 0
        return len(ended)
