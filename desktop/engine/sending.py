"""Keep sealing what was composed; fetch a bundle first where there is no session yet."""

from __future__ import annotations

from desktop.engine import bundles
from desktop.engine.ground import Bell, Ground
from desktop.engine.seal import BATCH, seal_some
from desktop.store import sealable


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
    while True:
        for device in await ground.vault.read(sealable.without_session):
            await bundles.begin_anew(ground, device)
        await ground.bells[Bell.SESSION].wait(ground.timings.retry_cap)
