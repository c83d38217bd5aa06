"""Whether a pass is good for what is never stored: asked of the store once, and known for a while.

So that what is fleeting does not come into the store's way, however much of it there is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from protocol.ids import CallId
from protocol.wire.frames import Reason, Refused, Reply
from relay.rules.admission import pass_hash
from relay.rules.clock import Now
from relay.rules.records import Vouch
from relay.store.storage import Storage

KNOWN_MS = 600_000
MOST_KNOWN = 20_000

Then: TypeAlias = Callable[[bytes | Reason], None]
_Asked: TypeAlias = tuple[bytes, str]


class Vouching:
    """Passes that are good, by their hashes; with a destination, for packets that go there."""

    def __init__(self, storage: Storage, now: Callable[[], Now]) -> None:
        self._storage = storage
        self._now = now
        self._good: dict[_Asked, int] = {}
        self._waiting: dict[_Asked, list[Then]] = {}

    def ask(self, pass_secret: bytes, destination: str, then: Then) -> None:
        """``then`` gets the pass's hash, or why it is not good; it may be called at once."""
        hashed, now = pass_hash(pass_secret), self._now()
        asked = (hashed, destination)
        if now.age_ms < self._good.get(asked, 0):
            then(hashed)
            return
        waiting = self._waiting.setdefault(asked, [])
        waiting.append(then)
        if len(waiting) > 1:
            return
        question = Vouch(CallId(0), pass_secret, destination)
        self._storage.submit(question, now, partial(self._answered, asked))

    def forget(self) -> None:
        """What a pass is good for has changed: ask anew."""
        self._good.clear()

    def _answered(self, asked: _Asked, reply: Reply) -> None:
        refused = reply.reason if isinstance(reply, Refused) else None
        if refused is None:
            self._good[asked] = self._now().age_ms + KNOWN_MS
            if len(self._good) > MOST_KNOWN:
                del self._good[next(iter(self._good))]
        for then in self._waiting.pop(asked, ()):
            then(asked[0] if refused is None else refused)
