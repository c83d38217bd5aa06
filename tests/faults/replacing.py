"""How a program that is broken on purpose is put together: one name of one module, replaced."""

from __future__ import annotations

from types import ModuleType


def put(module: ModuleType, name: str, instead: object) -> None:
    """From now on ``module`` uses this. Raises AttributeError where nothing has that name."""
    getattr(module, name)
    setattr(module, name, instead)
