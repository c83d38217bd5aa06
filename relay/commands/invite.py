"""``aside-relay invite``: a code that the store knows by its hash only, inside a link."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlcipher3 import dbapi2 as sqlite

from protocol.keys import Rng, Secret
from protocol.wire.address import RelayInvitation
from relay.commands import strings
from relay.commands.damage import look_before_writing
from relay.commands.said import Said
from relay.errors import CannotWrite, IsDraining, OlderStore, PortUnknown, WrongUse
from relay.folder import Folder
from relay.rules.admission import LONGEST_INVITE_MS, code_hash
from relay.rules.clock import DAY_MS, HOUR_MS
from relay.rules.records import Code
from relay.store import database
from relay.store.passes import SqlitePasses

CODE_BYTES = 16
MOST_USES = 100_000
_UNITS = {"m": HOUR_MS // 60, "h": HOUR_MS, "d": DAY_MS}


def invite(folder: Folder, uses: int, expires: str, now: Callable[[], int], rng: Rng) -> Said:
    """The link. Works while the relay serves: it is one short transaction beside its own."""
    lasts_ms = duration_ms(expires)
    if not 1 <= uses <= MOST_USES:
        raise WrongUse(strings.BAD_USES)
    settings = folder.settings()
    folder.still_here()
    if folder.is_draining():
        raise IsDraining(str(folder.path))
    address = folder.likely_address(settings)
    if not address.port:
        raise PortUnknown
    look_before_writing(folder)
    code = Secret(rng(CODE_BYTES))
    kept = Code(code_hash(code), uses, now() + lasts_ms, settings.passes.invites)
    beside = database.open_reader(folder.store_path)
    try:
        # Bringing a store up to date is for whoever serves it.
        if database.is_older(beside):
            raise OlderStore
        beside.execute("PRAGMA query_only = OFF")
        beside.execute("PRAGMA synchronous = FULL")
        beside.execute("BEGIN IMMEDIATE")
        SqlitePasses(beside).save_code(kept)
        beside.execute("COMMIT")
    except sqlite.Error as exc:
        raise CannotWrite(str(folder.store_path)) from exc
    finally:
        beside.close()
    link = str(RelayInvitation(address, code))
    return Said(link, {"link": link, "uses": uses, "expires_ms": kept.expires_ms})


def duration_ms(text: str) -> int:
    """Read a time like ``7d``. Raises WrongUse."""
    found = re.fullmatch(r"([1-9]\d{0,5})([mhd])", text)
    lasts_ms = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < lasts_ms <= LONGEST_INVITE_MS:
        raise WrongUse(strings.BAD_DURATION)
    return lasts_ms
