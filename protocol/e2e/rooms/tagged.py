"""Contents of one kind, by the names in their key ``t``; one of an unknown name is a value."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from protocol.e2e.packing import UNREADABLE
from protocol.errors import RemoteProtocolError

C = TypeVar("C", bound=Struct)


class Unknown(Struct, frozen=True):
    """A content that only a newer version knows."""

    name: str

    def __repr__(self) -> str:
        return "<Unknown>"


class _Head(Struct):
    t: str


class Tagged(Generic[C]):
    """All that is declared directly below one class."""

    def __init__(self, base: type[C]) -> None:
        self.by_name: dict[str, type[C]] = {
            str(cls.__struct_config__.tag): cls for cls in base.__subclasses__()
        }
        union: Any = None
        for cls in self.by_name.values():
            union = cls if union is None else union | cls
        self._decoder: msgspec.msgpack.Decoder[C] = msgspec.msgpack.Decoder(union)
        self._heads = msgspec.msgpack.Decoder(_Head)

    def load(self, data: bytes) -> C | Unknown:
        """What was said. Raises RemoteProtocolError."""
        try:
            return self._decoder.decode(data)
        except UNREADABLE as broken:
            try:
                head = self._heads.decode(data)
            except UNREADABLE as exc:
                raise RemoteProtocolError("unreadable content") from exc
            if head.t in self.by_name:
                raise RemoteProtocolError(f"unreadable {head.t}") from broken
            return Unknown(head.t[:64])
