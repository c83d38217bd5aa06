"""Bundles in drawers: one drawer for all contacts, one for each link.

New one-time keys are in the vault before a bundle that names them leaves (law 1).
"""

from __future__ import annotations

from sqlcipher3 import Connection

from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line
from desktop.store import me as mine
from desktop.store import relays, sealing_keys
from desktop.store.me import Me
from desktop.store.relays import MyRelay
from protocol.e2e import account as accounts
from protocol.e2e.bundle import make_bundle
from protocol.e2e.link import drawer_of
from protocol.e2e.sealing import sign_sealing_key
from protocol.ids import DrawerId
from protocol.keys import Rng, Secret
from protocol.wire.frames import EmptyDrawer, Refused, Stock, Stocked

FULL = 20
LOW = 10
FOR_A_LINK = 5


def make_bundles(
    db: Connection, me: Me, drawer_key: Secret, count: int, now: int, rng: Rng
) -> tuple[bytes, ...]:
    """New one-time bundles; the account that can answer them is in the same commit."""
    account = mine.account(db)
    olm = accounts.identity_key(account)
    account, keys = accounts.one_time_keys(account, count)
    mine.save_account(db, account)
    return tuple(_bundle(db, me, olm, key, drawer_key, now, rng, last=False) for key in keys)


def make_last_resort(db: Connection, me: Me, relay: MyRelay, now: int, rng: Rng) -> bytes:
    """A bundle for when the drawer is empty; it serves several."""
    account = mine.account(db)
    olm = accounts.identity_key(account)
    account, key = accounts.fallback_key(account)
    mine.save_account(db, account)
    relays.set_last_resort(db, relay.relay_id, now)
    return _bundle(db, me, olm, key, relay.drawer_key, now, rng, last=True)


async def restock(ground: Ground, relay: MyRelay, line: Line) -> None:
    """Fill the contacts' drawer up. Raises LineLost."""
    now, me, rng = ground.now(), ground.me, ground.rng
    fresh = await ground.vault.read(lambda db: relays.find(db, relay.relay_id))
    if fresh is None:
        return
    held = await line.ask(Stock(call=line.call(), mailbox=relay.mailbox, drawer=relay.drawer))
    if isinstance(held, Refused):
        return
    if held.bundles < LOW:
        wanted = FULL - held.bundles
        bundles = await ground.vault.transact(
            lambda db: make_bundles(db, me, relay.drawer_key, wanted, now, rng)
        )
        await stock(relay, line, relay.drawer, bundles)
    life = int(ground.timings.last_resort_life * 1000)
    if fresh.last_resort_ms is None or now - fresh.last_resort_ms > life:
        last = await ground.vault.transact(lambda db: make_last_resort(db, me, relay, now, rng))
        await line.ask(
            Stock(call=line.call(), mailbox=relay.mailbox, drawer=relay.drawer, last_resort=last)
        )


async def stock(
    relay: MyRelay, line: Line, drawer: DrawerId, bundles: tuple[bytes, ...]
) -> Stocked | Refused:
    """Put bundles into a drawer. Raises LineLost."""
    return await line.ask(
        Stock(call=line.call(), mailbox=relay.mailbox, drawer=drawer, bundles=bundles)
    )


async def empty(relay: MyRelay, line: Line, link: Secret) -> None:
    """A link that is used up offers nothing more. Raises LineLost."""
    await line.ask(EmptyDrawer(call=line.call(), mailbox=relay.mailbox, drawer=drawer_of(link)))


def _bundle(
    db: Connection,
    me: Me,
    olm: bytes,
    key: bytes,
    drawer_key: Secret,
    now: int,
    rng: Rng,
    *,
    last: bool,
) -> bytes:
    return make_bundle(
        me.device,
        olm,
        key,
        last_resort=last,
        sealing_key=sign_sealing_key(me.device, sealing_keys.current(db)),
        device_list=me.device_list,
        drawer_key=drawer_key,
        now_ms=now,
        rng=rng,
    )
