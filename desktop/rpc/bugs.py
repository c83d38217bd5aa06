"""What the log says of a bug that one request or one room met, and that ends nothing else."""

from __future__ import annotations

import traceback


def where(error: Exception) -> str:
    """Where it happened, without the words of the error: those may hold what people wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
