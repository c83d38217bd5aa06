"""This device's Olm account as a value: a pickled state goes in, a pickled state comes out.

The pickle stands under a constant key of zeros, because the vault encrypts it. Whoever holds a
returned state commits it before a key in it is published.
"""

from __future__ import annotations

import vodozemac
from msgspec import Struct

from protocol.errors import LocalProtocolError
from protocol.keys import Secret

PICKLE_KEY = bytes(32)
MAX_ONE_TIME_KEYS = 50  # at a time; vodozemac keeps the private halves of the newest 5,000


class AccountState(Struct, frozen=True):
    """An Olm account between two steps."""

    pickle: Secret


def new_account() -> AccountState:
    """An account with fresh keys."""
    return save(vodozemac.Account())


def identity_key(state: AccountState) -> bytes:
    """The account's Curve25519 identity key, 32 bytes, as device lists name it."""
    return restore(state).curve25519_key.to_bytes()


def one_time_keys(state: AccountState, count: int) -> tuple[AccountState, list[bytes]]:
    """``count`` new one-time keys, marked as published."""
    if not 1 <= count <= MAX_ONE_TIME_KEYS:
        raise LocalProtocolError(f"{count} one-time keys at a time")
    account = restore(state)
    account.generate_one_time_keys(count)
    keys = [key.to_bytes() for key in account.one_time_keys.values()]
    account.mark_keys_as_published()
    return save(account), keys


def fallback_key(state: AccountState) -> tuple[AccountState, bytes]:
    """A new key for last-resort bundles. The one before it still opens, older ones do not."""
    account = restore(state)
    account.generate_fallback_key()
    (key,) = account.fallback_key.values()
    account.mark_keys_as_published()
    return save(account), key.to_bytes()


def restore(state: AccountState) -> vodozemac.Account:
    """The living account. For :mod:`protocol.e2e.session`."""
    return vodozemac.Account.from_pickle(state.pickle.decode(), PICKLE_KEY)


def save(account: vodozemac.Account) -> AccountState:
    """The account as a value again. For :mod:`protocol.e2e.session`."""
    return AccountState(Secret(account.pickle(PICKLE_KEY).encode()))
