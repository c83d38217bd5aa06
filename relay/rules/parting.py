"""When to come back after a farewell: spread out, the more widely the more there are.

All at once they would wait for each other and, having waited in vain, come again all at once.
"""

from __future__ import annotations

from protocol.keys import Rng

# A relay that starts again needs a moment.
FIRST_MS = 1_000
EACH_MS = 6
LEAST_SPREAD_MS = 5_000
# Desktops wait a minute at most, whatever a relay says.
MOST_SPREAD_MS = 58_000


def spread_ms(connections: int) -> int:
    """Over how long so many are spread: 5,000 over half a minute."""
    return min(max(connections * EACH_MS, LEAST_SPREAD_MS), MOST_SPREAD_MS)


def retry_ms(connections: int, rng: Rng) -> int:
    """For one of so many."""
    return FIRST_MS + int.from_bytes(rng(4), "big") * spread_ms(connections) // 2**32
