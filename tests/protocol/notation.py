"""How the specification writes a field, from its declaration, so that the two cannot part."""

from __future__ import annotations

import msgspec
from msgspec import inspect

LARGE = {2**31: "2³¹", 2**32: "2³²", 2**53: "2⁵³"}


def fields_of(cls: type[msgspec.Struct]) -> list[str]:
    """Each field as the tables write it; ``?`` marks one that may be left out."""
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    return [
        f"`{field.name}`{'' if field.required else '?'} {kind(field.type)}" for field in info.fields
    ]


def kind(info: inspect.Type) -> str:
    """A type with its bounds."""
    match info:
        case inspect.BoolType():
            return "bool"
        case inspect.IntType():
            return f"int{_range(info.ge, info.lt, info.le)}"
        case inspect.StrType():
            return f"text{_length(info.min_length, info.max_length)}"
        case inspect.BytesType():
            return f"bytes{_length(info.min_length, info.max_length)}"
        case inspect.EnumType():
            return " / ".join(str(one.value) for one in info.cls)
        case inspect.UnionType():
            some = [one for one in info.types if not isinstance(one, inspect.NoneType)]
            return f"{kind(some[0])} or nil"
        case inspect.VarTupleType():
            return f"list{_length(info.min_length, info.max_length)} of {kind(info.item_type)}"
        case inspect.DictType():
            length = _length(info.min_length, info.max_length)
            return f"map{length} of {kind(info.key_type)} to {kind(info.value_type)}"
        case inspect.StructType():
            return info.cls.__name__
        case _:
            raise NotImplementedError(f"no notation for {info}")


def _length(least: int | None, most: int | None) -> str:
    if least == most and least is not None:
        return f" {least:,}"
    if most is None:
        return ""
    return f" {least:,}–{most:,}" if least else f" ≤ {most:,}"


def _range(least: int | None, below: int | None, most: int | None) -> str:
    if below is not None:
        return f" {least}–<{LARGE.get(below, below)}"
    if most is not None:
        return f" {least}–{most}"
    return "" if least is None else f" ≥ {least}"
