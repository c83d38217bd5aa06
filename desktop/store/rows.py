"""Rows as they are read back: one that cannot be understood is damage, and is said to be.

The vault wrote every row itself, so a state, a purpose or an address that does not exist can only
come from a disk that lost something.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import msgspec

from desktop.core.errors import VaultDamaged
from protocol.errors import BadSignature, MalformedLink, RemoteProtocolError

A = TypeVar("A")
T = TypeVar("T")

_NOT_OURS = (
    *(ValueError, TypeError, msgspec.MsgspecError),
    *(MalformedLink, BadSignature, RemoteProtocolError),
)


def reads_a_row(decode: Callable[[A], T]) -> Callable[[A], T]:
    """``decode``, raising VaultDamaged where a row is nothing that was ever written."""

    @wraps(decode)
    def checked(row: A) -> T:
        try:
            return decode(row)
        except _NOT_OURS as exc:
            raise VaultDamaged from exc

    return checked
