"""A log that names no one: the message, and of an error only its type and place."""

from __future__ import annotations

import logging
import sys

from relay.faults import place


class _Plain(logging.Formatter):
    def formatException(self, ei: object) -> str:  # noqa: N802
        exc = ei[1] if isinstance(ei, tuple) else None  # pyright: ignore[reportUnknownVariableType]
        return place(exc) if isinstance(exc, BaseException) else ""


def start() -> None:
    """Log to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Plain("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
