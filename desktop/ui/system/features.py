"""PySide's switchable names (``from __feature__ import …``), which nothing here uses, switched off.

To find out who might use them, PySide puts itself in front of ``import`` and from then on reads
and keeps the source text of every module that anybody loads. That is a tenth of our start.
"""

from __future__ import annotations

import builtins


def switch_off() -> None:
    """Give Python its own ``import`` back. Harmless where PySide no longer does this."""
    own = getattr(builtins, "__orig_import__", None)
    if callable(own):
        builtins.__import__ = own
