"""How hard a passphrase is to guess, and the floor under it: one for the window and ``aside rpc``.

The floor: one that the estimator guesses within a thousand tries (``abc``, a year, a name that is
on every list) is not taken, and whoever asks for it is told so. All others are the person's choice,
whose worth is said while they type.

The estimator takes 100 ms to load and some to think, so both happen where they are first asked
for, and never on a loop.
"""

from __future__ import annotations

_TOO_WEAK = 0
_LONGEST = 40  # what the estimator reads, within a second; more can only be stronger


def score(passphrase: str) -> int:
    """0 to 4, after the guesses that it would take."""
    from zxcvbn import zxcvbn  # noqa: PLC0415

    return int(zxcvbn(passphrase[:_LONGEST])["score"])


def is_too_weak(score: int) -> bool:
    """Of the lowest class: whoever has the disk need not even try."""
    return score <= _TOO_WEAK
