"""JSON-RPC 2.0 without any stream: lines to requests, answers to lines.

An id is kept as the bytes it came in and goes back unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TypeAlias, Union

import msgspec
from msgspec import Raw, Struct

Json: TypeAlias = Union[bool, int, float, str, Raw, Sequence["Json"], Mapping[str, "Json"], None]  # noqa: UP007

_NULL = Raw(b"null")
NO_ID = _NULL
OUR_ERROR = -32000  # what a person has to be told; ``data.kind`` names it

_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])
_value = msgspec.json.Decoder(Raw)
_string = msgspec.json.Decoder(str)
_encoder = msgspec.json.Encoder()

# JSON may hold half of a pair, which is no text. It is told of under its request's id.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\.",
    re.DOTALL,
)
# U+FFFD as nobody spells it: stands in for such a half where the line itself has none of that.
_STAND_INS = tuple(b"\\u" + spelt for spelt in (b"fFfD", b"FfFd", b"fFFd", b"FffD"))


class Fault(Enum):
    """What is wrong with a line or a request, by the code the standard gives it."""

    PARSE = (-32700, "ParseError")
    TOO_LONG = (-32700, "LineTooLong")
    REQUEST = (-32600, "InvalidRequest")
    METHOD = (-32601, "MethodUnknown")
    PARAMS = (-32602, "InvalidParams")
    INTERNAL = (-32603, "InternalError")

    @property
    def code(self) -> int:
        return self.value[0]

    @property
    def kind(self) -> str:
        return self.value[1]


class Request(Struct, frozen=True):
    """Something asked. Without an id it is a notification and is never answered."""

    method: str
    params: Mapping[str, Raw]
    id: Raw | None


class Malformed(Struct, frozen=True):
    """Something that cannot be asked."""

    fault: Fault
    id: Raw
    field: str | None = None


Asked: TypeAlias = Request | Malformed


class Batch(Struct, frozen=True):
    """Several, to be answered in one line."""

    asked: tuple[Asked, ...]


def parse(line: bytes) -> Asked | Batch:
    """What a line asks for."""
    try:
        return _parse(line, None)
    except _UNREADABLE:
        stand_in = next((one for one in _STAND_INS if one not in line), _STAND_INS[0])
    mended = _ESCAPES.sub(lambda found: stand_in if found[1] else found[0], line)
    try:
        return _parse(mended, stand_in)
    except _UNREADABLE:
        return Malformed(Fault.PARSE, NO_ID)


def _parse(line: bytes, half: bytes | None) -> Asked | Batch:
    """Raises what ``_UNREADABLE`` names. ``half`` stands where half of a pair stood."""
    line.decode("utf-8")
    start = bytes(_value.decode(line))[:1]
    if start == b"[":
        each = tuple(_parse_one(bytes(raw), half) for raw in _array.decode(line))
        return Batch(each) if each else Malformed(Fault.REQUEST, NO_ID)
    return _parse_one(line, half)


def _parse_one(text: bytes, half: bytes | None) -> Asked:
    try:
        said = _object.decode(text)
    except msgspec.ValidationError:
        return Malformed(Fault.REQUEST, NO_ID)
    name = said.get("id")
    if name is not None and (bytes(name)[:1] not in _ID_STARTS or _holds(name, half)):
        return Malformed(Fault.REQUEST, NO_ID)
    back = NO_ID if name is None else name
    try:
        method = _string.decode(said["method"])
        if _string.decode(said["jsonrpc"]) != "2.0":
            return Malformed(Fault.REQUEST, back)
    except (KeyError, *_UNREADABLE):
        return Malformed(Fault.REQUEST, back)
    try:
        given = said.get("params", _NULL)
        params = {} if bytes(given) == b"null" else _object.decode(given)
    except msgspec.ValidationError:
        return Malformed(Fault.PARAMS, back, "params")
    for member, value in (params | said).items():
        if member != "params" and (_holds(value, half) or (half and "\ufffd" in member)):
            return Malformed(Fault.PARAMS, back, member)
    return Request(method, params, name)


def _holds(value: bytes | Raw, half: bytes | None) -> bool:
    return half is not None and half in bytes(value)


_ID_STARTS = {bytes([byte]) for byte in b'"n-0123456789'}


def result(name: Raw, answer: Json) -> Json:
    return {"jsonrpc": "2.0", "id": name, "result": answer}


def error(name: Raw, code: int, message: str, data: Mapping[str, Json]) -> Json:
    return {"jsonrpc": "2.0", "id": name, "error": {"code": code, "message": message, "data": data}}


def notification(method: str, params: Mapping[str, Json]) -> Json:
    return {"jsonrpc": "2.0", "method": method, "params": params}


def dump(said: Json) -> bytes:
    """One line, with its end."""
    return _encoder.encode(said) + b"\n"
