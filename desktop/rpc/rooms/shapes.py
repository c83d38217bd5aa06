"""The models of rooms as JSON. Their names are the contract's but for those in ``RENAMED``.

A model is shown whole: a field of its own for each of its fields, ids as opaque text, states as
their words. Texts are as they were written: whoever draws them sees to what they may do there.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, cast

import msgspec
from msgspec import Struct

from desktop.core.doors import Doorplate
from desktop.core.refused_orders import OrderRefused
from desktop.core.requests import Request
from desktop.core.rooms import Entry, EntryState, Order, Room, RoomRow, Undoable
from desktop.rpc.jsonrpc import Json
from desktop.rpc.shapes import Shape, text_of

RENAMED: Final[dict[type[Struct], dict[str, str]]] = {
    Room: {"me": "seat_id", "way": "entry"},
    RoomRow: {"way": "entry"},
    Doorplate: {"way": "entry"},
    Order: {"act": "action"},
}

_WHO: Final = ("seat_id", "name", "role", "imitates")  # of a request: who it is from


def shown(thing: Struct) -> Shape:
    """One model, as every method and event shows it."""
    names = RENAMED.get(type(thing), {})
    shape: Shape = {
        names.get(field, field): _plain(getattr(thing, field)) for field in thing.__struct_fields__
    }
    match thing:
        case Entry() if thing.state is not EntryState.NUMBERED:
            shape["place"] = None
        case Undoable() | OrderRefused():
            shape["undo_id"] = str(thing.undo_id)
        case Request():
            shape["from"] = {name: shape.pop(name) for name in _WHO}
        case _:
            pass
    return shape


def fields_of(model: type[Struct]) -> set[str]:
    """The names that :func:`shown` gives to a model."""
    names = RENAMED.get(model, {})
    found = {names.get(field.name, field.name) for field in msgspec.structs.fields(model)}
    return found if model is not Request else found - set(_WHO) | {"from"}


def _plain(value: object) -> Json:
    match value:
        case Struct():
            return shown(value)
        case Enum():
            return _plain(value.value)
        case bytes():
            return text_of(value)
        case tuple():
            return [_plain(one) for one in cast("tuple[object, ...]", value)]
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(type(value).__name__)
