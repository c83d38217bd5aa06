"""``aside-relay status``: how full it is, from the store, whether it runs or not.

One that runs and does not answer is the only thing that it finds wrong.
"""

from __future__ import annotations

from msgspec.structs import asdict

from relay.commands import strings
from relay.commands.damage import reading
from relay.commands.said import Said
from relay.commands.worded import lasting, with_sizes, worded
from relay.control import calling
from relay.control.words import Answer, Ask, Pulse
from relay.errors import NotAnswering, PortUnknown
from relay.folder import Folder
from relay.store.totals import read_totals
from relay.strings import sentence


def status(folder: Folder) -> Said:
    """Counts and limits."""
    settings = folder.settings()
    running = folder.is_running()
    try:
        address = str(folder.address(settings))
    except PortUnknown:
        address = str(folder.likely_address(settings))
    with reading(folder) as beside:
        totals = asdict(read_totals(beside))
    answer = _asked(folder) if running else None
    hangs = isinstance(answer, NotAnswering)
    pulse = answer if isinstance(answer, Pulse) else None
    draining = folder.is_draining()
    facts = {
        "running": running,
        "hangs": hangs,
        "draining": draining,
        "moved": folder.is_moved(),
        "takes": None if pulse is None else pulse.takes,
        "connections": None if pulse is None else pulse.connections,
        "rooms_at_hand": None if pulse is None else pulse.rooms_at_hand,
        "seated": None if pulse is None else pulse.seated,
        "serving_s": None if pulse is None else pulse.serving_s,
        "address": address,
        **totals,
        "settings": {"passes": asdict(settings.passes), "limits": asdict(settings.limits)},
    }
    word = strings.RUNNING if running else strings.NOT_RUNNING
    lines = [worded(strings.STATUS, running=word, address=address, **with_sizes(totals))]
    if isinstance(answer, NotAnswering):
        lines.append(sentence(NotAnswering(str(folder.path))))
    if pulse is not None:
        lines.append(
            worded(
                strings.STATUS_PULSE,
                connections=pulse.connections,
                time=lasting(pulse.serving_s),
            )
        )
        if pulse.rooms_at_hand:
            at_hand, seated = pulse.rooms_at_hand, pulse.seated
            lines.append(worded(strings.STATUS_ROOMS, rooms_at_hand=at_hand, seated=seated))
    if pulse is not None and not pulse.takes:
        lines.append(strings.STATUS_FULL)
    if folder.is_moved():
        lines.append(strings.STATUS_MOVED)
    if draining:
        lines.append(strings.STATUS_DRAINING)
    return Said("\n".join(lines), facts, well=not hangs)


def _asked(folder: Folder) -> Answer | NotAnswering:
    """What only the relay at work can say."""
    try:
        return calling.call(folder.path, Ask())
    except NotAnswering as exc:
        return exc
