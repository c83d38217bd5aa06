"""``aside-relay drain``: nobody new comes in, and the operator sees how much is left to leave."""

from __future__ import annotations

from msgspec.structs import asdict

from relay.commands import strings
from relay.commands.damage import look_before_writing, reading
from relay.commands.said import Said
from relay.commands.worded import with_sizes, worded
from relay.control import calling
from relay.control.words import Done, Drain
from relay.errors import AlreadyRunning, CannotWrite
from relay.folder import Folder
from relay.store.totals import read_totals


def drain(folder: Folder, *, stop: bool) -> Said:
    """It stays so over a restart, until ``--stop``."""
    folder.settings()
    look_before_writing(folder)
    _mark(folder, on=not stop)
    with reading(folder) as beside:
        left = asdict(read_totals(beside))
    facts = {"draining": not stop, **left}
    return Said(worded(strings.DRAINED if stop else strings.DRAINING, **with_sizes(left)), facts)


def _mark(folder: Folder, *, on: bool) -> None:
    if not folder.is_running():
        try:
            with folder.lock():
                folder.mark_draining(on)
                return
        except AlreadyRunning:
            # Started this moment.
            pass
    if not isinstance(calling.call(folder.path, Drain(on=on)), Done):
        raise CannotWrite(str(folder.path))
