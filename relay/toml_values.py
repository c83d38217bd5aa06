"""One value of relay.toml: of its default's kind, within its bounds, and how it is written."""

from __future__ import annotations

from typing import TypeAlias, cast

from relay import strings
from relay.errors import WrongSetting
from relay.rules.limits import HIGHEST_BYTES, HIGHEST_COUNT

MOST_CHARACTERS = {"relay.name": 100, "relay.about": 2000}
_AT_LEAST = {
    "passes.invites": 0,
    "passes.forwards": 0,
    "passes.rooms": 0,
    "passes.blob_bytes": 0,
    "limits.min_free": 0,
    "limits.new_destinations": 0,
    "limits.slots": 0,
    "limits.watches": 0,
}
# Where more would not only be pointless but break what is counted with it.
_AT_MOST = {
    "limits.keep_days": 3650,
    "limits.blob_days": 3650,
    # More than any machine has room or sockets for is a slip of the keyboard.
    "limits.connections": 1_000_000,
    "limits.connections_per_address": 1_000_000,
    "limits.calls_in_flight": 10_000,
    "limits.relay_calls_in_flight": 10_000,
    "limits.slots": 10_000_000,
    "limits.watches": 10_000_000,
    "limits.min_free": 1 << 40,
}

Value: TypeAlias = str | bool | int | tuple[str, ...]


def value_of(setting: str, value: object, default: Value) -> Value:
    """What was found, where it is of the default's kind. Raises WrongSetting."""
    match default:
        case str():
            if not isinstance(value, str):
                raise WrongSetting(setting, strings.BAD_TEXT)
            most = MOST_CHARACTERS.get(setting)
            if most is not None and len(value) > most:
                raise WrongSetting(setting, strings.BAD_LENGTH.format(most=most))
            return value
        case tuple():
            if isinstance(value, list):
                texts = cast("list[object]", value)
                if all(isinstance(each, str) for each in texts):
                    return tuple(cast("list[str]", texts))
            raise WrongSetting(setting, strings.BAD_LIST)
        case bool():
            if isinstance(value, bool):
                return value
            raise WrongSetting(setting, strings.BAD_FLAG)
        case int():
            low = _AT_LEAST.get(setting, 1)
            high = _AT_MOST.get(setting, HIGHEST_BYTES if _is_bytes(setting) else HIGHEST_COUNT)
            if type(value) is int and low <= value <= high:
                return value
            raise WrongSetting(setting, strings.BAD_NUMBER.format(low=low, high=high))


def _is_bytes(setting: str) -> bool:
    return setting.endswith("_bytes") or setting == "limits.min_free"


def toml_of(value: Value) -> str:
    """As it stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml_of, value))}]"
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'
