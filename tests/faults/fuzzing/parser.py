"""What is fuzzed: a function of bytes that may refuse them in so many ways, and in no other."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Parser:
    """``parse`` is asked for its answer or a refusal; ``longest`` is as much as ever gets to it."""

    name: str
    parse: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    seeds: Callable[[], Iterable[bytes]]
    longest: int

    def corpus(self) -> list[bytes]:
        """What it is given first: sound examples, and whatever once got an answer of its own."""
        return list(dict.fromkeys((*self.seeds(), *kept(self.name))))

    def answer(self, data: bytes) -> str:
        """What came of it, in a few words that are alike for alike answers. Raises what the parser
        may not raise."""
        try:
            found = self.parse(data)
        except self.refusals as exc:
            cause = type(exc.__cause__).__name__
            return f"{type(exc).__name__} {exc} {cause}"[:80]
        if isinstance(found, list | tuple):
            return " ".join(sorted({type(each).__name__ for each in found}))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return type(found).__name__


def kept(name: str) -> list[bytes]:
    """The corpus in the repository, an input a line."""
    path = CORPUS / f"{name.replace(' ', '-')}.txt"
    lines = path.read_text("ascii").splitlines() if path.exists() else []
    return [b64decode(line) for line in lines]


def keep(name: str, inputs: Iterable[bytes]) -> None:
    """Add to the corpus."""
    path = CORPUS / f"{name.replace(' ', '-')}.txt"
    lines = dict.fromkeys(b64encode(each).decode() for each in (*kept(name), *inputs))
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "ascii")
