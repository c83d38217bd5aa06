"""Keep sealing what was composed; fetch a bundle first where there is no session yet."""

from __future__ import annotations

from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground
from desktop.engine.relays.errands import Errands
from desktop.engine.sending.seal import BATCH, seal_some
from desktop.store import contacts, sealable
from protocol.ids import DeviceId, MemberId


async def keep_sealing(ground: Ground) -> None:
    """Transaction 2, again and again. A crash before it leaves the entry to the next start."""
    while True:
        sealed = await ground.do(
            lambda db, said: seal_some(db, said, ground.me, ground.now(), ground.rng)
        )
        if sealed < BATCH:  # nothing more can be; whoever changes that rings
            await ground.bells[Bell.SEAL].wait()


async def keep_sessions(ground: Ground) -> None:
    """Devices that something waits for and with which no session is left get a fresh one."""
    async with trio.open_nursery() as nursery:
        errands = Errands(nursery)
        while True:
            for member, devices in (await ground.vault.read(_without_session)).items():
                errands.start(member, partial(_begin, ground, devices))
            await ground.bells[Bell.SESSION].wait(ground.timings.retry_cap)


def _without_session(db: Connection) -> dict[MemberId, list[DeviceId]]:
    found: dict[MemberId, list[DeviceId]] = {}
    for device in sealable.without_session(db):
        member = contacts.of_device(db, device)
        if member is not None:
            found.setdefault(member, []).append(device)
    return found


async def _begin(ground: Ground, devices: list[DeviceId]) -> None:
    from desktop.engine.pairing import bundles  # noqa: PLC0415 - seldom needed

    for device in devices:
        await bundles.begin_anew(ground, device)
