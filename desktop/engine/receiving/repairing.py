"""Keep asking for what is missing: gaps at once, what did not open on a fresh session, hourly."""

from __future__ import annotations

import math
from functools import partial

import trio

from desktop.engine.ground import Bell, Ground
from desktop.engine.relays.errands import Errands
from desktop.store import contacts, outbox, wishes
from desktop.store.contacts import ContactDevice
from desktop.store.outbox import Entry
from desktop.store.wishes import Wish
from protocol.ids import DeviceId, MemberId


async def keep_repairing(ground: Ground) -> None:
    """Whenever something wished for is due."""
    bell = ground.bells[Bell.REPAIR]
    async with trio.open_nursery() as nursery:
        errands = Errands(nursery, ended=bell.ring)
        while True:
            now = ground.now()
            for member in await ground.vault.read(partial(wishes.due_of, now_ms=now)):
                errands.start(member, partial(_ask_all, ground, member))
            following = await ground.vault.read(partial(wishes.next_ms, after_ms=now))
            wait = math.inf if following is None else (following - ground.now()) / 1000
            await bell.wait(max(0.05, wait))


async def greet_again(ground: Ground, errands: Errands) -> None:
    """A greeting without an answer for an hour goes once more, on a session from a fresh bundle."""
    before = ground.now() - int(ground.timings.greeting_again * 1000)
    by_member: dict[MemberId, list[Entry]] = {}
    for entry in await ground.vault.read(lambda db: outbox.unanswered_greetings(db, before)):
        by_member.setdefault(entry.member_id, []).append(entry)
    for member, entries in by_member.items():
        errands.start(member, partial(_greet, ground, entries))


async def _greet(ground: Ground, entries: list[Entry]) -> None:
    from desktop.engine.pairing import bundles  # noqa: PLC0415 - seldom needed

    for entry in entries:
        if await bundles.begin_anew(ground, entry.device_id):
            again = partial(outbox.reseal, entry=entry.entry, repairs=b"", now_ms=ground.now())
            await ground.vault.transact(again)
            ground.bells[Bell.SEAL].ring()


async def _ask_all(ground: Ground, member: MemberId) -> None:
    by_device: dict[DeviceId, list[Wish]] = {}
    for wish in await ground.vault.read(lambda db: wishes.due(db, member, ground.now())):
        by_device.setdefault(wish.device_id, []).append(wish)
    for device, wished in by_device.items():
        await _ask(ground, device, wished)


async def _ask(ground: Ground, device_id: DeviceId, wished: list[Wish]) -> None:
    from desktop.engine.pairing import bundles  # noqa: PLC0415
    from desktop.engine.receiving import repair  # noqa: PLC0415

    known = await ground.vault.read(lambda db: contacts.device(db, device_id))
    timings = ground.timings
    ready = known is not None
    if known is not None and any(wish.olm_hash is not None for wish in wished):
        ready = _has_just_begun(ground, known) or await bundles.begin_anew(ground, device_id)
    if known is None or not ready:
        later = ground.now() + int(min(timings.ask_again, timings.retry_cap) * 1000)
        for wish in wished:
            await ground.vault.transact(partial(wishes.put_off, row=wish.row, due_ms=later))
        return
    await ground.do(
        lambda db, said: repair.ask(
            db, said, ground.me, known, wished, timings.ask_again, ground.now(), ground.rng
        )
    )


def _has_just_begun(ground: Ground, device: ContactDevice) -> bool:
    """A session that is still fresh carries this question too."""
    last = device.asked_repair_ms
    return last is not None and abs(ground.now() - last) < ground.timings.ask_again * 1000
