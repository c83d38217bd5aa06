"""What one method is, and how its parameters are read.

Parameters go by name; the types bound them; names that are not known are ignored (law 10).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec
from msgspec import Meta, Raw

from desktop.core.facade import Facade
from desktop.rpc.shapes import Shape

Words = Annotated[str, Meta(max_length=4096)]
M = TypeVar("M", bound=msgspec.Struct)
Time = Annotated[int, Meta(ge=0, lt=2**53)]


class Lane(Enum):
    """What a call waits for. All others go on beside it."""

    FREE = auto()
    ONE_BY_ONE = auto()  # in the order of asking, each after the one before
    IN_ORDER = auto()  # the same, but begun as soon as the one before is queued for the vault
    BEHIND = auto()  # after those that were asked one by one before it


class WrongParams(Exception):
    """A parameter is missing or not of its type."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Method(msgspec.Struct, frozen=True):
    """One call, its parameters read. ``answer`` raises what the engine raises."""

    method: ClassVar[str]
    lane: ClassVar[Lane] = Lane.FREE

    async def answer(self, engine: Facade) -> Shape:
        raise NotImplementedError


def read(cls: type[M], params: Mapping[str, Raw]) -> M:
    """The call. Raises WrongParams, which names the field."""
    given: dict[str, Any] = {}
    for field in msgspec.structs.fields(cls):
        if field.encode_name in params:
            try:
                given[field.name] = msgspec.json.decode(params[field.encode_name], type=field.type)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
                raise WrongParams(field.encode_name) from exc
        elif field.required:
            raise WrongParams(field.encode_name)
    return cls(**given)
