"""Choices, and small facts that fit nowhere else, by name."""

from __future__ import annotations

import msgspec
from sqlcipher3 import Connection

from desktop.core.models import Settings
from desktop.core.proxy import Proxy
from desktop.store.rows import reads_a_row

_CHOICES = "choices"
_KEPT_LINK = "kept link"
_PROXY = "proxy"


def load(db: Connection) -> Settings:
    """What was chosen; the defaults where nothing was."""
    text = _get(db, _CHOICES)
    return Settings() if text is None else _choices(text)


@reads_a_row
def _choices(text: str) -> Settings:
    return msgspec.json.decode(text, type=Settings)


def save(db: Connection, settings: Settings) -> None:
    """Keep the choices."""
    _put(db, _CHOICES, msgspec.json.encode(settings).decode())


def kept_link(db: Connection) -> str | None:
    """A contact link that waits for a first relay."""
    return _get(db, _KEPT_LINK)


def keep_link(db: Connection, link: str | None) -> None:
    """Keep a contact link until there is a relay, or forget it."""
    if link is None:
        db.execute("DELETE FROM setting WHERE name = ?", (_KEPT_LINK,))
    else:
        _put(db, _KEPT_LINK, link)


def proxy(db: Connection) -> Proxy | None:
    """What every relay is reached through."""
    text = _get(db, _PROXY)
    return None if text is None else _read_proxy(text)


@reads_a_row
def _read_proxy(text: str) -> Proxy:
    return msgspec.json.decode(text, type=Proxy)


def set_proxy(db: Connection, proxy_: Proxy | None) -> None:
    """From now on this one, or none."""
    if proxy_ is None:
        db.execute("DELETE FROM setting WHERE name = ?", (_PROXY,))
    else:
        _put(db, _PROXY, msgspec.json.encode(proxy_).decode())


def _get(db: Connection, name: str) -> str | None:
    row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def _put(db: Connection, name: str, value: str) -> None:
    db.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
