"""Notice when this computer's network changes, so that nobody waits for the end of a pause.

Linux tells of links and addresses over netlink (man 7 rtnetlink). Elsewhere nothing is told, and
the pauses between two attempts end by themselves.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import trio

_LINK, _IPV4_ADDRESS, _IPV6_ADDRESS = 1, 0x10, 0x100
_BURST_S = 0.5  # a change comes as several messages
_MOST_BYTES = 65536


async def watch_network(changed: Callable[[], None]) -> None:
    """Call ``changed`` when a link or an address came or went."""
    if sys.platform != "linux":
        return
    listening = _listen()
    if listening is None:
        return
    with listening:
        while True:
            with suppress(OSError):  # where more was told than fits: a change all the same
                await listening.recv(_MOST_BYTES)
            changed()
            await trio.sleep(_BURST_S)


def _listen() -> trio.socket.SocketType | None:
    """A netlink socket, or None where a sandbox does not allow one."""
    try:
        told = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        told.bind((0, _LINK | _IPV4_ADDRESS | _IPV6_ADDRESS))
    except OSError:
        return None
    told.setblocking(False)
    return trio.socket.from_stdlib_socket(told)
