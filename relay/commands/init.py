"""``aside-relay init``: a folder with everything a relay needs."""

from __future__ import annotations

import os

from relay.config import INVITE, OPEN, RelayPart, Settings, TlsPart
from relay.folder import Folder, plain_by_default
from relay.server import wall_ms


def init(folder: Folder, *, name: str, listen: str, public_url: str, everybody: bool) -> str:
    """The relay's address."""
    plain = plain_by_default(listen, public_url)
    settings = Settings(
        relay=RelayPart(name, listen, public_url, OPEN if everybody else INVITE),
        tls=TlsPart("", "") if plain else TlsPart(),
    )
    folder.make(settings, wall_ms(), os.urandom)
    return str(folder.address_at(settings, settings.listen[1]))
