"""What may be said of an error in a log: its type and its place, never its text.

The text of an exception may quote what a stranger sent.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast


def place(exc: BaseException) -> str:
    """For instance ``ValueError in deposits.py, line 80``."""
    if isinstance(exc, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", exc)
        return "; ".join(place(each) for each in group.exceptions)
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(exc).__name__
    name = Path(trace.tb_frame.f_code.co_filename).name
    return f"{type(exc).__name__} in {name}, line {trace.tb_lineno}"
