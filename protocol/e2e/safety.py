"""The number two people compare to know that nobody stands between them.

Each member's half is 30 digits: six times five bytes of a BLAKE2b-512 over the member id, each
group modulo 100,000. The lower half stands first. 30 digits are 99 bits, so no work is added to
slow a search down.
"""

from __future__ import annotations

from protocol.ids import MemberId
from protocol.keys import Domain, digest


def safety_number(a: MemberId, b: MemberId) -> str:
    """60 digits in twelve groups of five, the same from both sides."""
    return " ".join(group for half in sorted((_half(a), _half(b))) for group in half)


def _half(member: MemberId) -> tuple[str, ...]:
    raw = digest(Domain.SAFETY_NUMBER, member, size=64)
    groups = (raw[at : at + 5] for at in range(0, 30, 5))
    return tuple(f"{int.from_bytes(group, 'big') % 100_000:05d}" for group in groups)
