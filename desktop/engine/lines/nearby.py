"""Nobody chooses freely where this desktop connects.

A relay on this computer or in its network, of which a contact told, is taken only where one of the
person's own is as near, or where the person pasted a link that names it. A name may lead anywhere,
so what it leads to is looked at again when connecting.
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.core.nearness import Nearness
from desktop.store import contacts, relays


def nearest(db: Connection, relay: str) -> Nearness:
    """How near this relay may be, by its address as it was told."""
    return Nearness.HERE if contacts.was_pasted(db, relay) else relays.nearest(db)
