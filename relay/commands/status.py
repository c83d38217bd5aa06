"""``aside-relay status``: how full it is, from the store, whether it runs or not."""

from __future__ import annotations

import json

from msgspec.structs import asdict

from relay.commands import strings
from relay.commands.damage import reading
from relay.commands.worded import lasting, with_sizes, worded
from relay.control import calling
from relay.control.words import Ask, Pulse
from relay.errors import NotAnswering, PortUnknown
from relay.folder import Folder
from relay.store.totals import read_totals


def status(folder: Folder, *, as_json: bool) -> str:
    """Counts and limits."""
    settings = folder.settings()
    running = folder.is_running()
    try:
        address = str(folder.address(settings))
    except PortUnknown:
        address = str(folder.likely_address(settings))
    with reading(folder) as beside:
        totals = asdict(read_totals(beside))
    pulse = _pulse(folder) if running else None
    draining = folder.is_draining()
    if as_json:
        limits = {"passes": asdict(settings.passes), "limits": asdict(settings.limits)}
        now = {
            "running": running,
            "draining": draining,
            "moved": folder.is_moved(),
            "takes": None if pulse is None else pulse.takes,
            "connections": None if pulse is None else pulse.connections,
            "serving_s": None if pulse is None else pulse.serving_s,
        }
        said = {**now, "address": address, **totals, "settings": limits}
        return json.dumps(said, indent=2)
    word = strings.RUNNING if running else strings.NOT_RUNNING
    lines = [worded(strings.STATUS, running=word, address=address, **with_sizes(totals))]
    if pulse is not None:
        lines.append(
            worded(
                strings.STATUS_PULSE,
                connections=pulse.connections,
                time=lasting(pulse.serving_s),
            )
        )
    if pulse is not None and not pulse.takes:
        lines.append(strings.STATUS_FULL)
    if folder.is_moved():
        lines.append(strings.STATUS_MOVED)
    if draining:
        lines.append(strings.STATUS_DRAINING)
    return "\n".join(lines)


def _pulse(folder: Folder) -> Pulse | None:
    """What only the relay at work can say; nothing where it does not answer."""
    try:
        answer = calling.call(folder.path, Ask())
    except NotAnswering:
        return None
    return answer if isinstance(answer, Pulse) else None
