"""Hypothesis strategies made from the declarations themselves, so that a new frame or content is
tested by being declared."""

from __future__ import annotations

import functools
from typing import Any, TypeVar, cast

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

S = TypeVar("S", bound=msgspec.Struct)

# Larger bounds are met by hand-written tests; here speed matters more.
MOST_BYTES = 64
MOST_ITEMS = 3


def struct_of(cls: type[S]) -> st.SearchStrategy[S]:
    """Any value of this class that its bounds allow."""
    return cast("st.SearchStrategy[S]", _struct(cls))


@functools.cache
def _struct(cls: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    return _shape(inspect.type_info(cls))


def _shape(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            least = -(2**63) if info.ge is None else info.ge
            most = 2**63 - 1 if info.lt is None else info.lt - 1
            return st.integers(least, most if info.le is None else info.le)
        case inspect.StrType():
            most = MOST_BYTES if info.max_length is None else min(MOST_BYTES, info.max_length)
            return st.text(max_size=most)
        case inspect.BytesType():
            least = info.min_length or 0
            most = max(least, MOST_BYTES)
            if info.max_length is not None:
                most = min(most, info.max_length)
            if least > MOST_BYTES:
                return st.binary(min_size=1, max_size=8).map(lambda b: (b * least)[:least])
            return st.binary(min_size=least, max_size=most)
        case inspect.EnumType():
            return st.sampled_from(list(info.cls))
        case inspect.NoneType():
            return st.none()
        case inspect.UnionType():
            return st.one_of([_shape(one) for one in info.types])
        case inspect.VarTupleType():
            most = MOST_ITEMS if info.max_length is None else min(MOST_ITEMS, info.max_length)
            items = st.lists(_shape(info.item_type), min_size=info.min_length or 0, max_size=most)
            return items.map(tuple)
        case inspect.DictType():
            keys, values = _shape(info.key_type), _shape(info.value_type)
            return st.dictionaries(keys, values, max_size=MOST_ITEMS)
        case inspect.StructType():
            fields = {field.name: _shape(field.type) for field in info.fields}
            return st.builds(info.cls, **fields)
        case _:
            raise NotImplementedError(f"no strategy for {info}")
