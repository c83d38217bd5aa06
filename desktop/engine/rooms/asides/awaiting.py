"""Waiting for a relay's word on a request to talk aside, while a person looks on."""

from __future__ import annotations

from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.errors import AsideError, RelayFull
from desktop.core.room_errors import AsideNotAllowed
from desktop.engine.ground import Bell, Ground, Said
from desktop.store.rooms import requests
from desktop.store.rooms.requests import AskedState


async def wait_left(ground: Ground, row: int) -> None:
    """What the relay does not take in this moment is not asked at all; what it did not answer yet
    is on its way.

    Raises AsideNotAllowed, RelayFull.
    """
    with trio.move_on_after(ground.timings.patience):
        while True:
            fault = await ground.do(partial(_settle, row=row))
            if fault is not None:
                raise fault
            if await ground.vault.read(partial(_is_left, row=row)):
                return
            await ground.bells[Bell.ASIDES].wait(1.0)


def _is_left(db: Connection, row: int) -> bool:
    found = requests.asked(db, row)
    return found is None or found.state is not AskedState.WAITING


def _settle(db: Connection, _: Said, row: int) -> AsideError | None:
    found = requests.asked(db, row)
    if found is not None and found.state is AskedState.REFUSED:
        requests.withdraw(db, row)
        return AsideNotAllowed()
    if requests.refusals(db, row):
        requests.withdraw(db, row)
        return RelayFull()
    return None
