"""Whether a pass is good for what is never stored: asked of the store once, and known for a while.

So that what is fleeting does not come into the store's way, however much of it there is. What is
remembered goes when it is over, and stands under hashes with a key of this process: a pass and
where it sends are on no disk side by side, and not in the memory of a relay at rest either.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import TypeAlias

from protocol.ids import CallId
from protocol.keys import Rng
from protocol.wire.frames import Reason, Refused, Reply
from relay.rules.admission import pass_hash
from relay.rules.clock import Now
from relay.rules.records import Vouch
from relay.store.storage import Storage

KNOWN_MS = 600_000
MOST_KNOWN = 20_000
KEY_BYTES = 32

Then: TypeAlias = Callable[[bytes | Reason], None]


class Vouching:
    """Passes that are good, by their hashes; with a destination, for packets that go there."""

    def __init__(self, storage: Storage, now: Callable[[], Now], rng: Rng) -> None:
        self._storage = storage
        self._now = now
        self._key = rng(KEY_BYTES)
        self._good: dict[bytes, int] = {}
        self._waiting: dict[bytes, list[Then]] = {}

    def ask(self, pass_secret: bytes, destination: str, then: Then) -> None:
        """``then`` gets the pass's hash, or why it is not good; it may be called at once."""
        hashed, now = pass_hash(pass_secret), self._now()
        both = hashed + destination.encode("utf-8")
        asked = blake2b(both, key=self._key, digest_size=KEY_BYTES).digest()
        if now.age_ms < self._good.get(asked, 0):
            then(hashed)
            return
        waiting = self._waiting.setdefault(asked, [])
        waiting.append(then)
        if len(waiting) > 1:
            return
        question = Vouch(CallId(0), pass_secret, destination)
        self._storage.submit(question, now, partial(self._answered, asked, hashed))

    def forget(self) -> None:
        """What a pass is good for has changed: ask anew."""
        self._good.clear()

    def forget_some(self, now_ms: int) -> None:
        """Forget what is asked anew anyway."""
        for asked, until_ms in list(self._good.items()):
            if until_ms <= now_ms:
                del self._good[asked]

    def _answered(self, asked: bytes, hashed: bytes, reply: Reply) -> None:
        refused = reply.reason if isinstance(reply, Refused) else None
        if refused is None:
            self._good[asked] = self._now().age_ms + KNOWN_MS
            if len(self._good) > MOST_KNOWN:
                del self._good[next(iter(self._good))]
        for then in self._waiting.pop(asked, ()):
            then(hashed if refused is None else refused)
