"""What a person is told where it is the line itself that is wrong."""

from __future__ import annotations

from typing import Final

from desktop.rpc.jsonrpc import Fault

HOST: Final = "Host"  # in a room, where whoever opens it gives no name

_SENTENCES: Final[dict[Fault, str]] = {
    Fault.PARSE: "This line is not JSON.",
    Fault.TOO_LONG: "This line is longer than 1 MiB and was skipped.",
    Fault.REQUEST: "This is not a JSON-RPC 2.0 request.",
    Fault.METHOD: "There is no such method.",
    Fault.PARAMS: "A parameter is missing or not what is expected here: {field}.",
    Fault.INTERNAL: "Something went wrong inside of Aside. It goes on, and said more in its log.",
}


def fault_sentence(fault: Fault, field: str | None = None) -> str:
    """The sentence for ``fault``; ``field`` is the name of a parameter."""
    return _SENTENCES[fault].format(field=field)


def too_long(limit: int) -> str:
    """The sentence for a text over ``limit`` bytes. The window's speaks of its box."""
    return (
        f"This text is too long for one message: at most {limit:,} bytes of UTF-8. "
        "Nothing was queued; send it in parts."
    )
