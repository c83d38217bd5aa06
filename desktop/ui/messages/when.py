"""Times of messages on this computer's wall clock. Whatever a stranger's clock said has a day."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(9998, 12, 31, tzinfo=UTC)


@lru_cache(maxsize=2048)
def local(ms: int) -> datetime:
    """Milliseconds since 1970 as local time, held within the years a calendar knows."""
    seconds = min(max(ms / 1000, _EARLIEST.timestamp()), _LATEST.timestamp())
    return datetime.fromtimestamp(seconds, tz=UTC).astimezone()
