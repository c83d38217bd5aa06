"""``aside-relay status``: how full it is, from the store, whether it runs or not."""

from __future__ import annotations

import json
from dataclasses import asdict

from relay import strings
from relay.errors import PortUnknown
from relay.folder import Folder
from relay.store import database
from relay.store.totals import read_totals


def status(folder: Folder, *, as_json: bool) -> str:
    """Counts and limits."""
    settings = folder.settings()
    running = folder.is_running()
    try:
        address = str(folder.address(settings))
    except PortUnknown:
        address = str(folder.likely_address(settings))
    beside = database.open_reader(folder.store_path)
    try:
        totals = asdict(read_totals(beside))
    finally:
        beside.close()
    if as_json:
        limits = {"passes": asdict(settings.passes), "limits": asdict(settings.limits)}
        said = {"running": running, "address": address, **totals, "settings": limits}
        return json.dumps(said, indent=2)
    word = strings.RUNNING if running else strings.NOT_RUNNING
    return strings.STATUS.format(running=word, address=address, **totals)
