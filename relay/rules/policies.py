"""What a policy says at a moment: whether its capability is good, and for one more.

Rate and first day run on the relay's age: no clock that jumps and no restart gives anything back.
The rate is a bucket of ``burst`` deposits that gets one back in each ``each_ms``. All that is
remembered of it is the age at which it will be whole again, which is written with the count.
"""

from __future__ import annotations

from protocol.wire.frames import Policy
from relay.rules.clock import DAY_MS, Now
from relay.rules.records import Capability


def good(policy: Policy, revoked: bool, wall_ms: int) -> bool:
    """Neither revoked nor expired."""
    return not revoked and (policy.expires_ms is None or wall_ms < policy.expires_ms)


def takes_one_more(held: Capability, size: int, now: Now) -> bool:
    """Whether its owner allows another envelope of this size by it now."""
    policy = held.policy
    if held.pending >= policy.pending or held.pending_bytes + size > policy.pending_bytes:
        return False
    if policy.deposits is not None and held.deposited >= policy.deposits:
        return False
    if policy.first_day is not None and held.deposited >= policy.first_day:
        return now.age_ms >= held.granted_ms + DAY_MS and _has_rested(held, now)
    return _has_rested(held, now)


def count_one(held: Capability, now: Now) -> None:
    """One was kept: the bucket holds one less."""
    if held.policy.burst is not None:
        held.rested_ms = max(held.rested_ms, now.age_ms) + held.policy.each_ms


def set_policy(held: Capability, policy: Policy, now: Now) -> None:
    """A bucket is empty at most: what was used under a slower rate is not owed under this one."""
    held.policy = policy
    if policy.burst is not None:
        held.rested_ms = min(held.rested_ms, now.age_ms + policy.burst * policy.each_ms)


def _has_rested(held: Capability, now: Now) -> bool:
    burst, each_ms = held.policy.burst, held.policy.each_ms
    return burst is None or max(held.rested_ms - now.age_ms, 0) + each_ms <= burst * each_ms
