# What Aside uses of zxcvbn 4.5, which brings no types.
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, TypedDict

class _Feedback(TypedDict):
    warning: str
    suggestions: list[str]

class _Result(TypedDict):
    score: Literal[0, 1, 2, 3, 4]
    guesses: Decimal
    guesses_log10: float
    feedback: _Feedback

def zxcvbn(
    password: str, user_inputs: Iterable[str] | None = None, max_length: int = 72
) -> _Result: ...
