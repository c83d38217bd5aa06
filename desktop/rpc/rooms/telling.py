"""What everything that reads rooms again has in common: how it tells, and of what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias, TypeVar

from msgspec import Struct

from desktop.rpc.shapes import Shape

Tell: TypeAlias = Callable[[Shape], Awaitable[None]]
N = TypeVar("N")
T = TypeVar("T", bound=Struct)


def differing(old: Mapping[N, T], new: Mapping[N, T]) -> tuple[list[T], list[N]]:
    """What is new or something else now, and what is gone."""
    return (
        [one for name, one in new.items() if old.get(name) != one],
        [name for name in old if name not in new],
    )
